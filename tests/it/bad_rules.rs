//! Files that somebody got wrong: each says in its first lines exactly what a check finds in it, and where.

use crate::checked::{check, check_config, folder, for_each};
use std::path::{Path, PathBuf};

/// What test files of the corpus stand beside.
const FILTER: &str = "title: Port scans\nreason: test\nowner: a@example.com\nmatch: {alert_type: PortScan}\n";
const PLAYBOOK: &str = "//! title: Note it\n//! owner: a@example.com\nfn on_alert(alert) { comment(alert.title); }\n";

fn corpus() -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bad-rules"), &mut found);
    found.sort();
    found
}

/// `CODE line:column` for each `expect:` of the comments a file begins with.
fn expected(text: &str) -> Vec<String> {
    let comments = text.lines().take_while(|line| line.starts_with('#') || line.starts_with("//"));
    let mut all: Vec<String> = comments
        .filter_map(|line| line.split_once("expect: ").map(|(_, expected)| expected.trim().to_owned()))
        .filter(|expected| expected != "nothing")
        .collect();
    all.sort();
    all
}

/// What a check finds in the file, and the words for it.
fn found(path: &Path, text: &str) -> (Vec<String>, String) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let kind = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let (place, beside) = match kind {
        "filters" => (format!("rules/{name}"), None),
        "filter-tests" => (format!("rules/{name}"), Some((format!("rules/{}", name.replace(".test", "")), FILTER))),
        "playbooks" => (format!("playbooks/{name}"), None),
        "playbook-tests" => {
            let subject = name.replace(".test.yaml", ".rhai");
            (format!("playbooks/{name}"), Some((format!("playbooks/{subject}"), PLAYBOOK)))
        }
        "configs" => ("quell.yaml".to_owned(), None),
        other => panic!("{other}: what are these?"),
    };
    let mut files = vec![(place.clone(), text.to_owned())];
    files.extend(beside.map(|(name, text)| (name, text.to_owned())));
    let folder = folder(&files);
    let findings = if kind == "configs" { check_config(folder.path()) } else { check(folder.path(), None) };
    let words = findings.iter().map(|f| format!("  {} {}:{} {}: {}", f.code, f.line, f.column, f.level, f.message));
    let mut all: Vec<String> = findings.iter().map(|f| format!("{} {}:{}", f.code, f.line, f.column)).collect();
    all.sort();
    (all, words.collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_file_of_the_corpus_gives_exactly_what_it_says() {
    let corpus = corpus();
    assert!(corpus.len() >= 60, "only {} files", corpus.len());
    let faults = for_each(&corpus, |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let expected = expected(&text);
        let (found, words) = found(path, &text);
        let name = path.display();
        match () {
            () if !text.contains("expect: ") => Some(format!("{name} says nothing of what is found")),
            () if found != expected => Some(format!("{name}\n  expects {expected:?}, gives {found:?}\n{words}")),
            () => None,
        }
    });
    let faults: Vec<String> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{} files:\n{}", faults.len(), faults.join("\n"));
}
