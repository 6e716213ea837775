//! An admission made ready to be written, on the caller's own time: the writer's thread only binds and inserts.

use super::seal::seal;
use super::values::{beginning, json};
use crate::alert::{Alert, Severity, Status};
use crate::digest::Digest;
use crate::store::Admission;

/// Where an unknown severity stands in lists: with `high`, whose care filters give it too.
const UNKNOWN_RANK: u8 = 3;

/// How much of a text lists show and search, in bytes: a page of the longest stays small. The body holds all of it.
const LISTED_BYTES: usize = 1024;

/// The same for the names of all of an alert's resources together.
const RESOURCES_BYTES: usize = 4096;

/// An admission with every text it will be stored as.
#[derive(Debug)]
pub(super) struct Draft {
    pub admission: Admission,
    pub origin: [u8; 16],
    pub body: String,
    pub verdict: String,
    pub seal: i64,
    pub tactics: String,
    pub tags: String,
    pub dismissed_by: String,
    pub words: String,
    pub resources: String,
    /// The same alert, should it exceed all of its limits; none if it has no limit.
    pub over: Option<Box<Draft>>,
}

impl Draft {
    /// Renders an admission.
    pub fn new(admission: Admission) -> Self {
        let alert = &admission.alert;
        let (body, verdict) = (json(alert), json(&admission.verdict));
        Self {
            origin: Digest::of_parts([alert.source.as_bytes(), alert.source_id.as_bytes()]).half(),
            seal: seal(&[&body, &verdict]),
            tactics: json(&alert.tactics),
            tags: json(&alert.tags),
            dismissed_by: json(&admission.verdict.dismissed_by),
            words: words(alert),
            resources: resources(alert),
            over: (!admission.limits.is_empty())
                .then(|| Box::new(Self::new(admission.over(&admission.limits.iter().collect::<Vec<_>>())))),
            body,
            verdict,
            admission,
        }
    }

    /// Roughly how many bytes it takes.
    pub fn weight(&self) -> usize {
        512 + self.body.len()
            + self.verdict.len()
            + self.words.len()
            + self.resources.len()
            + self.over.as_ref().map_or(0, |over| over.weight())
    }

    /// The status it begins with: the source's own, unless it is dismissed.
    pub fn status(&self) -> Status {
        match self.admission.verdict.status {
            Status::Dismissed => Status::Dismissed,
            _ => self.admission.alert.status,
        }
    }
}

/// A severity's place in lists.
pub(super) fn rank(severity: &Severity) -> u8 {
    severity.rank().unwrap_or(UNKNOWN_RANK)
}

/// What lists show of a text.
pub(super) fn listed(text: &str) -> &str {
    beginning(text, LISTED_BYTES)
}

fn words(alert: &Alert) -> String {
    searchable([Some(&alert.title), Some(&alert.alert_type), alert.compromised_entity.as_ref()])
}

fn resources(alert: &Alert) -> String {
    let named = alert.resources.iter().flat_map(|resource| [Some(&resource.id), resource.name.as_ref()]);
    let mut resources = searchable([alert.compromised_entity.as_ref()].into_iter().chain(named));
    resources.truncate(beginning(&resources, RESOURCES_BYTES).len());
    resources
}

/// One line each, lower-cased, so that a search finds no match across two of them.
fn searchable<'a>(texts: impl IntoIterator<Item = Option<&'a String>>) -> String {
    texts.into_iter().flatten().map(|text| listed(text).to_lowercase()).collect::<Vec<_>>().join("\n")
}
