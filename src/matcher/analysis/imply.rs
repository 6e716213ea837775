//! Whether every value that passes one test passes another, as far as a look at the two can tell.

use crate::matcher::pattern::{Required, Shape};
use crate::matcher::predicate::{Order, Predicate, TextTest};
use std::cmp::Ordering;

/// Whether `one` implies `other`. No is always a safe answer.
pub fn implies(one: &Predicate, other: &Predicate) -> bool {
    match (one, other) {
        (Predicate::Text(one), Predicate::Text(other)) => text_implies(one, other),
        (Predicate::Number(one, number), Predicate::Number(other, limit)) => {
            order_implies(*one, *other, number.order(*limit))
        }
        (Predicate::Time(one, at), Predicate::Time(other, limit)) => order_implies(*one, *other, at.cmp(limit)),
        (Predicate::TimePart(part, one, number), Predicate::TimePart(same, other, limit)) => {
            part == same && order_implies(*one, *other, number.cmp(limit))
        }
        (Predicate::Address(address), Predicate::Network(network)) => network.contains(address),
        (Predicate::Address(one), Predicate::Address(other)) => one == other,
        (Predicate::Network(one), Predicate::Network(other)) => other.contains(one),
        (Predicate::Word(one), Predicate::Word(other)) => one.union(*other).is_some_and(|both| both == *other),
        (Predicate::Bool(one), Predicate::Bool(other)) => one == other,
        (Predicate::Regex(one), Predicate::Regex(other)) => one.as_str() == other.as_str(),
        _ => false,
    }
}

/// Whether standing in order `one` to a number means standing in order `other` to a second, to which the first compares
/// so.
fn order_implies(one: Order, other: Order, first_to_second: Ordering) -> bool {
    match (one, other) {
        (Order::Equal, order) => order.holds(first_to_second),
        (Order::Less, Order::Less | Order::AtMost) | (Order::AtMost, Order::AtMost) => first_to_second.is_le(),
        (Order::AtMost, Order::Less) => first_to_second.is_lt(),
        (Order::Greater, Order::Greater | Order::AtLeast) | (Order::AtLeast, Order::AtLeast) => first_to_second.is_ge(),
        (Order::AtLeast, Order::Greater) => first_to_second.is_gt(),
        _ => false,
    }
}

fn text_implies(one: &TextTest, other: &TextTest) -> bool {
    // Of a text whose dash may be any dash the number depends on which it is.
    let numbers_too =
        one.number.is_none_or(|one| other.number.is_some_and(|other| one.order(other) == Ordering::Equal));
    if numbers_too && (one.cased, one.is_address, &one.pattern) == (other.cased, other.is_address, &other.pattern) {
        return true;
    }
    // A text that spells a number also fits numbers, in spellings a pattern may not know.
    if one.cased || other.cased || one.is_address || other.is_address || one.number.is_some() {
        return false;
    }
    let (Shape::Only(asked), shape) = (other.pattern.shape(), one.pattern.shape()) else { return false };
    let given: Vec<Required<'_>> = match shape {
        Shape::Exactly(text) => return other.pattern.matches(text),
        Shape::Only(only) => vec![only],
        Shape::AtLeast(list) => list,
    };
    given.iter().any(|given| match (given, asked) {
        (Required::Start(given), Required::Start(asked)) => given.starts_with(asked),
        (Required::End(given), Required::End(asked)) => given.ends_with(asked),
        (Required::Start(given) | Required::End(given) | Required::Inside(given), Required::Inside(asked)) => {
            given.contains(asked)
        }
        _ => false,
    })
}
