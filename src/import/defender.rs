//! Suppression rules of Microsoft Defender for Cloud: an alert type and conditions on entities, all of which must hold.

use super::codes;
use super::condition::{Cond, literal};
use super::draft::{Draft, instant};
use super::object::{Refusal, below, part, required, shape, text, texts};
use crate::decode;
use crate::diag::Span;
use crate::yaml::Node;

/// The rule as a filter.
pub(super) fn draft(node: &Node) -> Result<Draft, Refusal> {
    let properties = part(node, &["properties"]).unwrap_or(node);
    let alert_type = required(properties, "alertType")?;
    let mut conditions = Vec::new();
    if alert_type == "*" {
        // Every type of this source, and of no other.
        conditions.push(Cond::line("source", vec!["defender".to_owned()]).named("type"));
    } else {
        conditions.push(Cond::line("alert_type", vec![literal(alert_type)]).named("type"));
    }
    for (number, element) in scope(properties)?.iter().enumerate() {
        conditions.push(element_condition(element)?.named(format!("scope_{}", number + 1)));
    }
    let subscription = text(node, &["id"]).and_then(subscription_of);
    if let Some(subscription) = &subscription {
        let whole = format!("/subscriptions/{}", literal(subscription));
        let of = |field: &str| Cond::line(field, vec![whole.clone(), format!("{whole}/*")]);
        conditions.push(Cond::Any(vec![of("resources.id"), of("raw.id")]).named("subscription"));
    }
    let name = text(node, &["name"]).map(str::to_owned).unwrap_or_else(|| format!("dismiss-{alert_type}"));
    let mut draft = Draft::new(&name, Cond::All(conditions));
    if let Some(comment) = text(properties, &["comment"]) {
        draft.describe(&format!("{name}: {comment}"));
    }
    if subscription.is_none() {
        draft.lose(
            node.span,
            "the rule's subscription, which the object does not name: the filter holds for the alerts of all of them",
        );
    }
    reason(properties, &mut draft);
    if let Some(expires) = part(properties, &["expirationDateUtc", "expirationDateUTC"]) {
        let given = expires.written().ok_or_else(|| shape(expires, "expirationDateUtc", "a time"))?;
        draft.expires = Some(instant(expires.span, "expirationDateUtc", given)?);
    }
    let state = text(properties, &["state"]).unwrap_or("Enabled");
    if !state.eq_ignore_ascii_case("enabled") {
        draft.audit = Some(format!("the original's state is {state}: it dismisses nothing"));
    }
    Ok(draft)
}

fn scope(properties: &Node) -> Result<Vec<Node>, Refusal> {
    let Some(scope) = part(properties, &["suppressionAlertsScope"]) else { return Ok(Vec::new()) };
    let Some(map) = scope.as_map() else { return Err(shape(scope, "suppressionAlertsScope", "a map")) };
    if let Some(other) = map.iter().find(|entry| entry.key != "allOf") {
        let message = format!("the scope has `{}`, of which only `allOf` is known", other.key);
        return Err(Refusal::wider(other.key_span, message));
    }
    match below(scope, &["allOf"]) {
        None => Ok(Vec::new()),
        Some(list) => match list.as_list() {
            Some(list) => Ok(list.to_vec()),
            // Written so by hand now and then.
            None if list.as_map().is_some() => Ok(vec![list.clone()]),
            None => Err(shape(list, "allOf", "a list")),
        },
    }
}

fn element_condition(element: &Node) -> Result<Cond, Refusal> {
    let Some(map) = element.as_map() else { return Err(shape(element, "allOf", "a list of maps")) };
    let given = required(element, "field")?;
    let Some(field) = decode::entity_path(given) else {
        return Err(Refusal::wider(element.span, format!("`{given}` is no field of an entity"))
            .with("conditions are on `entities.TYPE.PROPERTY`"));
    };
    let operators: Vec<_> = map.iter().filter(|entry| entry.key != "field").collect();
    let [operator] = operators.as_slice() else {
        let message = format!("the condition on `{given}` has {} operators instead of one", operators.len());
        // Some tools drop the operators when they write a rule out.
        return Err(Refusal::wider(element.span, message).with("export the rule with the service's own REST interface"));
    };
    let values = || texts(&operator.value, &operator.key);
    match operator.key.as_str() {
        "in" => Ok(Cond::line(field, values()?.iter().map(|value| literal(value)).collect())),
        "contains" => {
            let values = values()?;
            if values.iter().any(String::is_empty) {
                return Err(Refusal::wider(
                    operator.value.span,
                    "a condition that contains nothing holds for anything",
                ));
            }
            Ok(Cond::line(format!("{field}|contains"), values.iter().map(|value| literal(value)).collect()))
        }
        other => {
            let message = format!("the operator `{other}` on `{given}` is not known");
            Err(Refusal::wider(operator.key_span, message).with("there are `in` and `contains`"))
        }
    }
}

fn reason(properties: &Node, draft: &mut Draft) {
    let given = text(properties, &["reason"]).unwrap_or_default();
    let known = [
        ("falsepositive", "false_positive"),
        ("specificentityfalsepositive", "specific_entity_false_positive"),
        ("noise", "noise"),
        ("other", "other"),
        ("test", "test"),
    ];
    let squashed: String = given.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match known.iter().find(|(word, _)| *word == squashed) {
        Some((_, reason)) => draft.reason = reason,
        None if given.is_empty() => {}
        None => draft.notes.push(format!("The original's reason: {given}")),
    }
}

/// The subscription a resource id begins with.
fn subscription_of(id: &str) -> Option<String> {
    let mut parts = id.split('/').filter(|part| !part.is_empty());
    parts.next().filter(|first| first.eq_ignore_ascii_case("subscriptions"))?;
    parts.next().map(str::to_owned)
}

/// A workflow automation, which dismisses nothing.
pub(super) fn automation(span: Span) -> Refusal {
    Refusal::new(
        span,
        codes::NO_SUPPRESSION,
        "a workflow automation dismisses nothing: it calls a logic app or sends alerts on",
    )
    .with("write a playbook with the same condition in its `match`")
}
