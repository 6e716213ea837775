//! The process's surroundings as a value, and its `QUELL_SECTION__KEY` variables as settings.

use super::codes;
use super::tree::{Origin, Setter, Value};
use crate::diag::{Diagnostics, Span};
use crate::yaml::{self, Kind, Node};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Variables that mean something else than a setting.
const OTHER: [&str; 4] = ["QUELL_CONFIG", "QUELL_LOG", "QUELL_TOKEN", "QUELL_URL"];

/// Deeper than any setting lies.
const DEEPEST: usize = 8;

/// What a process finds around it. It is read once, at the start, so that a test can give another.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The environment's variables. One that is empty counts as not set.
    pub variables: BTreeMap<String, String>,
    /// The working folder; empty to leave relative paths as they are.
    pub folder: PathBuf,
}

impl Surroundings {
    /// Those of this process. A variable that is not UTF-8 is left out.
    pub fn of_process() -> Self {
        let variables =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Self { variables: variables.collect(), folder: PathBuf::new() }
    }

    /// A variable's value, unless it is empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Sets what the variables say, over what `root` says.
pub(super) fn overlay(root: &mut Value, around: &Surroundings, found: &mut Diagnostics) {
    for (name, text) in around.variables.iter().filter(|(_, text)| !text.is_empty()) {
        let Some(path) = name.strip_prefix("QUELL_").filter(|_| !OTHER.contains(&name.as_str())) else { continue };
        let origin = Origin { setter: Setter::Variable, name: Path::new(name).into(), folder: around.folder.clone() };
        let path: Vec<String> = path.to_lowercase().split("__").map(str::to_owned).collect();
        if path.len() > DEEPEST || path.iter().any(String::is_empty) {
            let message = "the variable's name is not that of a setting";
            let fault = found.warning(&origin.name, Span::START, codes::UNKNOWN_VARIABLE, message);
            fault.help("settings are named like QUELL_CONNECTIONS__CHAT__TIMEOUT");
            continue;
        }
        root.set(&path, value(text, &Arc::new(origin), found));
    }
}

/// A variable's text: a list or map in YAML's brackets, a number or a truth, or else just text.
fn value(text: &str, origin: &Arc<Origin>, found: &mut Diagnostics) -> Value {
    let bracketed = text.starts_with(['[', '{']);
    let mut faults = Diagnostics::new();
    let mut nodes = yaml::parse(text, &origin.name, yaml::Limits::RULE_FILE, &mut faults);
    let one = if nodes.len() == 1 { nodes.pop() } else { None };
    match one {
        Some(node) if bracketed && faults.is_empty() => Value::new(node, origin),
        Some(node @ Node { kind: Kind::Bool(_) | Kind::Integer(..), .. }) if faults.is_empty() => {
            Value::new(node, origin)
        }
        _ => {
            if bracketed {
                found.extend(faults);
            }
            Value::text(text.to_owned(), origin)
        }
    }
}
