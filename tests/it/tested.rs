//! `quell test` as people and CI servers use it: what was tried, how much is asked for, which form it has.

use crate::checked::folder;
use crate::world::quell;
use serde_json::Value;
use std::path::Path;

const FILTER: &str = "id: scan\ntitle: Scans\nreason: test\nowner: a@example.com\nmatch: {alert_type: PortScan, severity|lte: medium}\ntests:\n  - name: quiet\n    alert: {alert_type: PortScan, severity: low}\n    expect: dismissed\n  - name: another type\n    alert: {alert_type: HostScan, severity: low}\n    expect: active\n";
const PLAYBOOK: &str = "//! title: Ask\n//! owner: a@example.com\n//! timeout: 2h\n//! connections: [chat]\nfn on_alert(alert) {\n    let answer = wait_for_approval(#{ ask: \"Block?\", within: \"1h\", otherwise: \"deny\" });\n    if answer.approved {\n        connection(\"chat\").post(#{ said: \"yes\" });\n        sleep(\"3h\");\n    }\n    return answer.approved;\n}\n";
const PLAYBOOK_TESTS: &str = "- name: silence is a no\n  alert: {title: x}\n  steps: [{approval: timeout}]\n  expect: {run: done, calls: [], result: false}\n";

fn set(files: &[(&str, &str)]) -> tempfile::TempDir {
    folder(&files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<_>>())
}

fn whole() -> tempfile::TempDir {
    set(&[("rules/scan.yaml", FILTER), ("playbooks/ask.rhai", PLAYBOOK), ("playbooks/ask.test.yaml", PLAYBOOK_TESTS)])
}

fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = quell(folder).arg("test").args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_no_test_has_tried_is_told_line_by_line() {
    let folder = whole();
    let (code, out, err) = run(folder.path(), &["--coverage"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let expected = "\
3 passed, 0 failed

COVERED                            SEEN  OF  SHARE
filters tested                     1     1   100%
lines of filters, held and failed  3     4   75%
playbooks tested                   1     1   100%
blocks of playbooks                1     2   50%

ID    KIND      TESTS  SEEN    SHARE
scan  filter    2      3 of 4  75%
ask   playbook  1      1 of 2  50%

scan
  never fails: severity|lte: medium

ask
  never reached: playbooks/ask.rhai:7:24
";
    assert_eq!(out, expected);
    let (_, out, _) = run(folder.path(), &["--format", "json"]);
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(said["coverage"]["filters"][0]["lines"][1]["failed"], false, "{said:#}");
    assert_eq!(said["coverage"]["playbooks"][0]["blocks"][1]["reached"], false, "{said:#}");
}

#[test]
fn too_few_tests_and_too_little_coverage_are_findings() {
    let folder = whole();
    assert_eq!(run(folder.path(), &["--min-tests", "1", "--min-coverage", "66"]).0, 0);
    let (code, _, err) = run(folder.path(), &["--min-tests", "2"]);
    assert_eq!(code, 1);
    let expected = "warning[T001]: the playbook `ask` has 1 test, and 2 are asked for";
    assert!(err.contains(expected) && !err.contains("`scan`"), "{err}");
    assert!(err.contains("add to playbooks/ask.test.yaml"), "{err}");
    let (code, out, err) = run(folder.path(), &["--min-coverage", "67", "--min-tests", "2", "--format", "junit"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains("<testsuites name=\"quell\" tests=\"5\" failures=\"2\">"), "{out}");
    assert!(out.contains("66% of lines and blocks are covered, and 67% are asked for"), "{out}");
    assert!(
        out.contains("<testcase classname=\"rules/scan.yaml\" name=\"quiet\" file=\"rules/scan.yaml\" line=\"7\"/>"),
        "{out}"
    );
}

#[test]
fn a_pattern_says_what_is_tested() {
    let folder = whole();
    let (code, out, _) = run(folder.path(), &["--filter", "sc*", "--min-tests", "2"]);
    assert_eq!((code, out.lines().next()), (0, Some("2 passed, 0 failed")));
    assert!(!out.contains("playbooks"), "{out}");
    let (code, out, _) = run(folder.path(), &["--filter", "ask"]);
    assert_eq!((code, out.lines().next()), (0, Some("1 passed, 0 failed")));
    let (code, _, err) = run(folder.path(), &["--filter", "scam"]);
    assert_eq!(
        (code, err.as_str()),
        (3, "error: --filter scam: no filter or playbook has such an id; did you mean `scan`?\n")
    );
}

#[test]
fn paths_say_what_is_tested() {
    let folder = whole();
    let inner = FILTER.replace("id: scan", "id: inner").replace("expect: active", "expect: dismissed");
    std::fs::create_dir(folder.path().join("rules/team-a")).unwrap();
    std::fs::write(folder.path().join("rules/team-a/inner.yaml"), inner.replace("PortScan", "SlowScan")).unwrap();
    let counts = |args: &[&str]| {
        let (code, out, _) = run(folder.path(), args);
        (code, out.lines().next().unwrap_or_default().to_owned())
    };
    let is = |code: i32, text: &str| (code, text.to_owned());
    assert_eq!(counts(&[]), is(1, "4 passed, 1 failed"));
    assert_eq!(counts(&["rules/scan.yaml"]), is(0, "2 passed, 0 failed"));
    assert_eq!(counts(&["rules/team-a"]), is(1, "1 passed, 1 failed"));
    assert_eq!(counts(&["rules"]), is(1, "3 passed, 1 failed"));
    for one in ["playbooks", "playbooks/ask.rhai", "playbooks/ask.test.yaml", "./rules/../playbooks/ask.rhai"] {
        assert_eq!(counts(&[one]), is(0, "1 passed, 0 failed"), "{one}");
    }
    assert_eq!(counts(&["rules/scan.yaml", "playbooks/ask.rhai"]), is(0, "3 passed, 0 failed"));
    assert_eq!(counts(&["rules", "--filter", "sc*"]), is(0, "2 passed, 0 failed"));
    // What is not tested must load all the same.
    std::fs::write(folder.path().join("rules/broken.yaml"), "id: broken\n").unwrap();
    assert_eq!(counts(&["rules/scan.yaml"]).0, 2);
    std::fs::remove_file(folder.path().join("rules/broken.yaml")).unwrap();
    std::fs::create_dir(folder.path().join("rules/empty")).unwrap();
    for (args, said) in [
        (&["rules/gone.yaml"][..], "rules/gone.yaml: No such file"),
        (&["rules/empty"], "rules/empty: there is no filter and no playbook to test"),
        (&["rules/team-a", "--filter", "scan"], "--filter scan: no filter or playbook has such an id there"),
    ] {
        let (code, _, err) = run(folder.path(), args);
        assert!(code == 3 && err.contains(said), "{args:?}: {code} {err}");
    }
}

#[test]
fn what_a_playbook_keeps_for_a_time_is_gone_after_it() {
    let playbook = "//! title: Remember\n//! owner: a@example.com\nfn on_alert(alert) {\n    state_put(\"seen\", 1, \"1h\");\n    state_put(\"long\", 2, \"1d\");\n    sleep(\"59m\");\n    let before = state_get(\"seen\");\n    sleep(\"2m\");\n    return [before, state_get(\"seen\"), state_get(\"long\")];\n}\n";
    let tests = "- name: an hour\n  alert: {title: x}\n  expect: {result: [1, null, 2]}\n";
    let folder = set(&[("playbooks/remember.rhai", playbook), ("playbooks/remember.test.yaml", tests)]);
    let (code, out, err) = run(folder.path(), &[]);
    assert_eq!((code, out.lines().next()), (0, Some("1 passed, 0 failed")), "{err}");
}

#[test]
fn a_failure_in_junit_shows_the_condition_line_by_line() {
    let folder = set(&[("rules/scan.yaml", &FILTER.replace("expect: active", "expect: dismissed"))]);
    let (code, out, _) = run(folder.path(), &["--format", "junit"]);
    assert_eq!(code, 1);
    let failure = out.split_once("<failure").unwrap().1.split_once("</failure>").unwrap().0;
    assert!(failure.contains("no      alert_type = `PortScan`  saw `HostScan`"), "{out}");
    let (_, _, text) = run(folder.path(), &[]);
    let lines = text.lines().skip(1).map(str::trim).filter(|line| !line.is_empty());
    for line in lines {
        let escaped = line.replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(failure.contains(&escaped), "{line}: {out}");
    }
}

#[test]
fn the_clock_jumps_over_waits_and_a_run_that_waits_too_long_expires() {
    let tests = "- name: waits too long\n  alert: {title: x}\n  steps:\n    - {approval: approved}\n    - {connection: chat, returns: {status: 200}}\n  expect: {run: expired, calls: [chat]}\n- name: is told\n  alert: {title: x}\n  steps:\n    - {approval: approved}\n    - {connection: chat, returns: {status: 200}}\n  expect: {run: done}\n- name: a step that is not listed\n  alert: {title: x}\n  steps: [{approval: approved}]\n- name: a step that fails\n  alert: {title: x}\n  steps: [{approval: approved}, {connection: chat, fails: {status: 503}}]\n  expect: {run: failed, calls: [chat]}\n";
    let folder = set(&[("playbooks/ask.rhai", PLAYBOOK), ("playbooks/ask.test.yaml", tests)]);
    let (code, out, err) = run(folder.path(), &[]);
    assert_eq!((code, out.lines().next()), (1, Some("2 passed, 2 failed")), "{err}");
    let expected = "\
playbooks/ask.test.yaml:7: failed: is told: run: expected done, is expired: its waits take longer than its `timeout`
playbooks/ask.test.yaml:13: failed: a step that is not listed: line 8 calls `chat`, which is not listed
";
    assert_eq!(err, expected);
}

#[test]
fn an_alert_can_stand_in_a_file_of_its_own_and_nowhere_else() {
    let playbook = "//! title: Name it\n//! owner: a@example.com\n//! match: {source: falco}\nfn on_alert(alert) {\n    return alert.severity;\n}\n";
    let falco = include_str!("../fixtures/alerts/falco_terminal_shell.json");
    let tests = |file: &str| format!("- name: a real one\n  alert: {{file: {file}}}\n  expect: {{result: critical}}\n");
    let with = |file: &str| {
        let folder = set(&[
            ("playbooks/name.rhai", playbook),
            ("playbooks/name.test.yaml", &tests(file)),
            ("playbooks/samples/falco.json", falco),
            ("playbooks/samples/two.json", "[{\"title\": \"a\"}, {\"title\": \"b\"}]"),
            ("secret.json", falco),
        ]);
        std::os::unix::fs::symlink(folder.path().join("secret.json"), folder.path().join("playbooks/out.json"))
            .unwrap();
        run(folder.path(), &[])
    };
    let (code, _, err) = with("samples/falco.json");
    assert_eq!((code, err.as_str()), (0, ""));
    for (file, code, why) in [
        ("samples/two.json", 1, "the file holds 2 alerts"),
        ("samples/none.json", 1, "cannot be read: No such file"),
        ("samples", 1, "is not a file"),
        ("out.json", 1, "lies outside the test's folder"),
        ("../secret.json", 2, "beside the test or below"),
        ("/etc/passwd", 2, "beside the test or below"),
    ] {
        let (seen, _, err) = with(file);
        assert!(seen == code && err.contains(why), "{file}: {seen} {err}");
    }
}
