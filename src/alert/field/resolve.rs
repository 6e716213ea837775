//! A path looked up in the schema: the steps to walk and the type at their end, or what was probably meant.

use super::entities::ENTITIES;
use super::path::Path;
use super::schema::{ALERT, Column, FieldType, Record, Shape};
use crate::diag::closest;

/// A path that the schema knows, ready to be walked.
#[derive(Debug, Clone)]
pub struct Field {
    /// Where the walk begins.
    pub origin: Origin,
    /// The keys from there. A list on the way means each of its elements.
    pub steps: Box<[Step]>,
    /// What stands at the end.
    pub shape: Shape,
    /// The path as a rule writes it.
    pub name: String,
}

/// Where a walk begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A top-level field of the alert.
    Alert(Column),
    /// The element a same-entity block is bound to.
    Element,
    /// Everything the alert's source said.
    Everywhere,
}

/// One key on the way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// Exactly this key.
    Exact(Box<str>),
    /// This key without regard to case.
    Caseless(Box<str>),
}

/// Why a path means nothing; `segment` is the part where that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// No such field.
    #[error("unknown field `{name}`")]
    UnknownField {
        /// The path up to the unknown part.
        name: String,
        /// The number of that part, from 0.
        segment: usize,
        /// What was probably meant, whole.
        meant: Option<String>,
        /// The fields there are.
        known: Vec<&'static str>,
    },
    /// No such entity type.
    #[error("unknown entity type `{name}`")]
    UnknownEntityType {
        /// The word given.
        name: String,
        /// The number of that part, from 0.
        segment: usize,
        /// What was probably meant, whole.
        meant: Option<String>,
    },
    /// A path that goes on below a plain value.
    #[error("`{name}` holds {noun}; it has no fields")]
    NotARecord {
        /// The path up to the plain value.
        name: String,
        /// The number of the first part too many, from 0.
        segment: usize,
        /// What it holds.
        noun: &'static str,
    },
}

impl FieldError {
    /// The number of the part where the fault shows.
    pub fn segment(&self) -> usize {
        match self {
            Self::UnknownField { segment, .. }
            | Self::UnknownEntityType { segment, .. }
            | Self::NotARecord { segment, .. } => *segment,
        }
    }

    /// The path that was probably meant.
    pub fn meant(&self) -> Option<&str> {
        match self {
            Self::UnknownField { meant, .. } | Self::UnknownEntityType { meant, .. } => meant.as_deref(),
            Self::NotARecord { .. } => None,
        }
    }
}

/// Looks up a path that begins at the alert.
///
/// # Errors
/// A path the schema does not know, with what was probably meant.
pub fn resolve(path: &Path) -> Result<Field, FieldError> {
    let (shape, mut steps) = walk(Shape::Record(&ALERT), path)?;
    let column = Column::from_name(&path.segments[0].key).expect("every field of the alert's record is a column");
    let below = steps.split_off(1).into();
    Ok(Field { origin: Origin::Alert(column), steps: below, shape, name: path.to_string() })
}

impl Field {
    /// Every value of what the alert's source said: what keywords without a field are looked for in.
    pub fn everywhere() -> Self {
        Self {
            origin: Origin::Everywhere,
            steps: Box::default(),
            shape: Shape::Value(FieldType::Text),
            name: "anywhere".to_owned(),
        }
    }

    /// Looks up a path that begins at one element of this field: a line of a same-entity block.
    ///
    /// # Errors
    /// As [`resolve`].
    pub fn resolve_within(&self, path: &Path) -> Result<Self, FieldError> {
        let (shape, steps) = walk(self.shape, path)?;
        Ok(Self { origin: Origin::Element, steps: steps.into(), shape, name: path.to_string() })
    }

    /// A line of a block seen from outside of it: the field of every element of `block`. A field that begins at the
    /// alert stays what it is.
    pub fn within(&self, block: &Self) -> Self {
        if self.origin != Origin::Element {
            return self.clone();
        }
        let steps = block.steps.iter().chain(&self.steps).cloned().collect();
        Self { origin: block.origin, steps, shape: self.shape, name: format!("{}.{}", block.name, self.name) }
    }

    /// What it holds.
    pub fn field_type(&self) -> FieldType {
        match self.shape {
            Shape::Value(field_type) => field_type,
            Shape::Record(_) => FieldType::Object,
            Shape::Free { .. } => FieldType::Any,
        }
    }

    /// Whether its elements can be bound by a same-entity block.
    pub fn has_elements(&self) -> bool {
        match self.shape {
            Shape::Value(_) => false,
            Shape::Record(record) => !record.is_entity_types(),
            Shape::Free { .. } => true,
        }
    }

    /// Whether every alert has a value here.
    pub fn is_always_present(&self) -> bool {
        self.steps.is_empty()
            && match self.origin {
                Origin::Alert(column) => column.is_always_present(),
                Origin::Element => false,
                Origin::Everywhere => true,
            }
    }
}

fn walk(from: Shape, path: &Path) -> Result<(Shape, Vec<Step>), FieldError> {
    let mut shape = from;
    let mut steps = Vec::with_capacity(path.segments.len());
    for (number, segment) in path.segments.iter().enumerate() {
        let key = segment.key.as_str();
        let step = match shape {
            Shape::Record(record) => {
                shape = record.field(key).ok_or_else(|| unknown(record, path, number))?;
                Step::Exact(key.into())
            }
            Shape::Free { caseless: false } => Step::Exact(key.into()),
            Shape::Free { caseless: true } => Step::Caseless(key.into()),
            Shape::Value(field_type) => {
                let name = upto(path, number, None);
                return Err(FieldError::NotARecord { name, segment: number, noun: field_type.noun() });
            }
        };
        steps.push(step);
    }
    Ok((shape, steps))
}

fn unknown(record: &'static Record, path: &Path, number: usize) -> FieldError {
    let key = path.segments[number].key.as_str();
    let near = closest(key, record.fields.iter().map(|(name, _)| *name));
    let meant = near.map(|near| upto(path, number, Some(near)));
    if record.is_entity_types() {
        return FieldError::UnknownEntityType { name: key.to_owned(), segment: number, meant };
    }
    // People who know the entity but not where it stands write `ip.address`.
    let entity = std::ptr::eq(record, &ALERT) && ENTITIES.field(key).is_some();
    let meant = if entity { Some(format!("entities.{path}")) } else { meant };
    let known = record.fields.iter().map(|(name, _)| *name).collect();
    FieldError::UnknownField { name: upto(path, number + 1, None), segment: number, meant, known }
}

/// The first `count` parts of a path, and perhaps one more.
fn upto(path: &Path, count: usize, then: Option<&str>) -> String {
    let known = path.segments[..count].iter().map(|segment| segment.key.as_str());
    known.chain(then).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look_up(text: &str) -> Result<Field, FieldError> {
        resolve(&Path::parse(text).unwrap())
    }

    #[test]
    fn every_field_has_its_type() {
        for (path, field_type) in [
            ("severity", FieldType::Severity),
            ("status", FieldType::Status),
            ("alert_type", FieldType::Text),
            ("start_time", FieldType::Time),
            ("simulated", FieldType::Boolean),
            ("resources.id", FieldType::Id),
            ("resources.tags.env", FieldType::Any),
            ("extended_properties.\"parent process\"", FieldType::Any),
            ("entities.ip", FieldType::Object),
            ("entities.ip.address", FieldType::Ip),
            ("entities.ip.location.asn", FieldType::Number),
            ("entities.process.image_file.directory", FieldType::Text),
            ("entities.account.host.host_name", FieldType::Text),
            ("entities.process.parent_process.parent_process.creation_time_utc", FieldType::Time),
            ("entities.kubernetes_pod.namespace.name", FieldType::Text),
            ("entities.dns.ip_addresses.address", FieldType::Ip),
            ("entities.blob.container.name", FieldType::Text),
            ("entities.blob_container.storage_resource.resource_id", FieldType::Id),
            ("entities.gcp_resource.project_id", FieldType::Text),
            ("entities.unknown.anything.at_all", FieldType::Any),
            ("raw", FieldType::Any),
            ("raw.a.\"b.c\"", FieldType::Any),
        ] {
            assert_eq!(look_up(path).unwrap().field_type(), field_type, "{path}");
        }
    }

    #[test]
    fn a_slip_is_told_what_was_meant() {
        for (path, message, meant) in [
            ("sevrity", "unknown field `sevrity`", Some("severity")),
            ("alertType", "unknown field `alertType`", Some("alert_type")),
            ("EventID", "unknown field `EventID`", None),
            ("ip.address", "unknown field `ip`", Some("entities.ip.address")),
            ("entities.ipp.address", "unknown entity type `ipp`", Some("entities.ip")),
            ("entities.ip.adress", "unknown field `entities.ip.adress`", Some("entities.ip.address")),
            (
                "entities.process.image_file.dir_ectory",
                "unknown field `entities.process.image_file.dir_ectory`",
                Some("entities.process.image_file.directory"),
            ),
            ("severity.word", "`severity` holds a severity; it has no fields", None),
        ] {
            let error = look_up(path).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.meant()), (message, meant), "{path}");
        }
    }

    #[test]
    fn a_block_looks_its_lines_up_in_the_element() {
        let block = look_up("entities.process").unwrap();
        let line = block.resolve_within(&Path::parse("image_file.name").unwrap()).unwrap();
        assert_eq!((line.origin, line.field_type()), (Origin::Element, FieldType::Text));
        assert!(block.resolve_within(&Path::parse("severity").unwrap()).is_err());
        assert!(block.has_elements() && !look_up("entities").unwrap().has_elements());
    }
}
