//! The alert's shape: canonical fields, and the raw payload kept verbatim.

use super::{Severity, Status};
use crate::clock::Timestamp;
use crate::id::AlertId;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::sync::Arc;

/// One normalised finding. Serialises to the canonical JSON of the HTTP interface.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Alert {
    /// Quell's own id.
    pub id: AlertId,
    /// The decoder's name for where it came from: `defender`, `falco`, `native`, `generic`…
    pub source: String,
    /// The source's own id, or one derived from the content where the source has none.
    pub source_id: String,
    /// Who makes the detector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// The detector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The detection logic: the same for all its findings.
    #[serde(default)]
    pub alert_type: String,
    /// The title people read.
    #[serde(default)]
    pub title: String,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How grave it is.
    pub severity: Severity,
    /// Where it stands in triage.
    pub status: Status,
    /// First event covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    /// Last event covered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// When the detector made the finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated_time: Option<Timestamp>,
    /// When Quell received it.
    pub received_time: Timestamp,
    /// Display name of the most related resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_entity: Option<String>,
    /// The affected resources.
    #[serde(default)]
    pub resources: Vec<Resource>,
    /// What the finding is about: addresses, hosts, accounts, processes, files…
    #[serde(default)]
    pub entities: Vec<Entity>,
    /// MITRE ATT&CK tactics.
    #[serde(default)]
    pub tactics: Vec<String>,
    /// MITRE ATT&CK techniques, such as `T1059.001`.
    #[serde(default)]
    pub techniques: Vec<String>,
    /// What the source advises to do.
    #[serde(default)]
    pub remediation_steps: Vec<String>,
    /// What would prevent the next one.
    #[serde(default)]
    pub recommendations: Vec<String>,
    /// Where to read on.
    #[serde(default)]
    pub links: Vec<Link>,
    /// The source's free key-value pairs.
    #[serde(default)]
    pub extended_properties: Map<String, Value>,
    /// Alerts with the same key are related.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_key: Option<String>,
    /// A group of alerts rather than one.
    #[serde(default)]
    pub is_incident: bool,
    /// A sample or drill.
    #[serde(default)]
    pub simulated: bool,
    /// Who has taken it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Words people and playbooks put on it.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What intake noticed, such as `unknown_severity: super`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// The payload as received.
    pub raw: Raw,
}

/// What the flag begins with that says how often an alert went round.
const HOPS_FLAG: &str = "hops: ";

impl Alert {
    /// The flag of an alert that so many requests of playbooks brought here, if any did.
    pub fn hops_flag(hops: u8) -> Option<String> {
        (hops > 0).then(|| format!("{HOPS_FLAG}{hops}"))
    }

    /// How many requests of playbooks brought an alert with these flags here.
    pub fn hops<'a>(flags: impl IntoIterator<Item = &'a str>) -> u8 {
        let told = |flag: &str| flag.strip_prefix(HOPS_FLAG)?.parse().ok();
        flags.into_iter().filter_map(told).max().unwrap_or(0)
    }

    /// An alert of which nothing is known but its payload.
    pub fn blank(id: AlertId, received_time: Timestamp, raw: Raw) -> Self {
        Self {
            id,
            source: String::new(),
            source_id: String::new(),
            vendor: None,
            product: None,
            alert_type: String::new(),
            title: String::new(),
            description: None,
            severity: Severity::Medium,
            status: Status::Active,
            start_time: None,
            end_time: None,
            generated_time: None,
            received_time,
            compromised_entity: None,
            resources: Vec::new(),
            entities: Vec::new(),
            tactics: Vec::new(),
            techniques: Vec::new(),
            remediation_steps: Vec::new(),
            recommendations: Vec::new(),
            links: Vec::new(),
            extended_properties: Map::new(),
            correlation_key: None,
            is_incident: false,
            simulated: false,
            assignee: None,
            tags: Vec::new(),
            flags: Vec::new(),
            raw,
        }
    }
}

/// An affected resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Resource {
    /// Its id; compared without case, since sources write one id in several cases.
    #[serde(default)]
    pub id: String,
    /// Its type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The resource's own tags.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub tags: Map<String, Value>,
}

/// An entity: its type in snake case, and the fields that type has (`reference/fields`), nested entities included.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entity {
    /// `ip`, `host`, `account`, `process`…; open: an unknown type is kept.
    #[serde(rename = "type")]
    pub kind: String,
    /// Everything else, snake case.
    #[serde(flatten)]
    pub fields: Map<String, Value>,
}

/// As serde's own `flatten` would, without its copy of everything in between: stored alerts are read by the million.
impl<'de> Deserialize<'de> for Entity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = Entity;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an entity with its `type`")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entity, A::Error> {
                let (mut kind, mut fields) = (None, Map::new());
                while let Some(key) = map.next_key::<String>()? {
                    if key != "type" {
                        fields.insert(key, map.next_value()?);
                    } else if kind.replace(map.next_value()?).is_some() {
                        return Err(A::Error::duplicate_field("type"));
                    }
                }
                let kind = kind.ok_or_else(|| A::Error::missing_field("type"))?;
                Ok(Entity { kind, fields })
            }
        }

        from.deserialize_map(Fields)
    }
}

/// A link to read on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// What it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Where it leads.
    pub href: String,
}

/// A payload kept exactly as received: the bytes between the alert's own braces.
#[derive(Debug, Clone)]
pub struct Raw(Arc<RawValue>);

impl Raw {
    /// Keeps a payload.
    pub fn new(payload: Box<RawValue>) -> Self {
        Self(payload.into())
    }

    /// Keeps a value that never was text, such as a test's alert.
    pub fn from_value(value: &Value) -> Self {
        Self(serde_json::value::to_raw_value(value).expect("a JSON value always has a text").into())
    }

    /// The text as received.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// The payload as a value.
    pub fn to_value(&self) -> Value {
        serde_json::from_str(self.text()).expect("a raw payload was read as JSON before it was kept")
    }
}

impl Serialize for Raw {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(from).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entity_is_its_type_and_everything_else() {
        let text = r#"{"address":"10.0.0.1","type":"ip","geo":{"type":"x"},"address":"10.0.0.2"}"#;
        let entity: Entity = serde_json::from_str(text).unwrap();
        let fields = json!({"address": "10.0.0.2", "geo": {"type": "x"}});
        assert_eq!((entity.kind.as_str(), Value::Object(entity.fields.clone())), ("ip", fields));
        assert_eq!(serde_json::from_value::<Entity>(serde_json::to_value(&entity).unwrap()).unwrap(), entity);
        for wrong in [r#"{"address":"x"}"#, r#"{"type":1}"#, r#"{"type":"a","type":"b"}"#, "[]"] {
            assert!(serde_json::from_str::<Entity>(wrong).is_err(), "{wrong}");
        }
    }
}
