//! The way in: one node to one condition, with everything found on the way.

use super::super::analysis::{Truth, rests_on_negation, truth};
use super::super::codes;
use super::super::expr::{Condition, Expr};
use super::super::index::is_tried_on_every_alert;
use super::super::pattern::Shape;
use super::super::placeholders::Placeholders;
use super::super::predicate::Predicate;
use crate::diag::{Code, Diagnostic, Diagnostics, Level, Span};
use crate::yaml::{Kind, Node};
use std::path::Path;
use std::sync::Arc;

/// The most values of one condition, selections counted as often as they are named.
pub const MAX_VALUES: usize = 100_000;
/// The most values inside of the same-entity blocks of one condition: every element of an alert is put to each of them.
pub const MAX_BLOCK_VALUES: usize = 1_000;
/// The most values of one condition that are patterns no table answers: every value of an alert may be put to each of them.
pub const MAX_PATTERNS: usize = 500;
/// The most values of one condition that are a part of a text with its case, which tables find only without.
pub const MAX_CASED_PARTS: usize = 10_000;
/// The most other fields that one condition compares with: every value of an alert is put to each of them.
pub const MAX_FIELDREFS: usize = 100;
/// The most regular expressions of one condition: each may take [`super::value::REGEX_BYTES`].
pub const MAX_REGEXES: usize = 100;
/// The most states of all regular expressions of one condition: a character of an alert may cost a step for each of them.
pub const MAX_REGEX_STATES: usize = 1_000;

/// Compiles the value of `match:` where no placeholders have values. Everything wrong with it goes to `found`; the
/// result is `None` if, and only if, any of that is an error, or one that stands there already left nothing to ask.
pub fn compile(node: &Node, file: &Arc<Path>, found: &mut Diagnostics) -> Option<Condition> {
    compile_with(node, &Placeholders::default(), file, found)
}

/// As [`compile`], with the values that `expand` puts in.
pub fn compile_with(
    node: &Node,
    placeholders: &Placeholders,
    file: &Arc<Path>,
    found: &mut Diagnostics,
) -> Option<Condition> {
    let in_file = found.iter().filter(|fault| fault.level == Level::Error && fault.file == *file);
    let mut broken: Vec<usize> = in_file.map(|fault| fault.span.start.offset).collect();
    broken.sort_unstable();
    let mut compiler = Compiler { placeholders, file, found, broken, counted: Counted::default(), failed: false };
    let expr = compiler.condition(node);
    let expr = expr.filter(|_| !compiler.failed)?;
    // Where there is a text that joins selections, it is what says so.
    let place = node.get("condition").map_or(node.span, |entry| entry.value.span);
    match truth(&expr) {
        Truth::Always => {
            let fault = compiler.error(place, codes::MATCHES_EVERYTHING, "this condition matches every alert");
            fault.help("name what it is about: an alert type, an entity, a resource");
            return None;
        }
        Truth::Never => {
            let fault = compiler.warning(place, codes::MATCHES_NOTHING, "this condition can never match");
            fault.help(
                "a part of it excludes another one, or asks for what no alert has; a list is an `or`, lines beside each other are an `and`",
            );
        }
        Truth::Depends if rests_on_negation(&expr) => {
            let message = "this condition rests only on negations: an alert without these fields matches";
            let fault = compiler.warning(place, codes::ONLY_NEGATION, message);
            fault.help("say also what must be there, such as an `alert_type`");
        }
        Truth::Depends => {
            if let Some(cost) = is_tried_on_every_alert(&expr) {
                let message = format!(
                    "nothing in this condition narrows alerts down: it is tried on every one, {cost:.0} ns each"
                );
                let fault = compiler.warning(place, codes::NO_WITNESS, message);
                fault.help("say also what must be there: a plain value, or a part of a text");
            }
        }
    }
    Some(Condition { expr })
}

/// What is known while one condition is compiled.
pub(super) struct Compiler<'c> {
    /// What `%name%` stands for.
    pub placeholders: &'c Placeholders,
    file: &'c Arc<Path>,
    found: &'c mut Diagnostics,
    /// Where something was wrong already, sorted.
    broken: Vec<usize>,
    /// What has a limit.
    pub counted: Counted,
    /// Whether any error was reported.
    failed: bool,
}

/// What of a condition was counted so far.
#[derive(Debug, Default)]
pub(super) struct Counted {
    /// Values.
    pub values: usize,
    /// Those inside of blocks.
    pub block_values: usize,
    /// Those that are patterns no table answers.
    pub patterns: usize,
    /// Those that are a part of a text with its case.
    pub cased_parts: usize,
    /// Other fields that values are compared with.
    pub fieldrefs: usize,
    /// Regular expressions.
    pub regexes: usize,
    /// The states of all of those.
    pub regex_states: usize,
}

impl Compiler<'_> {
    pub fn error(&mut self, span: Span, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.failed = true;
        self.found.error(self.file, span, code, message)
    }

    /// Whether something was wrong within a place when the text was read, so that what stands there says less than was written.
    pub fn is_broken_in(&mut self, place: Span) -> bool {
        let next = self.broken.partition_point(|at| *at < place.start.offset);
        let is_broken = self.broken.get(next).is_some_and(|at| *at <= place.end);
        self.failed |= is_broken;
        is_broken
    }

    pub fn warning(&mut self, span: Span, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.found.warning(self.file, span, code, message)
    }

    pub fn note(&mut self, span: Span, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.found.note(self.file, span, code, message)
    }

    fn condition(&mut self, node: &Node) -> Option<Expr> {
        match &node.kind {
            Kind::Map(map) if node.get("condition").is_some() => self.selections(map),
            Kind::Map(_) | Kind::List(_) => self.maps(node, "match", None),
            Kind::Null => {
                let fault = self.error(node.span, codes::MATCHES_EVERYTHING, "this condition matches every alert");
                fault.help("it is empty; say what must be there, such as an `alert_type`");
                None
            }
            _ => {
                let message = format!("`match` is a map of fields, not {}", node.kind_name());
                self.error(node.span, codes::SHAPE, message).help("such as `alert_type: ...`");
                None
            }
        }
    }

    /// Counts values against the limit; the first one too many is reported.
    pub fn count_values(&mut self, more: usize, span: Span) -> bool {
        let before = self.counted.values;
        self.counted.values = before.saturating_add(more);
        if before <= MAX_VALUES && self.counted.values > MAX_VALUES {
            let fault = self.error(span, codes::TOO_MANY, format!("more than {MAX_VALUES} values in one condition"));
            fault.help("a value counts as often as its selection is named; split the rule");
        }
        self.counted.values <= MAX_VALUES
    }

    /// Counts the tests of a value that no table answers against their limit, as [`Compiler::count_values`] does.
    pub fn count_patterns(&mut self, tests: &[Predicate], span: Span) -> bool {
        let before = (self.counted.patterns, self.counted.cased_parts);
        for test in tests {
            let Predicate::Text(test) = test else { continue };
            match test.pattern.shape() {
                Shape::AtLeast(_) if !test.pattern.is_universal() => self.counted.patterns += 1,
                Shape::Only(_) if test.cased => self.counted.cased_parts += 1,
                _ => {}
            }
        }
        let after = (self.counted.patterns, self.counted.cased_parts);
        if before.0 <= MAX_PATTERNS && after.0 > MAX_PATTERNS {
            let what = "values with `?`, a `*` in their midst or `windash`";
            let message = format!("more than {MAX_PATTERNS} {what} in one condition");
            let fault = self.error(span, codes::TOO_MANY, message);
            fault.help("name what they have in common as one value, or split the rule");
        }
        if before.1 <= MAX_CASED_PARTS && after.1 > MAX_CASED_PARTS {
            let message = format!("more than {MAX_CASED_PARTS} parts of texts with `cased` in one condition");
            self.error(span, codes::TOO_MANY, message).help("leave `cased` out, or split the rule");
        }
        after.0 <= MAX_PATTERNS && after.1 <= MAX_CASED_PARTS
    }
}
