//! `quell check` as other programs read it, and what an operator's policy makes of a set.

use crate::checked::{Finding, check, folder};
use crate::world::quell;
use serde_json::{Value, json};
use std::path::Path;

const FILTER: &str = "title: Scans\nreason: test\nowner: a@example.com\nmatch: {alert_type: PortScan}\n";
const PLAYBOOK: &str = "//! title: Note it\n//! owner: a@example.com\nfn on_alert(alert) { comment(alert.title); }\n";

fn set(files: &[(&str, &str)]) -> tempfile::TempDir {
    folder(&files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>())
}

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = quell(folder).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn codes(found: &[Finding]) -> Vec<String> {
    found.iter().map(|f| format!("{} {} {}:{}", f.level, f.code, f.line, f.column)).collect()
}

/// A set with an error, a warning and a note, in a file whose name wants escaping.
fn faulty() -> tempfile::TempDir {
    let noted = "title: N\nreason: test\nowner: a\nmatch:\n  a: {title: x}\n  b_1: {title: y}\n  b_2: {title: z}\n  condition: a and not 1 of b_*\n";
    set(&[
        ("rules/a,b 100%.yaml", &format!("id: ab\nsevrity: low\n{FILTER}")),
        ("rules/old.yaml", &format!("expires: 2020-01-01\n{FILTER}")),
        ("rules/noted.yaml", noted),
        ("playbooks/note.rhai", PLAYBOOK),
    ])
}

#[test]
fn the_report_for_programs_has_the_shape_that_is_documented() {
    let schema = json!({
        "type": "object",
        "required": ["loads", "generation", "files", "filters", "playbooks", "errors", "warnings", "errors_elsewhere", "diagnostics"],
        "additionalProperties": false,
        "properties": {
            "loads": {"type": "boolean"}, "generation": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
            "files": {"type": "integer"}, "filters": {"type": "integer"}, "playbooks": {"type": "integer"},
            "errors": {"type": "integer"}, "warnings": {"type": "integer"}, "errors_elsewhere": {"type": "integer"},
            "diagnostics": {"type": "array", "items": {
                "type": "object",
                "required": ["file", "line", "column", "level", "code", "message", "help"],
                "additionalProperties": false,
                "properties": {
                    "file": {"type": "string"}, "line": {"type": "integer", "minimum": 1},
                    "column": {"type": "integer", "minimum": 1}, "level": {"enum": ["error", "warning", "note"]},
                    "code": {"pattern": "^[A-Z][0-9]{3}$"}, "message": {"type": "string"}, "help": {"type": ["string", "null"]},
                },
            }},
        },
    });
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let good = set(&[("rules/scan.yaml", FILTER), ("playbooks/note.rhai", PLAYBOOK)]);
    for (folder, loads) in [(faulty(), false), (good, true)] {
        let (_, out, _) = run(folder.path(), &["check", "--format", "json"]);
        let report: Value = serde_json::from_str(&out).unwrap();
        let faults: Vec<String> = schema.iter_errors(&report).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty() && report["loads"] == json!(loads), "{faults:?} {out}");
        // Every key of it is described where people look it up.
        let docs = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/checking.md")).unwrap();
        for key in report.as_object().unwrap().keys() {
            assert!(docs.contains(&format!("| `{key}` |")), "docs/checking.md does not describe `{key}`");
        }
    }
}

#[test]
fn sarif_is_what_services_take() {
    let schema: Value = serde_json::from_str(include_str!("../fixtures/sarif-required.json")).unwrap();
    let schema = jsonschema::draft202012::options().should_validate_formats(true).build(&schema).unwrap();
    let folder = faulty();
    let (code, out, _) = run(folder.path(), &["check", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&out).unwrap();
    let faults: Vec<String> =
        schema.iter_errors(&log).map(|fault| format!("{} {fault}", fault.instance_path())).collect();
    assert!(code == 2 && faults.is_empty(), "{faults:#?}");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let levels: Vec<&str> = results.iter().filter_map(|result| result["level"].as_str()).collect();
    assert_eq!(levels, ["error", "note", "warning"]);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let uri = "/locations/0/physicalLocation/artifactLocation/uri";
    assert_eq!(results[0].pointer(uri), Some(&json!("rules/a%2Cb%20100%25.yaml")));
    assert!(rules[0]["help"]["markdown"].as_str().unwrap().starts_with("# F001: "));
}

#[test]
fn annotations_stay_on_their_line_and_name_files_from_the_working_folder() {
    let folder = faulty();
    let absolute = folder.path().join("rules").canonicalize().unwrap();
    for rules in ["rules", "./playbooks/../rules", absolute.to_str().unwrap()] {
        let (code, out, _) = run(folder.path(), &["check", "--format", "github", "--rules", rules]);
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!((code, lines.len()), (2, 3), "{rules}: {out}");
        let expected = "::error file=rules/a%2Cb 100%25.yaml,line=2,col=1,title=F001::a filter has no key `sevrity`";
        assert!(lines[0].starts_with(expected), "{rules}: {out}");
        assert!(lines[1].starts_with("::notice file=rules/noted.yaml,line=8,col=20,title=M032::"), "{out}");
        assert!(lines[2].starts_with("::warning file=rules/old.yaml,line=1,col=1,title=R005::"), "{out}");
    }
}

#[test]
fn people_are_told_once_where_there_is_more_to_read() {
    let (_, out, err) = run(faulty().path(), &["check"]);
    assert_eq!((out.as_str(), err.matches("quell explain").count()), ("", 1));
    assert_eq!(err.lines().last(), Some("for what a code means: quell explain F001"), "{err}");
    let good = set(&[("rules/scan.yaml", FILTER), ("playbooks/note.rhai", PLAYBOOK)]);
    let (code, out, err) = run(good.path(), &["check"]);
    assert!(code == 0 && err.is_empty() && !out.contains("explain"), "{out}{err}");
}

#[test]
fn a_policy_is_asked_of_every_filter_with_the_level_it_says() {
    let rules = "id: one\ntitle: One\nreason: test\nmatch: {alert_type: A, title: '*', vendor: '?*'}\n---\nid: two\nticket: T-1\nexpires: 2099-01-01\ntitle: Two\nreason: test\nowner: a\nmatch: {alert_type: B}\n";
    let policy =
        "policy:\n  longest_life: 90d\n  required: {value: [owner, ticket], level: warning}\n  banned_values: ['*']\n";
    let off = set(&[("rules/two.yaml", rules)]);
    assert_eq!(codes(&check(off.path(), None)), ["warning F006 1:1"], "off unless set");
    let on = set(&[("rules/two.yaml", rules), ("quell.yaml", policy)]);
    assert_eq!(
        codes(&check(on.path(), None)),
        [
            "warning F006 1:1",
            "error F013 1:1",
            "error F013 8:10",
            "warning F014 1:1",
            "warning F014 1:1",
            "error F015 4:31",
            "error F015 4:44",
        ]
    );
    assert_eq!(run(on.path(), &["check"]).0, 2);
    let mild =
        set(&[("rules/two.yaml", rules), ("quell.yaml", &policy.replace("policy:", "policy:\n  level: warning"))]);
    assert!(check(mild.path(), None).iter().all(|finding| finding.level == "warning"));
    assert_eq!((run(mild.path(), &["check"]).0, run(mild.path(), &["check", "--fail-level", "warning"]).0), (0, 1));
    let broken = set(&[("rules/two.yaml", &rules.replace("alert_type: B", "alert_typ: B")), ("quell.yaml", policy)]);
    let found = codes(&check(broken.path(), None));
    assert!(
        found.contains(&"error M001 12:9".to_owned()) && found.contains(&"error F013 8:10".to_owned()),
        "{found:?}"
    );
}

#[test]
fn a_mail_without_a_server_is_told_where_there_is_a_configuration() {
    let playbook = "//! title: Mail\n//! owner: a@example.com\nfn on_alert(alert) {\n    email(#{ to: \"a@example.com\", subject: \"x\", body: \"y\" });\n}\n";
    let told = |config: Option<&str>| {
        let mut files = vec![("playbooks/mail.rhai", playbook)];
        files.extend(config.map(|config| ("quell.yaml", config)));
        codes(&check(set(&files).path(), None))
    };
    assert_eq!(told(None), [""; 0]);
    assert_eq!(told(Some("listen: 127.0.0.1:8642\n")), ["warning R011 4:5"]);
    assert_eq!(told(Some("email: {host: mail.example.com, from: q@example.com}\n")), [""; 0]);
}

#[test]
fn a_filter_that_expires_within_days_is_told() {
    let day = jiff::SignedDuration::from_hours(24);
    let in_days = |days: i32| {
        let at = jiff::Timestamp::now() + day * days;
        let text = format!("expires: {}\n{FILTER}", at.strftime("%Y-%m-%dT%H:%M:%SZ"));
        codes(&check(set(&[("rules/scan.yaml", &text)]).path(), None))
    };
    assert_eq!(in_days(8), [""; 0]);
    assert_eq!(in_days(6), ["warning R010 1:1"]);
    assert_eq!(in_days(-1), ["warning R005 1:1"]);
}

#[test]
fn a_test_that_does_not_hold_shows_why() {
    let tests = "tests:\n  - name: another type\n    alert: {alert_type: HostScan, severity: low}\n    expect: dismissed\n  - name: a grave one\n    alert: {alert_type: PortScan, severity: high}\n    expect: dismissed\n  - name: quiet\n    alert: {alert_type: PortScan, severity: low}\n    expect: active\n";
    let playbook = "//! title: Block\n//! owner: a@example.com\n//! connections: [firewall]\nfn on_alert(alert) {\n    connection(\"firewall\").post(#{});\n    set_status(\"resolved\", \"done\");\n    fail(\"no route\");\n}\n";
    let playbook_tests = "- name: blocks\n  alert: {title: x}\n  steps:\n    - {connection: firewall, returns: {status: 200}}\n    - {connection: firewall, returns: {status: 200}}\n  expect: {run: done, status: dismissed, calls: [chat], result: blocked}\n- name: fails otherwise\n  alert: {title: x}\n  steps: [{connection: firewall, returns: {}}]\n  expect: {run: failed, status: active}\n";
    let folder = set(&[
        ("rules/scan.yaml", &format!("{FILTER}{tests}")),
        ("playbooks/block.rhai", playbook),
        ("playbooks/block.test.yaml", playbook_tests),
    ]);
    let (code, out, err) = run(folder.path(), &["test"]);
    assert_eq!((code, out.lines().next()), (1, Some("0 passed, 5 failed")), "{err}");
    let expected = "\
rules/scan.yaml:6: failed: another type: expected dismissed, is active: `scan` is not met, by one line
  scan  misses by one line  Scans
    no    alert_type = `PortScan`  saw `HostScan`
rules/scan.yaml:9: failed: a grave one: expected dismissed, is active: `scan` is met, and its `allow` does not name the severity `high`
  scan  is met, but may not dismiss this severity (allow)  Scans
    yes   alert_type = `PortScan`  saw `PortScan`
rules/scan.yaml:12: failed: quiet: expected active, is dismissed: `scan` is met
  scan  dismisses  Scans
    yes   alert_type = `PortScan`  saw `PortScan`
playbooks/block.test.yaml:1: failed: blocks: run: expected done, is failed: no route (line 7)
  status: expected dismissed, is resolved
  calls: expected chat, is firewall
  result: expected \"blocked\", is null
  the listed step `firewall` was never called
playbooks/block.test.yaml:7: failed: fails otherwise: the run failed as expected, of: no route (line 7)
  status: expected active, is resolved
";
    assert_eq!(err, expected);
    let (_, out, _) = run(folder.path(), &["test", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["tests"][0]["explanation"][0]["effect"], "not_met", "{report:#}");
}
