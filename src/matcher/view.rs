//! One alert as conditions see it: its columns, and its payload read once if anything asks for it.

use super::plain_json;
use super::value::{List, Map, Value};
use crate::alert::Alert;
use crate::alert::field::{Column, Field, Origin, Step};
use serde_json::Value as Json;
use std::cell::OnceCell;

/// A view of one alert. Make one, and put every condition to it.
#[derive(Debug)]
pub struct AlertView<'a> {
    alert: &'a Alert,
    /// The payload as a value; `None` inside where it cannot be read again.
    raw: OnceCell<Option<Json>>,
}

impl<'a> AlertView<'a> {
    /// A view with nothing read yet.
    pub fn new(alert: &'a Alert) -> Self {
        Self { alert, raw: OnceCell::new() }
    }

    /// The alert it shows.
    pub fn alert(&self) -> &'a Alert {
        self.alert
    }

    /// A view of as much of the payload as some fields need that stand under keys of it, unless all of it was read. That it can be
    /// is to be known: a payload that was walked in its text can, and any other was read for that.
    pub(super) fn part_for(&self, fields: [&Field; 2]) -> Option<Self> {
        let mut keys = Vec::new();
        for field in fields {
            match (field.origin, field.steps.first()) {
                (Origin::Alert(Column::Raw), Some(Step::Exact(key))) => keys.push(&**key),
                (Origin::Alert(column), _) if column != Column::Raw => {}
                _ => return None,
            }
        }
        if keys.is_empty() || self.raw.get().is_some() {
            return None;
        }
        let part = plain_json::read_under(&keys, self.alert.raw.text())?;
        Some(Self { alert: self.alert, raw: OnceCell::from(Some(part)) })
    }

    /// A column's value; none where the alert has none. A canonical list that is empty is one that was not sent.
    pub(super) fn column(&self, column: Column) -> Option<Value<'_>> {
        if column != Column::Raw {
            return canonical(self.alert, column);
        }
        // Intake has read the payload before; one that cannot be read again holds nothing a condition could see.
        let raw = self.raw.get_or_init(|| plain_json::read(self.alert.raw.text()));
        raw.as_ref().map(Value::from)
    }
}

/// A column's value, but for `raw`, which is a text until somebody reads it.
pub(super) fn canonical(alert: &Alert, column: Column) -> Option<Value<'_>> {
    match column {
        Column::Id => Some(Value::Text(alert.id.as_str())),
        Column::Source => Some(Value::Text(&alert.source)),
        Column::SourceId => Some(Value::Text(&alert.source_id)),
        Column::Vendor => alert.vendor.as_deref().map(Value::Text),
        Column::Product => alert.product.as_deref().map(Value::Text),
        Column::AlertType => Some(Value::Text(&alert.alert_type)),
        Column::Title => Some(Value::Text(&alert.title)),
        Column::Description => alert.description.as_deref().map(Value::Text),
        Column::Severity => Some(Value::Text(alert.severity.as_str())),
        Column::Status => Some(Value::Text(alert.status.as_str())),
        Column::StartTime => alert.start_time.map(Value::Time),
        Column::EndTime => alert.end_time.map(Value::Time),
        Column::GeneratedTime => alert.generated_time.map(Value::Time),
        Column::ReceivedTime => Some(Value::Time(alert.received_time)),
        Column::CompromisedEntity => alert.compromised_entity.as_deref().map(Value::Text),
        Column::Resources => list(List::Resources(&alert.resources), alert.resources.is_empty()),
        Column::Entities => (!alert.entities.is_empty()).then_some(Value::Map(Map::Entities(&alert.entities))),
        Column::Tactics => texts(&alert.tactics),
        Column::Techniques => texts(&alert.techniques),
        Column::RemediationSteps => texts(&alert.remediation_steps),
        Column::Recommendations => texts(&alert.recommendations),
        Column::Links => list(List::Links(&alert.links), alert.links.is_empty()),
        Column::ExtendedProperties => {
            let properties = &alert.extended_properties;
            (!properties.is_empty()).then_some(Value::Map(Map::Json(properties)))
        }
        Column::CorrelationKey => alert.correlation_key.as_deref().map(Value::Text),
        Column::IsIncident => Some(Value::Bool(alert.is_incident)),
        Column::Simulated => Some(Value::Bool(alert.simulated)),
        Column::Assignee => alert.assignee.as_deref().map(Value::Text),
        Column::Tags => texts(&alert.tags),
        Column::Flags => texts(&alert.flags),
        Column::Raw => None,
    }
}

fn list(list: List<'_>, is_empty: bool) -> Option<Value<'_>> {
    (!is_empty).then_some(Value::List(list))
}

fn texts(list: &[String]) -> Option<Value<'_>> {
    (!list.is_empty()).then_some(Value::List(List::Texts(list)))
}
