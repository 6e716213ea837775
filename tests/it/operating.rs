//! What people do with runs, through the daemon's interface and the command line: answer, cancel, repeat, start, hold,
//! send again.

use crate::receiver::Receiver;
use crate::world::{Daemon, World, eventually, quell};
use serde_json::{Value, json};

const ASKS: &str = r#"//! title: Ask first
//! match: {alert_type: Ask}
//! connections: [firewall]
//! limits: {runs: 3/h}
//! owner: soc@example.com

fn on_alert(alert) {
    let answer = wait_for_approval(#{ ask: `Block ${alert.title}?`, to: "soc", within: "1h", otherwise: "deny" });
    if !answer.approved { return `no: ${answer.comment}`; }
    connection("firewall").post(#{ by: answer.by });
    "blocked"
}
"#;

const TELLS: &str = r#"//! title: Tell
//! match: {alert_type: Tell}
//! connections: [firewall]
//! owner: soc@example.com

fn on_alert(alert) {
    try { connection("firewall").post(#{ n: 1 }); } catch (e) { return e.status; }
    "told"
}
"#;

async fn world(receiver: &Receiver) -> Daemon {
    World::new().playbook("ask-first.rhai", ASKS).playbook("tell.rhai", TELLS).connection("firewall", receiver).start()
}

/// Posts an alert that calls for one run; its id and the run's.
async fn called(daemon: &Daemon, alert_type: &str, source_id: &str) -> (String, String) {
    let alert = json!({"title": source_id, "alert_type": alert_type, "source_id": source_id, "severity": "high"});
    let stored = daemon.post_alert(alert).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&stored["id"]), text(&stored["runs"][0]))
}

async fn asked(daemon: &Daemon, run: &str) -> Value {
    let mut found = Value::Null;
    eventually("the run asks", async || {
        let pending = daemon.get("/api/v1/approvals").await;
        let of_run = pending["items"].as_array().unwrap().iter().find(|item| item["run_id"] == run);
        found = of_run.cloned().unwrap_or_default();
        !found.is_null()
    })
    .await;
    found
}

/// Runs the command against the daemon; gives exit code and what it wrote.
async fn command(daemon: &Daemon, args: &[&str]) -> (i32, String, String) {
    let mut command = quell(daemon.world.path("").as_path());
    command.args(args).env("QUELL_URL", daemon.url(""));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_answered_over_http_and_by_command() {
    let receiver = Receiver::start().await;
    let daemon = world(&receiver).await;
    let (alert, run) = called(&daemon, "Ask", "a").await;
    let question = asked(&daemon, &run).await;
    assert_eq!(
        (&question["ask"], &question["to"], &question["otherwise"]),
        (&json!("Block a?"), &json!("soc"), &json!("deny"))
    );
    assert_eq!(daemon.get(&format!("/api/v1/runs/{run}")).await["status"], "waiting");
    let path = format!("/api/v1/approvals/{}", question["id"].as_str().unwrap());
    for (body, code) in [("{}", "bad_body"), (r#"{"approved": true, "x": 1}"#, "bad_body"), ("no", "bad_body")] {
        let (status, refused) = daemon.post(&path, "application/json", body).await;
        assert_eq!((status, &refused["code"]), (422, &json!(code)), "{refused}");
    }
    let (status, answered) = daemon.post(&path, "application/json", r#"{"approved": true, "comment": " sure "}"#).await;
    assert_eq!((status, &answered["status"], &answered["comment"]), (200, &json!("approved"), &json!("sure")));
    let ended = daemon.ended_run(&run).await;
    assert_eq!((&ended["status"], &ended["result"]), (&json!("done"), &json!("blocked")));
    assert_eq!(receiver.ledger()[0].json(), json!({"by": "local"}));
    let (status, late) = daemon.post(&path, "application/json", r#"{"approved": false}"#).await;
    assert_eq!((status, &late["code"]), (409, &json!("approval_settled")));
    let activity = &daemon.get(&format!("/api/v1/alerts/{alert}")).await["activity"];
    assert!(activity.as_array().unwrap().iter().any(|entry| entry["action"] == "approved"), "{activity}");

    let (_, run) = called(&daemon, "Ask", "b").await;
    let question = asked(&daemon, &run).await;
    let id = question["id"].as_str().unwrap();
    let (code, out, err) = command(&daemon, &["approvals", "list"]).await;
    assert!(code == 0 && out.contains(id) && out.contains("Block b?"), "{code} {out} {err}");
    let (_, out, _) = command(&daemon, &["status"]).await;
    assert!(out.contains("questions    1 open; `quell approvals list` shows them"), "{out}");
    let (code, out, err) = command(&daemon, &["approvals", "deny", id, "--comment", "a scanner"]).await;
    assert_eq!((code, out, err), (0, format!("denied: run {run} goes on\n"), String::new()));
    assert_eq!(daemon.ended_run(&run).await["result"], "no: a scanner");
    let (code, _, err) = command(&daemon, &["approvals", "approve", id]).await;
    assert_eq!(code, 3);
    assert!(err.contains("is denied already"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_cancelled_repeated_and_started_by_hand() {
    let receiver = Receiver::start().await;
    let daemon = world(&receiver).await;
    let (alert, run) = called(&daemon, "Ask", "a").await;
    let question = asked(&daemon, &run).await;
    let (code, out, err) = command(&daemon, &["runs", "cancel", &run]).await;
    assert_eq!((code, out, err), (0, format!("{run}  cancelled  ask-first\n"), String::new()));
    let ended = daemon.get(&format!("/api/v1/runs/{run}")).await;
    assert_eq!(ended["error"]["message"], "cancelled by local");
    assert_eq!(ended["steps"][0]["status"], "cancelled");
    let question = daemon.get(&format!("/api/v1/approvals/{}", question["id"].as_str().unwrap())).await;
    assert_eq!(question["status"], "cancelled");
    let (status, twice) = daemon.post(&format!("/api/v1/runs/{run}/cancel"), "application/json", "").await;
    assert_eq!((status, &twice["code"]), (409, &json!("run_ended")));

    let (code, out, _) = command(&daemon, &["runs", "rerun", &run]).await;
    assert!(code == 0 && out.contains("queued  ask-first"), "{out}");
    let again = out.split_whitespace().next().unwrap().to_owned();
    asked(&daemon, &again).await;
    let (code, out, _) = command(&daemon, &["runs", "start", &alert, "tell"]).await;
    assert!(code == 0 && out.contains("tell"), "{out}");
    let by_hand = out.split_whitespace().next().unwrap().to_owned();
    assert_eq!(daemon.ended_run(&by_hand).await["result"], "told");

    // The third run of an hour is the last; the limit is the playbook's, whoever asks.
    let start = format!("/api/v1/alerts/{alert}/runs");
    let (status, _) = daemon.post(&start, "application/json", r#"{"playbook": "ask-first"}"#).await;
    assert_eq!(status, 200);
    for (body, status, code) in [
        (r#"{"playbook": "ask-first"}"#, 429, "rate_limited"),
        (r#"{"playbook": "nobody"}"#, 409, "playbook_unknown"),
        (r#"{"playbook": "No Id"}"#, 422, "bad_body"),
    ] {
        let (seen, refused) = daemon.post(&start, "application/json", body).await;
        assert_eq!((seen, &refused["code"]), (status, &json!(code)), "{refused}");
    }
    for path in [start.clone(), format!("/api/v1/runs/{run}/rerun")] {
        let body = if path == start { r#"{"playbook": "ask-first"}"# } else { "" };
        let request = daemon.client.post(daemon.url(&path)).header("content-type", "application/json").body(body);
        let limited = request.send().await.unwrap();
        let after: u64 = limited.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        assert_eq!(
            (limited.status(), &limited.headers()["content-type"]),
            (429.try_into().unwrap(), &"application/problem+json".parse().unwrap())
        );
        assert!((3500..=3600).contains(&after), "in the hour after the first of three: {after}");
    }
    let (code, _, err) = command(&daemon, &["runs", "rerun", &run]).await;
    assert!(code == 3 && err.contains("rate limit"), "{code} {err}");
    let nobody = "/api/v1/runs/run_00000000000000000000000000/rerun";
    assert_eq!(daemon.post(nobody, "application/json", "").await.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_playbooks_are_disarmed_nothing_runs_and_nothing_is_sent_even_after_a_restart() {
    let receiver = Receiver::start().await;
    let mut daemon = world(&receiver).await;
    let (_, waiting) = called(&daemon, "Ask", "a").await;
    let question = asked(&daemon, &waiting).await;
    let (code, out, _) = command(&daemon, &["playbooks", "disarm", "--why", "change freeze"]).await;
    assert!(code == 0 && out.contains("disarmed"), "{out}");
    assert_eq!(daemon.get("/api/v1/playbooks/switch").await["disarmed"]["why"], "change freeze");
    let alert = json!({"title": "x", "alert_type": "Tell", "source_id": "x", "severity": "high"});
    let stored = daemon.post_alert(alert).await;
    assert_eq!(stored["runs"], json!([]));
    let details = daemon.get(&format!("/api/v1/alerts/{}", stored["id"].as_str().unwrap())).await;
    let last = details["activity"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["action"], &last["detail"]), (&json!("disarmed"), &json!("tell")));
    let start = format!("/api/v1/alerts/{}/runs", stored["id"].as_str().unwrap());
    let (status, refused) = daemon.post(&start, "application/json", r#"{"playbook": "tell"}"#).await;
    assert_eq!((status, &refused["code"]), (409, &json!("disarmed")));
    // An answer is taken, and its run goes on once it may.
    let path = format!("/api/v1/approvals/{}", question["id"].as_str().unwrap());
    assert_eq!(daemon.post(&path, "application/json", r#"{"approved": true}"#).await.0, 200);
    daemon.kill();
    daemon.restart();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(
        (receiver.count(), &daemon.get(&format!("/api/v1/runs/{waiting}")).await["status"]),
        (0, &json!("waiting"))
    );
    let (code, ..) = command(&daemon, &["playbooks", "arm"]).await;
    assert_eq!(code, 0);
    assert_eq!(daemon.ended_run(&waiting).await["result"], "blocked");
}

/// Also what waited for a free place in its lane when the switch was turned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_its_turn_is_held_too() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let arrived = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = arrived.clone();
    let slow = axum::Router::new().fallback(move || {
        let count = count.clone();
        async move {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
            "{}"
        }
    });
    tokio::spawn(async move { axum::serve(listener, slow).await });
    let daemon = World::new()
        .playbook("tell.rhai", TELLS)
        .connection_with("firewall", &format!("url: 'http://{address}/', allow_private: true, concurrency: 1"))
        .start();
    let mut runs = Vec::new();
    for source_id in ["a", "b", "c"] {
        runs.push(called(&daemon, "Tell", source_id).await.1);
    }
    let arrivals = || arrived.load(std::sync::atomic::Ordering::SeqCst);
    eventually("the first is under way", async || arrivals() == 1).await;
    assert_eq!(daemon.post("/api/v1/playbooks/disarm", "application/json", "{}").await.0, 200);
    tokio::time::sleep(std::time::Duration::from_millis(2500)).await;
    assert_eq!(arrivals(), 1, "something was sent after all playbooks were disarmed");
    assert_eq!(daemon.post("/api/v1/playbooks/arm", "application/json", "").await.0, 200);
    for run in runs {
        assert_eq!(daemon.ended_run(&run).await["result"], "told");
    }
    assert_eq!(arrivals(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_letter_is_listed_shown_and_sent_again_with_its_id_and_bytes() {
    let receiver = Receiver::start().await;
    let daemon = world(&receiver).await;
    // Gone for good: given up at once.
    receiver.answer_next(410, Vec::new(), "gone");
    let (_, run) = called(&daemon, "Tell", "a").await;
    let ended = daemon.ended_run(&run).await;
    assert_eq!((&ended["result"], &ended["steps"][0]["attempts"][0]["answer"]), (&json!(410), &json!("gone")));
    let (_, out, _) = command(&daemon, &["runs", "show", &run]).await;
    assert!(out.contains("gone"), "{out}");
    let (code, out, _) = command(&daemon, &["dead-letters", "list"]).await;
    let id = receiver.ledger()[0].id().to_owned();
    assert!(code == 0 && out.contains(&id) && out.contains("firewall"), "{out}");
    let (_, out, _) = command(&daemon, &["dead-letters", "show", &id]).await;
    for part in ["dead  firewall", "POST", "{\"n\":1}", "410 in", "answer  gone"] {
        assert!(out.contains(part), "{part} in {out}");
    }
    let (code, out, err) =
        command(&daemon, &["dead-letters", "redrive", "--connection", "firewall", "--dry-run"]).await;
    assert_eq!((code, out, err), (0, format!("{id}\n"), "1 letter would be sent again\n".to_owned()));
    for args in
        [["dead-letters", "redrive", "--connection", "fierwall"], ["dead-letters", "list", "--connection", "fierwall"]]
    {
        let (code, out, err) = command(&daemon, &args).await;
        assert_eq!((code, out.as_str()), (3, ""), "{err}");
        assert!(err.contains("there is no connection `fierwall`; known: firewall"), "{err}");
    }
    let (code, out, _) = command(&daemon, &["status"]).await;
    assert!(code == 0 && out.contains("dead letters 1 given up; `quell dead-letters list` shows them"), "{out}");
    assert_eq!(receiver.count(), 1);
    let resume = daemon.post("/api/v1/connections/firewall/resume", "application/json", "").await;
    assert!(resume.0 == 200 || resume.0 == 404, "{resume:?}");
    let (code, ..) = command(&daemon, &["dead-letters", "redrive", &id]).await;
    assert_eq!(code, 0);
    let path = format!("/api/v1/dead-letters/{id}");
    eventually("it is delivered", async || daemon.get(&path).await["status"] == "delivered").await;
    let ledger = receiver.ledger();
    assert_eq!((ledger.len(), ledger[1].id(), &ledger[1].body), (2, id.as_str(), &ledger[0].body));
    assert!(ledger[1].is_signed());
    let (code, _, err) = command(&daemon, &["dead-letters", "discard", &id]).await;
    assert!(code == 3 && err.contains("is delivered already"), "{err}");
    let unknown = "msg_00000000000000000000000000";
    let (code, out, err) = command(&daemon, &["dead-letters", "redrive", &id, unknown]).await;
    assert_eq!((code, out.as_str()), (3, ""), "refused wishes are no success: {err}");
    assert_eq!(daemon.get("/api/v1/dead-letters").await["items"], json!([]));
    assert_eq!(daemon.get(&format!("/api/v1/runs/{run}")).await["result"], 410);
}

const LOOKS: &str = r#"//! title: Look
//! match: {alert_type: Look}
//! connections: [firewall, pager]
//! owner: soc@example.com

fn on_alert(alert) {
    let kinds = [];
    try { connection("firewall").get("/ip"); } catch (e) { kinds.push(e.kind); }
    try { connection("pager").post(#{ n: 2 }); } catch (e) { kinds.push(e.kind); }
    kinds
}
"#;

/// Also a question, and what could not even be begun.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_given_up_is_a_dead_letter_and_can_be_sent_again() {
    let receiver = Receiver::start().await;
    let mut daemon = World::new().playbook("look.rhai", LOOKS).connection("firewall", &receiver).start();
    receiver.answer_next(410, Vec::new(), "gone");
    let (_, run) = called(&daemon, "Look", "a").await;
    assert_eq!(daemon.ended_run(&run).await["result"], json!(["http", "configuration"]));
    let letters = daemon.get("/api/v1/dead-letters").await["items"].clone();
    let shown: Vec<_> =
        letters.as_array().unwrap().iter().map(|letter| (&letter["connection"], &letter["kind"])).collect();
    assert_eq!(shown, [(&json!("firewall"), &json!("http")), (&json!("pager"), &json!("configuration"))]);
    let redrive = |letter: &Value| format!("/api/v1/dead-letters/{}/redrive", letter["id"].as_str().unwrap());
    let (status, refused) = daemon.post(&redrive(&letters[1]), "application/json", "").await;
    assert_eq!((status, &refused["code"]), (409, &json!("connection_unknown")));

    // An operator configures what was missing.
    let config = std::fs::read_to_string(daemon.world.path("quell.yaml")).unwrap();
    let line = config.lines().find(|line| line.contains("firewall:")).unwrap().replace("firewall", "pager");
    daemon.world.write("quell.yaml", &format!("{config}{line}\n"));
    daemon.stop();
    daemon.restart();
    assert_eq!(daemon.post("/api/v1/connections/firewall/resume", "application/json", "").await.0, 200);
    for letter in letters.as_array().unwrap() {
        assert_eq!(daemon.post(&redrive(letter), "application/json", "").await.0, 200);
        let path = format!("/api/v1/dead-letters/{}", letter["id"].as_str().unwrap());
        eventually("it is delivered", async || daemon.get(&path).await["status"] == "delivered").await;
    }
    let ledger = receiver.ledger();
    let arrived: Vec<_> = ledger.iter().map(|delivery| (delivery.method.as_str(), delivery.path.as_str())).collect();
    assert_eq!(arrived, [("GET", "/firewall/ip"), ("GET", "/firewall/ip"), ("POST", "/pager")]);
    assert_eq!((ledger[2].id(), ledger[2].is_signed()), (letters[1]["id"].as_str().unwrap(), true));
}
