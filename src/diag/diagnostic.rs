//! The diagnostic itself, and the collection a check fills.

use super::Code;
use std::path::Path;
use std::sync::Arc;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Note,
    /// The set loads, and somebody should look.
    Warning,
    /// The set does not load.
    Error,
}

impl Level {
    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a text: line and column count from 1 (columns in characters), `offset` is in bytes from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Byte offset, from 0.
    pub offset: usize,
}

impl Position {
    /// The first character of a text.
    pub const START: Self = Self { line: 1, column: 1, offset: 0 };
}

/// A stretch of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Where it begins.
    pub start: Position,
    /// The byte after its end; equal to the start where only a point is known.
    pub end: usize,
}

impl Span {
    /// The first character of a file, for faults that concern the whole of it.
    pub const START: Self = Self { start: Position::START, end: 0 };

    /// A span known only by where it begins.
    pub fn at(start: Position) -> Self {
        Self { start, end: start.offset }
    }
}

/// One finding about one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file, relative to where the command or the daemon reads it.
    pub file: Arc<Path>,
    /// The place in it.
    pub span: Span,
    /// How bad it is.
    pub level: Level,
    /// The stable code.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// `file:line:col: level[CODE]: message`, the one-line form.
    pub fn headline(&self) -> String {
        let Position { line, column, .. } = self.span.start;
        let (file, level, code, message) = (self.file.display(), self.level.word(), self.code, &self.message);
        format!("{file}:{line}:{column}: {level}[{code}]: {message}")
    }
}

impl serde::Serialize for Diagnostic {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut out = to.serialize_struct("Diagnostic", 7)?;
        out.serialize_field("file", &self.file.display().to_string())?;
        out.serialize_field("line", &self.span.start.line)?;
        out.serialize_field("column", &self.span.start.column)?;
        out.serialize_field("level", &self.level)?;
        out.serialize_field("code", self.code.id)?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("help", &self.help)?;
        out.end()
    }
}

/// Collects what is found in one file after another, so that all faults are reported at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Adds an error.
    pub fn error(&mut self, file: &Arc<Path>, span: Span, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.report(file, span, Level::Error, code, message)
    }

    /// Adds a warning.
    pub fn warning(&mut self, file: &Arc<Path>, span: Span, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.report(file, span, Level::Warning, code, message)
    }

    /// Adds a note: nothing need be done about it.
    pub fn note(&mut self, file: &Arc<Path>, span: Span, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.report(file, span, Level::Note, code, message)
    }

    /// Adds a finding of any level.
    pub fn report(
        &mut self,
        file: &Arc<Path>,
        span: Span,
        level: Level,
        code: Code,
        message: impl Into<String>,
    ) -> &mut Diagnostic {
        self.found.push(Diagnostic { file: file.clone(), span, level, code, message: message.into(), help: None });
        self.found.last_mut().expect("one was just pushed")
    }

    /// Takes over another collection's findings.
    pub fn extend(&mut self, other: Diagnostics) {
        self.found.extend(other.found);
    }

    /// Whether anything found keeps the set from loading.
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(|d| d.level == Level::Error)
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many findings have this level.
    pub fn count(&self, level: Level) -> usize {
        self.found.iter().filter(|d| d.level == level).count()
    }

    /// The findings in the order of files and places.
    pub fn sorted(mut self) -> Vec<Diagnostic> {
        self.found.sort_by(|a, b| (&a.file, a.span.start, a.code).cmp(&(&b.file, b.span.start, b.code)));
        self.found.dedup();
        self.found
    }

    /// Keeps only some.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.found.retain(keep);
    }

    /// The findings as they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter()
    }
}

impl Diagnostic {
    /// Adds what to do about it.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }
}

impl From<&str> for Position {
    /// The position just after `text`.
    fn from(text: &str) -> Self {
        let line = text.matches('\n').count() as u32 + 1;
        let column = text.rsplit('\n').next().unwrap_or("").chars().count() as u32 + 1;
        Self { line, column, offset: text.len() }
    }
}
