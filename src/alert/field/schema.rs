//! The schema's words: types, records, and the alert's own columns.

use super::entities::ENTITIES;
use Shape::{Free, Record as Nested, Value};

/// What a field holds, and so what it can be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text, compared without case unless a rule asks for it.
    Text,
    /// An id that sources write in several cases: always compared without case.
    Id,
    /// An address; an IPv4-mapped one is its IPv4 address.
    Ip,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// An instant.
    Time,
    /// One of the ranked severity words.
    Severity,
    /// One of the status words.
    Status,
    /// Something with fields of its own.
    Object,
    /// Whatever the source sent.
    Any,
}

impl FieldType {
    /// What it holds, for a message: "`title` holds text".
    pub fn noun(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Id => "an id",
            Self::Ip => "an address",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Time => "a time",
            Self::Severity => "a severity",
            Self::Status => "a status",
            Self::Object => "fields of its own",
            Self::Any => "anything",
        }
    }
}

/// What stands under a name of the schema.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A value, or a list of such values.
    Value(FieldType),
    /// A record, or a list of such records.
    Record(&'static Record),
    /// Anything at all, at any depth; the keys are the source's, with or without their case.
    Free {
        /// Whether keys are found without regard to case.
        caseless: bool,
    },
}

/// Named fields.
#[derive(Debug)]
pub struct Record {
    /// What it is, such as `ip`.
    pub name: &'static str,
    /// Its fields in the order of the documentation.
    pub fields: &'static [(&'static str, Shape)],
}

impl Record {
    /// What stands under `name`.
    pub fn field(&self, name: &str) -> Option<Shape> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
    }

    /// Whether this is the list of entity types rather than a record an alert holds.
    pub fn is_entity_types(&self) -> bool {
        std::ptr::eq(self, &ENTITIES)
    }
}

macro_rules! columns {
    ($($variant:ident $name:literal $shape:expr;)*) => {
        /// A top-level field of the alert.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Column {
            $(#[doc = concat!("`", $name, "`.")] $variant,)*
        }

        impl Column {
            /// Every column, in the order of the enumeration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The column of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            /// The name rules use.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The name as a key of JSON that Quell writes.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => concat!("\"", $name, "\":"),)* }
            }
        }

        /// The alert.
        pub(super) static ALERT: Record = Record { name: "alert", fields: &[$(($name, $shape),)*] };
    };
}

columns! {
    Id "id" Value(FieldType::Id);
    Source "source" Value(FieldType::Text);
    SourceId "source_id" Value(FieldType::Text);
    Vendor "vendor" Value(FieldType::Text);
    Product "product" Value(FieldType::Text);
    AlertType "alert_type" Value(FieldType::Text);
    Title "title" Value(FieldType::Text);
    Description "description" Value(FieldType::Text);
    Severity "severity" Value(FieldType::Severity);
    Status "status" Value(FieldType::Status);
    StartTime "start_time" Value(FieldType::Time);
    EndTime "end_time" Value(FieldType::Time);
    GeneratedTime "generated_time" Value(FieldType::Time);
    ReceivedTime "received_time" Value(FieldType::Time);
    CompromisedEntity "compromised_entity" Value(FieldType::Text);
    Resources "resources" Nested(&RESOURCE);
    Entities "entities" Nested(&ENTITIES);
    Tactics "tactics" Value(FieldType::Text);
    Techniques "techniques" Value(FieldType::Text);
    RemediationSteps "remediation_steps" Value(FieldType::Text);
    Recommendations "recommendations" Value(FieldType::Text);
    Links "links" Nested(&LINK);
    ExtendedProperties "extended_properties" Free { caseless: true };
    CorrelationKey "correlation_key" Value(FieldType::Text);
    IsIncident "is_incident" Value(FieldType::Boolean);
    Simulated "simulated" Value(FieldType::Boolean);
    Assignee "assignee" Value(FieldType::Text);
    Tags "tags" Value(FieldType::Text);
    Flags "flags" Value(FieldType::Text);
    Raw "raw" Free { caseless: false };
}

impl Column {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// Those where every alert has a value.
    pub const ALWAYS_PRESENT: [Self; 11] = [
        Self::Id,
        Self::Source,
        Self::SourceId,
        Self::AlertType,
        Self::Title,
        Self::Severity,
        Self::Status,
        Self::ReceivedTime,
        Self::IsIncident,
        Self::Simulated,
        Self::Raw,
    ];

    /// Those that hold one text at most, words of an enumeration among them.
    pub const ONE_TEXT: [Self; 13] = [
        Self::Id,
        Self::Source,
        Self::SourceId,
        Self::Vendor,
        Self::Product,
        Self::AlertType,
        Self::Title,
        Self::Description,
        Self::Severity,
        Self::Status,
        Self::CompromisedEntity,
        Self::CorrelationKey,
        Self::Assignee,
    ];

    /// Whether every alert has a value here, so that a test for "any value" says nothing.
    pub fn is_always_present(self) -> bool {
        Self::ALWAYS_PRESENT.contains(&self)
    }

    /// Whether it holds texts as the source wrote them. The rest Quell fills in or puts into words of its own, or people
    /// make of the alert: a keyword such as `medium` or `native` must not be found there.
    pub fn is_from_source(self) -> bool {
        Self::FROM_SOURCE.contains(&self)
    }

    /// All of those.
    pub const FROM_SOURCE: [Self; 14] = [
        Self::AlertType,
        Self::CompromisedEntity,
        Self::CorrelationKey,
        Self::Description,
        Self::Entities,
        Self::ExtendedProperties,
        Self::Links,
        Self::Product,
        Self::Raw,
        Self::Recommendations,
        Self::RemediationSteps,
        Self::Resources,
        Self::Title,
        Self::Vendor,
    ];
}

static RESOURCE: Record = Record {
    name: "resource",
    fields: &[
        ("id", Value(FieldType::Id)),
        ("type", Value(FieldType::Text)),
        ("name", Value(FieldType::Text)),
        ("tags", Free { caseless: true }),
    ],
};

static LINK: Record =
    Record { name: "link", fields: &[("label", Value(FieldType::Text)), ("href", Value(FieldType::Text))] };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_found_by_its_name_and_by_its_place() {
        for (place, column) in Column::ALL.iter().enumerate() {
            assert_eq!(Column::from_name(column.name()), Some(*column));
            assert_eq!(*column as usize, place);
        }
    }

    #[test]
    fn the_columns_are_the_fields_an_alert_has() {
        let text = serde_json::json!({
            "id": "al_00000000000000000000000000", "source": "s", "source_id": "1", "vendor": "v", "product": "p",
            "severity": "low", "status": "active", "description": "d", "start_time": "2026-01-01T00:00:00Z",
            "end_time": "2026-01-01T00:00:00Z", "generated_time": "2026-01-01T00:00:00Z",
            "received_time": "2026-01-01T00:00:00Z", "compromised_entity": "c", "correlation_key": "k", "assignee": "a",
            "flags": ["f"], "raw": {}
        });
        let alert: crate::alert::Alert = serde_json::from_str(&text.to_string()).unwrap();
        let value = serde_json::to_value(&alert).unwrap();
        let mut fields: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        let mut known: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
        fields.sort_unstable();
        known.sort_unstable();
        assert_eq!(known, fields);
    }
}
