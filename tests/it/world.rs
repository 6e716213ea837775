//! A world for one test: folders of rules and playbooks, a config, and the real daemon as a child process.

use crate::receiver::{Receiver, SECRET};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

/// How long a test waits for something that should happen soon.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Builds a world.
pub struct World {
    folder: tempfile::TempDir,
    connections: Vec<(String, String)>,
    extra: String,
    environment: Vec<(String, String)>,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("quell-it-").tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("rules")).unwrap();
        std::fs::create_dir_all(folder.path().join("playbooks/lib")).unwrap();
        Self { folder, connections: Vec::new(), extra: String::new(), environment: Vec::new() }
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.path().join(inside)
    }

    pub fn filter(self, name: &str, text: &str) -> Self {
        self.write(&format!("rules/{name}"), text);
        self
    }

    pub fn playbook(self, name: &str, text: &str) -> Self {
        self.write(&format!("playbooks/{name}"), text);
        self
    }

    /// A signed connection to a receiver, retrying as the schedule says.
    pub fn connection(mut self, name: &str, receiver: &Receiver) -> Self {
        let settings = format!(
            "url: http://{}/{name}, allow_private: true, sign: {{secret: {{env: WEBHOOK_SECRET}}}}",
            receiver.address
        );
        self.connections.push((name.to_owned(), settings));
        self
    }

    /// A connection whose settings are written out.
    pub fn connection_with(mut self, name: &str, settings: &str) -> Self {
        self.connections.push((name.to_owned(), settings.to_owned()));
        self
    }

    /// More lines of `quell.yaml`.
    pub fn config(mut self, lines: &str) -> Self {
        self.extra.push_str(lines);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Writes a file as editors that care do: beside, then renamed over.
    pub fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let beside = path.with_extension("tmp~");
        std::fs::File::create(&beside).unwrap().write_all(text.as_bytes()).unwrap();
        std::fs::rename(beside, path).unwrap();
    }

    /// Starts the daemon and waits until it listens.
    pub fn start(self) -> Daemon {
        let mut config = String::from("listen: 127.0.0.1:0\nrules: rules\nplaybooks: playbooks\ndata: data\n");
        config.push_str(&self.extra);
        if !self.connections.is_empty() {
            config.push_str("connections:\n");
            for (name, settings) in &self.connections {
                config.push_str(&format!("  {name}: {{{settings}}}\n"));
            }
        }
        self.write("quell.yaml", &config);
        let mut daemon =
            Daemon { world: self, child: None, address: String::new(), log: Arc::default(), client: client() };
        daemon.restart();
        daemon
    }
}

/// A running daemon and what it needs.
pub struct Daemon {
    pub world: World,
    child: Option<Child>,
    pub address: String,
    log: Arc<Mutex<Vec<String>>>,
    pub client: reqwest::Client,
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

/// The `quell` command with nothing of the test's own environment that could steer it.
pub fn quell(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("QUELL_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).env("NO_COLOR", "1").env("WEBHOOK_SECRET", SECRET);
    command
}

impl Daemon {
    /// Starts the daemon (again) on the same folders.
    pub fn restart(&mut self) {
        let (told, heard) = mpsc::sync_channel(1);
        let mut command = quell(self.world.folder.path());
        command.arg("serve").envs(self.world.environment.iter().map(|(n, v)| (n, v)));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let log = self.log.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("listening on http://") {
                    let _ = told.send(address.split_whitespace().next().unwrap_or("").to_owned());
                }
                log.lock().unwrap().push(line);
            }
        });
        self.child = Some(child);
        match heard.recv_timeout(PATIENCE) {
            Ok(address) => self.address = address,
            Err(_) => panic!("the daemon does not start:\n{}", self.log()),
        }
    }

    /// SIGKILL: no chance to finish anything.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("a running daemon");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM, and the exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let mut child = self.child.take().expect("a running daemon");
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        child.wait().unwrap().code()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.client.get(self.url(path)).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "GET {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }

    /// Posts one alert that must be taken, and returns its result.
    pub async fn post_alert(&self, alert: Value) -> Value {
        let (status, answer) = self.post("/api/v1/alerts", "application/json", alert.to_string()).await;
        assert_eq!(status, 200, "{answer}");
        answer["results"][0].clone()
    }

    pub async fn post(&self, path: &str, content_type: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let request = self.client.post(self.url(path)).header("content-type", content_type).body(body);
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Waits until a run has ended and returns it.
    pub async fn ended_run(&self, id: &str) -> Value {
        let began = Instant::now();
        loop {
            let run = self.get(&format!("/api/v1/runs/{id}")).await;
            if matches!(run["status"].as_str(), Some("done" | "failed" | "expired" | "cancelled")) {
                return run;
            }
            assert!(began.elapsed() < PATIENCE, "the run does not end: {run:#}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            eprintln!("--- the daemon's log ---\n{}", self.log());
        }
    }
}

/// Waits until something holds.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "does not come true: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
