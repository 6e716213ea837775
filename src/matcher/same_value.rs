//! Whether two fields hold the same value: one field's values gathered, the other's looked up among them, so that the
//! cost grows with their number and not with its square.

use super::fold::fold_text;
use super::number::Number;
use super::subject::read_address;
use super::value::Value;
use crate::clock::Timestamp;
use std::borrow::Cow;
use std::collections::HashSet;
use std::net::IpAddr;

/// The values of one field. Texts are equal as texts, or as addresses if both are one; a number equals a text that
/// spells it; other kinds equal their own kind only.
#[derive(Debug)]
pub struct SameValue<'v> {
    cased: bool,
    texts: HashSet<Cow<'v, str>>,
    addresses: HashSet<IpAddr>,
    numbers: Numbers,
    spelled: Numbers,
    times: HashSet<Timestamp>,
    bools: [bool; 2],
}

impl<'v> SameValue<'v> {
    /// No values yet.
    pub fn new(cased: bool) -> Self {
        Self {
            cased,
            texts: HashSet::new(),
            addresses: HashSet::new(),
            numbers: Numbers::default(),
            spelled: Numbers::default(),
            times: HashSet::new(),
            bools: [false; 2],
        }
    }

    /// Adds one.
    pub fn insert(&mut self, value: Value<'v>) {
        match value {
            Value::Text(text) => {
                self.addresses.extend(read_address(text));
                Number::spelled(text).into_iter().for_each(|number| self.spelled.insert(number));
                self.texts.insert(self.prepare(text));
            }
            Value::Number(number) => self.numbers.insert(number),
            Value::Time(at) => _ = self.times.insert(at),
            Value::Bool(value) => self.bools[usize::from(value)] = true,
            Value::Null | Value::List(_) | Value::Map(_) => {}
        }
    }

    /// Whether a value equals one of them.
    pub fn contains(&self, value: Value<'_>) -> bool {
        match value {
            Value::Text(text) => {
                self.texts.contains(&*self.prepare(text))
                    || read_address(text).is_some_and(|address| self.addresses.contains(&address))
                    || Number::spelled(text).is_some_and(|number| self.numbers.contains(number))
            }
            Value::Number(number) => self.numbers.contains(number) || self.spelled.contains(number),
            Value::Time(at) => self.times.contains(&at),
            Value::Bool(value) => self.bools[usize::from(value)],
            Value::Null | Value::List(_) | Value::Map(_) => false,
        }
    }

    fn prepare<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.cased { Cow::Borrowed(text) } else { fold_text(text) }
    }
}

/// Numbers. Two whole ones may differ and be nearest to one floating-point number.
#[derive(Debug, Default)]
pub struct Numbers {
    whole: HashSet<i128>,
    /// The floating-point numbers that those are nearest to.
    nearest: HashSet<u64>,
    floats: HashSet<u64>,
}

impl Numbers {
    fn key(number: Number) -> u64 {
        // Zero has two signs and is one number.
        (number.float() + 0.0).to_bits()
    }

    fn insert(&mut self, number: Number) {
        let key = Self::key(number);
        match number {
            Number::Whole(whole) => {
                self.whole.insert(whole);
                self.nearest.insert(key);
            }
            Number::Float(_) => _ = self.floats.insert(key),
        }
    }

    /// Whether a number equals one of them.
    pub fn contains(&self, number: Number) -> bool {
        let key = Self::key(number);
        match number {
            Number::Whole(whole) => self.whole.contains(&whole) || self.floats.contains(&key),
            Number::Float(_) => self.nearest.contains(&key) || self.floats.contains(&key),
        }
    }
}

impl FromIterator<Number> for Numbers {
    fn from_iter<I: IntoIterator<Item = Number>>(numbers: I) -> Self {
        let mut gathered = Self::default();
        numbers.into_iter().for_each(|number| gathered.insert(number));
        gathered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(number: i128) -> Value<'static> {
        Value::Number(Number::Whole(number))
    }

    #[test]
    fn values_are_the_same_as_conditions_say() {
        for (a, b, same) in [
            (Value::Text("Ann"), Value::Text("ANN"), true),
            (Value::Text("::ffff:10.0.0.1"), Value::Text("10.0.0.1"), true),
            (Value::Text("1.0"), Value::Text("1"), false),
            (Value::Text("1.0"), whole(1), true),
            (whole(1), Value::Text("01"), true),
            (Value::Number(Number::Float(-0.0)), whole(0), true),
            (whole(9_007_199_254_740_993), whole(9_007_199_254_740_992), false),
            (whole(9_007_199_254_740_993), Value::Number(Number::Float(9_007_199_254_740_992.0)), true),
            (Value::Number(Number::Float(9_007_199_254_740_992.0)), whole(9_007_199_254_740_993), true),
            (Value::Number(Number::Float(0.0)), Value::Number(Number::Float(-0.0)), true),
            (Value::Number(Number::Float(0.5)), whole(0), false),
            (Value::Bool(true), Value::Text("true"), false),
            (Value::Null, Value::Null, false),
        ] {
            let mut values = SameValue::new(false);
            values.insert(a);
            assert_eq!(values.contains(b), same, "{a:?} {b:?}");
        }
        let mut cased = SameValue::new(true);
        cased.insert(Value::Text("Ann"));
        assert!(cased.contains(Value::Text("Ann")) && !cased.contains(Value::Text("ann")));
    }
}
