//! Where an expression is broken, and where it says something else here than in other engines.

use regex_syntax::ast::{self, ClassSetBinaryOp, ClassSetBinaryOpKind, Span, Visitor, parse::Parser};
use std::ops::Range;

/// The bytes at which an expression does not parse.
pub fn broken_at(source: &str) -> Option<Range<usize>> {
    let place = match regex_syntax::parse(source).err()? {
        regex_syntax::Error::Parse(fault) => bytes(fault.span()),
        regex_syntax::Error::Translate(fault) => bytes(fault.span()),
        _ => return None,
    };
    // Where something is missing, what stands there instead.
    let next = source[place.start..].chars().next().map_or(0, char::len_utf8);
    Some(place.start..place.end.max(place.start + next))
}

/// The first operator on sets in a class, `&&`, `--` or `~~`, and where: other engines know none.
pub fn set_operator(source: &str) -> Option<(Range<usize>, &'static str)> {
    ast::visit(&Parser::new().parse(source).ok()?, First(None)).unwrap_or_default()
}

fn bytes(span: &Span) -> Range<usize> {
    span.start.offset..span.end.offset
}

struct First(Option<(Range<usize>, &'static str)>);

impl Visitor for First {
    type Output = Option<(Range<usize>, &'static str)>;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok(self.0)
    }

    fn visit_class_set_binary_op_pre(&mut self, operation: &ClassSetBinaryOp) -> Result<(), Self::Err> {
        let operator = match operation.kind {
            ClassSetBinaryOpKind::Intersection => "&&",
            ClassSetBinaryOpKind::Difference => "--",
            ClassSetBinaryOpKind::SymmetricDifference => "~~",
        };
        self.0.get_or_insert_with(|| (bytes(&operation.span), operator));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_found_in_classes_alone() {
        for (source, found) in [
            ("[a&&b]", Some(("a&&b", "&&"))),
            ("x[[a-z]--[b]]+", Some(("[a-z]--[b]", "--"))),
            ("(é[a~~b])", Some(("a~~b", "~~"))),
            (r"[a\&\&b]", None),
            ("a&&b--c~~d", None),
            ("[a&b~c-]", None),
            ("[", None),
        ] {
            let operator = set_operator(source).map(|(range, operator)| (&source[range], operator));
            assert_eq!(operator, found, "{source}");
        }
    }

    #[test]
    fn what_breaks_an_expression_has_a_place() {
        for (source, place) in [("abc(def", "("), ("é[b-a]", "b-a"), ("x|*", "*"), (r"a\pQ", r"\pQ"), ("abc", "none")]
        {
            let found = broken_at(source).map_or("none", |range| &source[range]);
            assert_eq!(found, place, "{source}");
        }
    }
}
