//! A filter in the making, and how it is written down.

use super::codes;
use super::condition::Cond;
use super::object::Refusal;
use crate::clock::Timestamp;
use crate::diag::{Code, Span};
use crate::id::RuleId;
use crate::yaml::layout::{Comment, Document, Part, Shape, print};

/// Something that is said about a rule although it is written.
#[derive(Debug, Clone)]
pub(super) struct Remark {
    pub span: Span,
    pub code: Code,
    pub message: String,
    pub help: Option<String>,
}

/// What an importer makes of an object.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    /// What the id is made of.
    pub name: String,
    pub title: String,
    pub description: Option<String>,
    pub reason: &'static str,
    pub owner: Option<String>,
    pub ticket: Option<String>,
    pub starts: Option<Timestamp>,
    pub expires: Option<Timestamp>,
    /// Recurring windows: days, from, to, zone.
    pub schedule: Vec<Window>,
    /// Why the filter dismisses nothing for now.
    pub audit: Option<String>,
    pub condition: Cond,
    /// What a reader should know.
    pub notes: Vec<String>,
    /// What is not carried over.
    pub lost: Vec<Remark>,
    /// What is worth knowing and takes nothing away.
    pub remarks: Vec<Remark>,
}

/// A window that recurs by a wall clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    /// Days it opens on; none for all.
    pub days: Vec<&'static str>,
    /// When it opens and closes, such as `22:00`; none for whole days.
    pub hours: Option<(String, String)>,
    pub zone: String,
}

impl Window {
    fn shape(&self) -> Shape {
        let mut entries = Vec::new();
        let mut add = |key: &str, value: Shape| entries.push(Part::new(Some(key), value));
        if !self.days.is_empty() {
            add("days", Shape::list(self.days.iter().copied().map(Shape::plain)));
        }
        if let Some((from, to)) = &self.hours {
            add("from", Shape::text(from));
            add("to", Shape::text(to));
        }
        add("timezone", Shape::text(&self.zone));
        Shape::Map { entries, flow: true, tail: Vec::new() }
    }
}

/// Characters of a title.
const MOST_TITLE: usize = 120;
/// Characters of a description.
const MOST_DESCRIPTION: usize = 2_000;

impl Draft {
    pub fn new(name: &str, condition: Cond) -> Self {
        let (notes, lost, remarks) = (Vec::new(), Vec::new(), Vec::new());
        #[rustfmt::skip]
        let draft = Self {
            name: name.to_owned(), title: one_line(name), description: None, reason: "other", owner: None,
            ticket: None, starts: None, expires: None, schedule: Vec::new(), audit: None, condition, notes, lost, remarks,
        };
        draft
    }

    /// Something that is left out; the filter dismisses no more for it.
    pub fn lose(&mut self, span: Span, message: impl Into<String>) {
        self.lost.push(Remark { span, code: codes::NOT_CARRIED, message: message.into(), help: None });
    }

    /// A title and, where it says more than fits one, a description.
    pub fn describe(&mut self, text: &str) {
        let line = one_line(text);
        if line.is_empty() {
            return;
        }
        if line.chars().count() > MOST_TITLE {
            self.description = Some(line.chars().take(MOST_DESCRIPTION).collect());
            let cut: String = line.chars().take(MOST_TITLE - 1).collect();
            self.title = format!("{}…", cut.trim_end());
        } else {
            self.title = line;
        }
    }

    /// The filter's text.
    pub fn write(&self, id: &RuleId, heading: &str, default_owner: &str) -> String {
        let owner = self.owner.as_deref().map(one_line).filter(|owner| !owner.is_empty());
        let mut head = vec![Comment::new(heading)];
        head.extend(self.notes.iter().map(|note| Comment::new(note)));
        if owner.is_none() {
            head.push(Comment::new("The original names no owner: `owner` is who imported it."));
        }
        let lost = self.lost.iter().map(|lost| Comment::new(&format!("not carried over: {}", lost.message)));
        head.extend(lost);
        let mut entries = Vec::new();
        let mut add = |key: &str, value: Shape| entries.push(Part::new(Some(key), value));
        add("id", Shape::plain(id.as_str()));
        add("title", Shape::text(&self.title));
        if let Some(description) = &self.description {
            add("description", Shape::text(description));
        }
        add("reason", Shape::plain(self.reason));
        add("owner", Shape::text(owner.unwrap_or_else(|| one_line(default_owner))));
        if let Some(ticket) = &self.ticket {
            add("ticket", Shape::text(ticket));
        }
        if let Some(expires) = self.expires {
            add("expires", Shape::plain(expires.to_string()));
        }
        if let Some(starts) = self.starts {
            add("starts", Shape::plain(starts.to_string()));
        }
        match self.schedule.as_slice() {
            [] => {}
            [window] => add("schedule", window.shape()),
            windows => add("schedule", Shape::list(windows.iter().map(Window::shape))),
        }
        if self.audit.is_some() {
            add("mode", Shape::plain("audit"));
        }
        // The originals know no guard of grave alerts; what they dismiss must stay dismissed. Nothing may dismiss those
        // for ever.
        if self.expires.is_some() {
            add("allow", Shape::list(["high", "critical"].map(Shape::plain)));
        }
        add("match", self.condition.shape());
        if let (Some(why), Some(part)) =
            (&self.audit, entries.iter_mut().find(|part| part.key.as_ref().is_some_and(|key| key.text == "mode")))
        {
            part.beside = Some(Comment::new(why).text);
        }
        let value = Shape::Map { entries, flow: false, tail: Vec::new() };
        print(&[Document { head, value: Some(value), ..Document::default() }])
    }
}

/// The instant a text gives.
pub(super) fn instant(span: Span, name: &str, text: &str) -> Result<Timestamp, Refusal> {
    let read = crate::matcher::read_instant(text);
    read.ok_or_else(|| Refusal::new(span, codes::SHAPE, format!("`{name}` is a time, not `{text}`")))
}

/// A text on one line, with nothing hidden in it.
pub(super) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    crate::diag::visible(&line).into_owned()
}

/// A ticket such as `SEC-1423` that a text begins with.
pub(super) fn ticket(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?.trim_end_matches([':', ',', '.']);
    let (project, number) = word.split_once('-')?;
    let is_project = project.len() >= 2 && project.starts_with(|c: char| c.is_ascii_uppercase());
    let is_project = is_project && project.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let is_number = !number.is_empty() && number.len() <= 12 && number.bytes().all(|b| b.is_ascii_digit());
    (is_project && is_number && project.len() <= 12).then(|| word.to_owned())
}
