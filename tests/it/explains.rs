//! `quell explain`: by the rules that run, by those that decided, and of alerts in files without a daemon.

use crate::repository::filter;
use crate::world::{World, eventually, quell};
use serde_json::{Value, json};
use std::path::Path;

/// Runs `quell` in a folder; gives its exit code, stdout and stderr.
fn run(folder: &Path, url: &str, args: &[&str]) -> (i32, String, String) {
    let output = quell(folder).args(args).env("QUELL_URL", url).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_is_explained_by_the_rules_that_made_it() {
    let mut daemon = World::new().filter("a.yaml", &filter("quiet-scans", "Scan")).start();
    let alert = json!({"title": "t", "alert_type": "Scan", "severity": "low", "status": "in_progress"});
    let id = daemon.post_alert(alert).await["id"].as_str().unwrap().to_owned();
    let folder = daemon.world.path("");
    let old = daemon.get("/api/v1/ruleset").await["generation"].as_str().unwrap().to_owned();
    let explain = |address: &str, more: &[&str]| run(&folder, address, &[&["explain", &*id][..], more].concat());
    let (code, out, _) = explain(&daemon.url(""), &["--generation", "decided"]);
    assert_eq!(code, 0);
    assert!(!out.contains("today"), "nothing has changed: {out}");

    daemon.world.write("rules/a.yaml", &filter("louder", "Other"));
    eventually("the other rules are live", async || {
        daemon.get("/api/v1/ruleset").await["generation"].as_str().unwrap() != old
    })
    .await;
    let check = |address: &str| {
        let (code, out, err) = explain(address, &["--generation", "decided"]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        let said = out.split_once("\nBy the filters that decided (").expect(&out);
        assert!(
            said.0.starts_with(&format!("decided      dismissed by quiet-scans, in generation {}\n", &old[..12])),
            "{out}"
        );
        assert!(said.0.contains("\ntoday        active, in another generation ("), "{out}");
        assert!(said.1.starts_with(&format!("{}), as of then\nquiet-scans  dismisses\n", &old[..12])), "{out}");
        assert!(!said.1.contains("louder"), "{out}");
        let (_, out, _) = explain(address, &[]);
        assert!(out.contains("another generation)\nno filter is met\n") && !out.contains("quiet-scans  "), "{out}");
    };
    check(&daemon.url(""));
    daemon.kill();
    daemon.restart();
    check(&daemon.url(""));

    let path = format!("/api/v1/alerts/{id}/explain?generation=decided&filter=quiet-scans");
    let explained = daemon.get(&path).await;
    assert_eq!(
        (&explained["asked"], &explained["generation"], &explained["met"][0]["effect"]),
        (&json!("decided"), &json!(old), &json!("dismisses"))
    );
    assert_eq!((&explained["at"], &explained["today"]["same"]), (&explained["verdict"]["decided_time"], &json!(false)));
    assert_eq!(explained["verdict"]["given_status"], "in_progress");
    let (code, _, err) = explain(&daemon.url(""), &["--generation", "decided", "--filter", "louder"]);
    assert!(code == 3 && err.contains("there is no filter louder"), "{err}");
    let (code, _, err) = explain(&daemon.url(""), &["--rules", "rules"]);
    assert!(code == 3 && err.contains("--rules and --playbooks go with --events"), "{err}");
    let response =
        daemon.client.get(daemon.url(&format!("/api/v1/alerts/{id}/explain?generation=decdied"))).send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(
        response.text().await.unwrap().contains("`decdied` is not a value of `generation`; known: running, decided")
    );
}

#[test]
fn alerts_of_a_file_are_explained_without_a_daemon() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("draft")).unwrap();
    std::fs::write(folder.path().join("draft/a.yaml"), filter("quiet-scans", "Scan")).unwrap();
    std::fs::write(
        folder.path().join("draft/b.yaml"),
        filter("hers", "Scan").replace("match:", "match:\n  title: hers"),
    )
    .unwrap();
    let lines = "{\"title\":\"one\",\"alert_type\":\"Scan\",\"severity\":\"low\",\"source_id\":\"1\"}\nno alert\n{\"title\":\"two\",\"alert_type\":\"Else\",\"severity\":\"high\",\"source_id\":\"2\"}\n";
    std::fs::write(folder.path().join("events.ndjson"), lines).unwrap();
    let explain = |more: &[&str]| {
        run(
            folder.path(),
            "http://127.0.0.1:1",
            &[&["explain", "--rules", "draft", "--events", "events.ndjson"][..], more].concat(),
        )
    };
    let (code, out, err) = explain(&[]);
    assert_eq!(code, 0, "{err}");
    assert!(err.starts_with("events.ndjson:2: not read: [invalid_json]"), "{err}");
    assert!(
        out.starts_with(
            "alert        1  one\nseverity     low\ndecided      dismissed by quiet-scans\n\nBy the filters in place ("
        ),
        "{out}"
    );
    assert!(out.contains("quiet-scans  dismisses\n  yes   alert_type = `Scan`  saw `Scan`\n"), "{out}");
    assert!(out.contains("Not met, the nearest first\nhers  misses by one line\n"), "{out}");
    assert!(out.contains("alert        2  two\nseverity     high\ndecided      active\n"), "{out}");
    let (code, out, _) = explain(&["--filter", "hers", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &report["unreadable"], &report["items"][0]["nearest"][0]["filter"]),
        (0, &json!(1), &json!("hers"))
    );
    assert_eq!(report["items"][1]["verdict"]["status"], "active");
    let (code, _, err) = explain(&["--filter", "nobodys"]);
    assert!(code == 3 && err.contains("there is no filter nobodys"), "{err}");
    let (code, _, err) = explain(&["--generation", "decided"]);
    assert!(code == 3 && err.contains("cannot be used with"), "{err}");
}
