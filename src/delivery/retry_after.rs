//! The `Retry-After` header: seconds, or one of HTTP's three date formats (RFC 9110, sections 5.6.7 and 10.2.3).

use crate::clock::Timestamp;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// When a receiver asks to be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// After this long.
    Delay(SignedDuration),
    /// At this instant, by the receiver's clock.
    At(Timestamp),
}

/// IMF-fixdate, and the obsolete RFC 850 and asctime forms.
const DATES: [&str; 3] = ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

impl RetryAfter {
    /// Reads the header; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches([' ', '\t']);
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return text.parse().ok().map(|seconds| Self::Delay(SignedDuration::from_secs(seconds)));
        }
        let date = DATES.iter().find_map(|format| DateTime::strptime(format, text).ok())?;
        Some(Self::At(date.to_zoned(TimeZone::UTC).ok()?.timestamp()))
    }

    /// How long that is from `now`; nothing for an instant that has passed.
    pub fn from(self, now: Timestamp) -> SignedDuration {
        match self {
            Self::Delay(delay) => delay,
            Self::At(at) => at.duration_since(now).max(SignedDuration::ZERO),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_and_all_three_dates() {
        let at = RetryAfter::At(Timestamp::from_second(784_111_777).unwrap());
        for date in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"] {
            assert_eq!(RetryAfter::parse(date), Some(at), "{date}");
        }
        assert_eq!(RetryAfter::parse(" 120 "), Some(RetryAfter::Delay(SignedDuration::from_secs(120))));
        assert_eq!(at.from(Timestamp::from_second(784_111_717).unwrap()), SignedDuration::from_secs(60));
        assert_eq!(at.from(Timestamp::from_second(784_111_999).unwrap()), SignedDuration::ZERO);
    }

    #[test]
    fn ignores_garbage() {
        for garbage in ["", "-5", "+5", "1.5", "soon", "99999999999999999999999", "Sun, 99 Nov 1994 08:49:37 GMT", "1h"]
        {
            assert_eq!(RetryAfter::parse(garbage), None, "{garbage}");
        }
    }
}
