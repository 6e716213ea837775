//! Instants as rules write them: RFC 3339, or a date that stands for its first moment in UTC.

use crate::clock::Timestamp;

/// Reads an instant such as `2027-03-31T12:00:00Z`, or a date such as `2027-03-31`.
pub fn read_instant(text: &str) -> Option<Timestamp> {
    const DATE: usize = "2027-03-31".len();
    if text.len() != DATE {
        return text.parse().ok();
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    date.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_first_moment_in_utc() {
        assert_eq!(read_instant("2027-03-31"), read_instant("2027-03-31T02:00:00+02:00"));
        for text in ["", "2027", "2027-02-30", "2027-03-31T00:00:00", "31.03.2027", "20270331T0"] {
            assert_eq!(read_instant(text), None, "{text}");
        }
    }
}
