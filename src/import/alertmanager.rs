//! Silences of Prometheus Alertmanager: matchers on labels, all of which must hold. A label that is missing is empty.

use super::codes;
use super::condition::{Cond, literal, raw_key};
use super::draft::{Draft, Remark, instant, ticket};
use super::go_regex;
use super::object::{Refusal, below, list, part, required, shape, text, truth};
use crate::yaml::Node;
use crate::yaml::layout::Shape;

/// The silence as a filter.
pub(super) fn draft(node: &Node) -> Result<Draft, Refusal> {
    let matchers = list(node, "matchers")?;
    if matchers.is_empty() {
        return Err(Refusal::new(node.span, codes::SHAPE, "the silence has no matchers"));
    }
    let (mut conditions, mut words, mut asks) = (Vec::new(), Vec::new(), false);
    for matcher in matchers {
        let (condition, said, holds_for_nothing) = condition(matcher)?;
        conditions.push(condition);
        words.push(said);
        asks |= !holds_for_nothing;
    }
    if !asks {
        let message = "every matcher holds for a label that is not there, and so for every alert";
        return Err(Refusal::wider(node.span, message).with("Alertmanager refuses such a silence as well"));
    }
    let id = text(node, &["id"]).unwrap_or_default();
    let words = words.join(", ");
    let mut draft =
        Draft::new(&format!("silence-{}", if id.is_empty() { words.as_str() } else { id }), Cond::All(conditions));
    let comment = text(node, &["comment"]).unwrap_or(&words);
    draft.describe(comment);
    draft.notes.push(format!("Its matchers: {words}"));
    draft.owner = text(node, &["createdBy"]).map(str::to_owned);
    draft.ticket = text(node, &["ticketID"]).map(str::to_owned).or_else(|| ticket(comment));
    for (name, place) in [("startsAt", 0), ("endsAt", 1)] {
        let Some(value) = part(node, &[name]) else { continue };
        let given = value.written().ok_or_else(|| shape(value, name, "a time"))?;
        let time = instant(value.span, name, given)?;
        match place {
            0 => draft.starts = Some(time),
            _ => draft.expires = Some(time),
        }
    }
    if draft.expires.is_none() {
        // A silence always ends; one that does not say when is not whole.
        return Err(
            Refusal::wider(node.span, "the silence does not say when it ends").with("export it with its `endsAt`")
        );
    }
    if below(node, &["status", "state"]).and_then(Node::as_text) == Some("expired") {
        draft.remarks.push(Remark {
            span: node.span,
            code: codes::OVER,
            message: "this silence is expired; its filter dismisses nothing".to_owned(),
            help: None,
        });
    }
    Ok(draft)
}

/// What a matcher asks, how Alertmanager writes it, and whether it holds for a label that is not there.
fn condition(matcher: &Node) -> Result<(Cond, String, bool), Refusal> {
    if matcher.as_map().is_none() {
        return Err(shape(matcher, "matchers", "a list of maps"));
    }
    let name = required(matcher, "name")?;
    // An empty value is one.
    let value = matcher.get("value").map(|entry| &entry.value);
    let Some(value) = value.and_then(Node::written) else {
        return Err(Refusal::new(matcher.span, codes::SHAPE, format!("the matcher of `{name}` has no value")));
    };
    let is_regex = truth(matcher, "isRegex")?.unwrap_or(false);
    // Silences made before Alertmanager 0.22 know no negation.
    let is_equal = truth(matcher, "isEqual")?.unwrap_or(true);
    let sign = match (is_equal, is_regex) {
        (true, false) => "=",
        (false, false) => "!=",
        (true, true) => "=~",
        (false, true) => "!~",
    };
    let said = format!("{name}{sign}\"{value}\"");
    let key = raw_key(&["labels", name]);
    let (equal, nothing) = if is_regex {
        let pattern = go_regex::translate(value).map_err(|why| {
            let message = format!("the regular expression `{value}` of `{name}` {why}");
            Refusal::wider(matcher.span, message).with("write the alternatives out as plain values")
        })?;
        match go_regex::plain_alternatives(value) {
            Some(values) if values.iter().all(|value| !value.is_empty()) => {
                (Cond::line(format!("{key}|cased"), values.iter().map(|value| literal(value)).collect()), false)
            }
            _ => (Cond::line(format!("{key}|re"), vec![pattern.source]), pattern.matches_nothing),
        }
    } else {
        (Cond::line(format!("{key}|cased"), vec![literal(value)]), value.is_empty())
    };
    let equal = or_missing(equal, &key, nothing);
    let label: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let label = if label.starts_with(|c: char| c.is_ascii_digit()) { format!("label_{label}") } else { label };
    let named = equal.named(label);
    Ok((if is_equal { named } else { named.negated() }, said, nothing == is_equal))
}

/// A label that is not there counts as empty.
fn or_missing(condition: Cond, key: &str, also_missing: bool) -> Cond {
    if !also_missing {
        return condition;
    }
    Cond::Any(vec![condition, Cond::Line(key.to_owned(), Shape::plain("null"))])
}
