//! Many values put to tests together: what a test asks of each of them is worked out once and kept for the next.

use super::extremes::Extremes;
use super::ready::Test;
use super::spelled::{Spelled, Spelling};
use crate::clock::Timestamp;
use crate::matcher::predicate::{Predicate, TextTest};
use crate::matcher::same_value::Numbers;
use crate::matcher::subject::Subject;
use crate::matcher::value::Value;

/// What was worked out of some values.
#[derive(Debug, Default)]
pub struct Together {
    spelled: [Option<Spelled>; Spelling::COUNT],
    numbers: Option<Numbers>,
    instants: Option<Vec<Timestamp>>,
    extremes: Option<Extremes>,
}

impl Together {
    /// Whether one of the values passes a test: always the same values.
    pub fn any_passes<'v>(&mut self, test: &Test, mut values: impl Iterator<Item = Value<'v>> + Clone) -> bool {
        match test {
            Test::Regex { regex, looks_inside_alone } => {
                let spelled = self.spelled(Spelling::AsWritten, values.clone());
                (!looks_inside_alone || regex.is_match(spelled.together()))
                    && values.any(|value| value.spelled(|text| regex.is_match(text)))
            }
            Test::Other(test) if Extremes::tell(test) => self.extreme_passes(test, values),
            Test::Other(Predicate::Text(test)) => self.text_passes(test, values),
            Test::Other(test @ (Predicate::Time(..) | Predicate::TimePart(..))) => {
                let instants = self
                    .instants
                    .get_or_insert_with(|| values.filter_map(|value| Subject::new(value).instant()).collect());
                instants.iter().any(|at| test.holds(&Subject::new(Value::Time(*at))))
            }
            Test::Other(test) => values.any(|value| test.holds(&Subject::new(value))),
        }
    }

    /// As [`Together::any_passes`], of a test that extremes answer.
    pub fn extreme_passes<'v>(&mut self, test: &Predicate, values: impl Iterator<Item = Value<'v>>) -> bool {
        self.extremes.get_or_insert_with(|| values.map(Subject::new).collect()).answer(test)
    }

    fn text_passes<'v>(&mut self, test: &TextTest, values: impl Iterator<Item = Value<'v>> + Clone) -> bool {
        self.spelled(Spelling::of(test), values.clone()).any_fits(&test.pattern)
            || test.number.is_some_and(|number| {
                let numbers =
                    values.filter_map(|value| if let Value::Number(number) = value { Some(number) } else { None });
                self.numbers.get_or_insert_with(|| numbers.collect()).contains(number)
            })
    }

    fn spelled<'v>(&mut self, spelling: Spelling, values: impl Iterator<Item = Value<'v>>) -> &mut Spelled {
        self.spelled[spelling as usize].get_or_insert_with(|| Spelled::new(values, spelling))
    }
}
