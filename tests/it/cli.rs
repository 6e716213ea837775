//! The command line as scripts see it: exit codes, what goes to which stream, what is never shown.

use crate::world::quell;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};

const FILTER: &str = "id: nightly-scan
title: The scanner at night
reason: expected_activity
owner: secops@example.com
match:
  alert_type: PortScan
  entities.ip.address: 10.20.3.4
";

const PLAYBOOK: &str = "//! title: Note it
//! match: {alert_type: BruteForce}
//! owner: soc@example.com

fn on_alert(alert) {
    comment(`seen: ${alert.title}`);
}
";

/// A folder with one good filter and one good playbook.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "rules/team/scan.yaml", FILTER);
    write(folder.path(), "playbooks/note-it.rhai", PLAYBOOK);
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Runs the command; gives its exit code, stdout and stderr.
fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    ended(quell(folder).args(args).output().unwrap())
}

fn ended(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn help_is_an_answer_and_wrong_usage_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    for asked in [&["--help"][..], &["--version"], &["check", "--help"], &["alerts", "list", "--help"], &["runs", "-h"]]
    {
        let (code, out, err) = run(folder.path(), asked);
        assert_eq!((code, err.as_str()), (0, ""), "{asked:?}");
        assert!(!out.is_empty() && !out.contains('\u{1b}'), "{asked:?}: {out}");
    }
    for wrong in [&[][..], &["chekc"], &["check", "--colour"], &["alerts", "show", "nonsense"], &["reload", "--url"]] {
        let (code, out, err) = run(folder.path(), wrong);
        assert_eq!((code, out.as_str()), (3, ""), "{wrong:?}");
        assert!(err.contains("Usage:") || err.contains("--help"), "{wrong:?}: {err}");
    }
}

#[test]
fn a_good_set_is_checked_with_code_0() {
    let folder = folder();
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.starts_with("ok: 1 filter, 1 playbook, generation "), "{out}{err}");
    let (code, out, _) = run(folder.path(), &["check", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &report["loads"], &report["filters"], &report["errors"]),
        (0, &json!(true), &json!(1), &json!(0))
    );
}

#[test]
fn every_fault_of_every_file_is_reported_with_code_2() {
    let folder = folder();
    write(folder.path(), "rules/a.yaml", &format!("sevrity: low\n{FILTER}"));
    write(folder.path(), "rules/b.yaml", "id: [unclosed\n");
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
    assert!(err.contains("rules/a.yaml:1:1: error["), "{err}");
    assert!(err.contains("\n 1 | sevrity: low\n   | ^"), "{err}");
    assert!(err.contains("rules/b.yaml:"), "{err}");
    assert!(err.lines().rev().nth(1).unwrap().contains(" in "), "{err}");

    let (code, out, _) = run(folder.path(), &["check", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["loads"]), (2, &json!(false)));
    assert!(report["diagnostics"].as_array().unwrap().len() >= 2, "{out}");

    let (code, out, _) = run(folder.path(), &["check", "--format", "sarif"]);
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &log["version"]), (2, &json!("2.1.0")));
    let uri = "/runs/0/results/0/locations/0/physicalLocation/artifactLocation/uri";
    assert_eq!(log.pointer(uri), Some(&json!("rules/a.yaml")));

    let (code, out, _) = run(folder.path(), &["check", "--format", "github"]);
    assert_eq!(code, 2);
    assert!(out.starts_with("::error file=rules/a.yaml,line=1,col=1,title="), "{out}");
}

#[test]
fn warnings_fail_a_check_only_when_asked_to() {
    let folder = folder();
    write(
        folder.path(),
        "rules/old.yaml",
        &FILTER.replace("nightly-scan", "old").replace("match:", "expires: 2020-01-01\nmatch:"),
    );
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(err.contains("warning[R005]: `old` expired at 2020-01-01T00:00:00Z"), "{err}");
    assert_eq!(run(folder.path(), &["check", "--fail-level", "warning"]).0, 1);
    write(folder.path(), "rules/broken.yaml", "id: [unclosed\n");
    let (code, _, err) = run(folder.path(), &["check"]);
    assert!(code == 2 && err.contains("warning[R005]: `old` expired"), "an error elsewhere hides nothing: {err}");
}

#[test]
fn a_connection_that_nobody_configured_is_warned_of_where_connections_are_known() {
    let folder = folder();
    let playbook = PLAYBOOK.replace("//! owner", "//! connections: [chat]\n//! owner");
    write(folder.path(), "playbooks/note-it.rhai", &playbook);
    let (_, _, err) = run(folder.path(), &["check"]);
    assert!(!err.contains("R006"), "without a configuration nothing is known: {err}");
    write(folder.path(), "quell.yaml", "connections: {chta: {url: {env: NOT_SET_HERE}}}\n");
    let (code, _, err) = run(folder.path(), &["check"]);
    assert!(code == 0 && err.contains("playbooks/note-it.rhai:3:19: warning[R006]: the connection `chat`"), "{err}");
    assert!(err.contains("did you mean `chta`?"), "{err}");
    write(folder.path(), "rules/broken.yaml", "id: [unclosed\n");
    assert!(run(folder.path(), &["check"]).2.contains("warning[R006]"), "an error elsewhere hides nothing");
}

#[test]
fn paths_choose_what_is_reported() {
    let folder = folder();
    write(folder.path(), "rules/a.yaml", "id: [unclosed\n");
    let (code, out, err) = run(folder.path(), &["check", "rules/team", "playbooks"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.contains("the set does not load") && !err.contains("rules/a.yaml"), "{out}{err}");
    assert_eq!(run(folder.path(), &["check", "rules/a.yaml"]).0, 2);
    assert_eq!(run(folder.path(), &["check", "."]).0, 2);
    let (code, _, err) = run(folder.path(), &["check", "/"]);
    assert_eq!(code, 2, "{err}");
    let (code, _, err) = run(folder.path(), &["check", "rules/none.yaml"]);
    assert!(code == 3 && err.contains("rules/none.yaml: No such file"), "{err}");
    let (code, _, err) = run(folder.path(), &["check", "rules", "--rules", "playbooks"]);
    assert!(code == 3 && err.contains("name the folders with --rules and --playbooks"), "{err}");
}

#[test]
fn a_check_of_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(err.contains("nothing to check: neither rules nor playbooks exists"), "{err}");
}

#[test]
fn a_faulty_configuration_is_shown_at_its_place() {
    let folder = folder();
    write(folder.path(), "quell.yaml", "lisen: 127.0.0.1:1\n");
    let (code, out, err) = run(folder.path(), &["check"]);
    assert_eq!((code, out.as_str()), (3, ""));
    let expected = "quell.yaml:1:1: error[C002]: unknown key `lisen`\n   |\n 1 | lisen: 127.0.0.1:1\n   | ^^^^^\n  = help: did you mean `listen`?\n";
    assert_eq!(err, expected);
    write(folder.path(), "etc/other.yaml", "rules: ../rules\nplaybooks: ../playbooks\n");
    let other = quell(folder.path()).args(["check"]).env("QUELL_CONFIG", "etc/other.yaml").output().unwrap();
    assert_eq!(ended(other).0, 0);
}

#[test]
fn without_a_daemon_commands_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for command in [&["status"][..], &["reload"], &["alerts", "list"], &["runs", "list"]] {
        let (code, out, err) = ended(quell(folder.path()).args(command).env("QUELL_URL", &url).output().unwrap());
        assert_eq!((code, out.as_str()), (3, ""), "{command:?}");
        let expected = format!("error: no daemon at {url}: Connection refused (os error 111)\n");
        assert!(err.starts_with(&expected) && err.contains("`quell serve`"), "{command:?}: {err}");
    }
}

#[test]
fn a_reader_that_leaves_early_causes_no_panic() {
    let folder = folder();
    for args in [&["check", "--format", "json"][..], &["check"], &["--help"]] {
        let mut child = quell(folder.path()).args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(0), ""), "{args:?}");
    }
}

/// A daemon that gives these answers, in turn, to whatever path they are for.
fn daemon(answers: Vec<(&'static str, u16, Value)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let first = lines.next().unwrap_or_default();
            let bearer = lines.by_ref().take_while(|line| !line.is_empty()).any(|line| line.ends_with("Bearer t0ken"));
            let path = first.split_whitespace().nth(1).unwrap_or("").split('?').next().unwrap_or("").to_owned();
            let found = answers.iter().find(|(known, _, _)| *known == path);
            let (status, body) = match found {
                _ if !bearer => (401, json!({"code": "auth_missing", "detail": "send a token"})),
                Some((_, status, body)) => (*status, body.clone()),
                None => (404, json!({"code": "not_found", "detail": format!("nothing at {path}\u{1b}[2J")})),
            };
            let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    url
}

fn asked(url: &str, args: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    ended(quell(folder.path()).args(args).args(["--url", url]).env("QUELL_TOKEN", "t0ken").output().unwrap())
}

fn ruleset(outcome: &str) -> Value {
    json!({
        "generation": "ab".repeat(32), "commit": null, "dirty": false, "author": null, "commit_time": null,
        "loaded_at": "2026-03-01T10:00:00Z", "filters": 9, "playbooks": 4,
        "last_reload": {"outcome": outcome, "at": "2026-03-01T10:00:00Z", "diagnostics": []},
    })
}

#[test]
fn status_tells_a_daemon_that_is_well_from_one_that_is_not() {
    let metrics = json!("quell_stored_alerts{status=\"active\"} 3\n# EOF\n");
    let answers = |ready, outcome| {
        let readiness = json!({"code": "storage_full", "detail": "the disk is full", "status": "ready"});
        vec![
            ("/readyz", ready, readiness),
            ("/api/v1/ruleset", 200, ruleset(outcome)),
            ("/metrics", 200, metrics.clone()),
        ]
    };
    let well = daemon(answers(200, "reloaded"));
    let (code, out, err) = asked(&well, &["status"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(
        out.contains("takes alerts\n") && out.contains("9 filters, 4 playbooks\n") && out.contains("3 active\n"),
        "{out}"
    );
    let (_, out, _) = asked(&well, &["status", "--format", "json"]);
    let status: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&status["ready"], &status["ruleset"]["filters"]), (&json!(true), &json!(9)));

    let (code, out, _) = asked(&daemon(answers(503, "reloaded")), &["status"]);
    assert!(code == 1 && out.contains("takes no alerts: the disk is full\n"), "{out}");
    assert_eq!(asked(&daemon(answers(200, "rejected")), &["status"]).0, 1);
}

#[test]
fn a_refused_reload_shows_every_diagnostic_with_code_2() {
    let (code, out, _) = asked(&daemon(vec![("/-/reload", 200, ruleset("reloaded"))]), &["reload"]);
    assert_eq!((code, out.as_str()), (0, "reloaded: 9 filters, 4 playbooks, generation abababababab\n"));
    let found = |line| json!({"file": "rules/a.yaml", "line": line, "column": 1, "level": "error", "code": "F002", "message": "no\u{1b}", "help": "do"});
    let refusal = json!({"code": "ruleset_rejected", "detail": "no", "diagnostics": [found(1), found(7)]});
    let (code, out, err) = asked(&daemon(vec![("/-/reload", 422, refusal)]), &["reload"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        err,
        "rules/a.yaml:1:1: error[F002]: no\\u{1b}\n  = help: do\nrules/a.yaml:7:1: error[F002]: no\\u{1b}\n  = help: do\n\
         refused: 2 errors; the rules that were running stay\n"
    );
}

#[test]
fn lists_are_tables_for_people_and_the_page_for_programs() {
    let page = json!({"items": [{
        "id": "al_00000000000000000000000000", "source": "falco", "alert_type": "t", "severity": "high", "status": "active",
        "title": "Shell\u{1b}[2J", "start_time": null, "received_time": "2026-03-01T11:00:00Z", "compromised_entity": "web-1",
        "tactics": [], "tags": [], "assignee": null, "dismissed_by": [],
    }], "next_cursor": "abc"});
    let url = daemon(vec![("/api/v1/alerts", 200, page.clone())]);
    let (code, out, err) = asked(&url, &["alerts", "list"]);
    assert_eq!((code, err.as_str()), (0, "there are more: add --cursor abc\n"));
    let mut lines = out.lines();
    assert!(lines.next().unwrap().starts_with("SEVERITY  STATUS"), "{out}");
    assert!(lines.next().unwrap().ends_with("al_00000000000000000000000000  Shell\\u{1b}[2J  web-1"), "{out}");
    let (_, out, _) = asked(&url, &["alerts", "list", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), page);

    let (code, out, err) = asked(&url, &["alerts", "show", "al_00000000000000000000000000"]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert_eq!(err, "error: nothing at /api/v1/alerts/al_00000000000000000000000000\\u{1b}[2J\n");
}

#[test]
fn a_token_file_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = daemon(vec![("/-/reload", 200, ruleset("unchanged"))]);
    let path = folder.path().join("token");
    write(folder.path(), "token", "t0ken\n");
    let mode = |mode| std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    let reload = || run(folder.path(), &["reload", "--url", &url, "--token-file", "token"]);
    mode(0o644);
    let (code, _, err) = reload();
    assert_eq!(
        (code, err.as_str()),
        (3, "error: --token-file token: it can be read or changed by others (mode 0644); chmod 600 it\n")
    );
    mode(0o600);
    assert_eq!(reload().0, 0);
    let (code, _, err) = run(folder.path(), &["reload", "--url", &url]);
    assert_eq!((code, err.as_str()), (3, "error: send a token\n  give a token with QUELL_TOKEN or --token-file\n"));
}

#[test]
fn tests_that_do_not_hold_fail_with_code_1_and_name_their_place() {
    let world = crate::world::World::new().filter(
        "quiet.yaml",
        "id: quiet\ntitle: Quiet\nreason: test\nowner: a@example.com\nmatch: {alert_type: Quiet}\ntests:\n  - name: it is quiet\n    alert: {alert_type: Quiet, severity: low}\n    expect: dismissed\n  - name: a grave one too\n    alert: {alert_type: Quiet, severity: high}\n    expect: dismissed\n",
    );
    let output = quell(&world.path("")).arg("test").output().unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!((output.status.code(), stdout.lines().next()), (Some(1), Some("1 passed, 1 failed")), "{stderr}");
    assert!(
        stderr.starts_with("rules/quiet.yaml:10: failed: a grave one too: expected dismissed, is active: "),
        "{stderr}"
    );
    let output = quell(&world.path("")).args(["test", "--format", "json"]).output().unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&said["passed"], &said["failed"]), (&1.into(), &1.into()), "{said:#}");
}

#[test]
fn the_reference_of_playbooks_is_what_the_documents_hold() {
    let folder = tempfile::tempdir().unwrap();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (format, file) in [("markdown", "host-functions.md"), ("rhai", "quell.d.rhai")] {
        let (code, out, err) = run(folder.path(), &["playbooks", "reference", "--format", format]);
        assert_eq!((code, err.as_str()), (0, ""), "{format}");
        assert_eq!(out, std::fs::read_to_string(docs.join(file)).unwrap(), "docs/{file} is stale");
    }
    let (code, _, err) = run(folder.path(), &["playbooks", "reference", "--format", "html"]);
    assert!(code == 3 && err.contains("markdown"), "{err}");
}
