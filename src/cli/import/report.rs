//! What became of every rule, for people and for programs.

use crate::cli::show::text::count;
use crate::cli::{Failure, Terminal};
use crate::diag::{Diagnostic, render_coloured};
use crate::import::{Imported, Outcome, Source};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;

/// Everything there is to tell.
pub(super) struct Report<'r> {
    pub imported: &'r [Imported],
    /// In the order of files and places.
    pub found: Vec<Diagnostic>,
    pub sources: &'r [Source],
    /// Where the filters were written, in their order; none if they are to go to stdout.
    pub places: &'r [PathBuf],
}

impl Report<'_> {
    fn count(&self, outcome: Outcome) -> usize {
        self.imported.iter().filter(|one| one.outcome == outcome).count()
    }

    /// For people: filters on stdout, unless they have files; what is to be said about them on stderr.
    pub fn text(&self, terminal: &Terminal) -> Result<(), Failure> {
        let texts: HashMap<_, _> = self.sources.iter().map(|source| (&source.path, source.text.as_str())).collect();
        for diagnostic in &self.found {
            terminal.say(&format!("{}\n", render_coloured(diagnostic, texts.get(&diagnostic.file).copied())));
        }
        if self.places.is_empty() {
            let filters: Vec<&str> = self.imported.iter().filter_map(|one| Some(&*one.filter.as_ref()?.text)).collect();
            if !filters.is_empty() {
                terminal.verbatim(&filters.join("\n---\n"))?;
            }
        }
        for place in self.places {
            terminal.data(&place.display().to_string())?;
        }
        terminal.say(&format!(
            "{}: {} carried over, {} in part, {} not written",
            count(self.imported.len(), "rule"),
            self.count(Outcome::Carried),
            self.count(Outcome::Partly),
            self.count(Outcome::Refused),
        ));
        Ok(())
    }

    /// For programs: one object.
    pub fn json(&self) -> String {
        let mut places = self.places.iter();
        let objects = self.imported.iter().map(|one| {
            let place = one.filter.as_ref().and_then(|_| places.next());
            json!({
                "file": one.file.display().to_string(),
                "line": one.span.start.line,
                "kind": one.kind,
                "name": one.name,
                "outcome": one.outcome,
                "id": one.filter.as_ref().map(|filter| filter.id.as_str()),
                "written": place.map(|place| place.display().to_string()),
                "filter": one.filter.as_ref().filter(|_| place.is_none()).map(|filter| &filter.text),
                "not_carried_over": one.lost,
            })
        });
        let objects: Vec<Value> = objects.collect();
        json!({
            "carried": self.count(Outcome::Carried),
            "partly": self.count(Outcome::Partly),
            "refused": self.count(Outcome::Refused),
            "objects": objects,
            "diagnostics": self.found,
        })
        .to_string()
    }
}
