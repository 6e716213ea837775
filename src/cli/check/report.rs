//! What a check found, in each of its formats.

use crate::cli::failure::say_findings;
use crate::cli::show::style::{ERROR, GOOD, WARNING};
use crate::cli::show::text::count;
use crate::cli::{Failure, Terminal};
use crate::diag::{Diagnostic, Level, render_github, render_sarif};
use crate::digest::Digest;
use crate::ruleset::Sources;
use serde_json::{Value, json};
use std::path::{Component, Path, PathBuf};

/// What the set holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ruled {
    pub filters: usize,
    pub playbooks: usize,
    /// None if it does not load.
    pub generation: Option<Digest>,
}

/// What a check found.
#[derive(Debug)]
pub(super) struct Report<'a> {
    /// Findings to report, in the order of files and places.
    pub shown: Vec<Diagnostic>,
    /// Errors in files that were not asked for.
    pub hidden_errors: usize,
    pub ruled: Ruled,
    /// The working folder.
    pub folder: PathBuf,
    pub sources: &'a Sources,
}

impl Report<'_> {
    /// The gravest level of what is reported.
    pub fn worst(&self) -> Option<Level> {
        self.shown.iter().map(|diagnostic| diagnostic.level).max()
    }

    fn count(&self, level: Level) -> usize {
        self.shown.iter().filter(|diagnostic| diagnostic.level == level).count()
    }

    /// For people: findings and their summary on stderr; that all is well is the command's data.
    pub fn text(&self, terminal: &Terminal) -> Result<(), Failure> {
        say_findings(&self.shown, self.sources, terminal);
        let summary = self.summary();
        if self.worst().is_none_or(|worst| worst == Level::Note) && self.hidden_errors == 0 {
            terminal.data(&summary)
        } else {
            terminal.say(&summary);
            self.more().iter().for_each(|more| terminal.say(more));
            Ok(())
        }
    }

    /// Where there is more to read, of the first of the gravest findings.
    fn more(&self) -> Option<String> {
        let worst = self.worst()?;
        let first = self.shown.iter().find(|diagnostic| diagnostic.level == worst)?;
        Some(format!("for what a code means: quell explain {}", first.code))
    }

    fn summary(&self) -> String {
        let Ruled { filters, playbooks, generation } = self.ruled;
        let holds = format!("{}, {}", count(filters, "filter"), count(playbooks, "playbook"));
        let (errors, warnings) = (self.count(Level::Error), self.count(Level::Warning));
        let verdict = match (errors, warnings) {
            (0, 0) => match generation {
                Some(generation) => format!("{GOOD}ok{GOOD:#}: {holds}, generation {}", generation.short()),
                None => format!("{GOOD}nothing found here{GOOD:#}"),
            },
            (0, _) => self.tally(format!("{WARNING}{}{WARNING:#}", count(warnings, "warning")), &holds),
            (_, 0) => self.tally(format!("{ERROR}{}{ERROR:#}", count(errors, "error")), &holds),
            _ => {
                let tally = format!(
                    "{ERROR}{}{ERROR:#}, {WARNING}{}{WARNING:#}",
                    count(errors, "error"),
                    count(warnings, "warning")
                );
                self.tally(tally, &holds)
            }
        };
        match self.hidden_errors {
            0 => verdict,
            hidden => format!("{verdict}; the set does not load: {} elsewhere", count(hidden, "error")),
        }
    }

    fn tally(&self, found: String, holds: &str) -> String {
        format!("{found} in {} ({holds})", count(self.sources.files.len(), "file"))
    }

    /// The findings with paths as a service that knows the working folder can look them up.
    fn located(&self) -> Vec<Diagnostic> {
        let below = |diagnostic: &Diagnostic| Diagnostic {
            file: relative(&diagnostic.file, &self.folder).into(),
            ..diagnostic.clone()
        };
        self.shown.iter().map(below).collect()
    }

    /// One object for programs.
    pub fn json(&self) -> String {
        let Ruled { filters, playbooks, generation } = self.ruled;
        let report: Value = json!({
            "loads": generation.is_some(),
            "generation": generation,
            "files": self.sources.files.len(),
            "filters": filters,
            "playbooks": playbooks,
            "errors": self.count(Level::Error),
            "warnings": self.count(Level::Warning),
            "errors_elsewhere": self.hidden_errors,
            "diagnostics": self.located(),
        });
        format!("{report:#}")
    }

    /// A SARIF log.
    pub fn sarif(&self) -> String {
        format!("{:#}", render_sarif(&self.located(), env!("CARGO_PKG_VERSION")))
    }

    /// One workflow command a finding.
    pub fn github(&self) -> String {
        self.located().iter().map(render_github).collect::<Vec<_>>().join("\n")
    }
}

/// A path below a folder from there, without detours; any other as it is.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.strip_prefix(folder).unwrap_or(path).components() {
        match (part, parts.components().next_back()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => _ = parts.pop(),
            (part, _) => parts.push(part),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Diagnostics, Span};
    use std::path::Path;

    const CODE: Code = Code::new("X001", "x");

    fn summary(errors: usize, warnings: usize, hidden_errors: usize, loads: bool) -> String {
        let file = Path::new("rules/a.yaml").into();
        let mut found = Diagnostics::new();
        for n in 0..errors {
            found.error(&file, Span::START, CODE, format!("error {n}"));
        }
        for n in 0..warnings {
            found.warning(&file, Span::START, CODE, format!("warning {n}"));
        }
        let ruled = Ruled { filters: 9, playbooks: 1, generation: loads.then(|| Digest::of(b"x")) };
        let sources = Sources::default();
        let (folder, shown) = (PathBuf::new(), found.sorted());
        let report = Report { shown, hidden_errors, ruled, folder, sources: &sources };
        anstream::adapter::strip_str(&report.summary()).to_string()
    }

    #[test]
    fn the_summary_says_what_was_found_in_what() {
        assert_eq!(summary(0, 0, 0, true), "ok: 9 filters, 1 playbook, generation 2d711642b726");
        assert_eq!(summary(3, 1, 0, false), "3 errors, 1 warning in 0 files (9 filters, 1 playbook)");
        assert_eq!(summary(1, 0, 0, false), "1 error in 0 files (9 filters, 1 playbook)");
        assert_eq!(summary(0, 2, 0, true), "2 warnings in 0 files (9 filters, 1 playbook)");
    }

    #[test]
    fn paths_below_the_working_folder_are_told_from_there() {
        let told = |path: &str| relative(Path::new(path), Path::new("/repo")).display().to_string();
        assert_eq!(told("/repo/rules/a.yaml"), "rules/a.yaml");
        assert_eq!(told("etc/.././rules/a.yaml"), "rules/a.yaml");
        assert_eq!(told("/repo/etc/../rules/a.yaml"), "rules/a.yaml");
        assert_eq!(told("../other/rules/a.yaml"), "../other/rules/a.yaml");
        assert_eq!(told("/elsewhere/a.yaml"), "/elsewhere/a.yaml");
    }

    #[test]
    fn errors_elsewhere_are_not_kept_quiet() {
        assert_eq!(summary(0, 0, 2, false), "nothing found here; the set does not load: 2 errors elsewhere");
        assert_eq!(
            summary(0, 1, 1, false),
            "1 warning in 0 files (9 filters, 1 playbook); the set does not load: 1 error elsewhere"
        );
    }
}
