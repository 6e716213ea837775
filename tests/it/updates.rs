//! News of alerts through the real daemon: what a source sends again with other content sets off the playbooks that wait
//! for it, once, and nothing that playbooks do sets them off.

use crate::receiver::Receiver;
use crate::world::{Daemon, World, eventually};
use serde_json::{Value, json};

const ESCALATE: &str = r#"//! title: Escalate what has become worse
//! trigger: updated
//! match: {severity|gte: high, status: active}
//! connections: [chat]
//! owner: soc@example.com

fn on_alert(alert) {
    tag("escalated");
    set_severity("critical", "it became worse");
    connection("chat").post(#{ title: alert.title, severity: alert.severity.name, hits: alert.raw.hits });
    alert.title
}
"#;

const FIRST: &str = r#"//! title: Greet what is new
//! match: {alert_type: Scan}
//! owner: soc@example.com

fn on_alert(alert) {
    comment("seen");
}
"#;

async fn world(chat: &Receiver) -> Daemon {
    World::new().playbook("escalate.rhai", ESCALATE).playbook("first.rhai", FIRST).connection("chat", chat).start()
}

async fn sent(daemon: &Daemon, severity: &str, hits: u32) -> Value {
    let alert = json!({"source": "scanner", "source_id": "s-1", "alert_type": "Scan", "title": format!("{hits} hits"),
                       "severity": severity, "hits": hits});
    daemon.post_alert(alert).await
}

/// Runs of a playbook, oldest first.
async fn runs_of(daemon: &Daemon, playbook: &str) -> Vec<String> {
    let listed = daemon.get(&format!("/api/v1/runs?playbook={playbook}")).await;
    let ids = listed["items"].as_array().unwrap().iter().rev();
    ids.map(|run| run["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_sets_off_what_waits_for_it_once_and_what_playbooks_do_sets_off_nothing() {
    let chat = Receiver::start().await;
    let mut daemon = world(&chat).await;
    let first = sent(&daemon, "high", 1).await;
    assert_eq!(first["runs"].as_array().unwrap().len(), 1, "what is new is no update: {first:#}");
    let greeted = first["runs"][0].as_str().unwrap();
    daemon.ended_run(greeted).await;
    assert_eq!(sent(&daemon, "high", 1).await["runs"], first["runs"], "a repetition is no update");
    assert_eq!(sent(&daemon, "medium", 2).await["runs"], first["runs"], "its match is not met");

    let update = sent(&daemon, "high", 3).await;
    assert_eq!((&update["id"], &update["duplicate"]), (&first["id"], &json!(true)));
    let run = update["runs"][1].as_str().unwrap_or_else(|| panic!("{update:#}")).to_owned();
    // Its runs are on disk with it.
    daemon.kill();
    daemon.restart();
    let ended = daemon.ended_run(&run).await;
    assert_eq!((&ended["playbook"], &ended["result"]), (&json!("escalate"), &json!("3 hits")), "{ended:#}");
    let told = chat.ledger().last().unwrap().json();
    assert_eq!(told, json!({"title": "3 hits", "severity": "high", "hits": 3}));
    assert_eq!(sent(&daemon, "high", 3).await["runs"], update["runs"], "once");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(
        runs_of(&daemon, "escalate").await,
        std::slice::from_ref(&run),
        "it has changed the alert, and was not set off by that"
    );
    assert_eq!(runs_of(&daemon, "first").await.len(), 1);

    // Somebody has said how grave it is; a later update that says less is still met.
    let (status, again) = daemon.post(&format!("/api/v1/runs/{run}/rerun"), "application/json", "").await;
    assert_eq!(status, 200, "{again}");
    assert_eq!(daemon.ended_run(again["id"].as_str().unwrap()).await["result"], "3 hits", "it sees the same update");
    let calm = sent(&daemon, "low", 4).await;
    let last = calm["runs"].as_array().unwrap().last().unwrap().as_str().unwrap().to_owned();
    assert_eq!(daemon.ended_run(&last).await["result"], "4 hits");
    assert_eq!(chat.ledger().last().unwrap().json()["severity"], "critical");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_playbooks_are_disarmed_an_update_says_what_would_have_run() {
    let chat = Receiver::start().await;
    let daemon = world(&chat).await;
    let first = sent(&daemon, "low", 1).await;
    assert_eq!(daemon.post("/api/v1/playbooks/disarm", "application/json", "{}").await.0, 200);
    sent(&daemon, "high", 2).await;
    let path = format!("/api/v1/alerts/{}", first["id"].as_str().unwrap());
    eventually("the activity says so", async || {
        let activity = daemon.get(&path).await["activity"].clone();
        activity.as_array().unwrap().iter().any(|one| one["action"] == "disarmed" && one["detail"] == "escalate")
    })
    .await;
    assert_eq!((runs_of(&daemon, "escalate").await.len(), chat.count()), (0, 0));
}

async fn patch(daemon: &Daemon, alert: &str, header: &str, body: Value) -> (u16, Value) {
    let request = daemon.client.patch(daemon.url(&format!("/api/v1/alerts/{alert}"))).header("quell-hops", header);
    let response = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    (response.status().as_u16(), serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_person_changes_sets_off_what_waits_for_updates_and_what_a_playbook_sends_does_not() {
    let chat = Receiver::start().await;
    let mut daemon = world(&chat).await;
    let first = sent(&daemon, "low", 1).await;
    let id = first["id"].as_str().unwrap();
    let (status, by_playbook) = patch(&daemon, id, "1", json!({"severity": "high"})).await;
    assert_eq!((status, &by_playbook["severity"]), (200, &json!("high")), "{by_playbook:#}");
    let (status, changed) =
        patch(&daemon, id, "0", json!({"tags": ["vip"], "assignee": "ana", "comment": "mine"})).await;
    assert_eq!((status, &changed["tags"], &changed["assignee"]), (200, &json!(["vip"]), &json!("ana")), "{changed:#}");
    daemon.kill();
    daemon.restart();
    let runs = runs_of(&daemon, "escalate").await;
    assert_eq!(runs.len(), 1, "the person's change has set it off, the playbook's has not");
    assert_eq!(daemon.ended_run(&runs[0]).await["status"], "done");
    assert_eq!(chat.ledger().last().unwrap().json()["severity"], "high");
    let (status, same) = patch(&daemon, id, "0", json!({"assignee": "ana"})).await;
    assert_eq!((status, runs_of(&daemon, "escalate").await.len()), (200, 1), "it is so already: {same:#}");
    for (body, status) in [(json!({}), 422), (json!({"status": "done"}), 422), (json!([]), 422)] {
        assert_eq!(patch(&daemon, id, "0", body.clone()).await.0, status, "{body}");
    }
    assert_eq!(patch(&daemon, "al_00000000000000000000000000", "0", json!({"comment": "x"})).await.0, 404);
    assert_eq!(patch(&daemon, id, "3", json!({"comment": "x"})).await.0, 508);
}
