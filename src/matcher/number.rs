//! Numbers as alerts and rules hold them: whole ones exact, others as floating point.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// A number. Two whole ones compare exactly.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// A whole number.
    Whole(i128),
    /// Any other; never NaN.
    Float(f64),
}

impl Number {
    /// The number a text spells in decimal, such as `4625`, `-1.5` or `2e3`.
    pub fn spelled(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        // `inf` and `nan` are words here; the longest 64-bit float takes some 1,100 digits, a sane one 30.
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') || text.len() > 64 {
            return None;
        }
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Self::Whole);
        }
        text.parse().ok().filter(|float: &f64| float.is_finite()).map(Self::Float)
    }

    /// A number of JSON; none for what is no number at all.
    pub fn read(number: &serde_json::Number) -> Option<Self> {
        match (number.as_i128(), number.as_f64()) {
            (Some(whole), _) => Some(Self::Whole(whole)),
            (None, Some(float)) if !float.is_nan() => Some(Self::Float(float)),
            _ => None,
        }
    }

    /// How the two compare.
    pub fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            (a, b) => a.float().partial_cmp(&b.float()).expect("no number here is NaN"),
        }
    }

    /// The nearest floating-point number: equal for numbers that are equal.
    pub fn float(self) -> f64 {
        match self {
            // Most have so few digits, and these take a processor one step.
            Self::Whole(whole) => match i64::try_from(whole) {
                Ok(whole) => whole as f64,
                Err(_) => of_many_digits(whole),
            },
            Self::Float(float) => float,
        }
    }
}

/// By itself, or else a processor works it out for numbers of few digits too, and does not use it.
#[cold]
#[inline(never)]
fn of_many_digits(whole: i128) -> f64 {
    whole as f64
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Whole(whole) => whole.hash(state),
            Self::Float(float) => float.to_bits().hash(state),
        }
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(whole) => write!(f, "{whole}"),
            // As JSON writes it: `1.0`, not `1`.
            Self::Float(float) => write!(f, "{float:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_spell_numbers() {
        for (text, same) in [("4625", "4625.0"), ("-1.50", "-1.5"), ("2e3", "2000"), ("007", "7"), (".5", "0.5")] {
            let (a, b) = (Number::spelled(text).unwrap(), Number::spelled(same).unwrap());
            assert_eq!(a.order(b), Ordering::Equal, "{text} {same}");
        }
        for text in ["", "-", "inf", "nan", "0x10", "1_000", "1e999", "1.2.3", " 1", "."] {
            assert!(Number::spelled(text).is_none(), "{text}");
        }
        let (a, b) = (Number::spelled("9007199254740993").unwrap(), Number::spelled("9007199254740992").unwrap());
        assert_eq!(a.order(b), Ordering::Greater);
    }
}
