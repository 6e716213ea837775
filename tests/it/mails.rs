//! `email(…)` in a playbook, over a mail server that takes mails, refuses them for a while, or for good.

#[path = "../../src/delivery/tests/smtp_catcher.rs"]
mod smtp_catcher;

use crate::world::{Daemon, World, quell};
use serde_json::json;
use smtp_catcher::{Catcher, Manners};

const PLAYBOOK: &str = r#"//! title: Write to the team
//! match: {alert_type: Mail}
//! owner: soc@example.com

fn on_alert(alert) {
    try { email(#{ to: ["soc@example.com", "lead@example.com"], subject: `About ${alert.title}`, body: "Look at it." }); }
    catch (e) { return `${e.kind}: ${e.message}`; }
    "written"
}
"#;

fn daemon(email: &str) -> Daemon {
    World::new().playbook("write.rhai", PLAYBOOK).config(email).start()
}

async fn run(daemon: &Daemon) -> String {
    run_of(daemon, "a").await
}

async fn run_of(daemon: &Daemon, source_id: &str) -> String {
    let alert = json!({"title": "Größe", "source_id": source_id, "alert_type": "Mail", "severity": "high"});
    let stored = daemon.post_alert(alert).await;
    stored["runs"][0].as_str().unwrap().to_owned()
}

fn over(catcher: &Catcher) -> String {
    let port = catcher.port;
    format!("email: {{host: 127.0.0.1, port: {port}, from: quell@example.com, tls: none, allow_private: true}}\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_arrives_and_its_run_goes_on() {
    let catcher = Catcher::start(Manners::default()).await;
    let daemon = daemon(&over(&catcher));
    let run = run(&daemon).await;
    let ended = daemon.ended_run(&run).await;
    assert_eq!(ended["result"], "written");
    let session = catcher.sessions().remove(0).join("\n");
    for part in ["RCPT TO:<soc@example.com>", "RCPT TO:<lead@example.com>", "From: quell@example.com"] {
        assert!(session.contains(part), "{part} in {session}");
    }
    let mail = catcher.email().join("\n");
    let id = ended["steps"][0]["message_id"].as_str().unwrap();
    assert!(mail.contains(id) && mail.contains("Look at it."), "{id} in {mail}");
    assert_eq!(ended["steps"][0]["attempts"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_busy_is_tried_again() {
    let catcher = Catcher::start(Manners { answers: Some(("RCPT", "451 later")), ..Manners::default() }).await;
    let daemon = daemon(&over(&catcher));
    let run = run(&daemon).await;
    crate::world::eventually("the first attempt is recorded", async || {
        let run = daemon.get(&format!("/api/v1/runs/{run}")).await;
        run["steps"][0]["attempts"][0]["error"].as_str().is_some_and(|error| error.contains("451"))
    })
    .await;
    let waiting = daemon.get(&format!("/api/v1/runs/{run}")).await;
    assert_eq!((&waiting["status"], &waiting["steps"][0]["status"]), (&json!("running"), &json!("pending")));
    assert!(!waiting["steps"][0]["next_attempt_time"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_mail_server_the_step_says_so() {
    let daemon = daemon("");
    let run = run(&daemon).await;
    let result = daemon.ended_run(&run).await["result"].clone();
    assert_eq!(result, "configuration: no mail server is configured on this daemon: see `email` in its configuration");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_nobody_reaches_is_left_alone_until_it_is_well() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut daemon = daemon(&format!(
        "email: {{host: 127.0.0.1, port: {nobody}, from: quell@example.com, tls: none, allow_private: true}}\n"
    ));
    let mut runs = Vec::new();
    for source_id in ["a", "b", "c", "d", "e"] {
        runs.push(run_of(&daemon, source_id).await);
    }
    let lane = async |daemon: &Daemon| daemon.get("/api/v1/connections").await["items"][0].clone();
    crate::world::eventually("the lane opens", async || lane(&daemon).await["state"] == "open").await;
    daemon.kill();
    daemon.restart();
    runs.push(run_of(&daemon, "f").await);
    crate::world::eventually("all of them wait", async || lane(&daemon).await["waiting"] == 6).await;
    let shown = lane(&daemon).await;
    let origin = format!("smtp://127.0.0.1:{nobody}");
    assert_eq!((&shown["name"], &shown["state"], &shown["origin"]), (&json!("email"), &json!("open"), &json!(origin)));
    let mut list = quell(daemon.world.path("").as_path());
    list.args(["connections", "list"]).env("QUELL_URL", daemon.url(""));
    let list =
        String::from_utf8(tokio::task::spawn_blocking(move || list.output().unwrap()).await.unwrap().stdout).unwrap();
    assert!(list.lines().any(|line| line.starts_with("open") && line.contains("email")), "{list}");
    let untried = daemon.get(&format!("/api/v1/runs/{}", runs[5])).await;
    assert_eq!(untried["steps"][0]["attempts"], json!([]), "what waits costs no attempts");

    let catcher = Catcher::start_at(nobody, Manners::default()).await;
    let (status, resumed) = daemon.post("/api/v1/connections/email/resume", "application/json", "").await;
    assert_eq!((status, &resumed["state"]), (200, &json!("closed")), "{resumed:#}");
    for run in &runs {
        assert_eq!(daemon.ended_run(run).await["result"], "written");
    }
    assert_eq!(catcher.sessions().len(), 6);
}
