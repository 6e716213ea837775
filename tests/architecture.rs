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
    &["import", "init", "ruleset"],
    &["store"],
    &["client", "delivery", "sandbox"],
    &["pipeline", "simulate"],
    &["intake", "reload"],
    &["http"],
    &["config"],
    &["daemon"],
    &["demo"],
    &["cli"],
];

/// Modules that take values and give values: what would let the outside in must not be named there.
const PURE: &[&str] =
    &["diag", "alert", "yaml", "decode", "matcher", "filter", "playbook", "ruleset", "import", "init"];
const IMPURE: &[&str] =
    &["tokio::", "std::fs", "std::process", "std::env", "std::thread", "std::net::Tcp", "Stopwatch"];

/// Where a library may be named.
const ROOMS: &[(&str, &[&str])] = &[
    ("rhai", &["playbook"]),
    ("reqwest", &["delivery", "client"]),
    ("lettre", &["delivery"]),
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

/// Lines of code with their numbers: comments left out. The `//` of an address in a text begins none.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let comment = |line: &str| line.match_indices("//").map(|(at, _)| at).find(|at| !line[..*at].ends_with(':'));
    text.lines()
        .enumerate()
        .map(move |(at, line)| (at + 1, comment(line).map_or(line, |end| &line[..end])))
        .filter(|(_, l)| !l.trim().is_empty())
}

/// How many modules a file stands in, itself included: `a.rs` and `a/mod.rs` one, `a/b.rs` and `a/b/mod.rs` two.
fn depth(inside: &Path) -> usize {
    let parts = inside.components().count();
    if inside.ends_with("mod.rs") || inside == Path::new("lib.rs") || inside == Path::new("main.rs") {
        parts - 1
    } else {
        parts
    }
}

/// Every top-level module a file names: through `crate::`, or through `super::` chains that climb out of its own.
fn named_modules(inside: &Path, text: &str) -> Vec<(usize, String)> {
    let word = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    let mut named = Vec::new();
    // The indents of the modules written inside of this file that are open here; rustfmt closes each at its own.
    let mut inner: Vec<usize> = Vec::new();
    for (number, line) in code(text) {
        let indent = line.len() - line.trim_start().len();
        if line.trim() == "}" && inner.last() == Some(&indent) {
            inner.pop();
        }
        for (at, _) in line.match_indices("crate::") {
            named.push((number, word(&line[at + "crate::".len()..])));
        }
        let mut from = 0;
        while let Some(at) = line[from..].find("super::").map(|at| from + at) {
            let mut rest = &line[at..];
            let mut climbs = 0;
            while let Some(higher) = rest.strip_prefix("super::") {
                (rest, climbs) = (higher, climbs + 1);
            }
            from = line.len() - rest.len();
            let climbs = climbs + usize::from(word(rest) == "super");
            if climbs >= depth(inside) + inner.len() {
                named.push((number, word(rest)));
            }
        }
        let declared = line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(super) ");
        if declared.starts_with("mod ") && declared.trim_end().ends_with('{') {
            inner.push(indent);
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
        for (line, name) in named_modules(&source.path, &source.text) {
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
    // `use crate::{a, b}` and `use super::{super::a}` would hide modules from the check above.
    let mut faults = Vec::new();
    for source in sources() {
        for (line, text) in code(&source.text) {
            let climbs_in_list = text.split_once("super::{").is_some_and(|(_, list)| list.contains("super::"));
            if text.contains("crate::{") || text.contains("crate::*") || climbs_in_list {
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

#[test]
fn a_path_that_climbs_out_of_its_module_is_seen() {
    for (path, text, named) in [
        ("matcher/mod.rs", "use super::cli;", &["cli"][..]),
        ("matcher/mod.rs", "use self::super::cli::run;", &["cli"]),
        ("matcher/mod.rs", "pub use super::*;", &[""]),
        ("matcher/tree.rs", "use super::super::cli::run;", &["cli"]),
        ("matcher/tree.rs", "let x = super::super::cli::run(super::expr::y);", &["cli"]),
        ("matcher/tree.rs", "use super::cli;", &[]),
        ("matcher/compile/mod.rs", "use super::super::cli;", &["cli"]),
        ("matcher/compile/key.rs", "use super::super::codes;", &[]),
        ("matcher/compile/key.rs", "use super::super::super::{cli, http};", &[""]),
        ("clock.rs", "use super::cli;", &["cli"]),
        ("clock.rs", "use super::super as root;", &["super"]),
        (
            "clock.rs",
            "mod tests {\n    use super::*;\n    use super::super::cli;\n}\nuse super::http;",
            &["cli", "http"],
        ),
        ("clock.rs", "let link = \"https://example.com\"; crate::cli::run(); // crate::http", &["cli"]),
        ("clock.rs", "pub(super) fn f() {} // super::cli", &[]),
    ] {
        let found: Vec<String> = named_modules(Path::new(path), text).into_iter().map(|(_, name)| name).collect();
        assert_eq!(found, named, "{path}: {text}");
    }
}
