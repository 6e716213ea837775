//! Times in scripts: texts in RFC 3339 and UTC, all of one width, so that they sort as they follow each other.

use super::argument;
use crate::clock::Timestamp;
use crate::playbook::step::{Answer, Fault};
use crate::playbook::{duration as durations, step};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rhai::{Dynamic, NativeCallContext};

/// `now()`.
pub fn now(_context: &NativeCallContext) -> Answer {
    step::now().map(|now| written(now).into())
}

/// `duration("4h")`.
pub fn duration(context: &NativeCallContext, text: Dynamic) -> Answer {
    let text = argument::text(context, &text, "a duration such as `\"4h\"`")?;
    match durations::parse(&text) {
        Some(span) => Ok(i64::try_from(span.as_secs()).unwrap_or(i64::MAX).into()),
        None => Err(format!("`duration` takes {}, not `{}`", durations::SHAPE, text.escape_debug()).into()),
    }
}

/// `time_parse(time)`.
pub fn parse(context: &NativeCallContext, time: Dynamic) -> Answer {
    read(context, &time).map(|at| at.as_second().into())
}

/// A time: RFC 3339 text, a date, or seconds since 1970.
pub fn read(context: &NativeCallContext, time: &Dynamic) -> Result<Timestamp, Fault> {
    if let Ok(seconds) = time.as_int() {
        return Timestamp::from_second(seconds).map_err(|_| "this number of seconds is no time of this era".into());
    }
    let text = argument::text(context, time, "a time such as `now()`")?;
    let from_date = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp());
    let read = text.trim().parse::<Timestamp>().ok().or_else(from_date);
    read.ok_or_else(|| format!("`{}` is not a time: write it as `2026-12-01T10:00:00Z`", text.escape_debug()).into())
}

/// So long after a time; the end of time, if that comes first.
pub fn after(from: Timestamp, span: std::time::Duration) -> Timestamp {
    let span = jiff::SignedDuration::try_from(span).unwrap_or(jiff::SignedDuration::MAX);
    from.saturating_add(span).unwrap_or(Timestamp::MAX)
}

fn written(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
