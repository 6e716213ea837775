//! A source's entities to canonical ones: nested instead of referring, in one spelling, each with its type.

use super::draft::Draft;
use super::fault::DecodeError;
use super::graph::{Graph, Omission};
use super::payload;
use crate::alert::Entity;
use serde_json::{Map, Value};

/// Puts a source's entities on a draft. They may also refer to objects of `others`, such as the resources.
///
/// # Errors
/// `too_many_entities`.
pub(super) fn add(draft: &mut Draft<'_>, source: &[Value], others: &[Value]) -> Result<(), DecodeError> {
    draft.allow_entities(source.len())?;
    let mut graph = Graph::new(&[source, others]);
    for value in source {
        match graph.write(value, 0) {
            Some(Value::Object(fields)) => draft.alert.entities.push(typed(fields)),
            Some(_) => draft.flag("unreadable_entity", ""),
            None => {}
        }
    }
    for (why, number) in graph.omissions() {
        let kind = match why {
            Omission::Unresolved => "unresolved_reference",
            Omission::Cycle => "circular_reference",
            Omission::TooLarge => "entities_too_large",
        };
        draft.flag(kind, &number);
    }
    Ok(())
}

/// An entity whose type is taken out of its fields; `unknown` if it has none.
fn typed(mut fields: Map<String, Value>) -> Entity {
    let kind = fields.remove("type").and_then(payload::text).unwrap_or_else(|| "unknown".to_owned());
    Entity { kind, fields }
}
