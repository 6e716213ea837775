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

/// The folder of public rules and events, where this checkout has it; who lacks it is told what was skipped.
fn data() -> Option<std::path::PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if folder.join("sigma_rules_with_filters").is_dir() {
        return Some(folder);
    }
    drop(writeln!(std::io::stderr(), "skipped: {} is not there", folder.display()));
    None
}

/// Sigma's own rules, each under its file's name; and how many ask for what is not to be had here.
fn rules(data: &Path) -> (Vec<(String, Arc<Condition>)>, usize) {
    let (mut rules, mut not_available) = (Vec::new(), 0);
    for path in rule_files(&data.join("sigma_rules_with_filters")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let file: Arc<Path> = path.into();
        let mut found = Diagnostics::new();
        let mut documents = yaml::parse(&text, &file, Limits::RULE_FILE, &mut found);
        let Some(Kind::Map(keys)) = documents.first_mut().map(|document| &mut document.kind) else {
            panic!("{}: {found:?}", file.display());
        };
        let detection = &mut keys.iter_mut().find(|entry| entry.key == "detection").unwrap().value;
        let Kind::Map(selections) = &mut detection.kind else { panic!("{}", file.display()) };
        selections.iter_mut().filter(|entry| entry.key != "condition").for_each(|entry| under_raw(&mut entry.value));
        rules.extend(compile(detection, &file, &mut found).map(|condition| (name, Arc::new(condition))));
        let errors = found.iter().filter(|found| found.level == crate::diag::Level::Error);
        let other: Vec<_> = errors.filter(|found| !LIMITS.contains(&found.code)).map(Diagnostic::headline).collect();
        assert_eq!(other, Vec::<String>::new());
        not_available += usize::from(found.has_errors());
    }
    (rules, not_available)
}

#[test]
fn sigmas_own_rules_compile_but_for_what_is_said_not_to_be_available() {
    let Some(data) = data() else { return };
    let (rules, not_available) = rules(&data);
    eprintln!("{} rules compile, {not_available} ask for what is not available", rules.len());
    assert!(rules.len() > 450 && not_available <= 3);
}

/// The lines of the event streams: of the large one every so-manieth, or all of them with `QUELL_EVENTS=all`.
fn events(data: &Path) -> Vec<String> {
    const EVERY: usize = 60;
    let unpacked = std::process::Command::new("gzip")
        .arg("-dc")
        .arg(data.join("stream_windows_events.ndjson.gz"))
        .output()
        .expect("gzip is there");
    let windows = String::from_utf8(unpacked.stdout).unwrap();
    let trail = std::fs::read_to_string(data.join("aws_cloudtrail_invictus.ndjson")).unwrap();
    let all = std::env::var("QUELL_EVENTS").is_ok_and(|value| value == "all");
    let every = |lines: std::str::Lines<'_>, every: usize| -> Vec<String> {
        lines.step_by(if all { 1 } else { every }).map(str::to_owned).collect()
    };
    [every(windows.lines(), EVERY), every(trail.lines(), 4)].concat()
}

#[test]
fn sigmas_rules_over_real_events_are_met_as_the_plain_evaluator_says() {
    let Some(data) = data() else { return };
    let (rules, _) = rules(&data);
    let numbered = rules.iter().enumerate().map(|(number, (_, condition))| (number, condition.clone())).collect();
    let index = crate::matcher::Index::build(numbered);
    let mut made = alert(json!({}));
    let (mut met, events) = (0, events(&data));
    for event in &events {
        made.raw = crate::alert::Raw::new(serde_json::value::RawValue::from_string(event.clone()).unwrap());
        let view = AlertView::new(&made);
        let found: Vec<usize> = index.matching(&view).into_iter().copied().collect();
        let plain: Vec<usize> = (0..rules.len()).filter(|number| rules[*number].1.matches(&view)).collect();
        let names = |numbers: &[usize]| numbers.iter().map(|number| rules[*number].0.clone()).collect::<Vec<_>>();
        assert_eq!(names(&found), names(&plain), "{event}");
        met += plain.len();
    }
    eprintln!("{} rules over {} events: met {met} times", rules.len(), events.len());
    assert!(met > 50, "{met}");
}
