//! Durations as authors write them: `90s`, `10m`, `4h`, `7d`, `1h30m`.

use std::time::Duration;

/// What a duration looks like, for an error message.
pub const SHAPE: &str = "a number and a unit, such as `90s`, `10m`, `4h` or `7d`";

/// The longest duration that means anything here.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// Reads a duration of at most a year; none if the text is not one.
pub fn parse(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    while !rest.is_empty() || total.is_zero() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_lowercase()).len();
        let (unit, tail) = tail.split_at(letters);
        let part = number.parse::<u64>().ok()?.checked_mul(milliseconds(unit)?)?;
        total = total.checked_add(Duration::from_millis(part))?;
        rest = tail.trim_start();
        if total.is_zero() || total > LONGEST {
            return None;
        }
    }
    Some(total)
}

/// A duration as people write it: `2d`, `1h30m`; whole seconds only.
pub fn written(length: Duration) -> String {
    let mut rest = length.as_secs();
    let mut text = String::new();
    for (seconds, unit) in [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")] {
        if rest >= seconds {
            text.push_str(&format!("{}{unit}", rest / seconds));
            rest %= seconds;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Milliseconds of one unit, such as the `h` of `20/h`.
pub fn milliseconds(unit: &str) -> Option<u64> {
    match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" | "min" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        "w" => Some(7 * 86_400_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write_and_nothing_else() {
        assert_eq!(parse("10m"), Some(Duration::from_secs(600)));
        assert_eq!(parse(" 1h30m "), Some(Duration::from_secs(5400)));
        assert_eq!(parse("250ms"), Some(Duration::from_millis(250)));
        for text in ["2d", "1h30m", "45s", "1d1s"] {
            assert_eq!(written(parse(text).unwrap()), text);
        }
        assert_eq!(
            (written(Duration::from_secs(172_800)), written(Duration::ZERO)),
            ("2d".to_owned(), "0s".to_owned())
        );
        for bad in ["", "10", "m", "0s", "-5m", "1.5h", "10M", "10 years", "999999999999999999999s", "400d", "5mm"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
