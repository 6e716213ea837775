//! Alerts of files, decoded as intake would, with the place each came from.

use super::pieces::{Cut, Piece, cut};
use crate::alert::Alert;
use crate::clock::Timestamp;
use crate::decode::{self, Limits};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// An alert of a file.
#[derive(Debug)]
pub struct Event {
    /// The alert.
    pub alert: Alert,
}

/// An alert, or a part of a file, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where: a file and a line, or an alert's id.
    pub place: String,
    /// Why.
    pub why: String,
}

/// A part of a file, ready to be decoded by any thread.
#[derive(Debug)]
pub(super) struct Part {
    pub name: Arc<str>,
    pub cut: Cut,
}

/// Cuts files into parts, in order; `-` is the standard input.
///
/// # Errors
/// If a file cannot be read, with its name; or if `each` will not have more.
pub(super) fn parts(files: &[String], mut each: impl FnMut(Part) -> io::Result<()>) -> Result<(), (String, io::Error)> {
    for file in files {
        let name: Arc<str> = if file == "-" { "stdin".into() } else { file.as_str().into() };
        let mut open = || -> io::Result<()> {
            let mut input: Box<dyn Read> = match file.as_str() {
                "-" => Box::new(io::stdin().lock()),
                path => Box::new(std::fs::File::open(path)?),
            };
            let extension = Path::new(file).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            let named_lines = ["ndjson", "jsonl"].iter().any(|known| extension.eq_ignore_ascii_case(known));
            cut(&mut *input, named_lines, &mut |cut| each(Part { name: name.clone(), cut }))
        };
        open().map_err(|fault| (file.clone(), fault))?;
    }
    Ok(())
}

impl Part {
    /// The part's alerts, received at `at`.
    pub fn decode(self, at: Timestamp, mut each: impl FnMut(Result<Alert, Unread>)) {
        let name = self.name;
        let unread = |line: usize, why: String| Unread { place: format!("{name}:{line}"), why };
        let Piece { line, body, format } = match self.cut {
            Ok(piece) => piece,
            Err(broken) => return each(Err(unread(broken.line, broken.why.to_owned()))),
        };
        // The file's size is bounded by nobody: it was cut; what one alert may be is what the daemon takes.
        let limits = Limits { request_bytes: usize::MAX, alerts: usize::MAX, ..Limits::default() };
        let why = |fault: decode::DecodeError| {
            let line = line + fault.line.map_or(0, |own| own - 1);
            unread(line, format!("[{}] {}", fault.code, fault.message))
        };
        match decode::decode_each(&body, format, None, &limits, at) {
            Ok(items) => items.for_each(|item| each(item.map(|decoded| decoded.alert).map_err(why))),
            Err(fault) => each(Err(why(fault))),
        }
    }
}

/// Reads the alerts of files in order, as if received at `at`.
///
/// # Errors
/// If a file cannot be read, with its name.
pub fn read(
    files: &[String],
    at: Timestamp,
    mut each: impl FnMut(Result<Event, Unread>),
) -> Result<(), (String, io::Error)> {
    parts(files, |part| {
        part.decode(at, |alert| each(alert.map(|alert| Event { alert })));
        Ok(())
    })
}
