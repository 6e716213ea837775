//! Rhai: each rule translated to an expression over a map, and evaluated for every event.

use crate::engine::Engine;
use crate::rules::Rule;
use crate::sigma::{self, Item, Order, Place, Test, Tree};
use regex::Regex;
use rhai::{AST, Array, Dynamic, Engine as Interpreter, FLOAT, INT, ImmutableString, Map, Scope};
use serde_json::Value;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Arc;

/// The rules that could be translated, compiled.
pub struct Rhai {
    interpreter: Interpreter,
    rules: Vec<(usize, AST)>,
}

impl Rhai {
    /// Translates rules, leaving out those for which there is no plain test.
    pub fn new(rules: &[Arc<Rule>]) -> Self {
        let mut writer = Writer::default();
        let expressions = rules.iter().enumerate().filter_map(|(place, rule)| {
            let mut out = String::new();
            writer.tree(&sigma::tree(&rule.sigma)?, &mut out)?;
            Some((place, out))
        });
        let expressions: Vec<(usize, String)> = expressions.collect();
        let interpreter = interpreter(writer.regexes);
        let compiled = |(place, expression): (usize, String)| {
            let ast = interpreter.compile_expression(&expression);
            (place, ast.unwrap_or_else(|error| panic!("every expression is written to compile: {error}\n{expression}")))
        };
        Self { rules: expressions.into_iter().map(compiled).collect(), interpreter }
    }

    fn meets(&self, scope: &mut Scope<'_>, rule: &AST) -> bool {
        let result = self.interpreter.eval_ast_with_scope::<bool>(scope, rule);
        result.unwrap_or_else(|error| panic!("every function is known for every kind of value: {error}"))
    }
}

impl Engine for Rhai {
    type Ready = RefCell<Scope<'static>>;
    const NAME: &'static str = "Rhai 1.27.0 (a rule)";

    fn rules(&self) -> usize {
        self.rules.len()
    }

    /// `e` holds the event's values case folded, `o` as they are; nested fields under their dotted paths.
    fn read(&self, text: &str) -> Self::Ready {
        let event: Value = serde_json::from_str(text).expect("the events were read as JSON before");
        let (mut folded, mut original) = (Map::new(), Map::new());
        flatten("", &event, &mut folded, &mut original);
        let mut scope = Scope::new();
        scope.push_constant("e", folded);
        scope.push_constant("o", original);
        RefCell::new(scope)
    }

    fn held(&self) -> Vec<usize> {
        self.rules.iter().map(|(place, _)| *place).collect()
    }

    fn places(&self, event: &Self::Ready) -> Vec<usize> {
        let mut scope = event.borrow_mut();
        self.rules.iter().filter(|(_, rule)| self.meets(&mut scope, rule)).map(|(place, _)| *place).collect()
    }

    fn count(&self, event: &Self::Ready) -> usize {
        let mut scope = event.borrow_mut();
        self.rules.iter().filter(|(_, rule)| self.meets(&mut scope, rule)).count()
    }
}

fn flatten(path: &str, value: &Value, folded: &mut Map, original: &mut Map) {
    if let Value::Object(map) = value {
        for (key, value) in map {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            flatten(&path, value, folded, original);
        }
    } else {
        folded.insert(path.into(), scalar(value, str::to_lowercase));
        original.insert(path.into(), scalar(value, str::to_owned));
    }
}

fn scalar(value: &Value, prepare: fn(&str) -> String) -> Dynamic {
    match value {
        Value::Null | Value::Object(_) => Dynamic::UNIT,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(float)) => float.into(),
            (None, None) => Dynamic::UNIT,
        },
        Value::String(text) => prepare(text).into(),
        Value::Array(list) => list.iter().map(|value| scalar(value, prepare)).collect::<Array>().into(),
    }
}

/// Writes expressions; regular expressions are kept aside and called by number.
#[derive(Default)]
struct Writer {
    regexes: Vec<Regex>,
}

impl Writer {
    fn tree(&mut self, tree: &Tree, out: &mut String) -> Option<()> {
        match tree {
            Tree::All(parts) => self.joined(parts, " && ", "true", out, Self::tree),
            Tree::Any(parts) => self.joined(parts, " || ", "false", out, Self::tree),
            Tree::Not(inner) => {
                out.push('!');
                self.joined(std::slice::from_ref(&**inner), "", "", out, Self::tree)
            }
            Tree::Item(item) => self.item(item, out),
        }
    }

    fn item(&mut self, item: &Item, out: &mut String) -> Option<()> {
        let (operator, empty) = if item.all { (" && ", "true") } else { (" || ", "false") };
        self.joined(&item.tests, operator, empty, out, |writer, test, out| writer.test(&item.field, test, out))
    }

    fn joined<T>(
        &mut self,
        parts: &[T],
        operator: &str,
        empty: &str,
        out: &mut String,
        mut write: impl FnMut(&mut Self, &T, &mut String) -> Option<()>,
    ) -> Option<()> {
        out.push('(');
        if parts.is_empty() {
            out.push_str(empty);
        }
        for (number, part) in parts.iter().enumerate() {
            out.push_str(if number == 0 { "" } else { operator });
            write(self, part, out)?;
        }
        out.push(')');
        Some(())
    }

    fn test(&mut self, field: &str, test: &Test, out: &mut String) -> Option<()> {
        let field = quoted(field);
        match test {
            Test::Text { place, text, cased } => {
                let (map, text) = if *cased { ("o", text.clone()) } else { ("e", text.to_lowercase()) };
                let function = match place {
                    Place::Whole => "same",
                    Place::Start => "starts",
                    Place::End => "ends",
                    Place::Inside => "has",
                };
                write!(out, "{function}({map}[{field}], {})", quoted(&text)).ok()
            }
            Test::Regex(source) => {
                self.regexes.push(Regex::new(source).ok()?);
                write!(out, "finds(o[{field}], {})", self.regexes.len() - 1).ok()
            }
            Test::Number(order, number) => {
                let function = match order {
                    Order::Equal => "equal",
                    Order::Less => "less",
                    Order::AtMost => "at_most",
                    Order::Greater => "greater",
                    Order::AtLeast => "at_least",
                };
                write!(out, "{function}(e[{field}], {number})").ok()
            }
            Test::Bool(value) => write!(out, "same(e[{field}], \"{value}\")").ok(),
            Test::Null => write!(out, "is_null(e[{field}])").ok(),
        }
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn interpreter(regexes: Vec<Regex>) -> Interpreter {
    let mut engine = Interpreter::new_raw();
    engine.set_max_expr_depths(0, 0);
    texts(&mut engine, "same", |value, text: ImmutableString| value == text.as_str());
    texts(&mut engine, "starts", |value, text: ImmutableString| value.starts_with(text.as_str()));
    texts(&mut engine, "ends", |value, text: ImmutableString| value.ends_with(text.as_str()));
    texts(&mut engine, "has", |value, text: ImmutableString| value.contains(text.as_str()));
    texts(&mut engine, "finds", move |value, number: INT| {
        usize::try_from(number).ok().and_then(|number| regexes.get(number)).is_some_and(|regex| regex.is_match(value))
    });
    numbers(&mut engine, "equal", |value, other| value == other);
    numbers(&mut engine, "less", |value, other| value < other);
    numbers(&mut engine, "at_most", |value, other| value <= other);
    numbers(&mut engine, "greater", |value, other| value > other);
    numbers(&mut engine, "at_least", |value, other| value >= other);
    engine.register_fn("is_null", |value: Dynamic| value.is_unit());
    engine
}

/// Registers a test of texts for every kind of value; a list passes if one of its elements does.
fn texts<T: rhai::Variant + Clone>(
    engine: &mut Interpreter,
    name: &str,
    holds: impl Fn(&str, T) -> bool + Clone + Send + Sync + 'static,
) {
    let test = holds.clone();
    engine.register_fn(name, move |value: ImmutableString, other: T| test(&value, other));
    let test = holds.clone();
    engine.register_fn(name, move |value: INT, other: T| test(&value.to_string(), other));
    let test = holds.clone();
    engine.register_fn(name, move |value: FLOAT, other: T| test(&value.to_string(), other));
    let test = holds.clone();
    engine.register_fn(name, move |value: bool, other: T| test(if value { "true" } else { "false" }, other));
    engine.register_fn(name, |_: (), _: T| false);
    engine.register_fn(name, move |list: Array, other: T| {
        list.iter().any(|value| !value.is_unit() && holds(&value.to_string(), other.clone()))
    });
}

/// Registers a test of numbers, and of the texts that spell them.
fn numbers(engine: &mut Interpreter, name: &str, holds: fn(INT, INT) -> bool) {
    engine.register_fn(name, move |value: INT, other: INT| holds(value, other));
    engine.register_fn(name, move |value: ImmutableString, other: INT| {
        value.parse().is_ok_and(|value| holds(value, other))
    });
    engine.register_fn(name, |_: FLOAT, _: INT| false);
    engine.register_fn(name, |_: bool, _: INT| false);
    engine.register_fn(name, |_: (), _: INT| false);
    engine.register_fn(name, |_: Array, _: INT| false);
}
