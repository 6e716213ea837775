//! The values of one alert as conditions see them: borrowed from the alert, never copied.

use super::fold::same;
use super::number::Number;
use crate::alert::field::Step;
use crate::alert::{Entity, Link, Resource};
use crate::clock::Timestamp;
use serde_json::Value as Json;

/// A value: JSON's, and instants.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(&'a str),
    /// An instant.
    Time(Timestamp),
    /// A list.
    List(List<'a>),
    /// Named values.
    Map(Map<'a>),
}

/// A list: each of its elements stands for itself.
#[derive(Debug, Clone, Copy)]
pub enum List<'a> {
    /// Of JSON values.
    Json(&'a [Json]),
    /// Of texts.
    Texts(&'a [String]),
    /// Of resources.
    Resources(&'a [Resource]),
    /// Of links.
    Links(&'a [Link]),
    /// Of the entities of one type, among these.
    OfType(&'a [Entity], &'a str),
}

/// Named values.
#[derive(Debug, Clone, Copy)]
pub enum Map<'a> {
    /// Of JSON values.
    Json(&'a serde_json::Map<String, Json>),
    /// A resource's fields.
    Resource(&'a Resource),
    /// A link's fields.
    Link(&'a Link),
    /// The entities under their types, as paths name them: `entities.ip` is the list of all entities of type `ip`.
    Entities(&'a [Entity]),
}

impl<'a> From<&'a Json> for Value<'a> {
    fn from(value: &'a Json) -> Self {
        match value {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Number::read(number).map_or(Self::Null, Self::Number),
            Json::String(text) => Self::Text(text),
            Json::Array(list) => Self::List(List::Json(list)),
            Json::Object(map) => Self::Map(Map::Json(map)),
        }
    }
}

impl Value<'_> {
    /// Puts a scalar's text to a test; what has no text fails.
    #[inline]
    pub fn spelled(self, test: impl FnOnce(&str) -> bool) -> bool {
        match self {
            Self::Text(text) => test(text),
            Self::Number(number) => test(&number.to_string()),
            Self::Bool(value) => test(if value { "true" } else { "false" }),
            Self::Null | Self::Time(_) | Self::List(_) | Self::Map(_) => false,
        }
    }
}

impl<'a> List<'a> {
    /// Whether an answer is yes for one of its elements; the rest are not asked.
    pub fn any(self, mut answer: impl FnMut(Value<'a>) -> bool) -> bool {
        match self {
            Self::Json(list) => list.iter().any(|element| answer(element.into())),
            Self::Texts(list) => list.iter().any(|text| answer(Value::Text(text))),
            Self::Resources(list) => list.iter().any(|resource| answer(Value::Map(Map::Resource(resource)))),
            Self::Links(list) => list.iter().any(|link| answer(Value::Map(Map::Link(link)))),
            Self::OfType(entities, kind) => {
                let mut of_type = entities.iter().filter(|entity| entity.kind == kind);
                of_type.any(|entity| answer(Value::Map(Map::Json(&entity.fields))))
            }
        }
    }
}

impl<'a> Map<'a> {
    /// What stands under a key.
    pub fn get(self, step: &Step) -> Option<Value<'a>> {
        match (self, step) {
            (Self::Json(map), Step::Caseless(key)) => {
                map.iter().find(|(known, _)| same(known, key)).map(|(_, value)| value.into())
            }
            (_, Step::Exact(key) | Step::Caseless(key)) => self.get_exactly(key),
        }
    }

    /// What stands under exactly this key.
    pub fn get_exactly(self, key: &str) -> Option<Value<'a>> {
        match self {
            Self::Json(map) => map.get(key).map(Value::from),
            Self::Entities(entities) => of_type(entities, key),
            Self::Resource(resource) => resource_field(resource, key),
            Self::Link(link) => link_field(link, key),
        }
    }

    /// Visits every value in it, the entities one by one.
    pub fn each(self, visit: &mut impl FnMut(&'a str, Value<'a>)) {
        match self {
            Self::Json(map) => map.iter().for_each(|(key, value)| visit(key, value.into())),
            Self::Entities(entities) => {
                entities.iter().for_each(|entity| visit(&entity.kind, Value::Map(Map::Json(&entity.fields))));
            }
            Self::Resource(resource) => {
                let fields = ["id", "type", "name", "tags"].into_iter();
                fields.for_each(|key| _ = resource_field(resource, key).map(|value| visit(key, value)));
            }
            Self::Link(link) => {
                let fields = ["label", "href"].into_iter();
                fields.for_each(|key| _ = link_field(link, key).map(|value| visit(key, value)));
            }
        }
    }
}

/// The type's name is taken from the entity, so that it lives as long as the alert.
fn of_type<'a>(entities: &'a [Entity], kind: &str) -> Option<Value<'a>> {
    let first = entities.iter().find(|entity| entity.kind == kind)?;
    Some(Value::List(List::OfType(entities, &first.kind)))
}

fn resource_field<'a>(resource: &'a Resource, key: &str) -> Option<Value<'a>> {
    match key {
        "id" => Some(Value::Text(&resource.id)),
        "type" => resource.kind.as_deref().map(Value::Text),
        "name" => resource.name.as_deref().map(Value::Text),
        "tags" => (!resource.tags.is_empty()).then_some(Value::Map(Map::Json(&resource.tags))),
        _ => None,
    }
}

fn link_field<'a>(link: &'a Link, key: &str) -> Option<Value<'a>> {
    match key {
        "label" => link.label.as_deref().map(Value::Text),
        "href" => Some(Value::Text(&link.href)),
        _ => None,
    }
}
