//! Real rules: Sigma's own, put to the source's payload through `raw`.

use super::*;
use crate::matcher::codes;
use crate::yaml::{Kind, Node};
use std::io::Write as _;

/// What this version says it does not have or do: two of the rules count characters of a class over the size limit.
const LIMITS: [crate::diag::Code; 2] = [codes::PLACEHOLDER, codes::REGEX_LIMIT];

/// A detection whose fields are the log's, with every field under `raw`.
fn under_raw(node: &mut Node) {
    match &mut node.kind {
        Kind::Map(map) => {
            for entry in map {
                let (field, modifiers) = entry.key.split_at(entry.key.find('|').unwrap_or(entry.key.len()));
                let quoted = |field: &str| format!("raw.\"{field}\"");
                if modifiers.contains("|fieldref")
                    && let Kind::Text(other) = &mut entry.value.kind
                {
                    *other = quoted(other);
                }
                // Keywords have no field.
                let path = if field.is_empty() { String::new() } else { quoted(field) };
                entry.key = format!("{path}{modifiers}");
            }
        }
        Kind::List(list) => list.iter_mut().for_each(under_raw),
        _ => {}
    }
}

/// Every rule file under a folder.
fn rule_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let below = paths.flat_map(|path| if path.is_dir() { rule_files(&path) } else { vec![path] });
    below.filter(|path| path.extension().is_some_and(|extension| extension == "yml")).collect()
}

#[test]
fn sigmas_own_rules_compile_but_for_what_is_said_not_to_be_available() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/sigma_rules_with_filters");
    let files = rule_files(&folder);
    if files.is_empty() {
        drop(writeln!(std::io::stderr(), "skipped: {} is not there", folder.display()));
        return;
    }
    let (mut compiled, mut not_available) = (0, 0);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: Arc<Path> = path.into();
        let mut found = Diagnostics::new();
        let mut documents = yaml::parse(&text, &file, Limits::RULE_FILE, &mut found);
        let Some(Kind::Map(keys)) = documents.first_mut().map(|document| &mut document.kind) else {
            panic!("{}: {found:?}", file.display());
        };
        let detection = &mut keys.iter_mut().find(|entry| entry.key == "detection").unwrap().value;
        let Kind::Map(selections) = &mut detection.kind else { panic!("{}", file.display()) };
        selections.iter_mut().filter(|entry| entry.key != "condition").for_each(|entry| under_raw(&mut entry.value));
        compiled += usize::from(compile(detection, &file, &mut found).is_some());
        let errors = found.iter().filter(|found| found.level == crate::diag::Level::Error);
        let other: Vec<_> = errors.filter(|found| !LIMITS.contains(&found.code)).map(Diagnostic::headline).collect();
        assert_eq!(other, Vec::<String>::new());
        not_available += usize::from(found.has_errors());
    }
    eprintln!("{compiled} rules compile, {not_available} ask for what is not available");
    assert!(compiled > 0 && compiled > not_available * 10);
}
