//! The house keeps its rules: imports go down, pure floors stay pure, libraries keep to their rooms, files stay small.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Top-level modules by floor. A module may use those on lower floors, and itself.
const FLOORS: &[&[&str]] = &[
    &["clock", "digest", "id", "secret", "shutdown", "telemetry"],
    &["diag"],
    &["alert", "yaml"],
    &["decode", "matcher"],
    &["filter", "playbook"],
    &["ruleset"],
    &["store"],
    &["client", "delivery", "sandbox"],
    &["pipeline"],
    &["intake", "reload"],
    &["http"],
    &["config"],
    &["daemon"],
    &["demo"],
    &["cli"],
];

/// Modules that take values and give values: what would let the outside in must not be named there.
const PURE: &[&str] = &["diag", "alert", "yaml", "decode", "matcher", "filter", "playbook", "ruleset"];
const IMPURE: &[&str] =
    &["tokio::", "std::fs", "std::process", "std::env", "std::thread", "std::net::Tcp", "Stopwatch"];

/// Where a library may be named.
const ROOMS: &[(&str, &[&str])] = &[
    ("rhai", &["playbook"]),
    ("reqwest", &["delivery", "client"]),
    ("rusqlite", &["store"]),
    ("axum", &["http", "demo"]),
    ("notify", &["reload"]),
    ("clap", &["cli"]),
    ("serde_saphyr", &["yaml"]),
    ("gix_odb", &["reload"]),
    ("prometheus_client", &["telemetry"]),
];

const LONGEST_FILE: usize = 500;

struct Source {
    path: PathBuf,
    module: String,
    text: String,
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&root).unwrap().to_path_buf();
            let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
            let module = first.trim_end_matches(".rs").to_owned();
            Source { text: fs::read_to_string(&path).unwrap(), path: inside, module }
        })
        .collect()
}

/// Lines of code with their numbers: comments left out.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.split("//").next().unwrap_or("")))
        .filter(|(_, l)| !l.trim().is_empty())
}

/// Every top-level module a text names through `crate::`, nested `use` lists included.
fn named_modules(text: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for (number, line) in code(text) {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            named.push((number, name));
        }
    }
    named
}

fn report(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn imports_only_go_down() {
    let floor: BTreeMap<&str, usize> =
        FLOORS.iter().enumerate().flat_map(|(n, modules)| modules.iter().map(move |m| (*m, n))).collect();
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.module != "lib" && s.module != "main") {
        let Some(own) = floor.get(source.module.as_str()) else {
            faults.push(format!("{}: module `{}` stands on no floor", source.path.display(), source.module));
            continue;
        };
        for (line, name) in named_modules(&source.text) {
            let allowed = name == source.module || floor.get(name.as_str()).is_some_and(|other| other < own);
            if !allowed {
                faults.push(format!("{}:{line}: `{}` may not use `{name}`", source.path.display(), source.module));
            }
        }
    }
    report(faults);
}

#[test]
fn crate_paths_name_one_module_at_a_time() {
    // `use crate::{a, b}` would hide modules from the check above.
    let mut faults = Vec::new();
    for source in sources() {
        for (line, text) in code(&source.text) {
            if text.contains("crate::{") || text.contains("crate::*") {
                faults.push(format!("{}:{line}: {text}", source.path.display()));
            }
        }
    }
    report(faults);
}

#[test]
fn pure_floors_touch_nothing_outside() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| PURE.contains(&s.module.as_str())) {
        let product = source.text.split("#[cfg(test)]").next().unwrap_or("");
        let is_test = source.path.components().any(|c| c.as_os_str().to_string_lossy().contains("test"));
        for (line, text) in code(product).filter(|_| !is_test) {
            for word in IMPURE.iter().filter(|word| text.contains(*word)) {
                faults.push(format!("{}:{line}: names `{word}`", source.path.display()));
            }
        }
    }
    report(faults);
}

#[test]
fn libraries_keep_to_their_rooms() {
    let mut faults = Vec::new();
    for source in sources() {
        for (library, rooms) in ROOMS {
            if rooms.contains(&source.module.as_str()) {
                continue;
            }
            for (line, text) in code(&source.text) {
                if text.contains(&format!("{library}::")) {
                    faults.push(format!("{}:{line}: names `{library}`", source.path.display()));
                }
            }
        }
    }
    report(faults);
}

#[test]
fn every_file_says_its_job_and_stays_small() {
    let mut faults = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//! ") {
            faults.push(format!("{}: does not open with a `//!` line", source.path.display()));
        }
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            faults.push(format!("{}: {lines} lines, more than {LONGEST_FILE}", source.path.display()));
        }
    }
    report(faults);
}

#[test]
fn every_module_has_its_floor_and_every_floor_its_modules() {
    let present: std::collections::BTreeSet<String> =
        sources().iter().map(|s| s.module.clone()).filter(|m| m != "lib" && m != "main").collect();
    let listed: std::collections::BTreeSet<String> =
        FLOORS.iter().flat_map(|f| f.iter().map(|m| m.to_string())).collect();
    assert_eq!(present, listed);
}
