//! Times as sources write them: many shapes and many ways to say "none", all read into one kind of instant.

use crate::clock::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::Value;

/// What a source's time came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// An instant, in UTC and whole microseconds.
    At(Timestamp),
    /// The source says it has none: null, an empty text, or a sentinel such as year 0001 or the start of 1970.
    Absent,
    /// Something is there, and it is no time.
    Unreadable,
}

/// The instant a value means, if it means one; see [`read`].
pub fn parse(value: &Value) -> Option<Timestamp> {
    read(value).instant()
}

/// The instant a text means, if it means one; see [`read_text`].
pub fn parse_text(text: &str) -> Option<Timestamp> {
    read_text(text).instant()
}

impl Reading {
    fn instant(self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(at),
            Self::Absent | Self::Unreadable => None,
        }
    }

    /// An instant as canonical alerts hold it, unless it is one of the sentinels for "none".
    fn of(at: Timestamp) -> Self {
        if at == Timestamp::UNIX_EPOCH || at < YEAR_TWO {
            return Self::Absent;
        }
        Timestamp::from_microsecond(at.as_microsecond()).map_or(Self::Unreadable, Self::At)
    }
}

/// Before this, a time is a default value that was never set: .NET starts in year 1.
const YEAR_TWO: Timestamp = Timestamp::constant(-62_104_060_800, 0);

/// Reads a JSON value: a text as [`read_text`], a number as seconds, milliseconds, microseconds or nanoseconds since
/// 1970, told apart by magnitude.
pub fn read(value: &Value) -> Reading {
    match value {
        Value::Null => Reading::Absent,
        Value::String(text) => read_text(text),
        Value::Number(number) => match number.as_i128() {
            Some(whole) => epoch(whole),
            None => number.as_f64().map_or(Reading::Unreadable, fractional_epoch),
        },
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => Reading::Unreadable,
    }
}

/// Reads a text: RFC 3339 and its relatives (a space for the `T`, an offset without a colon, no zone meaning UTC,
/// whatever follows a `Z` ignored), `12/11/2019 12:34:27 AM`, .NET's `/Date(…)/`, or digits since 1970.
pub fn read_text(text: &str) -> Reading {
    let text = text.trim();
    if matches!(text, "" | "-" | "<NA>" | "null") {
        return Reading::Absent;
    }
    // The longest time that means anything is far shorter; a hostile one is not worth the parsers' time.
    if text.len() > 64 {
        return Reading::Unreadable;
    }
    iso(text).or_else(|| american(text)).map(Reading::of).or_else(|| digits(text)).unwrap_or(Reading::Unreadable)
}

/// RFC 3339 and its relatives.
fn iso(text: &str) -> Option<Timestamp> {
    // A date has its first hyphen after the year. Without this check "1547188300" would be read as a date.
    if text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    // Falco's documentation has `…746609046Z+2`: the Z is a whole zone, so what follows it says nothing.
    if let Some(zone) = text.find(['Z', 'z']) {
        return text[..=zone].parse().ok();
    }
    utc(text.parse().ok()?)
}

/// `12/11/2019 12:34:27 AM`, month first, or the same without AM and PM.
fn american(text: &str) -> Option<Timestamp> {
    let (date, clock) = text.split_once(' ')?;
    let mut date = date.splitn(3, '/').map(number::<i16>);
    let (month, day, year) = (date.next()??, date.next()??, date.next()??);
    let (clock, half) = clock.split_once(' ').unwrap_or((clock, ""));
    let mut clock = clock.splitn(3, ':').map(number::<i8>);
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next().unwrap_or(Some(0))?);
    let hour = match half.to_ascii_uppercase().as_str() {
        "" => hour,
        "AM" if (1..=12).contains(&hour) => hour % 12,
        "PM" if (1..=12).contains(&hour) => hour % 12 + 12,
        _ => return None,
    };
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    utc(DateTime::new(year, month, day, hour, minute, second, 0).ok()?)
}

fn number<N: std::str::FromStr>(digits: &str) -> Option<N> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

fn utc(local: DateTime) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(local).ok()
}

/// `/Date(1547188300000)/`, perhaps with an offset that only says how to show it; or nothing but digits.
fn digits(text: &str) -> Option<Reading> {
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|rest| rest.strip_suffix(")/")) {
        let end = inner.rfind(['+', '-']).filter(|&at| at > 0).unwrap_or(inner.len());
        return Some(nanoseconds(inner[..end].parse::<i128>().ok()?.checked_mul(1_000_000)?));
    }
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    // Fewer than nine digits are no time since 1970 that an alert could have, but a date or a number of something.
    if magnitude.len() >= 9 && magnitude.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().map_or(Reading::Unreadable, epoch));
    }
    let (whole, fraction) = text.split_once('.')?;
    let fits = whole.len() >= 9 && [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    fits.then(|| text.parse().map_or(Reading::Unreadable, fractional_epoch))
}

/// Nanoseconds in one unit of a number since 1970: the unit that puts it between 1973 and 5138, or before 1970.
fn unit(magnitude: u128) -> i128 {
    match magnitude {
        0..100_000_000_000 => 1_000_000_000,
        100_000_000_000..100_000_000_000_000 => 1_000_000,
        100_000_000_000_000..100_000_000_000_000_000 => 1_000,
        _ => 1,
    }
}

fn epoch(number: i128) -> Reading {
    number.checked_mul(unit(number.unsigned_abs())).map_or(Reading::Unreadable, nanoseconds)
}

fn fractional_epoch(number: f64) -> Reading {
    // A float of this size is exact to about a microsecond, so it is rounded there. Conversions from floats saturate.
    let unit = unit(number.abs() as u128) as f64;
    let microseconds = (number * unit / 1e3).round() as i128;
    microseconds.checked_mul(1_000).map_or(Reading::Unreadable, nanoseconds)
}

fn nanoseconds(number: i128) -> Reading {
    Timestamp::from_nanosecond(number).map_or(Reading::Unreadable, Reading::of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(text: &str) -> Reading {
        Reading::At(text.parse().unwrap())
    }

    #[test]
    fn reads_every_shape_a_source_writes() {
        for (text, meant) in [
            ("2022-11-22T20:28:38Z", "2022-11-22T20:28:38Z"),
            ("2022-11-22T20:28:38.385Z", "2022-11-22T20:28:38.385Z"),
            ("2018-05-01T19:50:47.083633Z", "2018-05-01T19:50:47.083633Z"),
            ("2022-11-22T20:28:38.3858332Z", "2022-11-22T20:28:38.385833Z"),
            ("2021-01-14T23:39:44.834631763Z", "2021-01-14T23:39:44.834631Z"),
            ("2010-01-04T17:29:26.981507+0000", "2010-01-04T17:29:26.981507Z"),
            ("2010-01-04T17:29:26.981507+01:30", "2010-01-04T15:59:26.981507Z"),
            ("2021-04-13T20:58:00.746609046Z+2", "2021-04-13T20:58:00.746609Z"),
            ("2021-09-18 20:38:51Z", "2021-09-18T20:38:51Z"),
            ("2019-01-11 06:31:40", "2019-01-11T06:31:40Z"),
            ("2024-07-26 19:43:35.000000000", "2024-07-26T19:43:35Z"),
            ("2024-07-26T19:43:35", "2024-07-26T19:43:35Z"),
            ("2024-07-26", "2024-07-26T00:00:00Z"),
            ("12/11/2019 12:34:27 AM", "2019-12-11T00:34:27Z"),
            ("12/11/2019 12:34:27 PM", "2019-12-11T12:34:27Z"),
            ("1/2/2019 1:05:07 pm", "2019-01-02T13:05:07Z"),
            ("12/11/2019 23:34", "2019-12-11T23:34:00Z"),
            ("/Date(1547188300000)/", "2019-01-11T06:31:40Z"),
            ("/Date(1547188300000+0200)/", "2019-01-11T06:31:40Z"),
            ("1547188300", "2019-01-11T06:31:40Z"),
            ("1547188300.25", "2019-01-11T06:31:40.25Z"),
            ("1547188300000", "2019-01-11T06:31:40Z"),
            ("1739178957508657000", "2025-02-10T09:15:57.508657Z"),
            (" 2022-11-22T20:28:38Z ", "2022-11-22T20:28:38Z"),
        ] {
            assert_eq!(read_text(text), at(meant), "{text}");
        }
    }

    #[test]
    fn tells_the_unit_of_a_number_by_its_magnitude() {
        let meant = at("2019-01-11T06:31:40Z");
        for number in [1_547_188_300_i64, 1_547_188_300_000, 1_547_188_300_000_000, 1_547_188_300_000_000_000] {
            assert_eq!(read(&json!(number)), meant, "{number}");
        }
        assert_eq!(read(&json!(1_547_188_300.5)), at("2019-01-11T06:31:40.5Z"));
        assert_eq!(read(&json!(-86_400)), at("1969-12-31T00:00:00Z"));
    }

    #[test]
    fn knows_the_ways_to_say_none() {
        for none in ["", " ", "-", "<NA>", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00", "1970-01-01T00:00:00Z"] {
            assert_eq!(read_text(none), Reading::Absent, "{none}");
        }
        assert_eq!(read_text("1970-01-01"), Reading::Absent);
        assert_eq!(read_text("/Date(0)/"), Reading::Absent);
        assert_eq!(read(&json!(0)), Reading::Absent);
        assert_eq!(read(&Value::Null), Reading::Absent);
    }

    #[test]
    fn no_text_or_number_makes_it_panic() {
        for bad in [
            "yesterday",
            "9999-12-31T23:59:59Z",
            "2019-13-41T06:31:40Z",
            "2019-02-30 06:31:40",
            "99/99/2019 12:34:27 AM",
            "13/13/2019 25:61:61",
            "12/11/2019 13:00:00 PM",
            "/Date()/",
            "/Date(x)/",
            "/Date(99999999999999999999999999999999999999999)/",
            "99999999999999999999999999999999999999999999",
            "-170141183460469231731687303715884105728",
            "20190111",
            "é019-01-11",
            "2019-01-1é Zé",
            "1//2 3",
            &"9".repeat(10_000),
        ] {
            assert_eq!(read_text(bad), Reading::Unreadable, "{bad}");
        }
        for bad in [json!(1e300), json!(-1e300), json!(true), json!([]), json!({})] {
            assert_eq!(read(&bad), Reading::Unreadable, "{bad}");
        }
        assert_eq!((parse(&json!("x")), parse_text("x")), (None, None));
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_it_answers(text in ".{0,70}", number: i64, float: f64) {
            read_text(&text);
            read(&json!(number));
            read(&json!(float));
        }
    }
}
