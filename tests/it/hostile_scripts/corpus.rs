//! The corpus: scripts that want to hurt, each with the ending it must come to.
//!
//! The first plain comment of a file says how it ends, as the check and a run would put it:
//!
//! - `// expect: refused P007 8`: the check's first error, with its line;
//! - `// expect: done 5`: a run that ends with this value;
//! - `// expect: limit operations 6`: a run that breaks this limit at this line (no line where none can be known);
//! - `// expect: failed script 6`: a run that fails of this kind at this line; `sandbox` for a crashed worker;
//! - `// expect: suspended 1`: a run that waits, having asked for so many steps.
//!
//! Where the machine decides, endings are joined by ` or `. A script that the check refuses is run all the same, as if
//! it had come past the check, and then fails as a script; where it ends otherwise, `// past the check: …` says how.
//! A line `// repeat 500: (` stands for one line of 500 brackets; `{n}` in it counts from 0.

use quell::id::RuleId;
use quell::playbook::{Outcome, Program};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One script of the corpus.
#[derive(Debug, Clone)]
pub struct Hostile {
    /// Its class and name.
    pub name: String,
    /// Its text, repetitions written out.
    pub text: String,
    /// How it may end.
    pub expected: Vec<String>,
    /// How it may end if it is run although the check refuses it.
    pub past_the_check: Vec<String>,
}

impl Hostile {
    fn read(path: &Path, name: String) -> Self {
        let written = std::fs::read_to_string(path).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let said = |mark: &str| {
            let line = written.lines().find_map(|line| line.strip_prefix(mark));
            line.map(|line| line.trim().split(" or ").map(str::to_owned).collect::<Vec<_>>())
        };
        let expected = said("// expect:").unwrap_or_else(|| panic!("{name} does not say `// expect: …`"));
        let past_the_check = said("// past the check:").unwrap_or_else(|| vec!["failed script".to_owned()]);
        let text = written.split_inclusive('\n').map(repeated).collect();
        Self { name, text, expected, past_the_check }
    }

    /// Whether its time is to run out before anything else does.
    pub fn is_slow(&self) -> bool {
        self.expected.iter().chain(&self.past_the_check).any(|ending| ending.starts_with("limit time"))
    }

    /// The program a run of it would be pinned to, had nobody checked it.
    pub fn unchecked(&self) -> Arc<Program> {
        Arc::new(Program {
            id: RuleId::new("hostile").expect("it is an id"),
            path: format!("playbooks/{}.rhai", self.name),
            source: self.text.as_str().into(),
            modules: Default::default(),
            connections: vec!["a".into()],
            audit: false,
        })
    }
}

/// Every script there is, by class and name.
pub fn all() -> Vec<Hostile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hostile-playbooks");
    let mut scripts = Vec::new();
    for class in children(&root) {
        for file in children(&class) {
            let name = file.strip_prefix(&root).expect("it is under the root").with_extension("");
            scripts.push(Hostile::read(&file, name.display().to_string()));
        }
    }
    scripts
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The line, or what a line such as `// repeat 500: (` stands for.
fn repeated(line: &str) -> String {
    let directive = line.strip_prefix("// repeat ").and_then(|rest| rest.trim_end_matches('\n').split_once(": "));
    let Some((times, piece)) = directive else { return line.to_owned() };
    let times: usize = times.parse().unwrap_or_else(|_| panic!("not a number of repetitions: {line}"));
    let text: String = (0..times).map(|n| piece.replace("{n}", &n.to_string())).collect();
    text + "\n"
}

/// How a run ended, as the corpus puts it. `steps` is how many it asked for.
pub fn ending(outcome: &Outcome, steps: usize) -> String {
    match outcome {
        Outcome::Suspended => format!("suspended {steps}"),
        Outcome::Done { value } => format!("done {value}"),
        Outcome::Failed { error } => {
            let what = match &error.limit {
                Some(limit) => format!("limit {limit}"),
                None if error.kind == "sandbox" => "sandbox".to_owned(),
                None => format!("failed {}", error.kind),
            };
            if error.line == 0 { what } else { format!("{what} {}", error.line) }
        }
    }
}

/// Whether an ending is one of those expected. `failed script` alone leaves the line open.
pub fn is_among(ending: &str, expected: &[String]) -> bool {
    expected
        .iter()
        .any(|expected| expected == ending || (expected == "failed script" && ending.starts_with("failed script ")))
}
