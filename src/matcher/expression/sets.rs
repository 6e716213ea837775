//! Set operators inside of a class. Other engines, and so whoever copies an expression from a rule, take them for letters.

use regex_syntax::ast::{self, ClassSetBinaryOp, ClassSetBinaryOpKind, Visitor, parse::Parser};

/// The first operator in a class that other engines take for two letters: `&&`, `--` or `~~`.
pub fn set_operator(source: &str) -> Option<&'static str> {
    ast::visit(&Parser::new().parse(source).ok()?, First(None)).unwrap_or_default()
}

struct First(Option<&'static str>);

impl Visitor for First {
    type Output = Option<&'static str>;
    type Err = std::convert::Infallible;

    fn finish(self) -> Result<Self::Output, Self::Err> {
        Ok(self.0)
    }

    fn visit_class_set_binary_op_pre(&mut self, operation: &ClassSetBinaryOp) -> Result<(), Self::Err> {
        self.0.get_or_insert(match operation.kind {
            ClassSetBinaryOpKind::Intersection => "&&",
            ClassSetBinaryOpKind::Difference => "--",
            ClassSetBinaryOpKind::SymmetricDifference => "~~",
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_found_in_classes_alone() {
        for (source, operator) in [
            ("[a&&b]", Some("&&")),
            ("x[[a-z]--[b]]+", Some("--")),
            ("([a~~b])", Some("~~")),
            (r"[a\&\&b]", None),
            ("a&&b--c~~d", None),
            ("[a&b~c-]", None),
            ("[", None),
        ] {
            assert_eq!(set_operator(source), operator, "{source}");
        }
    }
}
