//! Recurring windows in which a filter is in force, by the wall clock of a time zone.

mod read;

use crate::clock::Timestamp;
use jiff::ToSpan;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use std::fmt;

pub(super) use read::{read, schema};

/// When a filter is in force: while one of its windows is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule(Vec<Window>);

/// A window that opens on some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Window {
    /// The days it opens on.
    days: Days,
    from: Time,
    /// When it closes: on the same day if later than `from`, else on the next one. None is midnight.
    to: Option<Time>,
    zone: TimeZone,
}

/// Days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Days([bool; 7]);

/// As they are written, from Monday on.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Days {
    const EVERY: Self = Self([true; 7]);

    fn has(self, day: Weekday) -> bool {
        self.0[usize::from(day.to_monday_zero_offset().unsigned_abs())]
    }
}

impl Schedule {
    /// Whether a window is open. Wall clocks decide: an hour that a change of the clocks repeats is inside the window both
    /// times, one that it skips never comes.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.0.iter().any(|window| window.is_open(now))
    }

    /// When the next window opens after an instant.
    pub fn opens_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter_map(|window| window.opens_after(now)).min()
    }

    /// Whether it is open whenever `other` is, as far as can be told from the windows one by one.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|window| self.0.contains(window))
    }
}

impl Window {
    fn is_open(&self, now: Timestamp) -> bool {
        let local = now.to_zoned(self.zone.clone()).datetime();
        let (date, time) = (local.date(), local.time());
        let opened = |date: Option<Date>| date.is_some_and(|date| self.days.has(date.weekday()));
        match self.to {
            Some(to) if to > self.from => self.from <= time && time < to && opened(Some(date)),
            // It goes on after midnight.
            Some(to) => self.from <= time && opened(Some(date)) || time < to && opened(date.yesterday().ok()),
            None => self.from <= time && opened(Some(date)),
        }
    }

    fn opens_after(&self, now: Timestamp) -> Option<Timestamp> {
        let today = now.to_zoned(self.zone.clone()).date();
        // A week and a day: today's window may have opened already.
        (0..=8).find_map(|days| {
            let date = today.checked_add(days.days()).ok().filter(|date| self.days.has(date.weekday()))?;
            let opens = date.to_datetime(self.from).to_zoned(self.zone.clone()).ok()?.timestamp();
            (opens > now).then_some(opens)
        })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, window) in self.0.iter().enumerate() {
            let start = if place == 0 { "" } else { "; " };
            write!(f, "{start}{window}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<_> = DAYS.iter().zip(self.days.0).filter(|(_, on)| *on).map(|(day, _)| *day).collect();
        let days = if days.len() == 7 { "every day".to_owned() } else { days.join(", ") };
        let to = self.to.map_or("24:00".to_owned(), |to| to.strftime("%H:%M").to_string());
        let zone = self.zone.iana_name().unwrap_or("UTC");
        write!(f, "{days} from {} to {to} {zone}", self.from.strftime("%H:%M"))
    }
}

#[cfg(test)]
mod tests;
