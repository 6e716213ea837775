//! The schemas that editors are given let through what is shipped and documented, and find what is broken.

use crate::world::quell;
use jsonschema::Validator;
use quell::diag::Diagnostics;
use quell::yaml;
use serde_json::Value;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema(kind: &str) -> Validator {
    let folder = tempfile::tempdir().unwrap();
    let output = quell(folder.path()).args(["schema", kind]).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{kind}");
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|fault| panic!("{kind}: {fault}"));
    jsonschema::draft202012::new(&schema).unwrap()
}

fn documents(text: &str) -> Vec<Value> {
    let mut found = Diagnostics::new();
    let nodes = yaml::parse(text, &Path::new("x").into(), yaml::Limits::RULE_FILE, &mut found);
    assert!(!found.has_errors(), "{text}: {found:?}");
    nodes.iter().map(yaml::to_json).collect()
}

fn faults(schema: &Validator, document: &Value) -> Vec<String> {
    schema.iter_errors(document).map(|fault| format!("{}: {fault}", fault.instance_path())).collect()
}

fn files(folder: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), &mut found);
    found.sort();
    found
}

fn passes(schema: &Validator, name: &str, text: &str) {
    for document in documents(text) {
        let faults = faults(schema, &document);
        assert!(faults.is_empty(), "{name}: {}", faults.join("\n"));
    }
}

/// The blocks of YAML in a document.
fn blocks(text: &str) -> Vec<String> {
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim() == "```yaml" {
            found
                .push(lines.by_ref().take_while(|line| line.trim() != "```").map(|line| format!("{line}\n")).collect());
        }
    }
    found
}

#[test]
fn what_is_shipped_and_documented_passes() {
    let (filter, test, playbook_test, config) =
        (schema("filter"), schema("test"), schema("playbook-test"), schema("config"));
    let mut counts = [0; 4];
    for path in files("rules").into_iter().chain(files("playbooks")) {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let (place, schema) = match (name.ends_with(".test.yaml"), name.starts_with("rules/")) {
            (false, true) => (0, &filter),
            (true, true) => (1, &test),
            (true, false) => (2, &playbook_test),
            (false, false) => continue,
        };
        passes(schema, &name, &std::fs::read_to_string(&path).unwrap());
        counts[place] += 1;
    }
    let docs = files("docs").into_iter().chain([root().join("README.md")]);
    for path in docs.filter(|path| path.extension().is_some_and(|end| end == "md")) {
        let text = std::fs::read_to_string(&path).unwrap();
        // Of a page on a code only the mended part is right.
        let (text, is_page) = match text.split_once("\n## Mended\n") {
            Some((_, mended)) => (mended.to_owned(), true),
            None => (text.clone(), text.contains("\n## Example\n")),
        };
        for block in blocks(&text) {
            let named = block.lines().next().unwrap_or("");
            let is_config = named.starts_with("# quell.yaml")
                || (!is_page && ["\nconnections:", "\ntokens:"].iter().any(|key| block.contains(key)));
            let (place, schema) = match () {
                () if is_config => (3, &config),
                () if block.contains("match:") => (0, &filter),
                () if named.starts_with("# rules/") && named.ends_with(".test.yaml") => (1, &test),
                () => continue,
            };
            passes(schema, &path.display().to_string(), &block);
            counts[place] += 1;
        }
    }
    assert!(counts[0] >= 40 && counts[1] >= 1 && counts[2] >= 5 && counts[3] >= 8, "{counts:?}");
}

#[test]
fn days_of_the_week_pass_in_any_spelling_that_check_takes() {
    let schema = schema("filter");
    for days in ["[Tuesday]", "SUN", "[mon, Fri, saturday]"] {
        let text = format!("{{reason: test, match: {{title: x}}, schedule: {{days: {days}}}}}");
        passes(&schema, days, &text);
    }
    let text = "{reason: test, match: {title: x}, schedule: {days: [Tues]}}";
    assert!(!faults(&schema, &documents(text)[0]).is_empty());
}

#[test]
fn what_is_broken_does_not() {
    let cases: &[(&str, &[&str])] = &[
        (
            "filter",
            &[
                "[]",
                "{title: x, match: {title: x}}",
                "{reason: test}",
                "{reason: tests, match: {title: x}}",
                "{reason: test, match: {title: x}, expire: 2027-01-01}",
                "{reason: test, match: {title: x}, expires: tomorrow}",
                "{reason: test, match: {title: x}, detection: {title: x}}",
                "{reason: test, match: {title: x}, allow: [high]}",
                "{reason: test, match: {title: x}, allow: critical}",
                "{reason: test, match: {title: x}, mode: dry}",
                "{reason: test, match: {title: x}, id: A B}",
                "{reason: test, match: {}}",
                "{reason: test, match: {sevrity: low}}",
                "{reason: test, match: {title|contain: x}}",
                "{reason: test, match: {title: []}}",
                "{reason: test, match: [{titel: x}]}",
                "{reason: test, match: {a: {sevrity: low}, condition: a}}",
                "{reason: test, match: {title: x}, schedule: {days: [son]}}",
                "{reason: test, match: {title: x}, tests: [{name: a, alert: {title: x}, expect: quiet}]}",
                "{reason: test, match: {title: x}, tests: [{name: a, alert: {titel: x}, expect: active}]}",
                "{reason: test, match: {title: x}, tests: [{name: a, alert: {entities: [{type: ip, adress: 1}]}, expect: active}]}",
            ],
        ),
        (
            "test",
            &[
                "{}",
                "[{name: a}]",
                "[{name: a, alert: {}, expect: maybe}]",
                "[{name: a, alert: {tag: x}, expect: active}]",
            ],
        ),
        (
            "playbook-test",
            &[
                "{}",
                "[{name: a}]",
                "[{name: a, alert: {}, steps: {}}]",
                "[{name: a, alert: {}, steps: [{connection: a}]}]",
                "[{name: a, alert: {}, steps: [{connection: a, returns: 1, fails: 1}]}]",
                "[{name: a, alert: {}, steps: [{connection: a, approval: approved, returns: 1}]}]",
                "[{name: a, alert: {}, steps: [{approval: yes}]}]",
                "[{name: a, alert: {}, expect: {run: finished}}]",
                "[{name: a, alert: {}, expect: {status: closed}}]",
            ],
        ),
        (
            "config",
            &[
                "[]",
                "{lisen: x}",
                "{listen: localhost}",
                "{connections: {a: {}}}",
                "{connections: {a: {url: 'ftp://a'}}}",
                "{connections: {a: {url: 'https://a', sign: {secret: abc}}}}",
                "{connections: {a: {url: 'https://a', concurrency: 100}}}",
                "{connections: {a: {url: 'https://a', retry: {attempts: 3}}}}",
                "{email: {host: a}}",
                "{tokens: [{name: a, sha256: b, scopes: [write]}]}",
                "{policy: {required: [expire]}}",
                "{policy: {longest_life: {level: error}}}",
                "{policy: {level: fatal}}",
                "{store: x}",
            ],
        ),
    ];
    for (kind, broken) in cases {
        let schema = schema(kind);
        for text in *broken {
            for document in documents(text) {
                assert!(!faults(&schema, &document).is_empty(), "{kind} lets through: {text}");
            }
        }
    }
}
