//! Promises about lanes, kept by the real daemon: what fails, asks for patience or is gone costs no attempts, delays no
//! other connection, survives a restart, and goes on by itself or by a person's word.

use crate::receiver::Receiver;
use crate::world::{Daemon, World, eventually};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const TELL: &str = r#"//! title: Tell
//! match: {alert_type: Tell}
//! connections: [chat]
//! owner: soc@example.com

fn on_alert(alert) {
    connection("chat").post(#{ title: alert.title });
}
"#;

const ASK: &str = r#"//! title: Ask
//! match: {alert_type: Ask}
//! connections: [desk]
//! owner: soc@example.com

fn on_alert(alert) {
    connection("desk").post(#{ title: alert.title });
}
"#;

fn alert(kind: &str, n: usize) -> Value {
    json!({"title": format!("{kind} {n}"), "alert_type": kind, "severity": "medium"})
}

async fn run_of(daemon: &Daemon, kind: &str, n: usize) -> String {
    let result = daemon.post_alert(alert(kind, n)).await;
    result["runs"][0].as_str().unwrap_or_else(|| panic!("{result:#}")).to_owned()
}

async fn connection(daemon: &Daemon, name: &str) -> Value {
    let listed = daemon.get("/api/v1/connections").await;
    let items = listed["items"].as_array().unwrap();
    items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("{listed:#}")).clone()
}

async fn stands(daemon: &Daemon, name: &str, state: &str) {
    eventually(&format!("{name} is {state}"), async || connection(daemon, name).await["state"] == state).await;
}

async fn attempts(daemon: &Daemon, run: &str) -> usize {
    daemon.get(&format!("/api/v1/runs/{run}")).await["steps"][0]["attempts"].as_array().unwrap().len()
}

fn world(chat: &Receiver) -> World {
    World::new().playbook("tell.rhai", TELL).playbook("ask.rhai", ASK).connection("chat", chat)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_gone_pauses_its_connection_until_a_person_resumes_it() {
    let (chat, desk) = (Receiver::start().await, Receiver::start().await);
    let mut daemon = world(&chat).connection("desk", &desk).start();
    chat.answer_next(410, vec![], "gone");
    let first = daemon.ended_run(&run_of(&daemon, "Tell", 0).await).await;
    assert_eq!((&first["status"], &first["steps"][0]["error"]["status"]), (&json!("failed"), &json!(410)), "{first:#}");
    stands(&daemon, "chat", "paused").await;

    let waiting = run_of(&daemon, "Tell", 1).await;
    let other = daemon.ended_run(&run_of(&daemon, "Ask", 0).await).await;
    assert_eq!(other["status"], "done", "no other connection waits");
    daemon.kill();
    daemon.restart();
    let shown = connection(&daemon, "chat").await;
    assert_eq!((&shown["state"], &shown["until"], &shown["waiting"]), (&json!("paused"), &Value::Null, &json!(1)));
    assert_eq!((chat.count(), attempts(&daemon, &waiting).await), (1, 0), "what waits costs no attempts");

    let (status, resumed) = daemon.post("/api/v1/connections/chat/resume", "application/json", "").await;
    assert_eq!((status, &resumed["state"]), (200, &json!("closed")), "{resumed:#}");
    assert_eq!(daemon.ended_run(&waiting).await["status"], "done");
    let (status, problem) = daemon.post("/api/v1/connections/pager/resume", "application/json", "").await;
    assert_eq!((status, &problem["code"]), (404, &json!("not_found")), "{problem:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retry_after_holds_every_request_of_the_connection_and_no_longer() {
    let chat = Receiver::start().await;
    let daemon = world(&chat).connection("desk", &chat).start();
    chat.answer_next(503, vec![("retry-after", "3".to_owned())], "busy");
    let first = run_of(&daemon, "Tell", 0).await;
    stands(&daemon, "chat", "held").await;
    let began = Instant::now();
    let second = run_of(&daemon, "Tell", 1).await;
    assert_eq!(daemon.ended_run(&second).await["status"], "done");
    assert!(began.elapsed() > Duration::from_secs(1), "it waited: {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(5), "and woke by itself: {:?}", began.elapsed());
    assert_eq!(attempts(&daemon, &second).await, 1);
    assert_eq!(daemon.ended_run(&first).await["status"], "done");
    stands(&daemon, "chat", "closed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_nobody_reaches_is_left_alone_and_tried_with_one_request() {
    let chat = Receiver::start().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let desk = format!("url: 'http://127.0.0.1:{nobody}/', allow_private: true");
    let mut daemon = world(&chat).connection_with("desk", &desk).start();
    let mut runs = Vec::new();
    for n in 0..5 {
        runs.push(run_of(&daemon, "Ask", n).await);
    }
    stands(&daemon, "desk", "open").await;
    let late = run_of(&daemon, "Ask", 5).await;
    assert_eq!(daemon.ended_run(&run_of(&daemon, "Tell", 0).await).await["status"], "done");
    daemon.kill();
    daemon.restart();
    let shown = connection(&daemon, "desk").await;
    assert_eq!(shown["state"], "open", "{shown:#}");
    // Longer than the schedule's first delay: without a breaker each of the five would have been tried again.
    tokio::time::sleep(Duration::from_secs(7)).await;
    for run in &runs {
        assert_eq!(attempts(&daemon, run).await, 1);
    }
    assert_eq!(attempts(&daemon, &late).await, 0);
    let metrics = daemon.get("/metrics").await;
    let line = "quell_connection_state{connection=\"desk\",state=\"open\"} 1";
    assert!(metrics.as_str().unwrap().contains(line), "{metrics}");

    // The receiver is there again, where it was.
    let revived = Receiver::start_at(nobody).await;
    let (status, _) = daemon.post("/api/v1/connections/desk/resume", "application/json", "").await;
    assert_eq!(status, 200);
    for run in runs.iter().chain([&late]) {
        assert_eq!(daemon.ended_run(run).await["status"], "done");
    }
    assert_eq!(revived.count(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_is_kept_and_everything_arrives() {
    let (chat, desk) = (Receiver::start().await, Receiver::start().await);
    let settings = format!("url: 'http://{}/', allow_private: true, rate: 4/s", desk.address);
    let daemon = world(&chat).connection_with("desk", &settings).start();
    let began = Instant::now();
    let mut runs = Vec::new();
    for n in 0..12 {
        runs.push(run_of(&daemon, "Ask", n).await);
    }
    for run in &runs {
        assert_eq!(daemon.ended_run(run).await["status"], "done");
    }
    // Four at once, and then one each quarter of a second.
    assert!(began.elapsed() >= Duration::from_millis(1900), "{:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(desk.count(), 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alerts_that_go_in_circles_are_refused_the_third_time() {
    let chat = Receiver::start().await;
    let daemon = world(&chat).connection("desk", &chat).start();
    let post = async |hops: &str| {
        let request = daemon.client.post(daemon.url("/api/v1/alerts")).header("quell-hops", hops);
        let body = json!({"title": format!("Tell {hops}"), "alert_type": "Tell", "severity": "medium"});
        let response = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let (status, answer) = post("2").await;
    assert_eq!(status, 200, "{answer}");
    eventually("the request is sent", async || chat.count() == 1).await;
    assert_eq!(chat.ledger()[0].header("quell-hops"), "3", "it says how many led to it");
    let (status, answer) = post("3").await;
    assert_eq!((status, answer.contains("loop_detected")), (508, true), "{answer}");
    daemon.post_alert(alert("Tell", 9)).await;
    eventually("the request is sent", async || chat.count() == 2).await;
    assert_eq!(chat.ledger()[1].header("quell-hops"), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn input_91_a_proxy_in_the_environment_is_not_used() {
    let (chat, proxy) = (Receiver::start().await, Receiver::start().await);
    let mut world = world(&chat).connection("desk", &chat);
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        world = world.env(name, &format!("http://{}", proxy.address));
    }
    let daemon = world.start();
    assert_eq!(daemon.ended_run(&run_of(&daemon, "Tell", 0).await).await["status"], "done");
    assert_eq!((chat.count(), proxy.count()), (1, 0));
}

/// Four endpoints that hang, each with more to send than it may have under way at once, and one that is well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endpoints_that_hang_take_no_place_that_another_needs() {
    const EACH: usize = 70;
    let chat = Receiver::start().await;
    // It takes connections and never says a word.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    tokio::spawn(async move {
        let mut taken = Vec::new();
        while let Ok((stream, _)) = silent.accept().await {
            taken.push(stream);
        }
    });
    let mut world = World::new().playbook("tell.rhai", TELL).connection("chat", &chat);
    let slow: Vec<String> = (0..4).map(|n| format!("slow-{n}")).collect();
    for name in &slow {
        let script = format!(
            "//! title: {name}\n//! match: {{alert_type: Ask}}\n//! connections: [{name}]\n//! owner: soc@example.com\n
             fn on_alert(alert) {{ connection(\"{name}\").post(#{{ title: alert.title }}); }}"
        );
        let settings = format!("url: 'http://{address}/', allow_private: true, concurrency: 64, timeout: 60s");
        world = world.playbook(&format!("{name}.rhai"), &script).connection_with(name, &settings);
    }
    let daemon = world.start();
    let many: Vec<Value> = (0..EACH).map(|n| alert("Ask", n)).collect();
    let (status, answer) = daemon.post("/api/v1/alerts", "application/json", json!(many).to_string()).await;
    assert_eq!(status, 200, "{answer}");
    let under_way = async || -> Vec<u64> {
        let listed = daemon.get("/api/v1/connections").await;
        let of = |item: &Value| item["in_flight"].as_u64().unwrap();
        listed["items"].as_array().unwrap().iter().filter(|item| item["name"] != "chat").map(of).collect()
    };
    eventually("they take what they may", async || under_way().await.iter().sum::<u64>() > 200).await;

    let began = Instant::now();
    for n in 0..20 {
        assert_eq!(daemon.ended_run(&run_of(&daemon, "Tell", n).await).await["status"], "done");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let counts = under_way().await;
    assert!(counts.iter().sum::<u64>() < 256 && counts.iter().all(|count| *count >= 16), "{counts:?}");
}

const URGENT: &str = r#"//! title: Urgent
//! match: {alert_type: Urgent}
//! connections: [desk]
//! owner: soc@example.com

fn on_alert(alert) {
    connection("desk").send(#{ method: "POST", body: #{ title: alert.title }, expires_after: "2s" });
}
"#;

/// More than are looked at together stand before it in the lane, and none of them expires.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_expires_in_a_lane_that_rests_is_found_behind_hundreds_that_do_not() {
    let (chat, desk) = (Receiver::start().await, Receiver::start().await);
    let daemon = world(&chat).playbook("urgent.rhai", URGENT).connection("desk", &desk).start();
    desk.answer_next(410, vec![], "gone");
    daemon.ended_run(&run_of(&daemon, "Ask", 0).await).await;
    stands(&daemon, "desk", "paused").await;
    let many: Vec<Value> = (1..=510).map(|n| alert("Ask", n)).collect();
    let (status, answer) = daemon.post("/api/v1/alerts", "application/json", json!(many).to_string()).await;
    assert_eq!(status, 200, "{answer}");
    eventually("all of them wait", async || connection(&daemon, "desk").await["waiting"] == 510).await;

    let began = Instant::now();
    let ended = daemon.ended_run(&run_of(&daemon, "Urgent", 0).await).await;
    assert_eq!(ended["steps"][0]["error"]["kind"], "expired", "{ended:#}");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let shown = connection(&daemon, "desk").await;
    assert_eq!((&shown["state"], &shown["waiting"], desk.count()), (&json!("paused"), &json!(510), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_expires_while_its_lane_is_paused_ends_without_being_sent() {
    let (chat, desk) = (Receiver::start().await, Receiver::start().await);
    let settings = format!("url: 'http://{}/', allow_private: true, expires_after: 2s", desk.address);
    let daemon = world(&chat).connection_with("desk", &settings).start();
    desk.answer_next(410, vec![], "gone");
    assert_eq!(daemon.ended_run(&run_of(&daemon, "Ask", 0).await).await["status"], "failed");
    stands(&daemon, "desk", "paused").await;
    let began = Instant::now();
    let ended = daemon.ended_run(&run_of(&daemon, "Ask", 1).await).await;
    assert_eq!(ended["steps"][0]["error"]["kind"], "expired", "{ended:#}");
    assert!(began.elapsed() >= Duration::from_secs(2) && began.elapsed() < Duration::from_secs(15));
    let (status, _) = daemon.post("/api/v1/connections/desk/resume", "application/json", "").await;
    assert_eq!(status, 200);
    assert_eq!(daemon.ended_run(&run_of(&daemon, "Ask", 2).await).await["status"], "done");
    assert_eq!(desk.count(), 2, "it is never sent late");
}
