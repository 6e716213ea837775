//! One test of a playbook as its file says it: the alert, the answers in order, and what is expected.

use crate::alert::{Alert, Status};
use crate::clock::Timestamp;
use crate::decode::{Format, Limits, decode};
use crate::diag::{Diagnostics, Span, closest};
use crate::filter::{check_fields, codes};
use crate::yaml::{self, Kind, MapEntry, Node, to_json};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::{Component, Path};
use std::sync::Arc;

/// The keys of a test, of a step it lists and of what it expects.
pub const KEYS: [&str; 4] = ["name", "alert", "steps", "expect"];
pub const STEP_KEYS: [&str; 6] = ["connection", "approval", "email", "playbook", "returns", "fails"];
pub const EXPECT_KEYS: [&str; 4] = ["run", "status", "calls", "result"];
/// How a run can end in a test.
pub const ENDS: [&str; 3] = ["done", "failed", "expired"];
/// What can come of a question, and of a mail.
pub const APPROVALS: [&str; 3] = ["approved", "denied", "timeout"];
pub const MAILS: [&str; 2] = ["sent", "fails"];

/// A test of a playbook, read but not run.
#[derive(Debug)]
pub struct Case {
    pub name: String,
    pub span: Span,
    pub alert: Given,
    pub answers: VecDeque<Answer>,
    pub expect: Expected,
}

/// The alert of a test.
#[derive(Debug)]
pub enum Given {
    /// Written out in the test.
    Inline(Value),
    /// In a file of its own, as its source sends it.
    File(String),
}

/// What comes of the next step that somebody else answers.
#[derive(Debug)]
pub struct Answer {
    pub of: Answerer,
    pub outcome: Result<Value, Value>,
}

/// Who answers a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answerer {
    /// A connection's receiver.
    Connection(String),
    /// Whoever is asked for approval.
    Approval,
    /// The mail server.
    Email,
    /// Another playbook.
    Playbook(String),
}

impl std::fmt::Display for Answerer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connection(name) | Self::Playbook(name) => write!(f, "`{name}`"),
            Self::Approval => f.write_str("`approval`"),
            Self::Email => f.write_str("`email`"),
        }
    }
}

/// What must hold at the end. What is not named is not looked at.
#[derive(Debug, Default)]
pub struct Expected {
    pub run: Option<String>,
    pub status: Option<Status>,
    pub calls: Option<Vec<String>>,
    pub result: Option<Value>,
}

/// An alert as a test writes one, through the decoder that intake uses.
pub fn decode_alert(alert: &Value) -> Result<Alert, String> {
    let text = alert.to_string();
    let decoded = decode(text.as_bytes(), Format::Json, Some("native"), &Limits::default(), Timestamp::UNIX_EPOCH);
    match decoded.map(|mut all| all.pop()) {
        Ok(Some(Ok(decoded))) => Ok(decoded.alert),
        Ok(Some(Err(fault))) | Err(fault) => Err(format!("the alert cannot be read: {fault}")),
        Ok(None) => Err("there is no alert".to_owned()),
    }
}

/// An alert as its source sends it, known by its shape as intake knows it.
pub fn decode_sample(bytes: &[u8]) -> Result<Alert, String> {
    let decoded = decode(bytes, Format::Json, None, &Limits::default(), Timestamp::UNIX_EPOCH);
    let mut all = decoded.map_err(|fault| format!("the file cannot be read as an alert: {fault}"))?;
    match (all.pop(), all.is_empty()) {
        (Some(Ok(decoded)), true) => Ok(decoded.alert),
        (Some(Err(fault)), true) => Err(format!("the file cannot be read as an alert: {fault}")),
        (None, _) => Err("the file holds no alert".to_owned()),
        (Some(_), false) => Err(format!("the file holds {} alerts; a test is about one", all.len() + 1)),
    }
}

/// Reads every case of a file; those with faults are left out.
pub fn read(text: &str, file: &Arc<Path>, found: &mut Diagnostics) -> Vec<Case> {
    let documents = yaml::parse(text, file, yaml::Limits::RULE_FILE, found);
    let mut reader = Reader { file, found };
    documents.iter().flat_map(|document| reader.cases(document)).collect()
}

struct Reader<'a> {
    file: &'a Arc<Path>,
    found: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn fault(&mut self, span: Span, message: impl Into<String>) {
        self.found.error(self.file, span, codes::TEST, message);
    }

    fn cases(&mut self, document: &Node) -> Vec<Case> {
        if document.kind == Kind::Null {
            return Vec::new();
        }
        let Some(list) = document.as_list() else {
            self.fault(document.span, format!("tests are a list, not {}", document.kind_name()));
            return Vec::new();
        };
        list.iter().filter_map(|node| self.case(node)).collect()
    }

    fn case(&mut self, node: &Node) -> Option<Case> {
        self.only(node, &KEYS)?;
        let name = node.get("name").and_then(|entry| entry.value.as_text()).map(str::to_owned);
        if name.is_none() {
            self.fault(node.span, "the test has no `name`");
        }
        let alert = node.get("alert").map(|entry| &entry.value);
        if alert.is_none() {
            self.fault(node.span, "the test has no `alert`");
        }
        let alert = alert.and_then(|alert| self.alert(alert));
        let steps = node.get("steps").map_or(&[][..], |entry| self.list(entry));
        let answers = steps.iter().filter_map(|step| self.answer(step)).collect();
        let expect = node.get("expect").map(|entry| self.expected(entry)).unwrap_or_default();
        Some(Case { name: name?, span: node.span, alert: alert?, answers, expect })
    }

    /// An alert written out, or `{file: PATH}`.
    fn alert(&mut self, node: &Node) -> Option<Given> {
        let Some(file) = node.get("file") else {
            check_fields(node, self.file, self.found);
            return Some(Given::Inline(to_json(node)));
        };
        let is_alone = node.as_map().is_some_and(|map| map.len() == 1);
        let Some(path) = file.value.as_text().filter(|path| is_alone && is_below(path)) else {
            let message = "`file` stands alone and names a file beside the test or below";
            self.fault(file.key_span, message);
            return None;
        };
        Some(Given::File(path.to_owned()))
    }

    fn answer(&mut self, node: &Node) -> Option<Answer> {
        self.only(node, &STEP_KEYS)?;
        let text = |key| node.get(key).and_then(|entry| entry.value.as_text());
        let (of, word) = match (text("connection"), text("approval"), text("email"), text("playbook")) {
            (Some(name), None, None, None) => (Answerer::Connection(name.to_owned()), None),
            (None, Some(word), None, None) => (Answerer::Approval, Some(word)),
            (None, None, Some(word), None) => (Answerer::Email, Some(word)),
            (None, None, None, Some(name)) => (Answerer::Playbook(name.to_owned()), None),
            _ => {
                self.fault(node.span, "a step names one of `connection`, `approval`, `email` and `playbook`");
                return None;
            }
        };
        let outcome = match (word, node.get("returns"), node.get("fails")) {
            (None, Some(value), None) => Ok(to_json(&value.value)),
            (None, None, Some(error)) => Err(to_json(&error.value)),
            (None, ..) => {
                self.fault(node.span, "a step either `returns` or `fails`");
                return None;
            }
            (Some(word), None, None) => self.said(node, &of, word)?,
            (Some(_), ..) => {
                self.fault(node.span, "this step says in one word what comes of it");
                return None;
            }
        };
        Some(Answer { of, outcome })
    }

    /// What comes of a question or a mail, in a word.
    fn said(&mut self, node: &Node, of: &Answerer, word: &str) -> Option<Result<Value, Value>> {
        match (of, word) {
            (Answerer::Approval, "approved") => Some(Ok(json!({"approved": true, "by": "tester", "comment": null}))),
            (Answerer::Approval, "denied") => Some(Ok(json!({"approved": false, "by": "tester", "comment": null}))),
            (Answerer::Approval, "timeout") => {
                Some(Err(json!({"kind": "timeout", "message": "nobody answered in time"})))
            }
            (Answerer::Email, "sent") => Some(Ok(Value::Null)),
            (Answerer::Email, "fails") => Some(Err(json!({"kind": "smtp", "message": "the listed mail fails"}))),
            (Answerer::Approval, _) => {
                self.fault(node.span, format!("an `approval` is {}", listed(&APPROVALS)));
                None
            }
            _ => {
                self.fault(node.span, format!("an `email` is {}", listed(&MAILS)));
                None
            }
        }
    }

    fn expected(&mut self, entry: &MapEntry) -> Expected {
        let node = &entry.value;
        if self.only(node, &EXPECT_KEYS).is_none() {
            return Expected::default();
        }
        let text = |key| node.get(key).and_then(|entry| entry.value.as_text());
        let status = text("status").map(|word| (word, Status::from_word(word)));
        if let Some((word, None)) = status {
            self.fault(node.span, format!("`{word}` is not a status"));
        }
        let calls = node.get("calls").map(|entry| self.list(entry));
        for call in calls.into_iter().flatten().filter(|call| call.as_text().is_none()) {
            self.fault(
                call.span,
                format!("`calls` holds names of connections and playbooks, not {}", call.kind_name()),
            );
        }
        if let Some(entry) =
            node.get("run").filter(|entry| entry.value.as_text().is_none_or(|word| !ENDS.contains(&word)))
        {
            self.fault(entry.value.span, format!("`run` is {}: so a run ends in a test", listed(&ENDS)));
        }
        Expected {
            run: text("run").map(str::to_owned),
            status: status.and_then(|(_, status)| status),
            calls: calls.map(|list| list.iter().filter_map(|node| node.as_text().map(str::to_owned)).collect()),
            result: node.get("result").map(|entry| to_json(&entry.value)),
        }
    }

    /// The elements of a list; none, with a fault, of anything else.
    fn list<'n>(&mut self, entry: &'n MapEntry) -> &'n [Node] {
        entry.value.as_list().unwrap_or_else(|| {
            self.fault(entry.value.span, format!("`{}` is a list, not {}", entry.key, entry.value.kind_name()));
            &[]
        })
    }

    /// Reports keys a map must not have; none if it is no map.
    fn only(&mut self, node: &Node, known: &[&str]) -> Option<()> {
        let Some(map) = node.as_map() else {
            self.fault(node.span, format!("expected a map, not {}", node.kind_name()));
            return None;
        };
        for entry in map.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let message = format!("unknown key `{}`", entry.key);
            let fault = self.found.error(self.file, entry.key_span, codes::TEST, message);
            fault.help = closest(&entry.key, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
        }
        Some(())
    }
}

/// Whether a path leads nowhere but down: tests are written by others than those who run them.
fn is_below(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Words as a sentence lists them.
fn listed(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        words => words.concat(),
    }
}
