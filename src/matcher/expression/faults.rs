//! Where an expression is broken, and where it says something else here than in other engines.

use regex_syntax::ast::parse::Parser;
use regex_syntax::ast::{
    self, AssertionKind, Ast, ClassSetBinaryOp, ClassSetBinaryOpKind, ClassSetItem, Flag, Flags, FlagsItem,
    FlagsItemKind, Literal, LiteralKind, RepetitionKind, Span, SpecialLiteralKind, Visitor,
};
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

/// What an expression says otherwise than it would in other engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// An operator on sets in a class, where others have letters.
    SetOperator(&'static str),
    /// A class within a class, where others have a bracket.
    NestedClass,
    /// The beginning or the end of a word, where others have an angle bracket.
    WordEdge(char),
    /// What is repeated is repeated again, where others give nothing back.
    RepeatedAgain,
    /// A flag by which lines end as on Windows, where others match the whole expression within itself.
    LineEndFlag,
    /// One control character, where others have any that ends a line.
    VerticalTab,
}

/// The first of what an expression says otherwise than it would in other engines, and where.
pub fn said_otherwise(source: &str) -> Option<(Range<usize>, Otherwise)> {
    ast::visit(&Parser::new().parse(source).ok()?, First(None)).unwrap_or_default()
}

fn bytes(span: &Span) -> Range<usize> {
    span.start.offset..span.end.offset
}

struct First(Option<(Range<usize>, Otherwise)>);

impl First {
    fn found(&mut self, span: &Span, otherwise: Otherwise) {
        self.0.get_or_insert_with(|| (bytes(span), otherwise));
    }

    fn flags(&mut self, flags: &Flags) {
        let is_line_end = |item: &&FlagsItem| item.kind == FlagsItemKind::Flag(Flag::CRLF);
        flags.items.iter().filter(is_line_end).for_each(|item| self.found(&item.span, Otherwise::LineEndFlag));
    }

    fn literal(&mut self, literal: &Literal) {
        if literal.kind == LiteralKind::Special(SpecialLiteralKind::VerticalTab) {
            self.found(&literal.span, Otherwise::VerticalTab);
        }
    }
}

impl Visitor for First {
    type Output = Option<(Range<usize>, Otherwise)>;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok(self.0)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Self::Err> {
        match ast {
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::WordBoundaryStartAngle => self.found(&assertion.span, Otherwise::WordEdge('<')),
                AssertionKind::WordBoundaryEndAngle => self.found(&assertion.span, Otherwise::WordEdge('>')),
                _ => {}
            },
            // Counts behind a count multiply everywhere.
            Ast::Flags(set) => self.flags(&set.flags),
            Ast::Group(group) => group.flags().into_iter().for_each(|flags| self.flags(flags)),
            Ast::Literal(literal) => self.literal(literal),
            Ast::Repetition(outer)
                if matches!(*outer.ast, Ast::Repetition(_)) && !matches!(outer.op.kind, RepetitionKind::Range(_)) =>
            {
                self.found(&outer.op.span, Otherwise::RepeatedAgain);
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), Self::Err> {
        match item {
            ClassSetItem::Bracketed(class) => self.found(&class.span, Otherwise::NestedClass),
            ClassSetItem::Literal(literal) => self.literal(literal),
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_binary_op_pre(&mut self, operation: &ClassSetBinaryOp) -> Result<(), Self::Err> {
        let operator = match operation.kind {
            ClassSetBinaryOpKind::Intersection => "&&",
            ClassSetBinaryOpKind::Difference => "--",
            ClassSetBinaryOpKind::SymmetricDifference => "~~",
        };
        self.found(&operation.span, Otherwise::SetOperator(operator));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_engines_take_for_something_else_is_found() {
        use Otherwise::{LineEndFlag, NestedClass, RepeatedAgain, SetOperator, VerticalTab, WordEdge};
        for (source, found) in [
            ("[a&&b]", Some(("a&&b", SetOperator("&&")))),
            ("x[[a-z]--[b]]+", Some(("[a-z]--[b]", SetOperator("--")))),
            ("(é[a~~b])", Some(("a~~b", SetOperator("~~")))),
            (r"[a\&\&b]", None),
            ("a&&b--c~~d", None),
            ("[a&b~c-]", None),
            ("[", None),
            ("é[[a]b]", Some(("[a]", NestedClass))),
            (r"[\[a][[:alpha:]]", None),
            (r"x\<\?php", Some((r"\<", WordEdge('<')))),
            (r"a|(b\>)", Some((r"\>", WordEdge('>')))),
            (r"<b>\\<\b", None),
            ("ba++", Some(("+", RepeatedAgain))),
            ("a{2}*?b", Some(("*?", RepeatedAgain))),
            ("a+?b*?c{2}{3}(?:d+)+", None),
            ("x(?R)y", Some(("R", LineEndFlag))),
            ("(?i:x(?m-R:y))", Some(("R", LineEndFlag))),
            ("(?ms)x(?i:R)", None),
            (r"a\vb", Some((r"\v", VerticalTab))),
            (r"a[\t\v]", Some((r"\v", VerticalTab))),
            (r"a\x0b\\v", None),
        ] {
            let otherwise = said_otherwise(source).map(|(range, otherwise)| (&source[range], otherwise));
            assert_eq!(otherwise, found, "{source}");
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
