//! Sigma filters: a rule's alerts are kept only if the filter's condition holds, so the rest is what is dismissed.

use super::codes;
use super::condition::{Cond, literal};
use super::draft::{Draft, Remark};
use super::object::{Refusal, below, part, shape, text, texts};
use super::run::{Options, Unnegated};
use crate::matcher::{Logic, read_condition};
use crate::yaml::layout::{Part, Shape};
use crate::yaml::{Kind, Map, Node};
use std::collections::BTreeMap;

/// The log sources of the rules that are imported along, by id and by name.
pub(super) type LogSources = BTreeMap<String, Node>;

/// The filter as a filter.
pub(super) fn draft(node: &Node, rules: &LogSources, options: &Options) -> Result<Draft, Refusal> {
    let filter =
        part(node, &["filter"]).ok_or_else(|| Refusal::new(node.span, codes::SHAPE, "there is no `filter`"))?;
    let title = text(node, &["title"]).unwrap_or("Sigma filter");
    let (names, lost) = rule_names(node, filter, rules)?;
    let condition = part(filter, &["condition"]);
    let written = condition.ok_or_else(|| Refusal::new(filter.span, codes::SHAPE, "the filter has no `condition`"))?;
    let words = texts(written, "condition")?;
    let own = ["rules", "condition"];
    let selections = Selections::new(filter.as_map().into_iter().flatten(), &own);
    let logic = selections.read(written, &words)?;
    let of_rules = of_rules(&names);
    let kept = selections.cond(&logic, options)?;
    let keeps_the_rest = holds(&logic, false);
    let mut draft = Draft::new(title, Cond::All(vec![of_rules.clone(), opposite(kept.clone())]));
    draft.describe(title);
    draft.notes.push(format!("A Sigma filter keeps what meets its condition: `{}`", words.join("` or `")));
    if keeps_the_rest {
        draft.notes.push("so what is dismissed here is what does not meet it.".to_owned());
    } else {
        unnegated(&mut draft, written, &words, (of_rules, kept), options);
    }
    draft.lost = lost;
    draft.owner = text(node, &["author"]).map(str::to_owned);
    if let Some(more) = text(node, &["description"]) {
        draft.description = Some(super::draft::one_line(more));
    }
    Ok(draft)
}

/// A condition that is not negated: read as Sigma's tools read it, everything else is dismissed, which its author
/// seldom means.
fn unnegated(draft: &mut Draft, node: &Node, words: &[String], (rules, kept): (Cond, Cond), options: &Options) {
    let words = words.join("` or `");
    match options.unnegated {
        Some(Unnegated::Keep) => {
            draft.notes.push("so everything else of these rules is dismissed here, as Sigma's tools do.".to_owned());
        }
        Some(Unnegated::Dismiss) => {
            draft.condition = Cond::All(vec![rules, kept]);
            draft
                .notes
                .push("and is not negated. Read as meant for exclusion: what meets it is dismissed here.".to_owned());
        }
        None => {
            draft.notes.push(
                "so Sigma's tools dismiss everything else of these rules, which is what the filter below says."
                    .to_owned(),
            );
            draft.notes.push(format!(
                "Was it meant to exclude what it selects? Then its condition should be `not ({words})`."
            ));
            draft.audit = Some("until somebody has said which of both is meant".to_owned());
            draft.remarks.push(Remark {
                span: node.span,
                code: codes::POLARITY,
                message: format!(
                    "the condition `{words}` is not negated: Sigma's tools keep what it selects and drop the rest of the rules' alerts"
                ),
                help: Some(format!(
                    "written in audit mode; say `--sigma-unnegated dismiss` if what it selects is to be dismissed (`not ({words})`), or `keep` if the rest is"
                )),
            });
        }
    }
}

/// The rules a filter is about, and what is lost of that.
fn rule_names(node: &Node, filter: &Node, known: &LogSources) -> Result<(Vec<String>, Vec<Remark>), Refusal> {
    let Some(rules) = part(filter, &["rules"]) else {
        return Err(Refusal::new(filter.span, codes::SHAPE, "the filter names no `rules`"));
    };
    let names = texts(rules, "rules")?;
    if names.iter().any(|name| name.eq_ignore_ascii_case("any")) {
        let message = "the filter is about any rule of its log source, and an alert does not say its log source";
        return Err(Refusal::wider(rules.span, message).with("name the rules by their ids"));
    }
    let source = part(node, &["logsource"]);
    let (mut kept, mut lost, mut unknown) = (Vec::new(), Vec::new(), 0);
    for name in names {
        match (known.get(&name), source) {
            (Some(of_rule), Some(of_filter)) if !is_within(of_rule, of_filter) => lost.push(Remark {
                span: rules.span,
                code: codes::NOT_CARRIED,
                message: format!("the rule {name}, whose log source the filter is not about"),
                help: None,
            }),
            (Some(_), _) => kept.push(name),
            (None, _) => {
                unknown += 1;
                kept.push(name);
            }
        }
    }
    if kept.is_empty() {
        return Err(Refusal::nothing(rules.span, "none of the filter's rules has its log source"));
    }
    if unknown > 0 && source.is_some() {
        lost.push(Remark {
            span: source.map_or(node.span, |source| source.span),
            code: codes::NOT_CARRIED,
            message: "the log source, which an alert does not hold: the rules are told by their ids alone".to_owned(),
            help: Some(
                "import the rules along with the filter, and those of another log source are left out".to_owned(),
            ),
        });
    }
    Ok((kept, lost))
}

/// Whether a rule's log source is the filter's, or a part of it.
fn is_within(rule: &Node, filter: &Node) -> bool {
    ["category", "product", "service"].iter().all(|key| match (text(filter, &[key]), text(rule, &[key])) {
        (None, _) => true,
        (Some(wanted), Some(given)) => wanted.eq_ignore_ascii_case(given),
        (Some(_), None) => false,
    })
}

/// Alerts of these rules: by what raised them, wherever the source says it.
pub(super) fn of_rules(names: &[String]) -> Cond {
    let values: Vec<String> = names.iter().map(|name| literal(name)).collect();
    let by = |key: &str| Cond::line(key, values.clone());
    Cond::Any(vec![by("alert_type"), by("raw.rule.id"), by("raw.rule_id")]).named("of_rule")
}

/// The opposite, with the negation taken as far in as it goes.
pub(super) fn opposite(cond: Cond) -> Cond {
    match cond {
        Cond::Not(inner) => *inner,
        Cond::All(parts) => Cond::Any(parts.into_iter().map(opposite).collect()),
        Cond::Any(parts) => Cond::All(parts.into_iter().map(opposite).collect()),
        other => other.negated(),
    }
}

/// Whether the condition holds where every selection is this.
fn holds(logic: &Logic, selection: bool) -> bool {
    match logic {
        Logic::All(parts) => parts.iter().all(|part| holds(part, selection)),
        Logic::Any(parts) => parts.iter().any(|part| holds(part, selection)),
        Logic::Not(part) => !holds(part, selection),
        Logic::Selection(_) => selection,
    }
}

/// The named selections of a filter or a rule.
pub(super) struct Selections<'n>(Vec<(&'n str, &'n Node)>);

impl<'n> Selections<'n> {
    /// All entries but those of the format itself.
    pub fn new(entries: impl Iterator<Item = &'n crate::yaml::MapEntry>, own: &[&str]) -> Self {
        let named = entries.filter(|entry| !own.contains(&entry.key.as_str()));
        Self(named.map(|entry| (entry.key.as_str(), &entry.value)).collect())
    }

    /// Reads a condition, or several of which one must hold.
    pub fn read(&self, node: &Node, words: &[String]) -> Result<Logic, Refusal> {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| *name).collect();
        let read = words.iter().map(|text| {
            read_condition(text, &names)
                .map_err(|fault| Refusal::new(node.span, codes::SHAPE, format!("the condition `{text}`: {fault}")))
        });
        let mut read: Vec<Logic> = read.collect::<Result<_, _>>()?;
        Ok(if read.len() == 1 { read.remove(0) } else { Logic::Any(read) })
    }

    /// A condition with its selections written out.
    pub fn cond(&self, logic: &Logic, options: &Options) -> Result<Cond, Refusal> {
        let all = |parts: &[Logic]| parts.iter().map(|part| self.cond(part, options)).collect::<Result<Vec<_>, _>>();
        Ok(match logic {
            Logic::All(parts) => single(all(parts)?, Cond::All),
            Logic::Any(parts) => single(all(parts)?, Cond::Any),
            Logic::Not(part) => opposite(self.cond(part, options)?),
            Logic::Selection(number) => {
                let (name, node) = self.0[*number];
                Cond::Written(selection(name, node, options)?).named(name)
            }
        })
    }
}

fn single(mut parts: Vec<Cond>, join: impl Fn(Vec<Cond>) -> Cond) -> Cond {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

/// A selection over the event that an alert's payload holds.
fn selection(name: &str, node: &Node, options: &Options) -> Result<Shape, Refusal> {
    match &node.kind {
        Kind::Map(map) => Ok(Shape::map(lines(map, options)?)),
        Kind::List(list) => {
            let maps = list.iter().map(|node| match &node.kind {
                Kind::Map(map) => Ok(Part::new(None, Shape::map(lines(map, options)?))),
                _ => Err(keywords(node)),
            });
            Ok(Shape::List { items: maps.collect::<Result<_, _>>()?, flow: false, tail: Vec::new() })
        }
        Kind::Text(_) | Kind::Integer(..) | Kind::Float(..) => Err(keywords(node)),
        _ => Err(shape(node, name, "a map or a list")),
    }
}

/// Words looked for anywhere would be found in the alert's own title.
fn keywords(node: &Node) -> Refusal {
    let message = "keywords are looked for in the whole event, and an alert holds more than its event";
    Refusal::wider(node.span, message).with("name the field they stand in")
}

fn lines(map: &Map, options: &Options) -> Result<Vec<(String, Shape)>, Refusal> {
    map.iter()
        .map(|entry| {
            let (field, modifiers) = entry.key.split_once('|').map_or((&*entry.key, None), |(f, m)| (f, Some(m)));
            if field.is_empty() {
                return Err(keywords(&entry.value));
            }
            let suffix = modifiers.map(|modifiers| format!("|{modifiers}")).unwrap_or_default();
            let refers = modifiers.is_some_and(|modifiers| modifiers.split('|').any(|word| word == "fieldref"));
            Ok((format!("{}{suffix}", event_key(field, options)), value(&entry.value, refers, options)?))
        })
        .collect()
}

/// A field of the event as a path of the alert.
fn event_key(field: &str, options: &Options) -> String {
    let parts = field.split('.').map(|part| {
        let key = super::condition::raw_key(&[part]);
        key.strip_prefix("raw.").unwrap_or(&key).to_owned()
    });
    format!("{}.{}", options.event, parts.collect::<Vec<_>>().join("."))
}

fn value(node: &Node, refers: bool, options: &Options) -> Result<Shape, Refusal> {
    Ok(match &node.kind {
        Kind::List(list) => {
            Shape::list(list.iter().map(|node| value(node, refers, options)).collect::<Result<Vec<_>, _>>()?)
        }
        Kind::Text(text) if refers => Shape::text(event_key(text, options)),
        Kind::Text(text) => Shape::text(text.as_str()),
        Kind::Null => Shape::plain("null"),
        Kind::Map(_) => return Err(shape(node, "a field's value", "a text, a number or a list")),
        _ => Shape::plain(node.written().unwrap_or_default()),
    })
}

/// What a rule's `logsource` is.
pub(super) fn log_source(rule: &Node) -> Option<&Node> {
    below(rule, &["logsource"])
}
