//! Native: the canonical form itself, every field optional; a wrong type is a misfit, unknown fields are flagged.

use super::draft::Draft;
use super::names;
use super::typed::{Misfit, Typed};
use crate::alert::field::Column;
use crate::alert::{Entity, Link, Raw, Resource};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// What stands beside the alert's own fields where Quell shows one; an alert read from one daemon can be sent to another.
const SHOWN: [&str; 4] = ["verdict", "runs", "activity", "feedback"];

/// Whether an object is a native alert: it has a title or a type, and at least half of its fields are canonical.
/// A foreign alert that happens to have a `title` must not be refused for the rest.
pub(super) fn looks_like(fields: &Map<String, Value>) -> bool {
    let names_itself = ["title", "alert_type"].iter().any(|key| fields.get(*key).is_some_and(Value::is_string));
    let canonical = fields.keys().filter(|key| is_known(key)).count();
    names_itself && canonical * 2 >= fields.len()
}

fn is_known(key: &str) -> bool {
    Column::from_name(key).is_some() || SHOWN.contains(&key)
}

/// Maps a native alert.
///
/// # Errors
/// `wrong_type`, naming the field; `too_many_entities`, `too_many_values`.
pub(super) fn map<'l>(fields: Map<String, Value>, mut draft: Draft<'l>) -> Result<Draft<'l>, Misfit> {
    for key in fields.keys().filter(|key| !is_known(key)) {
        draft.flag("unknown_field", key);
    }
    let mut typed = Typed::new(fields, draft.limits.entities);
    // An id of Quell's own is made anew; a sender's `id` is what it calls the alert.
    let id = typed.text("id")?;
    let alert = &mut draft.alert;
    alert.source = typed.text("source")?.unwrap_or_else(|| "native".to_owned());
    alert.source_id = typed.text("source_id")?.or(id).unwrap_or_default();
    alert.vendor = typed.text("vendor")?;
    alert.product = typed.text("product")?;
    alert.alert_type = typed.text("alert_type")?.unwrap_or_default();
    alert.title = typed.text("title")?.unwrap_or_default();
    alert.description = typed.text("description")?;
    alert.compromised_entity = typed.text("compromised_entity")?;
    alert.correlation_key = typed.text("correlation_key")?;
    alert.assignee = typed.text("assignee")?;
    alert.is_incident = typed.truth("is_incident")?;
    alert.simulated = typed.truth("simulated")?;
    alert.remediation_steps = typed.texts("remediation_steps")?;
    alert.recommendations = typed.texts("recommendations")?;
    alert.tags = typed.texts("tags")?;
    alert.extended_properties = typed.object("extended_properties")?;
    alert.links = typed.objects("links")?.into_iter().map(link).collect::<Result<_, _>>()?;
    alert.resources = typed.objects("resources")?.into_iter().map(resource).collect::<Result<_, _>>()?;
    alert.entities = typed.objects("entities")?.into_iter().map(entity).collect::<Result<_, _>>()?;
    if let Some(severity) = typed.text("severity")? {
        draft.severity(&severity);
    }
    if let Some(status) = typed.text("status")? {
        draft.status(&status);
    }
    draft.tactics(typed.texts("tactics")?);
    draft.techniques(typed.texts("techniques")?);
    draft.alert.start_time = draft.time("start_time", typed.take("start_time"));
    draft.alert.end_time = draft.time("end_time", typed.take("end_time"));
    draft.alert.generated_time = draft.time("generated_time", typed.take("generated_time"));
    if typed.take("raw").is_some() {
        draft.alert.raw = own_raw(&draft.alert.raw);
    }
    Ok(draft)
}

/// The text of the payload's own `raw`.
fn own_raw(payload: &Raw) -> Raw {
    #[derive(Deserialize)]
    struct Own {
        raw: Box<RawValue>,
    }
    let own: Own = serde_json::from_str(payload.text()).expect("the payload was read, and has a `raw`");
    Raw::new(own.raw)
}

fn link(mut typed: Typed) -> Result<Link, Misfit> {
    Ok(Link { label: typed.text("label")?, href: typed.required("href")? })
}

fn resource(mut typed: Typed) -> Result<Resource, Misfit> {
    let id = typed.text("id")?.unwrap_or_default();
    Ok(Resource { id, kind: typed.text("type")?, name: typed.text("name")?, tags: typed.object("tags")? })
}

/// An entity whose fields are the sender's; only the type is spelled as Quell spells it.
fn entity(mut typed: Typed) -> Result<Entity, Misfit> {
    let kind = typed.text("type")?.map_or_else(|| "unknown".to_owned(), |kind| names::entity_type(&kind));
    Ok(Entity { kind, fields: typed.rest() })
}
