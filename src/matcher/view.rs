//! One alert as conditions see it: each column read when it is first asked for, and shared by all conditions.

use super::tree::Tree;
use crate::alert::field::Column;
use crate::alert::{Alert, Entity, Link, Resource};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// A view of one alert. Make one, and put every condition to it.
#[derive(Debug)]
pub struct AlertView<'a> {
    alert: &'a Alert,
    columns: [OnceCell<Option<Tree<'a>>>; Column::COUNT],
}

impl<'a> AlertView<'a> {
    /// A view with nothing read yet.
    pub fn new(alert: &'a Alert) -> Self {
        Self { alert, columns: [const { OnceCell::new() }; Column::COUNT] }
    }

    /// The alert it shows.
    pub fn alert(&self) -> &'a Alert {
        self.alert
    }

    /// A column's value; none where the alert has none.
    pub(super) fn column(&self, column: Column) -> Option<&Tree<'a>> {
        self.columns[column as usize].get_or_init(|| read(self.alert, column)).as_ref()
    }
}

fn read(alert: &Alert, column: Column) -> Option<Tree<'_>> {
    match column {
        Column::Id => Some(Tree::text(alert.id.as_str())),
        Column::Source => Some(Tree::text(&*alert.source)),
        Column::SourceId => Some(Tree::text(&*alert.source_id)),
        Column::Vendor => alert.vendor.as_deref().map(Tree::text),
        Column::Product => alert.product.as_deref().map(Tree::text),
        Column::AlertType => Some(Tree::text(&*alert.alert_type)),
        Column::Title => Some(Tree::text(&*alert.title)),
        Column::Description => alert.description.as_deref().map(Tree::text),
        Column::Severity => Some(Tree::text(alert.severity.as_str())),
        Column::Status => Some(Tree::text(alert.status.as_str())),
        Column::StartTime => alert.start_time.map(Tree::Time),
        Column::EndTime => alert.end_time.map(Tree::Time),
        Column::GeneratedTime => alert.generated_time.map(Tree::Time),
        Column::ReceivedTime => Some(Tree::Time(alert.received_time)),
        Column::CompromisedEntity => alert.compromised_entity.as_deref().map(Tree::text),
        Column::Resources => list(&alert.resources, resource),
        Column::Entities => entities(&alert.entities),
        Column::Tactics => Tree::texts(&alert.tactics),
        Column::Techniques => Tree::texts(&alert.techniques),
        Column::RemediationSteps => Tree::texts(&alert.remediation_steps),
        Column::Recommendations => Tree::texts(&alert.recommendations),
        Column::Links => list(&alert.links, link),
        Column::ExtendedProperties => {
            let properties = &alert.extended_properties;
            (!properties.is_empty()).then(|| Tree::object(properties))
        }
        Column::CorrelationKey => alert.correlation_key.as_deref().map(Tree::text),
        Column::IsIncident => Some(Tree::Bool(alert.is_incident)),
        Column::Simulated => Some(Tree::Bool(alert.simulated)),
        Column::Assignee => alert.assignee.as_deref().map(Tree::text),
        Column::Tags => Tree::texts(&alert.tags),
        Column::Flags => Tree::texts(&alert.flags),
        // Intake has read the payload before; one that cannot be read again holds nothing a condition could see.
        Column::Raw => serde_json::from_str(alert.raw.text()).ok(),
    }
}

fn list<'a, T>(elements: &'a [T], read: impl Fn(&'a T) -> Tree<'a>) -> Option<Tree<'a>> {
    (!elements.is_empty()).then(|| Tree::List(elements.iter().map(read).collect()))
}

fn record<'a>(fields: impl IntoIterator<Item = (&'static str, Option<Tree<'a>>)>) -> Tree<'a> {
    let present = fields.into_iter().filter_map(|(name, value)| Some((Cow::Borrowed(name), value?)));
    Tree::Map(present.collect())
}

fn resource(resource: &Resource) -> Tree<'_> {
    record([
        ("id", Some(Tree::text(&*resource.id))),
        ("type", resource.kind.as_deref().map(Tree::text)),
        ("name", resource.name.as_deref().map(Tree::text)),
        ("tags", (!resource.tags.is_empty()).then(|| Tree::object(&resource.tags))),
    ])
}

fn link(link: &Link) -> Tree<'_> {
    record([("label", link.label.as_deref().map(Tree::text)), ("href", Some(Tree::text(&*link.href)))])
}

/// The entities under their types, as paths name them: `entities.ip` is the list of all entities of type `ip`.
fn entities(entities: &[Entity]) -> Option<Tree<'_>> {
    let mut by_type: BTreeMap<Cow<'_, str>, Vec<Tree<'_>>> = BTreeMap::new();
    for entity in entities {
        by_type.entry(Cow::Borrowed(&entity.kind)).or_default().push(Tree::object(&entity.fields));
    }
    let map = by_type.into_iter().map(|(kind, elements)| (kind, Tree::List(elements)));
    (!entities.is_empty()).then(|| Tree::Map(map.collect()))
}
