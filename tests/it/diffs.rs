//! `quell diff`: what changed between two sets, and what it means, for people and for programs.

use crate::repository::{Repository, filter};
use serde_json::{Value, json};

const TELL: &str = "//! id: tell
//! title: Tell somebody
//! owner: soc@example.com
//! match: {severity|gte: medium}
//! connections: [chat]
//! mode: audit

import \"lib/words\" as words;

fn on_alert(alert) {
    connection(\"chat\").post(#{ text: words::about(alert) });
}
";

const WORDS: &str = "fn about(alert) {\n    return alert.title;\n}\n";

const NIGHTLY: &str = "id: nightly
title: The scanner at night
reason: expected_activity
owner: secops@example.com
expires: 2027-01-01
mode: audit
match:
  alert_type: PortScan
  severity|lte: low
  entities.ip.address:
    - 10.0.0.1
    - 10.0.0.2
";

fn repository() -> Option<Repository> {
    let repository = Repository::new()?;
    repository.write("rules/team/nightly.yaml", NIGHTLY);
    repository.write("rules/old.yaml", &filter("old", "Old"));
    repository.write("rules/called.yaml", &filter("called", "Called"));
    repository.write("rules/same.yaml", &filter("same", "Same"));
    repository.write("playbooks/tell.rhai", TELL);
    repository.write("playbooks/lib/words.rhai", WORDS);
    repository.commit();
    Some(repository)
}

fn change(repository: &Repository) {
    let nightly = NIGHTLY
        .replace("2027-01-01", "2027-03-31")
        .replace("mode: audit\n", "allow: [high]\n")
        .replace("severity|lte: low\n", "severity|lte: medium\n");
    repository.write("rules/team/nightly.yaml", &nightly);
    repository.remove("rules/old.yaml");
    repository.write(
        "rules/called.yaml",
        &filter("called-otherwise", "Called").replace("title: called-otherwise", "title: called"),
    );
    repository.write("rules/same.yaml", &format!("# a word about it\n{}", filter("same", "Same")));
    repository
        .write("rules/new.yaml", &filter("new", "New").replace("match:", "expires: 2028-01-01\nallow: [high]\nmatch:"));
    repository.write("playbooks/tell.rhai", &TELL.replace("//! mode: audit\n", "").replace("[chat]", "[chat, pager]"));
    repository.write("playbooks/lib/words.rhai", &WORDS.replace("alert.title", "`!${alert.title}`"));
}

#[test]
fn what_changed_is_told_key_by_key_with_what_it_means() {
    let Some(repository) = repository() else { return };
    change(&repository);
    let commit = repository.commit();
    let (code, out, err) = repository.quell(&["diff", "HEAD~1", "HEAD"]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    let first = repository.git("rev-parse HEAD~1");
    let shown: Vec<&str> = out.lines().collect();
    assert!(
        shown[0].starts_with(&format!("from         HEAD~1 ({}): 4 filters, 1 playbook, generation ", &first[..12])),
        "{out}"
    );
    assert!(
        shown[1].starts_with(&format!("to           HEAD ({}): 4 filters, 1 playbook, generation ", &commit[..12])),
        "{out}"
    );
    let expected = "
Filters: 1 added, 1 removed, 1 renamed, 1 changed
+ new  rules/new.yaml
    dismisses what it matches, also high, until 2028-01-01
- old  rules/old.yaml
    dismisses what it matches
> called-otherwise  was called  rules/called.yaml
~ nightly  The scanner at night  rules/team/nightly.yaml
    mode audit → enforce: it dismisses now
    now also dismisses high
    expires later: 2027-01-01 → 2027-03-31
    matches more: all it matched before, and others
    allow:
      + [high]
    expires: 2027-01-01 → 2027-03-31
    match:
        alert_type: PortScan
      - severity|lte: low
      + severity|lte: medium
        entities.ip.address:
          - 10.0.0.1
    mode: audit → nothing

Playbooks: 1 changed
~ tell  Tell somebody  playbooks/tell.rhai
    mode audit → enforce: its steps are performed now
    may now call pager
    does something else: lib/words, which it imports, changed
    connections:
      - [chat]
      + [chat, pager]
    lib/words:
        fn about(alert) {
      -     return alert.title;
      +     return `!${alert.title}`;
        }
    mode: audit → nothing
";
    assert_eq!(shown[2..].join("\n") + "\n", expected);
}

#[test]
fn what_decides_otherwise_is_never_said_to_decide_as_before() {
    let Some(repository) = repository() else { return };
    let tell = |more: &str| TELL.replace("//! mode: audit\n", &format!("//! mode: audit\n{more}"));
    let told = |old: &str, new: &str| {
        repository.write("playbooks/tell.rhai", &tell(old));
        repository.commit();
        repository.write("playbooks/tell.rhai", &tell(new));
        repository.quell(&["diff", "HEAD", "."]).1
    };
    let limits = |per: &str| format!("//! limits: {{runs: 20/h, per: {per}}}\n");
    for (old, new, said) in [
        (
            limits("alert_type"),
            limits("entities.ip.address"),
            "runs at most 20 times in 1h for each entities.ip.address, it was 20 times in 1h for each alert_type",
        ),
        (String::new(), limits("source"), "runs at most 20 times in 1h for each source now"),
        ("//! timeout: 4d\n".into(), "//! timeout: 48h\n".into(), "its runs may take less time: 4d → 2d"),
        ("//! timeout: 90m\n".into(), "//! timeout: 2h\n".into(), "its runs may take longer: 1h30m → 2h"),
        ("//! description: a\n".into(), "//! description: b\n".into(), "decides as before"),
    ] {
        let out = told(&old, &new);
        assert!(out.contains(&format!("\n    {said}\n")), "{out}");
        assert_eq!(out.contains("decides as before"), said == "decides as before", "{out}");
    }
    for (old, new, said) in [
        ("expires: 2027-01-01\n", "", "never expires, it did on 2027-01-01"),
        ("", "expires: 2027-01-01\n", "expires on 2027-01-01, it never did"),
        ("", "starts: 2026-01-01\n", "starts only on 2026-01-01, it was in force from the beginning"),
        ("starts: 2026-01-01\n", "", "in force at once, it did not start before 2026-01-01"),
        ("ticket: A-1\n", "ticket: A-2\n", "decides as before"),
    ] {
        repository.write("rules/same.yaml", &filter("same", "Same").replace("match:", &format!("{old}match:")));
        repository.commit();
        repository.write("rules/same.yaml", &filter("same", "Same").replace("match:", &format!("{new}match:")));
        let out = repository.quell(&["diff", "HEAD", "."]).1;
        assert!(out.contains(&format!("\n    {said}\n")), "{out}");
    }
}

#[test]
fn programs_get_old_and_new_values() {
    let Some(repository) = repository() else { return };
    change(&repository);
    let (code, out, err) = repository.quell(&["diff", "main", ".", "--format", "json"]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&report["same"], &report["new"]["dirty"], &report["old"]["filters"]),
        (&json!(false), &json!(true), &json!(4))
    );
    let changed = &report["filters"]["changed"][0];
    assert_eq!((&changed["id"], &changed["file"]), (&json!("nightly"), &json!("rules/team/nightly.yaml")));
    let key = |name: &str| changed["keys"].as_array().unwrap().iter().find(|key| key["key"] == name).unwrap().clone();
    assert_eq!(key("expires"), json!({"key": "expires", "old": "2027-01-01", "new": "2027-03-31"}));
    assert_eq!(key("match")["old"]["severity|lte"], "low");
    assert_eq!(key("match")["new"]["severity|lte"], "medium");
    assert_eq!(report["filters"]["renamed"][0]["from"], "called");
    assert_eq!(report["playbooks"]["changed"][0]["id"], "tell");
}

#[test]
fn what_says_the_same_is_the_same() {
    let Some(repository) = repository() else { return };
    let (code, out, err) = repository.quell(&["diff", "HEAD", "."]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.ends_with("\nThe same rules.\n"), "{out}");
    repository.write(
        "rules/same.yaml",
        &format!("# a word about it\n{}", filter("same", "Same").replace("  alert", "    alert")),
    );
    repository.write("rules/old.test.yaml", "[]");
    let (code, out, _) = repository.quell(&["diff", "HEAD", "."]);
    assert_eq!(code, 0, "{out}");
    assert!(out.ends_with("The same rules; only comments, layout or their order differ.\n"), "{out}");
    let (code, out, _) = repository.quell(&["diff", ".", "HEAD", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["same"]), (0, &json!(true)));
}

#[test]
fn other_values_of_a_placeholder_are_a_change_of_the_filter_that_names_it() {
    let Some(repository) = repository() else { return };
    repository
        .write("rules/named.yaml", &filter("named", "X").replace("alert_type: X", "alert_type|expand: '%types%'"));
    repository.write("rules/placeholders.yaml", "types: [A, B]\n");
    repository.commit();
    repository.write("rules/placeholders.yaml", "types: [A]\n");
    let (code, out, _) = repository.quell(&["diff", "HEAD", "."]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("~ named  rules/named.yaml\n    matches less: a part of what it matched before\n"), "{out}");
}

#[test]
fn a_folder_is_compared_with_another_and_with_filters_alone() {
    let Some(repository) = repository() else { return };
    for folder in ["one", "two"] {
        repository.write(&format!("{folder}/a.yaml"), &filter("a1", folder));
    }
    repository.write("two/b.yaml", &filter("b1", "B"));
    let (code, out, err) = repository.quell(&["diff", "one", "two"]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(
        out.contains("Filters: 1 added, 1 changed\n+ b1  two/b.yaml") || out.contains("+ b1  rules/b.yaml"),
        "{out}"
    );
    assert!(out.contains("matches other alerts than before"), "{out}");
}

#[test]
fn what_does_not_compile_or_is_not_there_is_said() {
    let Some(repository) = repository() else { return };
    repository.write("rules/old.yaml", &filter("old", "Old").replace("alert_type", "alert_typo"));
    let broken = repository.commit();
    let (code, out, err) = repository.quell(&["diff", "HEAD~1", "HEAD"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains(&format!("{}:rules/old.yaml:6:3: error[", &broken[..12])), "{err}");
    assert!(err.contains(" 6 |   alert_typo: Old"), "the line is the commit's: {err}");
    for (args, said) in [
        (&["diff", "mian", "HEAD"][..], "error: there is no commit, branch or tag `mian`, and no folder `mian`"),
        (&["diff", "HEAD~5", "HEAD"], "error: `HEAD~5` leads beyond the first commit"),
        (
            &["diff", "HEAD~1", "playbooks/lib"],
            "error: the folder playbooks/lib holds neither `rules` nor `playbooks`, and no filter",
        ),
    ] {
        let (code, out, err) = repository.quell(args);
        assert_eq!((code, out.as_str()), (3, ""), "{args:?}");
        assert!(err.contains(said), "{args:?}: {err}");
    }
}
