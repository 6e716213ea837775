//! A formatted file says what it said, in one form, with every comment: for written examples, for every rule file of
//! the repository, and for random ones.

use super::super::format_file;
use crate::diag::Diagnostics;
use crate::yaml::{Kind, Limits, Node, parse};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn file() -> Arc<Path> {
    Path::new("r/ab.yaml").into()
}

fn formatted(text: &str) -> String {
    let mut found = Diagnostics::new();
    let written = format_file(text, &file(), &mut found);
    written.unwrap_or_else(|| panic!("{:?}\n{text}", found.sorted()))
}

/// What a text says, read by nothing that formats: every path with its value. Order counts but between the keys of a
/// filter and of a test.
fn said(text: &str) -> Vec<String> {
    fn walk(node: &Node, path: &str, out: &mut Vec<String>) {
        match &node.kind {
            Kind::List(list) => {
                out.push(format!("{path} list {}", list.len()));
                list.iter().enumerate().for_each(|(at, node)| walk(node, &format!("{path}/{at}"), out));
            }
            Kind::Map(map) => {
                out.push(format!("{path} map {}", map.len()));
                map.iter().for_each(|entry| walk(&entry.value, &format!("{path}/{:?}", entry.key), out));
            }
            kind => out.push(format!("{path} {kind:?}")),
        }
    }
    let mut found = Diagnostics::new();
    let mut out = Vec::new();
    let documents = parse(text, &file(), Limits::RULE_FILE, &mut found);
    assert!(!found.has_errors(), "{:?}\n{text}", found.sorted());
    let documents = documents.iter().filter(|node| node.kind != Kind::Null);
    documents.enumerate().for_each(|(at, node)| walk(node, &at.to_string(), &mut out));
    out.sort();
    out
}

/// Formats and checks everything that must hold of any text.
fn holds(text: &str) -> String {
    let once = formatted(text);
    assert_eq!(said(text), said(&once), "another meaning:\n{text}\n=>\n{once}");
    assert_eq!(formatted(&once), once, "not stable:\n{text}");
    assert!(once.is_empty() || once.ends_with('\n') && (text.contains('+') || !once.ends_with("\n\n")), "{once:?}");
    assert!(once.lines().all(|line| line == line.trim_end()) || text.contains('|') || text.contains('>'), "{once:?}");
    once
}

#[test]
fn keys_indents_and_quotes_come_to_one_form() {
    let text = "\u{feff}tests:\r
  - expect: active
    name:   \"x\"
    alert: { title:   'yy' , severity: \"low\" }
match:
      alert_type|startswith:   \"VM_\"
      severity|lte: 'medium'
      \"entities.ip.address|cidr\": [ 10.20.0.0/16
        ,  '2001:db8::/32' ]
      title: ['no', \"012\", '*.exe', 'a, b']
reason: \"noise\"
expires: 2027-03-31
id: 'one'
title:   \"It's: odd\"
";
    assert_eq!(
        holds(text),
        "\
id: one
title: 'It''s: odd'
reason: noise
expires: 2027-03-31
match:
  alert_type|startswith: VM_
  severity|lte: medium
  entities.ip.address|cidr: [10.20.0.0/16, '2001:db8::/32']
  title: ['no', '012', '*.exe', 'a, b']
tests:
  - name: x
    alert: {title: yy, severity: low}
    expect: active
"
    );
}

#[test]
fn comments_stay_with_what_they_speak_of() {
    let text = "# the file
# of filters

---
  # about one
id: one   # its name
match:   # what it is about
    # the type
    alert_type: x # beside

    # the list
    title: [a, # first
      b]
    # last of match
# about the reason
reason: noise

# still one
--- # about two
id: two
reason: noise
match:
- title: x
# of the second
- title: y   # beside y
  # last of y
owner: me
tests:
    # quiet
  -  name: a
     # the alert
     alert: {}
     expect: active
# the end
";
    assert_eq!(
        holds(text),
        "\
# the file
# of filters

# about one
id: one  # its name
# about the reason
reason: noise
match:  # what it is about
  # the type
  alert_type: x  # beside

  # the list
  title:
    - a  # first
    - b
  # last of match

# still one

---
# about two
id: two
reason: noise
owner: me
match:
  - title: x
  # of the second
  - title: y  # beside y
    # last of y
tests:
  # quiet
  - name: a
    # the alert
    alert: {}
    expect: active
# the end
"
    );
}

#[test]
fn texts_of_several_lines_keep_their_lines() {
    for text in [
        "id: one\ndescription: |\n      first\n        second\n\n      third\nreason: noise\n",
        "id: one\ndescription: |-  # beside\n   first\n   second\nreason: noise\n",
        "id: one\ndescription: |+\n  first\n\n\nreason: noise\n",
        "id: one\ndescription: |2\n    indented\n  not\nreason: noise\n",
        "id: one\ndescription: >-\n    first\n    second\n\n    third\n\n      kept\n    # no comment\nreason: noise\n",
        "id: one\ndescription: >\n  first\n  second\n",
        "id: one\ndescription: first\n  second\n  third\nreason: noise\n",
        "id: one\ndescription: 'first\n\n  second'\nreason: noise\n",
        "id: one\ntests:\n- name: |\n    a\n    b\n  alert: {}\n",
        "id: one\nmatch: {raw.a: |\n",
    ] {
        if said_or_none(text) {
            let once = holds(text);
            assert!(!text.contains('|') || once.contains('|'), "{once}");
        }
    }
}

fn said_or_none(text: &str) -> bool {
    let mut found = Diagnostics::new();
    parse(text, &file(), Limits::RULE_FILE, &mut found);
    !found.has_errors()
}

#[test]
fn what_is_empty_or_odd_stays_what_it_is() {
    for text in [
        "",
        "# only a comment\n",
        "---\n---\n",
        "id: one\nowner:\nticket: ~\nmatch: {a: , b: null, 'c': [ ]}\n",
        "id: one\nmatch:\n  a:\n  b: # nothing\n  # after\n  c: [~, null, '']\n",
        "- a\n-\n- # c\n  b: 1\n-   - x\n    - y\n",
        "[a, {b: 1}]\n",
        "just a text # and a comment\n",
        "? a\n: 1\n? b\n: [2]\n",
        "id: one\n---\n# later\n---\nid: two\n",
        "id: {a: 1}\n...\n",
    ] {
        holds(text);
    }
}

#[test]
fn a_broken_file_is_reported_and_not_formatted() {
    for (text, code) in
        [("a: [1\n", "Y001"), ("a: &x 1\nb: *x\n", "Y003"), ("a: 1\na: 2\n", "Y002"), ("a: b\u{202e}\n", "Y008")]
    {
        let mut found = Diagnostics::new();
        assert_eq!(format_file(text, &file(), &mut found), None);
        assert!(found.iter().any(|fault| fault.code.id == code), "{text}: {found:?}");
    }
    // Two documents without a line between them that says so.
    let mut found = Diagnostics::new();
    assert_eq!(format_file("a: 1\n...\nb: 2\n", &file(), &mut found), None);
    assert_eq!(found.iter().next().map(|fault| fault.code.id), Some("Y010"));
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            found.push(path);
        }
    }
}

#[test]
fn every_rule_file_in_reach_keeps_its_meaning() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    for folder in ["rules", "playbooks", "tests/fixtures", "../shared/data/sigma_rules_with_filters"] {
        yaml_files(&root.join(folder), &mut paths);
    }
    assert!(paths.len() >= 8, "{paths:?}");
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        // A foreign rule may use what Quell's YAML refuses.
        if said_or_none(&text) {
            holds(&text);
        }
    }
}

/// A random text of a filter's shape, with comments, blank lines, indents and quotes wherever YAML lets them be.
fn random(rng: &mut fastrand::Rng) -> String {
    let mut out = String::new();
    let documents = rng.usize(1..4);
    for number in 0..documents {
        if number > 0 || rng.bool() {
            out.push_str(if rng.bool() { "---\n" } else { "--- # mark\n" });
        }
        noise(rng, &mut out, 0);
        map(rng, &mut out, 0, 3);
        noise(rng, &mut out, 0);
    }
    out
}

/// Comments and blank lines.
fn noise(rng: &mut fastrand::Rng, out: &mut String, indent: usize) {
    while rng.u8(0..4) == 0 {
        if rng.bool() {
            let indent = if rng.u8(0..4) == 0 { rng.usize(0..8) } else { indent };
            let _ = writeln!(out, "{}#{} c{}", " ".repeat(indent), if rng.bool() { "" } else { "!" }, rng.u16(..));
        } else {
            out.push_str(if rng.bool() { "\n" } else { "   \n" });
        }
    }
}

fn beside(rng: &mut fastrand::Rng) -> String {
    if rng.u8(0..5) == 0 { format!(" # b{}", rng.u16(..)) } else { String::new() }
}

fn scalar(rng: &mut fastrand::Rng) -> &'static str {
    const SCALARS: [&str; 26] = [
        "a",
        "'a b'",
        "\"x\\ty\"",
        "12",
        "'12'",
        "1.10",
        "true",
        "null",
        "~",
        "'no'",
        "no",
        "2027-03-31",
        "'02:00'",
        "c:\\x\\",
        "'it''s'",
        "\"a#b\"",
        "'a # b'",
        "a#b",
        "'*'",
        "'[x]'",
        "\"\"",
        "10.0.0.0/8",
        "::1",
        "'- x'",
        "\"\\u202e\"",
        "-x",
    ];
    SCALARS[rng.usize(..SCALARS.len())]
}

fn flow(rng: &mut fastrand::Rng, depth: usize, out: &mut String) {
    let list = rng.bool();
    out.push(if list { '[' } else { '{' });
    for at in 0..rng.usize(0..5) {
        if at > 0 {
            out.push_str(if rng.bool() { ", " } else { " ,\n          " });
        }
        if rng.u8(0..8) == 0 {
            let _ = write!(out, " # f{}\n          ", rng.u16(..));
        }
        if !list {
            let _ = write!(out, "k{at}: ");
        }
        match rng.u8(0..5) {
            0 if depth > 0 => flow(rng, depth - 1, out),
            _ => out.push_str(match scalar(rng) {
                "::1" | "c:\\x\\" => "'::1'",
                other => other,
            }),
        }
    }
    out.push(if list { ']' } else { '}' });
}

fn value(rng: &mut fastrand::Rng, out: &mut String, indent: usize, depth: usize) {
    match rng.u8(0..9) {
        0 if depth > 0 => {
            let _ = writeln!(out, "{}", beside(rng));
            let inside = indent + rng.usize(1..5);
            map(rng, out, inside, depth - 1);
        }
        1 if depth > 0 => {
            let _ = writeln!(out, "{}", beside(rng));
            let inside = indent + rng.usize(0..4);
            list(rng, out, inside, depth - 1);
        }
        2 => {
            out.push(' ');
            flow(rng, 2, out);
            let _ = writeln!(out, "{}", beside(rng));
        }
        3 => {
            let header = ["|", "|-", "|+", ">", ">-"][rng.usize(..5)];
            let _ = writeln!(out, " {header}{}", beside(rng));
            let inside = " ".repeat(indent + rng.usize(1..4));
            let _ = writeln!(out, "{inside}one # not a comment");
            if rng.bool() {
                let _ = writeln!(out, "\n{inside}  two");
            }
            if rng.bool() {
                let _ = writeln!(out, "{inside}three\n");
            }
        }
        4 => {
            let _ = writeln!(out, "{}", beside(rng));
        }
        _ => {
            let _ = writeln!(out, "{}{}{}", " ".repeat(rng.usize(1..3)), scalar(rng), beside(rng));
        }
    }
}

fn map(rng: &mut fastrand::Rng, out: &mut String, indent: usize, depth: usize) {
    let mut keys = ["tests", "match", "id", "reason", "'expires'", "\"title\"", "other", "'|all'", "raw.\"a b\""];
    rng.shuffle(&mut keys);
    for key in &keys[..rng.usize(1..6)] {
        noise(rng, out, indent);
        let _ = write!(out, "{}{key}:", " ".repeat(indent));
        value(rng, out, indent, depth);
    }
    noise(rng, out, indent);
}

fn list(rng: &mut fastrand::Rng, out: &mut String, indent: usize, depth: usize) {
    for _ in 0..rng.usize(1..4) {
        noise(rng, out, indent);
        let _ = write!(out, "{}-", " ".repeat(indent));
        if depth > 0 && rng.u8(0..3) == 0 {
            let _ = write!(out, " k:");
            value(rng, out, indent + 2, depth - 1);
            if rng.bool() {
                noise(rng, out, indent + 2);
                let _ = write!(out, "{}l:", " ".repeat(indent + 2));
                value(rng, out, indent + 2, depth - 1);
            }
        } else {
            value(rng, out, indent, depth);
        }
    }
    noise(rng, out, indent);
}

#[test]
fn random_files_keep_their_meaning_and_their_comments() {
    let (mut formatted, mut refused, mut broken) = (0, 0, 0);
    for seed in 0..6000 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let text = random(&mut rng);
        if !said_or_none(&text) {
            broken += 1;
            continue;
        }
        let mut found = Diagnostics::new();
        match format_file(&text, &file(), &mut found) {
            Some(_) => {
                let once = holds(&text);
                let marks = |text: &str| text.matches('#').count();
                assert_eq!(marks(&text), marks(&once), "seed {seed}:\n{text}\n=>\n{once}");
                formatted += 1;
            }
            None => {
                if refused < 3 {
                    eprintln!("seed {seed} is refused:\n{text}");
                }
                refused += 1;
            }
        }
    }
    assert!(refused == 0 && formatted > 3000, "{formatted} formatted, {refused} refused, {broken} no YAML");
}
