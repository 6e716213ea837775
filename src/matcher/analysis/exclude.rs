//! Whether no value at all passes two tests, as far as a look at the two can tell.

use crate::matcher::predicate::{Order, Predicate};
use std::cmp::Ordering;

/// Whether no one value passes both. No is always a safe answer.
pub fn exclude(one: &Predicate, other: &Predicate) -> bool {
    match (one, other) {
        (Predicate::Number(one, number), Predicate::Number(other, limit)) => {
            orders_exclude(*one, *other, number.order(*limit))
        }
        (Predicate::Time(one, at), Predicate::Time(other, limit)) => orders_exclude(*one, *other, at.cmp(limit)),
        (Predicate::TimePart(part, one, number), Predicate::TimePart(same, other, limit)) => {
            part == same && orders_exclude(*one, *other, number.cmp(limit))
        }
        (Predicate::Word(one), Predicate::Word(other)) => one.excludes(*other),
        _ => false,
    }
}

/// Whether nothing stands in order `one` to a number and in order `other` to a second, to which the first compares so.
fn orders_exclude(one: Order, other: Order, first_to_second: Ordering) -> bool {
    use Order::{AtLeast, AtMost, Equal, Greater, Less};
    match (one, other) {
        (Equal, order) => !order.holds(first_to_second),
        (order, Equal) => !order.holds(first_to_second.reverse()),
        (Less | AtMost, Less | AtMost) | (Greater | AtLeast, Greater | AtLeast) => false,
        (AtMost, AtLeast) => first_to_second.is_lt(),
        (AtLeast, AtMost) => first_to_second.is_gt(),
        (Less | AtMost, Greater | AtLeast) => first_to_second.is_le(),
        (Greater | AtLeast, Less | AtMost) => first_to_second.is_ge(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pair of orders is compared with what some numbers say.
    #[test]
    fn what_excludes_is_what_no_number_passes() {
        let orders = [Order::Equal, Order::Less, Order::AtMost, Order::Greater, Order::AtLeast];
        for (one, other) in orders.iter().flat_map(|one| orders.iter().map(move |other| (*one, *other))) {
            for (x, y) in [(1_i32, 2_i32), (2, 1), (1, 1)] {
                // In tenths, so that there is something between whole numbers.
                let some = (0..40).any(|n: i32| one.holds(n.cmp(&(x * 10))) && other.holds(n.cmp(&(y * 10))));
                assert_eq!(orders_exclude(one, other, x.cmp(&y)), !some, "{one:?} {x}, {other:?} {y}");
            }
        }
    }
}
