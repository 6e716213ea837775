//! Filters with a limit, and what rules have done: counted exactly, durably, whatever happens to the rules.

use crate::world::{Daemon, World, eventually, quell};
use serde_json::{Value, json};
use std::time::Duration;

const LIMITED: &str = "id: scans\ntitle: Some of many\nreason: noise\nowner: a@example.com\nexpires: 2099-01-01\nlimit: {max: 2, per: 1h, by: [alert_type, entities.host.host_name]}\nmatch: {alert_type: PortScan}\n";

fn scan(host: &str, id: &str) -> Value {
    json!({"title": "t", "alert_type": "PortScan", "severity": "low", "source_id": id,
        "entities": [{"type": "host", "host_name": host}]})
}

async fn statuses(daemon: &Daemon, alerts: Vec<Value>) -> Vec<String> {
    let (status, answer) = daemon.post("/api/v1/alerts", "application/json", json!(alerts).to_string()).await;
    assert_eq!(status, 200, "{answer}");
    let word = |one: &Value| one["status"].as_str().unwrap().to_owned();
    answer["results"].as_array().unwrap().iter().map(word).collect()
}

fn run(daemon: &Daemon, args: &[&str]) -> (i32, String, String) {
    let mut command = quell(&daemon.world.path(""));
    let output = command.args(args).env("QUELL_URL", daemon.url("")).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_counts_through_batches_repetitions_restarts_and_reloads() {
    let playbook = "//! title: Note it\n//! owner: a@example.com\n//! trigger: dismissed\nfn on_alert(alert) { return alert.status; }\n";
    let mut daemon = World::new().filter("scans.yaml", LIMITED).playbook("note.rhai", playbook).start();
    let batch = vec![scan("a", "1"), scan("a", "1"), scan("a", "2"), scan("a", "3"), scan("b", "4")];
    assert_eq!(statuses(&daemon, batch).await, ["active", "active", "active", "dismissed", "active"]);
    daemon.kill();
    daemon.restart();
    assert_eq!(statuses(&daemon, vec![scan("a", "5"), scan("b", "6")]).await, ["dismissed", "active"]);
    // Another text of the same filter goes on counting.
    daemon.world.write("rules/scans.yaml", &LIMITED.replace("max: 2", "max: 3"));
    let (status, _) = daemon.post("/-/reload", "application/json", "").await;
    assert_eq!(status, 200);
    assert_eq!(statuses(&daemon, vec![scan("a", "7"), scan("a", "8")]).await, ["active", "dismissed"]);

    let (_, answer) = daemon.post("/api/v1/alerts", "application/json", scan("a", "9").to_string()).await;
    let one = &answer["results"][0];
    assert_eq!(one["dismissed_by"], json!(["scans"]), "{one}");
    let run_of = daemon.ended_run(one["runs"][0].as_str().unwrap()).await;
    assert_eq!(run_of["result"], "dismissed", "a playbook sees the alert as it was decided");
    let id = one["id"].as_str().unwrap();
    let details = daemon.get(&format!("/api/v1/alerts/{id}")).await;
    assert_eq!((&details["status"], &details["verdict"]["status"]), (&json!("dismissed"), &json!("dismissed")));
    let (code, out, _) = run(&daemon, &["explain", id]);
    assert!(code == 0 && out.contains("is met, and dismisses what exceeds its limit"), "{out}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_rules_have_done_is_counted_and_told() {
    let quiet = "id: quiet\ntitle: Quiet\nreason: test\nmatch: {alert_type: Quiet}\n";
    let audit = "id: watch\ntitle: Watch\nreason: test\nowner: b@example.com\nmode: audit\nexpires: 2099-01-01\nmatch: {alert_type: Loud}\n";
    // A window that is closed now, whatever day it is.
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(72);
    let day = later.strftime("%a").to_string().to_lowercase();
    let window = format!(
        "id: window\ntitle: Window\nreason: test\nowner: b@example.com\nschedule: {{days: [{day}], from: \"02:00\", to: \"04:00\"}}\nmatch: {{alert_type: Never}}\n"
    );
    let playbook =
        "//! title: Note it\n//! owner: a@example.com\n//! match: {alert_type: Loud}\nfn on_alert(alert) { }\n";
    let world = World::new().filter("quiet.yaml", quiet).filter("watch.yaml", audit).filter("window.yaml", &window);
    let mut daemon = world.playbook("note.rhai", playbook).start();
    for number in 0..3 {
        for kind in ["Quiet", "Loud", "Unheard"] {
            let id = format!("{kind}{number}");
            daemon.post_alert(json!({"title": "t", "alert_type": kind, "severity": "low", "source_id": id})).await;
        }
    }
    // What is there already counts once.
    daemon.post_alert(json!({"title": "t", "alert_type": "Quiet", "severity": "low", "source_id": "Quiet0"})).await;
    daemon.kill();
    daemon.restart();
    let filters = daemon.get("/api/v1/ruleset/filters").await;
    let told: Vec<_> = filters["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["id"].clone(), it["hits"].clone(), it["dismissed"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            (json!("quiet"), json!(3), json!(3)),
            (json!("watch"), json!(3), json!(0)),
            (json!("window"), json!(0), json!(0))
        ]
    );
    let playbooks = daemon.get("/api/v1/ruleset/playbooks").await;
    assert_eq!((&playbooks["items"][0]["id"], &playbooks["items"][0]["hits"]), (&json!("note"), &json!(3)));
    let first = daemon.get("/api/v1/ruleset/filters?limit=2").await;
    assert_eq!(first["next_cursor"], "watch");
    let rest = daemon.get("/api/v1/ruleset/filters?limit=2&cursor=watch").await;
    assert_eq!((&rest["items"][0]["id"], &rest["next_cursor"]), (&json!("window"), &Value::Null));

    let (code, out, err) = run(&daemon, &["filters", "list"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let mut lines = out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    assert_eq!(lines.next().unwrap(), ["STATE", "ID", "HITS", "DISMISSED", "LAST", "EXPIRES", "WHEN", "OWNER"]);
    let quiet = lines.next().unwrap();
    assert_eq!((&quiet[..4], &quiet[5..]), (&["enforce", "quiet", "3", "3"][..], &["never", "always", "nobody"][..]));
    assert!(out.contains(&format!("{day} from 02:00 to 04:00 UTC")), "{out}");
    let (code, out, _) = run(&daemon, &["filters", "show", "window"]);
    assert!(code == 0 && out.contains("\nopens next  ") && !out.contains("opens next  never"), "{out}");
    let (code, _, err) = run(&daemon, &["filters", "show", "windows"]);
    assert!(code == 3 && err.contains("there is no filter `windows`"), "{err}");

    let (_, answer) = daemon
        .post(
            "/api/v1/alerts",
            "application/json",
            json!({"title": "t", "alert_type": "Never", "severity": "low"}).to_string(),
        )
        .await;
    let explained = run(&daemon, &["explain", answer["results"][0]["id"].as_str().unwrap()]).1;
    assert!(explained.contains("is met, but not in force before its next window opens at 20"), "{explained}");

    let report = daemon.get("/api/v1/ruleset/report").await;
    let ids = |list: &str| {
        report[list].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((ids("stale"), ids("hot")), (vec![], vec!["quiet".to_owned()]), "nothing is stale on its first day");
    assert_eq!(ids("never_expiring"), ["quiet", "window"]);
    assert_eq!(report["hot"][0]["share"], 1.0);
    assert_eq!(
        (&report["blind_spots"][0]["alert_type"], &report["blind_spots"][0]["alerts"]),
        (&json!("Unheard"), &json!(3))
    );
    let (code, out, err) = run(&daemon, &["filters", "report"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("100%   3          quiet\n") && out.contains("Unheard"), "{out}");

    // A month later, by the store's own dates.
    daemon.kill();
    let db = rusqlite::Connection::open(daemon.world.path("data/quell.db")).unwrap();
    let month = 31_i64 * 24 * 3600 * 1_000_000;
    assert_eq!(db.execute("UPDATE filter_texts SET since = since - ?1", [month]).unwrap(), 3);
    drop(db);
    daemon.restart();
    let report = daemon.get("/api/v1/ruleset/report").await;
    assert_eq!(report["stale"].as_array().unwrap().iter().map(|it| &it["id"]).collect::<Vec<_>>(), ["window"]);
}

/// A daemon whose filter `loud` may dismiss three alerts an hour.
fn guarded(filter: &str) -> Daemon {
    let world = World::new().filter("loud.yaml", filter);
    world.config("policy:\n  budget: {filter: 3/h}\n  expiry_alerts: true\n").start()
}

const LOUD: &str = "id: loud\ntitle: Loud\nreason: noise\nowner: a@example.com\nmatch: {alert_type: Loud}\n";

async fn loud(daemon: &Daemon, id: &str) -> String {
    let alert = json!({"title": "t", "alert_type": "Loud", "severity": "low", "source_id": id});
    statuses(daemon, vec![alert]).await.remove(0)
}

async fn is_held(daemon: &Daemon) -> bool {
    daemon.get("/api/v1/ruleset/filters/loud").await["held"].is_string()
}

async fn told(daemon: &Daemon, alert_type: &str) -> usize {
    let list = daemon.get(&format!("/api/v1/alerts?source=quell&alert_type={alert_type}")).await;
    list["items"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_young_filter_beyond_its_budget_only_records_until_it_changes_or_somebody_vouches_for_it() {
    let mut daemon = guarded(LOUD);
    for number in 0..3 {
        assert_eq!(loud(&daemon, &number.to_string()).await, "dismissed");
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!is_held(&daemon).await, "three are within the budget");
    assert_eq!(loud(&daemon, "one more").await, "dismissed");
    eventually("the filter is held", async || is_held(&daemon).await).await;
    let held = json!({"title": "t", "alert_type": "Loud", "severity": "low", "source_id": "held"});
    let (_, answer) = daemon.post("/api/v1/alerts", "application/json", held.to_string()).await;
    assert_eq!(answer["results"][0]["status"], "active");
    let id = answer["results"][0]["id"].as_str().unwrap();
    for arguments in [&["explain", id][..], &["explain", id, "--generation", "decided"]] {
        let (_, out, _) = run(&daemon, arguments);
        assert!(out.contains("is met, and only records it: held") && !out.contains("today"), "{out}");
    }
    eventually("an alert tells of it", async || told(&daemon, "Quell_FilterHeld").await == 1).await;
    let (_, out, _) = run(&daemon, &["filters", "list"]);
    assert!(out.contains("\nheld   loud"), "{out}");

    daemon.kill();
    daemon.restart();
    assert_eq!(loud(&daemon, "after a restart").await, "active");

    let (code, out, err) = run(&daemon, &["filters", "enforce", "loud"]);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "loud dismisses again\n", ""));
    assert_eq!(loud(&daemon, "vouched").await, "dismissed");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(!is_held(&daemon).await, "somebody has vouched for it");
    let (code, _, err) = run(&daemon, &["filters", "enforce", "loud"]);
    assert!(code == 3 && err.contains("the filter `loud` is not held"), "{err}");

    // Another version is young again, and answers for what it dismisses itself.
    daemon.world.write("rules/loud.yaml", &LOUD.replace("title: Loud", "title: Louder"));
    assert_eq!(daemon.post("/-/reload", "application/json", "").await.0, 200);
    tokio::time::sleep(Duration::from_secs(3)).await;
    for number in 10..14 {
        assert_eq!(loud(&daemon, &number.to_string()).await, "dismissed");
    }
    eventually("the other version is held", async || is_held(&daemon).await).await;
    daemon.world.write("rules/loud.yaml", &LOUD.replace("title: Loud", "title: Loudest"));
    assert_eq!(daemon.post("/-/reload", "application/json", "").await.0, 200);
    assert_eq!(loud(&daemon, "another text").await, "dismissed", "another text is not held");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_soon_expires_is_told_once() {
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(72);
    let mut daemon = guarded(&LOUD.replace("match:", &format!("expires: {soon}\nmatch:")));
    eventually("an alert tells of it", async || told(&daemon, "Quell_FilterExpires").await == 1).await;
    daemon.kill();
    daemon.restart();
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(told(&daemon, "Quell_FilterExpires").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_told_and_taken_back() {
    // A filter that would hide what Quell says of filters.
    let hides =
        "id: hides\ntitle: Hides\nreason: noise\nowner: a@example.com\nmatch: {alert_type|startswith: Quell_}\n";
    let world = World::new().filter("loud.yaml", LOUD).filter("hides.yaml", hides);
    let mut daemon = world.config("policy:\n  change_alerts: true\n").start();
    let forged = json!({"title": "t", "alert_type": "Quell_Forged", "severity": "low", "source": "Quell"});
    assert_eq!(statuses(&daemon, vec![forged]).await, ["dismissed"], "nothing from outside passes for Quell");
    assert_eq!(told(&daemon, "Quell_Forged").await, 0);
    assert_eq!(loud(&daemon, "before").await, "dismissed");
    let good = daemon.get("/api/v1/ruleset").await;
    let (code, _, err) = run(&daemon, &["rollback"]);
    assert!(code == 3 && err.contains("there is no earlier generation to go back to"), "{err}");

    daemon.world.write("rules/loud.yaml", &LOUD.replace("alert_type: Loud", "alert_type: Silent"));
    assert_eq!(daemon.post("/-/reload", "application/json", "").await.0, 200);
    assert_eq!(loud(&daemon, "changed").await, "active");
    eventually("an alert tells of it", async || told(&daemon, "Quell_RulesetChanged").await == 1).await;
    let list = daemon.get("/api/v1/alerts?source=quell&alert_type=Quell_RulesetChanged").await;
    let details = daemon.get(&format!("/api/v1/alerts/{}", list["items"][0]["id"].as_str().unwrap())).await;
    assert_eq!(details["title"], "The rules changed: filters: 1 changed; playbooks: none");
    let description = details["description"].as_str().unwrap();
    assert!(description.contains("- {alert_type: Loud}\n    + {alert_type: Silent}"), "{description}");

    let (code, out, err) = run(&daemon, &["rollback", "--list"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<Vec<_>> = out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["GENERATION", "SINCE", "CAUSE", "COMMIT", "BY", "FILTERS", "PLAYBOOKS"]);
    assert_eq!((lines.len(), &lines[1][2..6]), (3, &["ago,", "in", "force", "files"][..]), "{out}");

    let (code, out, err) = run(&daemon, &["rollback"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let generation = good["generation"].as_str().unwrap();
    let expected =
        format!("in force until the files change: 2 filters, 0 playbooks, generation {}\n", &generation[..12]);
    assert_eq!(out, expected);
    let answer = daemon.get("/api/v1/alerts?status=dismissed&alert_type=Loud").await;
    assert_eq!(answer["items"].as_array().unwrap().len(), 1);
    assert_eq!(loud(&daemon, "back").await, "dismissed");
    eventually("an alert tells of it", async || told(&daemon, "Quell_RulesetChanged").await == 2).await;
    let (_, out, _) = run(&daemon, &["status"]);
    assert!(out.contains("rolled back by ") && out.contains(", until the files change"), "{out}");
    let (code, out, _) = run(&daemon, &["reload"]);
    assert!(code == 0 && out.ends_with(", rolled back until the files change\n"), "{out}");

    daemon.kill();
    daemon.restart();
    assert_eq!(loud(&daemon, "back after a restart").await, "dismissed");
    assert_eq!(daemon.get("/api/v1/ruleset").await["generation"], good["generation"]);

    for (wish, told) in [
        ("abc", "at least 6 of its hexadecimal digits"),
        ("abcdef", "no generation that begins with `abcdef`"),
        (generation, "is in force already"),
    ] {
        let (code, out, err) = run(&daemon, &["rollback", wish]);
        assert!((code, out.as_str()) == (3, "") && err.contains(told), "{wish}: {err}");
    }
    let (status, answer) = daemon.post("/api/v1/ruleset/rollback", "application/json", "{\"to\": 1}").await;
    assert_eq!((status, &answer["code"]), (422, &json!("bad_body")));

    let changes = daemon.get("/api/v1/ruleset/changes?limit=2").await;
    let causes: Vec<_> = changes["items"].as_array().unwrap().iter().map(|it| it["cause"].clone()).collect();
    assert_eq!((causes, changes["next_cursor"].is_string()), (vec![json!("rollback"), json!("files")], true));

    // Files that change are what somebody wants.
    daemon.world.write("rules/loud.yaml", &LOUD.replace("alert_type: Loud", "alert_type: Quiet"));
    assert_eq!(daemon.post("/-/reload", "application/json", "").await.0, 200);
    assert_eq!(loud(&daemon, "mended").await, "active");
    assert_eq!(daemon.get("/api/v1/ruleset").await["rolled_back"], json!(null));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_back_that_cannot_be_written_down_is_not_made() {
    let daemon = World::new().filter("loud.yaml", LOUD).start();
    daemon.world.write("rules/loud.yaml", &LOUD.replace("alert_type: Loud", "alert_type: Silent"));
    assert_eq!(daemon.post("/-/reload", "application/json", "").await.0, 200);
    let running = daemon.get("/api/v1/ruleset").await;
    // What can be gone back to is read; that somebody goes back cannot be written.
    let db = rusqlite::Connection::open(daemon.world.path("data/quell.db")).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON ruleset_changes BEGIN SELECT RAISE(ABORT, 'no'); END";
    db.execute_batch(refuse).unwrap();
    let (status, answer) = daemon.post("/api/v1/ruleset/rollback", "application/json", "{}").await;
    assert!(status >= 500, "{status}: {answer}");
    let after = daemon.get("/api/v1/ruleset").await;
    assert_eq!((&after["generation"], &after["rolled_back"]), (&running["generation"], &json!(null)));
    assert_eq!(loud(&daemon, "the files decide").await, "active");
    db.execute_batch("DROP TRIGGER refuse").unwrap();
    assert_eq!(daemon.post("/api/v1/ruleset/rollback", "application/json", "{}").await.0, 200);
    assert_eq!(loud(&daemon, "the step is made").await, "dismissed");
}
