//! How many attempts a connection may make in a time: a token bucket that is handed the time and never reads it.

use crate::clock::Timestamp;
use jiff::SignedDuration;
use std::fmt;

/// Units of time a rate is written in, in seconds.
const UNITS: [(&str, i64); 3] = [("s", 1), ("m", 60), ("h", 3600)];
/// Most attempts in one unit.
const MOST: u32 = 10_000;
const NANOS: i128 = 1_000_000_000;

/// So many attempts in a second, a minute or an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    /// The unit, in seconds.
    per: i64,
}

/// A text that is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a whole number from 1 to {MOST} and a unit, such as 10/s, 90/m or 500/h")]
pub struct InvalidRate;

impl Rate {
    /// Reads `10/s`, `90/m` or `500/h`.
    pub fn parse(text: &str) -> Result<Self, InvalidRate> {
        let (count, unit) = text.split_once('/').ok_or(InvalidRate)?;
        let (_, per) = UNITS.into_iter().find(|(name, _)| *name == unit.trim()).ok_or(InvalidRate)?;
        let count = count.trim();
        let plain = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
        let count = count.parse().ok().filter(|count| plain && (1..=MOST).contains(count)).ok_or(InvalidRate)?;
        Ok(Self { count, per })
    }

    /// Nanoseconds from one attempt to the next.
    fn interval(self) -> i128 {
        i128::from(self.per) * NANOS / i128::from(self.count)
    }

    /// Most attempts at once after a silence: what a second brings, and at least one.
    fn burst(self) -> i128 {
        (i128::from(self.count) / i128::from(self.per)).max(1)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, per)| *per == self.per).map_or("s", |(name, _)| name);
        write!(f, "{}/{unit}", self.count)
    }
}

/// What is left of a rate. Full at first, and never fuller than what one second brings.
#[derive(Debug, Clone)]
pub struct Bucket {
    rate: Rate,
    /// When it would be full again, in nanoseconds since 1970.
    full_at: i128,
    /// When something was last taken.
    taken: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub fn new(rate: Rate) -> Self {
        Self { rate, full_at: i128::MIN / 4, taken: Timestamp::MIN }
    }

    /// How many attempts may begin now.
    pub fn available(&self, now: Timestamp) -> usize {
        let interval = self.rate.interval();
        let missing = self.missing(now);
        // A token that is only partly there is none.
        let free = self.rate.burst() - (missing + interval - 1) / interval;
        usize::try_from(free).unwrap_or(0)
    }

    /// So many attempts begin now.
    pub fn take(&mut self, attempts: usize, now: Timestamp) {
        let taken = i128::try_from(attempts).unwrap_or(0) * self.rate.interval();
        self.full_at = now.as_nanosecond() + self.missing(now) + taken;
        self.taken = now;
    }

    /// How long until the next attempt may begin; nothing if it may now.
    pub fn wait(&self, now: Timestamp) -> SignedDuration {
        let last = (self.rate.burst() - 1) * self.rate.interval();
        let wait = (self.missing(now) - last).max(0);
        SignedDuration::from_nanos(i64::try_from(wait).unwrap_or(i64::MAX))
    }

    /// How far from full it is, as time. After a clock was set back nobody knows, and the lane must not wait for the
    /// clock to catch up: it counts as full.
    fn missing(&self, now: Timestamp) -> i128 {
        if now < self.taken { 0 } else { (self.full_at - now.as_nanosecond()).max(0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_767_225_600_000 + millis).unwrap()
    }

    fn bucket(rate: &str) -> Bucket {
        Bucket::new(Rate::parse(rate).unwrap())
    }

    /// When each of `count` attempts may begin if each begins as soon as it may, in milliseconds.
    fn begins(rate: &str, count: usize) -> Vec<i64> {
        let mut bucket = bucket(rate);
        let mut now = 0;
        let mut begins = Vec::new();
        while begins.len() < count {
            now += i64::try_from(bucket.wait(at(now)).as_millis()).unwrap();
            assert!(bucket.available(at(now)) >= 1, "what was waited for is there");
            bucket.take(1, at(now));
            begins.push(now);
        }
        begins
    }

    #[test]
    fn a_second_s_worth_begins_at_once_and_the_rest_one_by_one() {
        assert_eq!(begins("10/s", 13), [[0; 10].as_slice(), &[100, 200, 300]].concat());
        assert_eq!(begins("1/s", 3), [0, 1000, 2000]);
        assert_eq!(begins("60/m", 3), [0, 1000, 2000]);
        assert_eq!(begins("120/m", 4), [0, 0, 500, 1000]);
        assert_eq!(begins("10/h", 3), [0, 360_000, 720_000], "a slow rate bursts with one");
    }

    #[test]
    fn silence_fills_it_with_a_second_s_worth_and_no_more() {
        let mut bucket = bucket("5/s");
        bucket.take(5, at(0));
        assert_eq!(bucket.available(at(0)), 0);
        assert_eq!(bucket.available(at(199)), 0, "a part of a token is none");
        assert_eq!(bucket.available(at(400)), 2);
        assert_eq!(bucket.available(at(86_400_000)), 5);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_close_the_lane() {
        let mut bucket = bucket("1/s");
        bucket.take(1, at(3_600_000));
        assert_eq!(bucket.available(at(0)), 1);
        bucket.take(1, at(0));
        assert_eq!((bucket.available(at(0)), bucket.wait(at(0))), (0, SignedDuration::from_secs(1)));
        assert_eq!(bucket.available(at(1000)), 1);
    }

    #[test]
    fn a_rate_is_a_number_and_a_unit() {
        for rate in ["10/s", "90/m", "500/h", "1/h", "10000/s"] {
            assert_eq!(Rate::parse(rate).unwrap().to_string(), rate);
        }
        assert_eq!(Rate::parse("10 / s").unwrap().to_string(), "10/s");
        for none in ["", "10", "/s", "0/s", "10001/s", "-1/s", "+1/s", "1.5/s", "10/d", "10/s/s", "ten/s", "10/S"] {
            assert_eq!(Rate::parse(none), Err(InvalidRate), "{none}");
        }
    }
}
