//! Times for people: in UTC to the second, and how long ago.

use crate::clock::Timestamp;

/// An instant, such as `2026-03-01 12:00:05Z`.
pub(in crate::cli) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// How long before `now`, in the largest unit that fits: `45s`, `3m`, `2h`, `9d`.
pub(in crate::cli) fn age(at: Timestamp, now: Timestamp) -> String {
    span(now.duration_since(at).as_secs())
}

/// From one instant to another, to the millisecond below a minute.
pub(in crate::cli) fn took(from: Timestamp, to: Timestamp) -> String {
    let millis = to.duration_since(from).as_millis();
    match millis {
        ..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => span(to.duration_since(from).as_secs()),
    }
}

fn span(seconds: i64) -> String {
    match seconds {
        // Clocks of two machines differ; an alert from the future is one from now.
        ..0 => "0s".to_owned(),
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_take_the_largest_unit_that_fits() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for (at, shown) in [
            ("2026-03-01T12:00:09Z", "0s"),
            ("2026-03-01T11:59:01Z", "59s"),
            ("2026-03-01T11:01:00Z", "59m"),
            ("2026-02-28T12:00:01Z", "23h"),
            ("2025-03-01T12:00:00Z", "365d"),
        ] {
            assert_eq!(age(at.parse().unwrap(), now), shown);
        }
        assert_eq!(instant(now), "2026-03-01 12:00:00Z");
    }

    #[test]
    fn short_times_are_shown_finely() {
        let from: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let after = |millis| took(from, from + jiff::SignedDuration::from_millis(millis));
        assert_eq!((after(7), after(3_450), after(61_000)), ("7 ms".into(), "3.4 s".into(), "1m".into()));
    }
}
