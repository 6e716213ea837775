//! Instants as rules write them, and the parts of one that rules ask for.

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

/// A part of an instant in UTC, as Sigma's time modifiers name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// Of the month: 1 to 31.
    Day,
    /// Of the ISO 8601 year: 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// The calendar's year.
    Year,
}

impl TimePart {
    /// Every part.
    pub const ALL: [Self; 6] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// The modifier's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The numbers it can be.
    pub fn range(self) -> std::ops::RangeInclusive<i64> {
        match self {
            Self::Minute => 0..=59,
            Self::Hour => 0..=23,
            Self::Day => 1..=31,
            Self::Week => 1..=53,
            Self::Month => 1..=12,
            Self::Year => -9999..=9999,
        }
    }

    /// This part of an instant.
    pub fn of(self, instant: Timestamp) -> i64 {
        let civil = instant.to_zoned(jiff::tz::TimeZone::UTC).datetime();
        match self {
            Self::Minute => civil.minute().into(),
            Self::Hour => civil.hour().into(),
            Self::Day => civil.day().into(),
            Self::Week => civil.date().iso_week_date().week().into(),
            Self::Month => civil.month().into(),
            Self::Year => civil.year().into(),
        }
    }
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

    #[test]
    fn parts_are_those_of_utc_and_weeks_those_of_iso_8601() {
        let parts = |text: &str| TimePart::ALL.map(|part| part.of(read_instant(text).unwrap()));
        assert_eq!(parts("2027-01-01T00:30:00+02:00"), [30, 22, 31, 53, 12, 2026]);
        assert_eq!(parts("2024-12-30"), [0, 0, 30, 1, 12, 2024]);
    }
}
