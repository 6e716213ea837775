//! Automation rules of Microsoft Sentinel that close incidents: conditions on the incident, all of which must hold.

use super::codes;
use super::condition::{Cond, literal};
use super::draft::{Draft, instant};
use super::object::{Refusal, below, list, part, required, shape, text, texts, truth};
use crate::yaml::Node;
use crate::yaml::layout::Shape;

/// Where an incident, as the REST interface gives it, holds a property.
const PROPERTIES: [(&str, &str); 9] = [
    ("IncidentTitle", "raw.properties.title"),
    ("IncidentDescription", "raw.properties.description"),
    ("IncidentSeverity", "raw.properties.severity"),
    ("IncidentStatus", "raw.properties.status"),
    ("IncidentTactics", "raw.properties.additionalData.tactics"),
    ("IncidentLabel", "raw.properties.labels.labelName"),
    ("IncidentProviderName", "raw.properties.providerName"),
    ("IncidentRelatedAnalyticRuleIds", "raw.properties.relatedAnalyticRuleIds"),
    ("AlertProductNames", "raw.properties.additionalData.alertProductNames"),
];
/// What only an incident has.
const INCIDENT: &str = "raw.properties.incidentNumber|exists";
/// Boolean conditions inside each other.
const MOST_DEPTH: usize = 4;

/// The rule as a filter.
pub(super) fn draft(node: &Node) -> Result<Draft, Refusal> {
    let properties = part(node, &["properties"]).unwrap_or(node);
    let name =
        text(properties, &["displayName"]).or_else(|| text(node, &["name"])).unwrap_or("sentinel-automation-rule");
    let Some(logic) = part(properties, &["triggeringLogic"]) else {
        return Err(Refusal::new(node.span, codes::SHAPE, "the rule has no `triggeringLogic`"));
    };
    let closing = closing(properties, logic)?;
    for (key, wanted) in [("triggersOn", "Incidents"), ("triggersWhen", "Created")] {
        let given = required(logic, key)?;
        if !given.eq_ignore_ascii_case(wanted) {
            let message =
                format!("the rule has `{key}: {given}`; a filter decides when an alert comes, as `{wanted}` does");
            return Err(Refusal::wider(logic.span, message));
        }
    }
    let mut conditions = vec![Cond::Line(INCIDENT.to_owned(), Shape::plain("true")).named("incident")];
    for condition in list(logic, "conditions")? {
        conditions.push(condition_of(condition, 0)?);
    }
    if conditions.len() == 1 {
        return Err(Refusal::wider(logic.span, "the rule closes every incident"));
    }
    let mut draft = Draft::new(name, Cond::All(conditions));
    let configuration = part(closing, &["actionConfiguration"]);
    let classification = configuration.and_then(|all| text(all, &["classification"])).unwrap_or_default();
    draft.reason = match classification.to_ascii_lowercase().as_str() {
        "falsepositive" => "false_positive",
        "benignpositive" => "expected_activity",
        _ => "other",
    };
    if let Some(comment) = configuration.and_then(|all| text(all, &["classificationComment"])) {
        draft.describe(&format!("{name}: {comment}"));
    }
    if !matches!(draft.reason, "false_positive" | "expected_activity") && !classification.is_empty() {
        draft.notes.push(format!("The original's classification: {classification}"));
    }
    let creator = below(properties, &["createdBy"]);
    draft.owner = creator.and_then(|by| text(by, &["email", "userPrincipalName", "name"])).map(str::to_owned);
    other_actions(properties, closing, &mut draft)?;
    if let Some(expires) = part(logic, &["expirationTimeUtc"]) {
        let given = expires.written().ok_or_else(|| shape(expires, "expirationTimeUtc", "a time"))?;
        draft.expires = Some(instant(expires.span, "expirationTimeUtc", given)?);
    }
    if truth(logic, "isEnabled")? == Some(false) {
        draft.audit = Some("the original is not enabled: it closes nothing".to_owned());
    }
    Ok(draft)
}

fn is_closing(action: &Node) -> bool {
    let is = |node: Option<&Node>, word: &str| {
        node.and_then(Node::as_text).is_some_and(|text| text.eq_ignore_ascii_case(word))
    };
    is(part(action, &["actionType"]), "ModifyProperties")
        && is(below(action, &["actionConfiguration", "status"]), "Closed")
}

/// The action that closes the incident.
fn closing<'n>(properties: &'n Node, logic: &Node) -> Result<&'n Node, Refusal> {
    let actions = list(properties, "actions")?;
    actions.iter().find(|action| is_closing(action)).ok_or_else(|| {
        let kinds: Vec<&str> = actions.iter().filter_map(|action| text(action, &["actionType"])).collect();
        let kinds = if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") };
        Refusal::nothing(
            logic.span,
            format!("the rule dismisses nothing: none of its actions closes the incident ({kinds})"),
        )
        .with("what it does instead is a playbook's business")
    })
}

/// What the rule does beside closing.
fn other_actions(properties: &Node, closing: &Node, draft: &mut Draft) -> Result<(), Refusal> {
    for action in list(properties, "actions")?.iter().filter(|action| !std::ptr::eq(*action, closing)) {
        let kind = text(action, &["actionType"]).unwrap_or("without a type").to_owned();
        draft.lose(action.span, format!("the action {kind}, which a playbook with `trigger: dismissed` can take"));
    }
    let changes = part(closing, &["actionConfiguration"]).and_then(Node::as_map).into_iter().flatten();
    let known = ["status", "classification", "classificationReason", "classificationComment"];
    for entry in changes.filter(|entry| !known.contains(&entry.key.as_str())) {
        if entry.value.kind != crate::yaml::Kind::Null && entry.value.as_list() != Some(&[]) {
            draft.lose(entry.value.span, format!("the change of `{}`", entry.key));
        }
    }
    Ok(())
}

fn condition_of(condition: &Node, depth: usize) -> Result<Cond, Refusal> {
    let kind = required(condition, "conditionType")?;
    let Some(properties) = part(condition, &["conditionProperties"]) else {
        return Err(Refusal::new(condition.span, codes::SHAPE, "the condition has no `conditionProperties`"));
    };
    match kind {
        "Property" => property(properties),
        "Boolean" if depth < MOST_DEPTH => {
            let inner = list(properties, "innerConditions")?;
            let inner: Vec<Cond> =
                inner.iter().map(|inner| condition_of(inner, depth + 1)).collect::<Result<_, _>>()?;
            match required(properties, "operator")? {
                _ if inner.is_empty() => Err(Refusal::wider(condition.span, "the condition has no inner conditions")),
                "And" => Ok(Cond::All(inner)),
                "Or" => Ok(Cond::Any(inner)),
                other => Err(Refusal::wider(condition.span, format!("the operator `{other}` is not known"))),
            }
        }
        "Boolean" => Err(Refusal::wider(condition.span, "its conditions are nested too deep")),
        other => {
            let message = format!("a condition of type `{other}` is about a change, and a filter sees an alert once");
            Err(Refusal::wider(condition.span, message))
        }
    }
}

fn property(properties: &Node) -> Result<Cond, Refusal> {
    let (name, operator) = (required(properties, "propertyName")?, required(properties, "operator")?);
    let Some((_, path)) = PROPERTIES.iter().find(|(known, _)| *known == name) else {
        let message = format!("an incident as it comes in does not hold `{name}`");
        return Err(Refusal::wider(properties.span, message).with("write the filter on the alert's own entities"));
    };
    let Some(values) = part(properties, &["propertyValues"]) else {
        return Err(Refusal::new(
            properties.span,
            codes::SHAPE,
            format!("the condition on `{name}` has no `propertyValues`"),
        ));
    };
    let values: Vec<String> = texts(values, "propertyValues")?.iter().map(|value| literal(value)).collect();
    let plain = operator.strip_prefix("Not").unwrap_or(operator);
    let modifier = match plain {
        "Equals" => "",
        "Contains" => "|contains",
        "StartsWith" => "|startswith",
        "EndsWith" => "|endswith",
        _ => {
            return Err(Refusal::wider(properties.span, format!("the operator `{operator}` on `{name}` is not known")));
        }
    };
    if values.iter().any(String::is_empty) {
        return Err(Refusal::wider(properties.span, format!("the condition on `{name}` has an empty value")));
    }
    let short = path.rsplit('.').next().unwrap_or(path);
    let positive = Cond::line(format!("{path}{modifier}"), values).named(short);
    // "Not" asks that none of the values is met, and of a list that no element meets one.
    Ok(if plain.len() == operator.len() { positive } else { positive.negated() })
}
