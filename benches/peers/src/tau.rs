//! tau-engine: each rule translated to its own language, optimised, and put to every event.

use crate::engine::Engine;
use crate::rules::Rule;
use crate::sigma::{self, Item, Order, Place, Test, Tree};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::sync::Arc;
use tau_engine::{Optimisations, Rule as TauRule};

/// The rules that could be translated.
pub struct Tau {
    rules: Vec<(usize, TauRule)>,
}

impl Tau {
    /// Translates rules, leaving out those for which tau has no words.
    pub fn new(rules: &[Arc<Rule>]) -> Self {
        let translated = |(place, rule): (usize, &Arc<Rule>)| Some((place, translated(&sigma::tree(&rule.sigma)?)?));
        Self { rules: rules.iter().enumerate().filter_map(translated).collect() }
    }
}

impl Engine for Tau {
    type Ready = Value;
    const NAME: &'static str = "tau-engine 1.16.0";

    fn rules(&self) -> usize {
        self.rules.len()
    }

    fn read(&self, text: &str) -> Value {
        serde_json::from_str(text).expect("the events were read as JSON before")
    }

    fn held(&self) -> Vec<usize> {
        self.rules.iter().map(|(place, _)| *place).collect()
    }

    fn places(&self, event: &Value) -> Vec<usize> {
        self.rules.iter().filter(|(_, rule)| rule.matches(event)).map(|(place, _)| *place).collect()
    }

    fn count(&self, event: &Value) -> usize {
        self.rules.iter().filter(|(_, rule)| rule.matches(event)).count()
    }
}

fn translated(tree: &Tree) -> Option<TauRule> {
    let mut identifiers = Identifiers::default();
    let condition = identifiers.condition(tree)?;
    let mut detection = identifiers.0;
    detection.insert("condition".to_owned(), condition.into());
    let rule = json!({"detection": detection, "true_positives": [], "true_negatives": []});
    // JSON is YAML. What tau cannot read, such as a field with a character it does not know, is left out.
    let rule = TauRule::from_str(&rule.to_string()).ok()?;
    Some(rule.optimise(Optimisations::default()))
}

/// The named mappings of one rule.
#[derive(Default)]
struct Identifiers(Map<String, Value>);

impl Identifiers {
    /// A tree as a condition over identifiers, which are made on the way.
    fn condition(&mut self, tree: &Tree) -> Option<String> {
        match tree {
            Tree::All(parts) => match mapping(parts) {
                Some(mapping) => Some(self.name(mapping?)),
                None => self.joined(parts, " and "),
            },
            Tree::Any(parts) => {
                let mappings = parts.iter().map(|part| match part {
                    Tree::All(items) => mapping(items).flatten(),
                    part => mapping(std::slice::from_ref(part)).flatten(),
                });
                match mappings.collect::<Option<Vec<_>>>() {
                    Some(mappings) if !mappings.is_empty() => Some(self.name(mappings.into())),
                    _ => self.joined(parts, " or "),
                }
            }
            Tree::Not(inner) => Some(format!("not ({})", self.condition(inner)?)),
            Tree::Item(_) => Some(self.name(mapping(std::slice::from_ref(tree))??)),
        }
    }

    /// Every operation in brackets: `or` binds tighter than `and` here.
    fn joined(&mut self, parts: &[Tree], operator: &str) -> Option<String> {
        let parts: Vec<String> = parts.iter().map(|part| self.condition(part)).collect::<Option<_>>()?;
        (!parts.is_empty()).then(|| format!("({})", parts.join(operator)))
    }

    fn name(&mut self, value: Value) -> String {
        let name = format!("s{}", self.0.len());
        self.0.insert(name.clone(), value);
        name
    }
}

/// Items as one mapping, all of whose entries must hold. The outer none: they are no such items, or two share a key.
/// The inner none: tau has no words for one.
fn mapping(parts: &[Tree]) -> Option<Option<Value>> {
    let items = parts.iter().map(|part| match part {
        Tree::Item(item) => Some(item),
        _ => None,
    });
    let items: Vec<&Item> = items.collect::<Option<_>>()?;
    let fields: HashSet<&str> = items.iter().map(|item| &*item.field).collect();
    if items.is_empty() || fields.len() < items.len() {
        return None;
    }
    let entries = items.into_iter().map(entry).collect::<Option<Map<_, _>>>();
    Some(entries.map(Value::Object))
}

/// A key, with a cast so that numbers are compared with texts that spell them and the reverse, and its tests.
fn entry(item: &Item) -> Option<(String, Value)> {
    let field = &item.field;
    let texts = item.tests.iter().all(|test| matches!(test, Test::Text { .. } | Test::Regex(_)));
    let numbers = item.tests.iter().all(|test| matches!(test, Test::Number(..)));
    let key = match (item.all && item.tests.len() > 1, texts, numbers) {
        (true, true, _) => format!("all({field})"),
        (true, false, _) => return None,
        (false, true, _) => format!("str({field})"),
        (false, _, true) => format!("int({field})"),
        (false, false, false) => field.clone(),
    };
    let mut values: Vec<Value> = item.tests.iter().map(value).collect::<Option<_>>()?;
    Some((key, if values.len() == 1 { values.remove(0) } else { values.into() }))
}

fn value(test: &Test) -> Option<Value> {
    Some(match test {
        Test::Null => Value::Null,
        Test::Bool(value) => (*value).into(),
        Test::Number(Order::Equal, number) => (*number).into(),
        Test::Number(order, number) => format!("{}{number}", sign(*order)).into(),
        Test::Regex(source) => format!("?{source}").into(),
        Test::Text { place, text, cased } => {
            let case = if *cased { "" } else { "i" };
            let starts_plainly = !text.starts_with(['*', '?', '=', '<', '>', '"', '\'']);
            match place {
                Place::Whole => format!("{case}\"{text}\"").into(),
                Place::Inside if text.is_empty() => "*".into(),
                Place::Inside => format!("{case}*{text}*").into(),
                Place::Start if starts_plainly && !text.is_empty() => format!("{case}{text}*").into(),
                Place::End if !text.ends_with('*') && !text.is_empty() => format!("{case}*{text}").into(),
                Place::Start | Place::End => return None,
            }
        }
    })
}

fn sign(order: Order) -> &'static str {
    match order {
        Order::Equal => "=",
        Order::Less => "<",
        Order::AtMost => "<=",
        Order::Greater => ">",
        Order::AtLeast => ">=",
    }
}
