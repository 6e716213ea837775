//! What the three shapes share: the same alert under other names, mapped once.

use super::resource;
use crate::alert::Link;
use crate::decode::draft::Draft;
use crate::decode::entity;
use crate::decode::fault::DecodeError;
use crate::decode::payload::{self, Payload};
use crate::decode::strict;
use serde_json::{Map, Value};

/// How one shape calls the fields of an alert; the first name that says something counts.
pub(super) struct Names {
    pub(super) id: &'static [&'static str],
    pub(super) vendor: &'static [&'static str],
    pub(super) product: &'static [&'static str],
    pub(super) alert_type: &'static [&'static str],
    pub(super) title: &'static [&'static str],
    pub(super) description: &'static [&'static str],
    pub(super) severity: &'static [&'static str],
    pub(super) status: &'static [&'static str],
    pub(super) start: &'static [&'static str],
    pub(super) end: &'static [&'static str],
    pub(super) generated: &'static [&'static str],
    pub(super) compromised_entity: &'static [&'static str],
    pub(super) resource: &'static [&'static str],
    pub(super) resources: &'static [&'static str],
    pub(super) entities: &'static [&'static str],
    pub(super) intent: &'static [&'static str],
    pub(super) techniques: &'static [&'static str],
    pub(super) sub_techniques: &'static [&'static str],
    pub(super) remediation: &'static [&'static str],
    pub(super) link: &'static [&'static str],
    pub(super) links: &'static [&'static str],
    pub(super) extended: &'static [&'static str],
    pub(super) correlation_key: &'static [&'static str],
    pub(super) is_incident: &'static [&'static str],
}

/// Maps one alert by the names of its shape.
///
/// # Errors
/// `too_many_entities`. Anything else that is odd is flagged.
pub(super) fn map<'l>(
    fields: Map<String, Value>,
    names: &Names,
    mut draft: Draft<'l>,
) -> Result<Draft<'l>, DecodeError> {
    let mut payload = Payload::new(fields);
    let alert = &mut draft.alert;
    alert.source = "defender".to_owned();
    alert.source_id = payload.text(names.id).unwrap_or_default();
    alert.vendor = payload.text(names.vendor);
    alert.product = payload.text(names.product);
    alert.title = payload.text(names.title).unwrap_or_default();
    alert.alert_type = payload.text(names.alert_type).unwrap_or_else(|| alert.title.clone());
    alert.description = payload.text(names.description);
    alert.compromised_entity = payload.text(names.compromised_entity);
    alert.correlation_key = payload.text(names.correlation_key);
    alert.is_incident = payload.truth(names.is_incident);
    alert.remediation_steps = remediation(payload.texts(names.remediation));
    if let Some(severity) = payload.text(names.severity) {
        draft.severity(&severity);
    }
    if let Some(status) = payload.text(names.status) {
        draft.status(&status);
    }
    draft.alert.start_time = draft.time("start_time", payload.take(names.start));
    draft.alert.end_time = draft.time("end_time", payload.take(names.end));
    draft.alert.generated_time = draft.time("generated_time", payload.take(names.generated));
    draft.techniques(payload.texts(names.techniques));
    draft.techniques(payload.texts(names.sub_techniques));

    let extended = payload.object(names.extended).unwrap_or_else(|_| {
        draft.flag("unreadable_field", "extended_properties");
        Map::new()
    });
    let intent = payload.take(names.intent).or_else(|| extended.get("killChainIntent").cloned());
    draft.tactics(words(intent));
    draft.alert.extended_properties = extended;
    links(&mut payload, names, &mut draft);

    let resources = payload.list(names.resources).unwrap_or_else(|_| {
        draft.flag("unreadable_field", "resources");
        Vec::new()
    });
    add_resources(&resources, payload.text(names.resource), &mut draft);
    let entities = payload.list(names.entities).unwrap_or_else(|_| {
        draft.flag("unreadable_field", "entities");
        Vec::new()
    });
    entity::add(&mut draft, &entities, &resources)?;
    Ok(draft)
}

/// The words of an intent: one, several between commas, a list, or a list within a string.
fn words(intent: Option<Value>) -> Vec<String> {
    let texts = intent.map(payload::texts).unwrap_or_default();
    texts.iter().flat_map(|text| text.split(',')).map(|word| word.trim().to_owned()).collect()
}

/// The steps as people read them. In 2015 they are the lines of one text; later a step may itself be a JSON document
/// that opens a page of the portal, whose caption is then the step.
fn remediation(steps: Vec<String>) -> Vec<String> {
    let caption = |step: &String| match strict::unfold(Value::String(step.clone())) {
        Value::Object(mut document) => document.remove("displayValue").and_then(payload::text),
        _ => None,
    };
    let lines = |step: String| match step.starts_with('{').then(|| caption(&step)).flatten() {
        Some(caption) => vec![caption],
        None => step.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
    };
    steps.into_iter().flat_map(lines).collect()
}

fn links(payload: &mut Payload, names: &Names, draft: &mut Draft<'_>) {
    if let Some(href) = payload.text(names.link) {
        draft.alert.links.push(Link { label: Some("Microsoft Defender for Cloud".to_owned()), href });
    }
    match payload.list(names.links) {
        Ok(list) => draft.alert.links.extend(list.into_iter().filter_map(link)),
        Err(_) => draft.flag("unreadable_field", "links"),
    }
}

/// An extended link; every shape writes its keys in Pascal case.
fn link(value: Value) -> Option<Link> {
    let Value::Object(fields) = value else { return None };
    let mut payload = Payload::new(fields);
    Some(Link { label: payload.text(&["Label", "label"]), href: payload.text(&["Href", "href"])? })
}

/// The affected Azure resources. A Log Analytics identifier is passed over: the workspace that keeps the alert is not
/// what the alert is about. One id comes in several cases, so ids are compared without.
fn add_resources(identifiers: &[Value], single: Option<String>, draft: &mut Draft<'_>) {
    let of = |identifier: &Value| {
        let names = ["azureResourceId", "AzureResourceId"];
        names.iter().find_map(|name| identifier.get(name)?.as_str()).map(str::to_owned)
    };
    let limit = draft.limits.entities;
    for id in identifiers.iter().filter_map(of).chain(single).take(limit) {
        if !draft.alert.resources.iter().any(|known| known.id.eq_ignore_ascii_case(&id)) {
            draft.alert.resources.push(resource::from_id(id));
        }
    }
}
