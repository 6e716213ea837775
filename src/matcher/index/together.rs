//! Many values put to tests together: what a test asks of each of them is worked out once and kept for the next.

use super::extremes::Extremes;
use super::ready::Test;
use super::spelled::{Spelled, Spelling};
use crate::clock::Timestamp;
use crate::matcher::instant::TimePart;
use crate::matcher::predicate::{Order, Predicate, TextTest};
use crate::matcher::same_value::Numbers;
use crate::matcher::subject::Subject;
use crate::matcher::value::Value;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

/// What was worked out of some values.
#[derive(Debug, Default)]
pub struct Together {
    spelled: [Option<Spelled>; Spelling::COUNT],
    numbers: Option<Numbers>,
    /// Those that texts spell, too.
    spelled_numbers: Option<Numbers>,
    addresses: Option<HashSet<IpAddr>>,
    instants: Option<HashSet<Timestamp>>,
    /// What the instants come to, sorted.
    time_parts: HashMap<TimePart, Vec<i64>>,
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
            Test::Other(Predicate::Time(_, at)) => self.instants(values).contains(at),
            Test::Other(Predicate::TimePart(part, order, number)) => {
                self.time_part_passes(*part, *order, *number, values)
            }
            Test::Other(Predicate::Number(_, number)) => {
                let numbers = values.filter_map(|value| Subject::new(value).number());
                self.spelled_numbers.get_or_insert_with(|| numbers.collect()).contains(*number)
            }
            Test::Other(Predicate::Address(address)) => self.addresses(values).contains(address),
            Test::Other(Predicate::Network(network)) => {
                self.addresses(values).iter().any(|address| network.contains(address))
            }
            Test::Other(test) => values.any(|value| test.holds(&Subject::new(value))),
        }
    }

    /// As [`Together::any_passes`], of a test that extremes answer.
    pub fn extreme_passes<'v>(&mut self, test: &Predicate, values: impl Iterator<Item = Value<'v>>) -> bool {
        self.extremes.get_or_insert_with(|| values.map(Subject::new).collect()).answer(test)
    }

    fn time_part_passes<'v>(
        &mut self,
        part: TimePart,
        order: Order,
        number: i64,
        values: impl Iterator<Item = Value<'v>>,
    ) -> bool {
        if !self.time_parts.contains_key(&part) {
            let mut numbers: Vec<i64> = self.instants(values).iter().map(|at| part.of(*at)).collect();
            numbers.sort_unstable();
            numbers.dedup();
            self.time_parts.insert(part, numbers);
        }
        let numbers = &self.time_parts[&part];
        match order {
            Order::Equal => numbers.binary_search(&number).is_ok(),
            _ => [numbers.first(), numbers.last()].into_iter().flatten().any(|found| order.holds(found.cmp(&number))),
        }
    }

    fn instants<'v>(&mut self, values: impl Iterator<Item = Value<'v>>) -> &HashSet<Timestamp> {
        let instants = values.filter_map(|value| Subject::new(value).instant());
        self.instants.get_or_insert_with(|| instants.collect())
    }

    fn addresses<'v>(&mut self, values: impl Iterator<Item = Value<'v>>) -> &HashSet<IpAddr> {
        let addresses = values.filter_map(|value| Subject::new(value).address());
        self.addresses.get_or_insert_with(|| addresses.collect())
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
