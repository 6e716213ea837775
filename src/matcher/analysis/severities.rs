//! Of which severities alerts may be that meet a condition, as far as it says.

use crate::alert::Severity;
use crate::alert::field::{Column, Origin};
use crate::matcher::expr::{Check, Clause, Condition, Expr};
use crate::matcher::predicate::Predicate;

/// Ranks of severities, a bit for each.
type Ranks = u8;

const ALL: Ranks = (1 << Severity::WORDS.len()) - 1;

impl Condition {
    /// The severities alerts that meet it may have. What a source calls severe in words of its own is left out.
    pub fn severities(&self) -> Vec<Severity> {
        let ranks = of(&self.expr, false);
        let words = (0..).zip(Severity::WORDS).filter(|(rank, _)| ranks & 1 << rank != 0);
        words.map(|(_, word)| Severity::from_word(word)).collect()
    }
}

/// With negations pushed down: those of a part that must not hold.
fn of(expr: &Expr, negated: bool) -> Ranks {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => {
            let ranks = parts.iter().map(|part| of(part, negated));
            join(ranks, matches!(expr, Expr::All(_)) != negated)
        }
        Expr::Not(part) => of(part, !negated),
        Expr::Selection(selection) => of(&selection.expr, negated),
        Expr::Clause(clause) => of_clause(clause, negated),
        Expr::Block(_) => ALL,
    }
}

fn of_clause(clause: &Clause, negated: bool) -> Ranks {
    let (tests, all) = match &clause.check {
        Check::AnyOf(tests) => (tests, false),
        Check::AllOf(tests) => (tests, true),
        Check::Exists | Check::Null | Check::SameAs(_) => return ALL,
    };
    if clause.field.origin != Origin::Alert(Column::Severity) {
        return ALL;
    }
    let of_test = |test: &Predicate| {
        let Predicate::Word(words) = test else { return ALL };
        let ranks = (0..Severity::WORDS.len()).filter(|rank| words.contains_place(*rank) != negated);
        ranks.fold(0, |ranks, rank| ranks | 1 << rank)
    };
    join(tests.iter().map(of_test), all != negated)
}

fn join(ranks: impl Iterator<Item = Ranks>, all: bool) -> Ranks {
    if all { ranks.fold(ALL, |one, other| one & other) } else { ranks.fold(0, |one, other| one | other) }
}

#[cfg(test)]
mod tests {
    use crate::diag::Diagnostics;
    use crate::matcher::compile;
    use crate::yaml::{Limits, parse};
    use std::path::Path;

    #[test]
    fn what_a_condition_says_of_severities_is_known() {
        for (text, expected) in [
            ("{title: x}", "informational low medium high critical"),
            ("{severity: high}", "high"),
            ("{severity|gte: high, title: x}", "high critical"),
            ("{severity|neq: [low, high], title: x}", "informational medium critical"),
            ("[{severity: high}, {severity: low, title: y}]", "low high"),
            ("[{severity: high}, {title: y}]", "informational low medium high critical"),
            ("{a: {severity|lt: high}, b: {title: x}, condition: b and not a}", "high critical"),
            (
                "{a: {severity: low, title: y}, b: {title: x}, condition: b and not a}",
                "informational low medium high critical",
            ),
            ("{a: {severity: low}, b: {severity: high}, condition: not (a or b)}", "informational medium critical"),
            ("{a: {severity: low}, b: {severity: high}, condition: a and b}", ""),
            ("{entities.process: {command_line: x}, severity: critical}", "critical"),
        ] {
            let (file, mut found) = (Path::new("f.yaml").into(), Diagnostics::new());
            let nodes = parse(text, &file, Limits::RULE_FILE, &mut found);
            let condition = compile(&nodes[0], &file, &mut found).unwrap();
            let severities: Vec<String> = condition.severities().iter().map(ToString::to_string).collect();
            assert_eq!(severities.join(" "), expected, "{text}");
        }
    }
}
