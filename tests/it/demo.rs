//! `quell demo` shows what it promises on a clean checkout: verdicts, valid signatures, a retry, an address that serves.

use crate::world::{PATIENCE, client, eventually, quell};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_dismisses_answers_and_serves() {
    let mut command = quell(Path::new(env!("CARGO_MANIFEST_DIR")));
    let mut demo =
        command.args(["demo", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = Arc::new(Mutex::new(String::new()));
    let (stdout, seen) = (demo.stdout.take().unwrap(), lines.clone());
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            seen.lock().unwrap().push_str(&format!("{line}\n"));
        }
    });
    let text = || lines.lock().unwrap().clone();
    let began = Instant::now();
    // The chat's first message meets an outage, so its second attempt comes last.
    while !text().contains("attempt 2, signature valid, answered 200") {
        assert!(began.elapsed() < PATIENCE, "{}", text());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let shown = text();
    for expected in [
        "dismissed by scanner-ssh-logins (expected_activity)",
        "dismissed by deployment-agent-powershell",
        "dismissed by debug-container-shells",
        "dismissed by kubernetes-controllers",
        "dismissed by sample-alerts (test)",
        "answered by contain-brute-force, tell-the-team",
        "POST /ticketing",
        "POST /firewall",
    ] {
        assert!(shown.contains(expected), "`{expected}` is missing in:\n{shown}");
    }
    assert!(!shown.contains("INVALID"), "{shown}");
    let address = shown.split_once("http://").unwrap().1.split(['/', ' ', '\n']).next().unwrap().to_owned();
    let answer = client().get(format!("http://{address}/api/v1/alerts?status=dismissed")).send().await.unwrap();
    let listed: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 5, "{listed:#}");
    rustix::process::kill_process(rustix::process::Pid::from_child(&demo), rustix::process::Signal::TERM).unwrap();
    eventually("the demo stops", async || demo.try_wait().unwrap().is_some()).await;
    assert_eq!(demo.wait().unwrap().code(), Some(0));
}
