//! `limit`: how many of a filter's alerts stay active in a window before the filter dismisses the rest.

use super::codes;
use crate::alert::Alert;
use crate::clock::{Timestamp, duration};
use crate::diag::{Diagnostic, Diagnostics, Span, closest};
use crate::digest::Digest;
use crate::id::RuleId;
use crate::matcher::{AlertView, FieldPath, shown};
use crate::yaml::Node;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

const KEYS: [&str; 3] = ["max", "per", "by"];
/// Most alerts that stay active in one window.
const MOST: u32 = 1_000_000;
/// The shortest and the longest window.
const WINDOWS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(31 * 24 * 3600);
/// Most fields that alerts are told apart by.
const MOST_FIELDS: usize = 8;
/// Most keys of one filter that are counted at a time: alerts of further keys stay active.
pub const MOST_KEYS: usize = 10_000;

/// The first `max` alerts of each key and window stay active.
#[derive(Debug, Clone)]
pub struct Limit {
    /// How many stay active in one window.
    pub max: u32,
    /// How long a window is. It begins with the first alert of its key.
    pub per: Duration,
    /// The fields whose values make the key, as they are written.
    pub by: Vec<String>,
    fields: Vec<FieldPath>,
}

/// What an alert is counted by.
pub type LimitKey = [u8; 16];

/// How many alerts of one key a window has let stay active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// When the window began.
    pub began: Timestamp,
    /// How many have stayed active since.
    pub count: u32,
}

impl Limit {
    /// What an alert is counted by: the values of the fields, or nothing, which counts all alerts together.
    pub fn key(&self, view: &AlertView<'_>) -> LimitKey {
        let texts: Vec<String> = self.fields.iter().map(|field| field.texts(view).join("\u{1f}")).collect();
        Digest::of_parts(texts.iter().map(String::as_bytes)).half()
    }
}

impl Tally {
    /// The tally of the window that is open at `now`, after what was counted before: a window that is over counts for
    /// nothing.
    pub fn open(before: Option<Self>, per: Duration, now: Timestamp) -> Self {
        let is_open = |tally: &Self| tally.began.checked_add(per).is_ok_and(|end| now < end);
        before.filter(is_open).unwrap_or(Self { began: now, count: 0 })
    }

    /// Whether one more alert exceeds the limit.
    pub fn is_full(self, max: u32) -> bool {
        self.count >= max
    }

    /// The tally with one more alert that stays active.
    #[must_use]
    pub fn and_one(self) -> Self {
        Self { count: self.count.saturating_add(1), ..self }
    }
}

/// Tallies in memory, for whoever replays alerts without a store. Alerts are put in the order of their times.
#[derive(Debug, Default)]
pub struct Tallies {
    kept: HashMap<RuleId, HashMap<LimitKey, (Tally, Duration)>>,
}

impl Tallies {
    /// Which of these limits one alert exceeds. If there are none it stays active, and each of them has one more.
    pub fn count<'l>(
        &mut self,
        limits: impl IntoIterator<Item = (&'l RuleId, &'l Limit)> + Clone,
        alert: &Alert,
        now: Timestamp,
    ) -> Vec<&'l RuleId> {
        let view = AlertView::new(alert);
        let mut exceeded = Vec::new();
        let mut open = Vec::new();
        for (id, limit) in limits {
            let key = limit.key(&view);
            let before = self.kept.get(id).and_then(|keys| keys.get(&key)).map(|(tally, _)| *tally);
            let tally = Tally::open(before, limit.per, now);
            if tally.is_full(limit.max) {
                exceeded.push(id);
            }
            open.push((id, key, tally, limit.per));
        }
        if exceeded.is_empty() {
            for (id, key, tally, per) in open {
                let keys = self.kept.entry(id.clone()).or_default();
                if keys.len() >= MOST_KEYS && !keys.contains_key(&key) {
                    keys.retain(|_, (tally, per)| tally.began.checked_add(*per).is_ok_and(|end| now < end));
                }
                if keys.len() < MOST_KEYS || keys.contains_key(&key) {
                    keys.insert(key, (tally.and_one(), per));
                }
            }
        }
        exceeded
    }
}

/// Reads a limit. None if it has a fault, which is told.
pub(super) fn read(node: &Node, file: &Arc<Path>, found: &mut Diagnostics) -> Option<Limit> {
    let mut reader = Reader { file, found };
    let Some(map) = node.as_map() else {
        let message = format!("a limit is a map, not {}", node.kind_name());
        reader.fault(node.span, message).help("write it like `{max: 5, per: 1h, by: [entities.host.host_name]}`");
        return None;
    };
    let mut is_sound = true;
    for entry in map.iter().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
        let fault = reader.fault(entry.key_span, format!("a limit has no key `{}`", shown(&entry.key)));
        fault.help = Some(match closest(&entry.key, KEYS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", KEYS.join(", ")),
        });
        is_sound = false;
    }
    let (max, per, by) = (reader.max(node), reader.per(node), reader.by(node));
    let (by, fields) = by?;
    is_sound.then_some(Limit { max: max?, per: per?, by, fields })
}

struct Reader<'r> {
    file: &'r Arc<Path>,
    found: &'r mut Diagnostics,
}

impl Reader<'_> {
    fn fault(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.found.error(self.file, span, codes::LIMIT, message)
    }

    fn max(&mut self, node: &Node) -> Option<u32> {
        let Some(entry) = node.get("max") else {
            self.fault(node.span, "the limit has no `max`").help("say how many alerts stay active, such as `max: 5`");
            return None;
        };
        let max = entry.value.written().and_then(|text| text.parse().ok()).filter(|max| (1..=MOST).contains(max));
        if max.is_none() {
            let message = format!("`max` is a number from 1 to {MOST}");
            self.fault(entry.value.span, message).help("leave `limit` out to dismiss every alert");
        }
        max
    }

    fn per(&mut self, node: &Node) -> Option<Duration> {
        let Some(entry) = node.get("per") else {
            self.fault(node.span, "the limit has no `per`").help("say how long a window is, such as `per: 1h`");
            return None;
        };
        let per = entry.value.written().and_then(duration::parse).filter(|per| WINDOWS.contains(per));
        if per.is_none() {
            self.fault(entry.value.span, "`per` is a time from 1s to 31d").help(duration::SHAPE);
        }
        per
    }

    fn by(&mut self, node: &Node) -> Option<(Vec<String>, Vec<FieldPath>)> {
        let Some(entry) = node.get("by") else { return Some((Vec::new(), Vec::new())) };
        let list = entry.value.as_list().unwrap_or(std::slice::from_ref(&entry.value));
        if list.is_empty() || list.len() > MOST_FIELDS {
            let message = format!("`by` names 1 to {MOST_FIELDS} fields, not {}", list.len());
            self.fault(entry.value.span, message).help("leave it out to count all alerts of the filter together");
            return None;
        }
        let (mut names, mut fields) = (Vec::new(), Vec::new());
        for node in list {
            let Some(name) = node.as_text() else {
                self.fault(node.span, format!("`by` names fields, not {}", node.kind_name()));
                continue;
            };
            match FieldPath::parse(name) {
                Ok(field) => {
                    names.push(name.to_owned());
                    fields.push(field);
                }
                Err(unknown) => {
                    let fault = self.fault(node.span, unknown.message);
                    fault.help = unknown.meant.map(|meant| format!("did you mean `{meant}`?"));
                }
            }
        }
        (fields.len() == list.len()).then_some((names, fields))
    }
}

/// A limit as JSON Schema.
pub(super) fn schema() -> Value {
    let field = json!({"type": "string"});
    json!({
        "type": "object",
        "properties": {
            "max": {"type": "integer", "minimum": 1, "maximum": MOST, "description": "how many stay active"},
            "per": {"type": "string", "pattern": "^([0-9]+[a-z]+ ?)+$", "description": "how long a window is"},
            "by": {
                "anyOf": [field, {"type": "array", "items": field, "minItems": 1, "maxItems": MOST_FIELDS}],
                "description": "the fields whose values are counted apart",
            },
        },
        "additionalProperties": false,
        "required": ["max", "per"],
        "description": "the first `max` alerts of each key and window stay active, what exceeds them is dismissed",
    })
}

impl std::fmt::Display for Limit {
    /// Such as `5 per 1h by alert_type`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} per {}", self.max, duration::written(self.per))?;
        if !self.by.is_empty() {
            write!(f, " by {}", self.by.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Diagnostics;
    use crate::yaml::{self, Limits};

    fn read_text(text: &str) -> (Option<Limit>, Vec<String>) {
        let file: Arc<Path> = Path::new("r.yaml").into();
        let mut found = Diagnostics::new();
        let nodes = yaml::parse(text, &file, Limits::RULE_FILE, &mut found);
        let limit = read(&nodes[0], &file, &mut found);
        (limit, found.sorted().iter().map(|fault| fault.message.clone()).collect())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn alert(host: &str) -> Alert {
        let text = format!(
            r#"{{"id":"al_00000000000000000000000000","source":"native","source_id":"1","alert_type":"PortScan",
                "severity":"low","status":"active","received_time":"2026-11-22T10:00:00Z","raw":{{}},
                "entities":[{{"type":"host","host_name":"{host}"}}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_limit_is_read_and_written_as_people_say_it() {
        let (limit, found) = read_text("{max: 5, per: 90m, by: [alert_type, entities.host.host_name]}");
        assert_eq!(
            (limit.unwrap().to_string().as_str(), found.len()),
            ("5 per 1h30m by alert_type, entities.host.host_name", 0)
        );
        assert_eq!(read_text("{max: 1, per: 1d, by: severity}").0.unwrap().to_string(), "1 per 1d by severity");
        for (text, fault) in [
            ("5", "a limit is a map, not a number"),
            ("{per: 1h}", "the limit has no `max`"),
            ("{max: 5}", "the limit has no `per`"),
            ("{max: 0, per: 1h}", "`max` is a number from 1 to 1000000"),
            ("{max: 5, per: 40d}", "`per` is a time from 1s to 31d"),
            ("{max: 5, per: 1h, by: []}", "`by` names 1 to 8 fields, not 0"),
            ("{max: 5, per: 1h, by: [sevrity]}", "unknown field `sevrity`"),
            ("{max: 5, per: 1h, key: a}", "a limit has no key `key`"),
        ] {
            let (limit, found) = read_text(text);
            assert!(limit.is_none() && found == [fault], "{text}: {found:?}");
        }
    }

    #[test]
    fn what_exceeds_a_window_is_told_by_key_and_a_new_window_counts_anew() {
        let (limit, id) =
            (read_text("{max: 2, per: 1m, by: entities.host.host_name}").0.unwrap(), RuleId::new("scan").unwrap());
        let mut tallies = Tallies::default();
        let mut exceeds = |host: &str, second| !tallies.count([(&id, &limit)], &alert(host), at(second)).is_empty();
        assert_eq!(
            [exceeds("a", 0), exceeds("a", 59), exceeds("a", 59), exceeds("b", 59)],
            [false, false, true, false]
        );
        assert_eq!(
            [exceeds("a", 60), exceeds("a", 61), exceeds("a", 119), exceeds("a", 120)],
            [false, false, true, false]
        );
    }

    #[test]
    fn one_limit_that_is_exceeded_takes_nothing_from_the_others() {
        let narrow = read_text("{max: 1, per: 1h}").0.unwrap();
        let wide = read_text("{max: 2, per: 1h}").0.unwrap();
        let (one, two) = (RuleId::new("one").unwrap(), RuleId::new("two").unwrap());
        let mut tallies = Tallies::default();
        let mut exceeded = |limits: &[(&RuleId, &Limit)]| {
            let exceeded = tallies.count(limits.to_vec(), &alert("a"), at(0));
            exceeded.into_iter().map(|id| id.to_string()).collect::<Vec<_>>()
        };
        assert!(exceeded(&[(&one, &narrow), (&two, &wide)]).is_empty());
        assert_eq!(exceeded(&[(&one, &narrow), (&two, &wide)]), ["one"]);
        assert!(exceeded(&[(&two, &wide)]).is_empty(), "the dismissed one was not counted");
        assert_eq!(exceeded(&[(&two, &wide)]), ["two"]);
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let (limit, id) =
            (read_text("{max: 1, per: 1h, by: entities.host.host_name}").0.unwrap(), RuleId::new("scan").unwrap());
        let mut tallies = Tallies::default();
        for host in 0..MOST_KEYS {
            tallies.count([(&id, &limit)], &alert(&host.to_string()), at(0));
        }
        let mut exceeds = |host: &str, second| !tallies.count([(&id, &limit)], &alert(host), at(second)).is_empty();
        assert_eq!(
            [exceeds("new", 1), exceeds("new", 1), exceeds("7", 1)],
            [false, false, true],
            "what is new stays active"
        );
        assert_eq!(
            [exceeds("new", 3600), exceeds("new", 3601)],
            [false, true],
            "once the others are over there is room"
        );
    }
}
