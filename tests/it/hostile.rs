//! What must not get in: wrong hosts and origins, missing tokens, oversized and malformed bodies, hostile playbooks.

use crate::receiver::Receiver;
use crate::world::{PATIENCE, World, quell};
use serde_json::{Value, json};

async fn refused(response: reqwest::Response, status: u16, code: &str) {
    assert_eq!(response.status(), status);
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("application/problem+json"), "{kind}");
    let text = response.text().await.unwrap();
    let problem: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problem["code"], code, "{problem:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_sites_reach_nothing() {
    let daemon = World::new().start();
    let post = || daemon.client.post(daemon.url("/api/v1/alerts")).body(r#"{"title":"t"}"#);
    let rebound = daemon.client.get(daemon.url("/api/v1/alerts")).header("host", "evil.example");
    refused(rebound.send().await.unwrap(), 421, "host_not_allowed").await;
    for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
        let forged = post().header("content-type", kind).header("origin", "https://evil.example");
        refused(forged.send().await.unwrap(), 403, "origin_not_allowed").await;
    }
    let forged = post().header("content-type", "text/plain").header("sec-fetch-site", "cross-site");
    refused(forged.send().await.unwrap(), 403, "origin_not_allowed").await;
    assert_eq!(daemon.get("/api/v1/alerts").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_open_what_their_scopes_name() {
    // The digests of `siem` and `eyes`.
    let digest = |token: &str| quell::digest::Digest::of(token.as_bytes());
    let tokens = format!(
        "tokens:\n  - {{name: siem, sha256: {}, scopes: [ingest]}}\n  - {{name: analyst, sha256: {}, scopes: [read]}}\n",
        digest("siem"),
        digest("eyes")
    );
    let daemon = World::new().config(&tokens).start();
    let post = || {
        daemon
            .client
            .post(daemon.url("/api/v1/alerts"))
            .header("content-type", "application/json")
            .body(r#"{"title":"t"}"#)
    };
    refused(post().send().await.unwrap(), 401, "auth_missing").await;
    refused(post().bearer_auth("wrong").send().await.unwrap(), 401, "auth_invalid").await;
    refused(post().bearer_auth("eyes").send().await.unwrap(), 403, "scope_missing").await;
    assert_eq!(post().bearer_auth("siem").send().await.unwrap().status(), 200);
    let list = || daemon.client.get(daemon.url("/api/v1/alerts"));
    refused(list().bearer_auth("siem").send().await.unwrap(), 403, "scope_missing").await;
    assert_eq!(list().bearer_auth("eyes").send().await.unwrap().status(), 200);
}

#[test]
fn without_tokens_the_daemon_listens_on_loopback_only() {
    let world = World::new();
    let output = quell(&world.path("")).args(["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("tokens"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn oversized_and_malformed_bodies_are_named_refusals() {
    let daemon = World::new().start();
    let deep = format!("{{\"title\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let large = format!(r#"{{"title":"{}"}}"#, "x".repeat(1 << 20));
    let huge = format!(r#"{{"title":"{}"}}"#, "x".repeat(17 << 20));
    for (body, status, code) in [
        (deep.into_bytes(), 400, "json_too_deep"),
        (br#"{"severity":"low","severity":"high"}"#.to_vec(), 400, "duplicate_field"),
        (br#"{"title": NaN}"#.to_vec(), 400, "invalid_json"),
        (br#"{"title": "a"} x"#.to_vec(), 400, "invalid_json"),
        (b"{\"title\": \"\xff\"}".to_vec(), 400, "invalid_utf8"),
        (large.into_bytes(), 413, "alert_too_large"),
        (huge.into_bytes(), 413, "body_too_large"),
    ] {
        let (answered, problem) = daemon.post("/api/v1/alerts", "application/json", body).await;
        assert_eq!((answered, &problem["code"]), (status, &json!(code)), "{problem:#}");
    }
    let zipped = daemon.client.post(daemon.url("/api/v1/alerts")).header("content-encoding", "gzip").body("x");
    refused(zipped.send().await.unwrap(), 415, "content_encoding_unsupported").await;
    refused(daemon.client.get(daemon.url("/api/v1/alerts?colour=red")).send().await.unwrap(), 400, "bad_query").await;
    refused(daemon.client.get(daemon.url("/api/v1/nothing")).send().await.unwrap(), 404, "not_found").await;
    refused(daemon.client.delete(daemon.url("/api/v1/alerts")).send().await.unwrap(), 405, "method_not_allowed").await;
}

/// A playbook that breaks a limit fails its own run by the limit's name; the daemon and other runs go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_playbooks_fail_alone() {
    let receiver = Receiver::start().await;
    let script = |body: &str| {
        format!(
            "//! title: t\n//! match: {{alert_type: X}}\n//! connections: []\n//! owner: a@example.com\n\nfn on_alert(alert) {{ {body} }}\n"
        )
    };
    let hostile = [
        ("loop", "loop {}"),
        ("grow", "let s = \"x\"; for i in 0..60 { s += s; } s"),
        ("recurse", "f(1)\n}\nfn f(n) { f(n + 1)"),
        ("replace", "let s = \"aaaaaaaaaaaaaaaa\"; for i in 0..20 { s.replace(\"a\", s); } s"),
        ("maps", "let m = []; for i in 0..4000 { let t = \"y\"; t.pad(200000, 'y'); m.push(#{ a: t }); } m.len()"),
    ];
    let mut world = World::new().connection("chat", &receiver);
    for (name, body) in hostile {
        world = world.playbook(&format!("{name}.rhai"), &script(body));
    }
    let good = "//! title: good\n//! match: {alert_type: X}\n//! connections: [chat]\n//! owner: a@example.com\n\nfn on_alert(alert) { connection(\"chat\").post(#{ ok: true }); \"fine\" }\n";
    let mut daemon = world.playbook("good.rhai", good).start();
    let result = daemon.post_alert(json!({"title": "t", "alert_type": "X"})).await;
    let began = std::time::Instant::now();
    for id in result["runs"].as_array().unwrap() {
        let run = daemon.ended_run(id.as_str().unwrap()).await;
        if run["playbook"] == "good" {
            assert_eq!(run["status"], "done", "{run:#}");
        } else {
            assert_eq!(run["status"], "failed", "{run:#}");
            let error = &run["error"];
            assert!(error["kind"] == "limit" || error["kind"] == "sandbox", "{run:#}");
        }
    }
    assert!(began.elapsed() < PATIENCE);
    assert!(daemon.is_running());
    assert_eq!(receiver.count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_addresses_are_refused_unless_allowed() {
    let receiver = Receiver::start().await;
    let ticket = "//! title: t\n//! match: {alert_type: X}\n//! connections: [inside, metadata]\n//! owner: a@example.com\n\nfn on_alert(alert) { let said = []; for name in [1, 2] { try { if name == 1 { connection(\"inside\").post(#{}); } else { connection(\"metadata\").post(#{}); } } catch (e) { said.push(e.kind); } } said }\n";
    let daemon = World::new()
        .playbook("reach.rhai", ticket)
        .connection_with("inside", &format!("url: https://127.0.0.1:{0}/, ports: [{0}]", receiver.address.port()))
        .connection_with("metadata", "url: http://169.254.169.254/latest/meta-data, allow_private: true")
        .start();
    let result = daemon.post_alert(json!({"title": "t", "alert_type": "X"})).await;
    let run = daemon.ended_run(result["runs"][0].as_str().unwrap()).await;
    assert_eq!((&run["status"], &run["result"]), (&json!("done"), &json!(["denied", "denied"])), "{run:#}");
    assert_eq!(receiver.count(), 0);
}
