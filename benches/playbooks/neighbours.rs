//! A healthy connection beside a receiver that never answers, one that drips its answer, and one whose answer never ends.

use crate::daemon::{Daemon, configured};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const BAD: [&str; 3] = ["hanging", "dripping", "endless"];

/// When each alert's message arrived, by the alert's title.
type Arrivals = Arc<Mutex<HashMap<String, Instant>>>;

pub async fn measure(queued: usize, samples: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let arrivals = Arrivals::default();
    let mut connections = vec![("good", good(arrivals.clone()).await)];
    for name in BAD {
        connections.push((name, bad(name).await));
    }
    let playbook = |name: &str| {
        format!(
            "//! title: Tells {name}\n//! match: {{alert_type: {name}}}\n//! connections: [{name}]\n\
             //! owner: soc@example.com\n\nfn on_alert(alert) {{ connection(\"{name}\").post(#{{ title: alert.title }}); }}\n"
        )
    };
    let playbooks: Vec<(String, String)> =
        connections.iter().map(|(name, _)| (format!("{name}.rhai"), playbook(name))).collect();
    let playbooks: Vec<(&str, &str)> = playbooks.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    configured(folder.path(), &playbooks, &connections);
    let daemon = Daemon::start(folder.path()).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let alone = sample(&daemon, &client, &arrivals, "alone", samples).await;
    for name in BAD {
        for part in 0..queued.div_ceil(100) {
            let alerts: Vec<_> = (0..100.min(queued))
                .map(|number| json!({"title": format!("{name} {part} {number}"), "alert_type": name}))
                .collect();
            post(&daemon, &client, &json!(alerts)).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let beside = sample(&daemon, &client, &arrivals, "beside", samples).await;
    println!("from intake to a healthy receiver, {samples} alerts one after the other");
    println!("  alone                          p50 {:.1} ms, p99 {:.1} ms", alone.0, alone.1);
    println!("  beside three bad ones          p50 {:.1} ms, p99 {:.1} ms", beside.0, beside.1);
    println!("  ({queued} requests queued to each: {})", BAD.join(", "));
}

async fn post(daemon: &Daemon, client: &reqwest::Client, body: &serde_json::Value) {
    let url = format!("http://{}/api/v1/alerts", daemon.address);
    let request = client.post(url).header("content-type", "application/json").body(body.to_string());
    let answer = request.send().await.expect("the daemon answers");
    assert!(answer.status().is_success(), "{}", answer.status());
}

/// Median and 99th percentile in milliseconds.
async fn sample(
    daemon: &Daemon,
    client: &reqwest::Client,
    arrivals: &Arrivals,
    name: &str,
    samples: usize,
) -> (f64, f64) {
    let mut times = Vec::new();
    for number in 0..samples {
        let title = format!("{name} {number}");
        let began = Instant::now();
        post(daemon, client, &json!({"title": title, "alert_type": "good"})).await;
        let arrived = loop {
            if let Some(at) = arrivals.lock().expect("no holder panics").get(&title) {
                break *at;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "{title} does not arrive");
            tokio::time::sleep(Duration::from_micros(200)).await;
        };
        times.push((arrived - began).as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[(times.len() - 1) * 99 / 100])
}

async fn good(arrivals: Arrivals) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let address = listener.local_addr().expect("it has one");
    let receive = move |body: String| {
        let arrivals = arrivals.clone();
        async move {
            let body: serde_json::Value = serde_json::from_str(&body).expect("a JSON body");
            let title = body["title"].as_str().expect("it has a title").to_owned();
            arrivals.lock().expect("no holder panics").insert(title, Instant::now());
            "{}"
        }
    };
    let app = axum::Router::new().fallback(axum::routing::post(receive));
    tokio::spawn(async move { axum::serve(listener, app).await });
    address.to_string()
}

async fn bad(name: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let address = listener.local_addr().expect("it has one");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(misbehave(name, socket));
        }
    });
    address.to_string()
}

async fn misbehave(name: &str, mut socket: TcpStream) {
    let mut request = vec![0; 64 << 10];
    let _ = socket.read(&mut request).await;
    match name {
        "hanging" => tokio::time::sleep(Duration::from_secs(3600)).await,
        "dripping" => {
            for byte in b"HTTP/1.1 200 OK\r\nx-slow: ".iter().chain(std::iter::repeat(&b'x')) {
                if socket.write_all(&[*byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        _ => {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
            while socket.write_all(b"400\r\n").await.is_ok()
                && socket.write_all(&[b'x'; 1024]).await.is_ok()
                && socket.write_all(b"\r\n").await.is_ok()
            {}
        }
    }
}
