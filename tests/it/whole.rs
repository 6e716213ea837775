//! The main job end to end: an alert comes in, a filter dismisses it or a playbook answers it, and all of it can be read.

use crate::receiver::Receiver;
use crate::world::World;
use serde_json::json;

const FILTER: &str = "id: scanners\ntitle: Scanners\nreason: expected_activity\nowner: a@example.com\nmatch: {alert_type: Scan, entities.ip.address|cidr: 10.0.0.0/8}\n";

const TICKET: &str = r#"//! title: Open a ticket
//! match: {severity|gte: medium}
//! connections: [ticketing]
//! owner: soc@example.com

fn on_alert(alert) {
    let ticket = connection("ticketing").post(#{ title: alert.title, severity: alert.severity });
    tag(`ticket:${ticket.body.key}`);
    set_status("in_progress", "a ticket is open");
    #{ ticket: ticket.body.key }
}
"#;

fn scan(address: &str, severity: &str) -> serde_json::Value {
    json!({"title": "Scan", "alert_type": "Scan", "severity": severity, "entities": [{"type": "ip", "address": address}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alert_is_dismissed_with_its_reason_or_answered_with_a_signed_webhook() {
    let receiver = Receiver::start().await;
    let daemon = World::new()
        .filter("a.yaml", FILTER)
        .playbook("ticket.rhai", TICKET)
        .connection("ticketing", &receiver)
        .start();

    let quiet = daemon.post_alert(scan("10.1.2.3", "medium")).await;
    assert_eq!(
        (&quiet["status"], &quiet["dismissed_by"], &quiet["runs"]),
        (&json!("dismissed"), &json!(["scanners"]), &json!([]))
    );
    let alert = daemon.get(&format!("/api/v1/alerts/{}", quiet["id"].as_str().unwrap())).await;
    assert_eq!(alert["verdict"]["reason"], "expected_activity");
    assert!(alert["activity"].to_string().contains("scanners"), "{alert:#}");
    assert_eq!(alert["raw"], scan("10.1.2.3", "medium"));

    let loud = daemon.post_alert(scan("203.0.113.9", "medium")).await;
    assert_eq!(loud["status"], "active");
    let run = daemon.ended_run(loud["runs"][0].as_str().unwrap()).await;
    assert_eq!((&run["status"], &run["result"]), (&json!("done"), &json!({"ticket": "SEC-1"})), "{run:#}");
    let delivery = &receiver.ledger()[0];
    assert!(delivery.is_signed());
    assert_eq!((delivery.method.as_str(), delivery.path.as_str()), ("POST", "/ticketing"));
    assert_eq!(delivery.json(), json!({"title": "Scan", "severity": "medium"}));
    let step = &run["steps"][0];
    assert_eq!((&step["status"], &step["attempts"][0]["status"]), (&json!("done"), &json!(200)), "{step:#}");
    let alert = daemon.get(&format!("/api/v1/alerts/{}", loud["id"].as_str().unwrap())).await;
    assert_eq!((&alert["status"], &alert["tags"]), (&json!("in_progress"), &json!(["ticket:SEC-1"])));

    let listed = daemon.get("/api/v1/alerts").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "dismissed alerts leave the default list: {listed:#}");
    let all = daemon.get("/api/v1/alerts?status=dismissed").await;
    assert_eq!(all["items"][0]["id"], quiet["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grave_alert_is_not_dismissed_without_allow() {
    let daemon = World::new().filter("a.yaml", FILTER).start();
    let grave = daemon.post_alert(scan("10.1.2.3", "critical")).await;
    assert_eq!((&grave["status"], &grave["dismissed_by"]), (&json!("active"), &json!([])));
    let alert = daemon.get(&format!("/api/v1/alerts/{}", grave["id"].as_str().unwrap())).await;
    assert_eq!(alert["verdict"]["would_dismiss"], json!(["scanners"]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_delivery_is_tried_again_with_the_same_id_and_bytes() {
    let receiver = Receiver::start().await;
    receiver.answer_next(503, vec![], "{}");
    let daemon = World::new().playbook("ticket.rhai", TICKET).connection("ticketing", &receiver).start();
    let loud = daemon.post_alert(scan("203.0.113.9", "medium")).await;
    let run = daemon.ended_run(loud["runs"][0].as_str().unwrap()).await;
    assert_eq!(run["status"], "done", "{run:#}");
    let attempts = run["steps"][0]["attempts"].as_array().unwrap().clone();
    assert_eq!(attempts.iter().map(|a| a["status"].as_u64().unwrap()).collect::<Vec<_>>(), [503, 200]);
    let ledger = receiver.ledger();
    assert_eq!((ledger[0].id(), &ledger[0].body), (ledger[1].id(), &ledger[1].body));
    assert_eq!((ledger[0].header("webhook-attempt"), ledger[1].header("webhook-attempt")), ("1", "2"));
    assert!(ledger.iter().all(|delivery| delivery.is_signed()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_keeps_its_good_alerts_and_names_its_bad_ones() {
    let daemon = World::new().start();
    let (status, answer) = daemon
        .post("/api/v1/alerts", "application/json", r#"[{"title":"a","severity":"low"}, 7, {"title":"b"}]"#)
        .await;
    assert_eq!(status, 207, "{answer:#}");
    let results = answer["results"].as_array().unwrap();
    assert!(results[0]["id"].is_string() && results[2]["id"].is_string(), "{answer:#}");
    assert_eq!(results[1]["error"]["code"], "not_an_object", "{answer:#}");
    let (status, answer) = daemon.post("/api/v1/alerts", "application/x-ndjson", "{\"title\":\"c\"}\n{oops\n").await;
    assert_eq!((status, &answer["results"][1]["error"]["code"]), (207, &json!("invalid_json")), "{answer:#}");
    let (status, answer) = daemon.post("/api/v1/alerts", "application/json", "[1, 2]").await;
    assert_eq!(status, 422, "{answer:#}");
    let (status, answer) = daemon.post("/api/v1/alerts", "application/json", "{\"title\": ").await;
    assert_eq!((status, &answer["code"]), (400, &json!("invalid_json")), "{answer:#}");
    let listed = daemon.get("/api/v1/alerts").await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_alert_sent_again_is_one_alert() {
    let daemon = World::new().start();
    let alert = json!({"title": "t", "source_id": "one", "severity": "low"});
    let first = daemon.post_alert(alert.clone()).await;
    let again = daemon.post_alert(alert).await;
    assert_eq!((&again["id"], &again["duplicate"]), (&first["id"], &json!(true)));
    let batch = json!([{"title": "x", "source_id": "two"}, {"title": "x", "source_id": "two"}]);
    let (_, answer) = daemon.post("/api/v1/alerts", "application/json", batch.to_string()).await;
    assert_eq!(answer["results"][0]["id"], answer["results"][1]["id"]);
    let changed = daemon.post_alert(json!({"title": "t", "source_id": "one", "severity": "high"})).await;
    assert_eq!(changed["duplicate"], true);
    let stored = daemon.get(&format!("/api/v1/alerts/{}", first["id"].as_str().unwrap())).await;
    assert!(stored["activity"].to_string().contains("source_update"), "an update is kept, not lost: {stored:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminated_daemon_stops_clean_and_takes_up_its_waiting_runs() {
    let receiver = Receiver::start().await;
    let playbook = TICKET.replace("    tag(", "    sleep(\"1s\");\n    tag(");
    let mut daemon = World::new().playbook("ticket.rhai", &playbook).connection("ticketing", &receiver).start();
    let loud = daemon.post_alert(scan("203.0.113.9", "medium")).await;
    let run = loud["runs"][0].as_str().unwrap().to_owned();
    crate::world::eventually("the run waits", async || {
        daemon.get(&format!("/api/v1/runs/{run}")).await["status"] == "waiting"
    })
    .await;
    assert_eq!(daemon.stop(), Some(0), "{}", daemon.log());
    daemon.restart();
    assert_eq!(daemon.ended_run(&run).await["status"], "done");
    assert_eq!(receiver.count(), 1, "the ticket is not opened again");
}
