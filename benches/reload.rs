//! A reload of ten thousand filters: how long it takes from the wish to its answer, and what intake feels of it.
//! Run: `cargo bench --bench reload`. The load comes from this same machine.

#![expect(clippy::disallowed_methods, reason = "a bench measures")]

#[path = "playbooks/daemon.rs"]
#[allow(dead_code, reason = "other benches use the rest")]
mod daemon;

use daemon::{Daemon, configured};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// One alert every so often, as a source that does not flood.
const PACE: Duration = Duration::from_millis(4);

fn main() {
    // `cargo test --benches` runs this file too: then it only proves that it still works.
    let trial = !std::env::args().any(|argument| argument == "--bench");
    let (filters, reloads) = if trial { (100, 2) } else { (10_000, 15) };
    for (shape, in_a_file) in [("one a file", 1), ("a hundred a file", 100)] {
        let folder = tempfile::tempdir().expect("a folder");
        configured(folder.path(), &[], &[]);
        write_rules(folder.path(), filters, in_a_file);
        // What was just written must not go to the disk while intake waits for it.
        let synced = std::process::Command::new("sync").status();
        assert!(synced.is_ok_and(|status| status.success()), "the disk holds the rules");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
        let daemon = runtime.block_on(Daemon::start(folder.path()));
        println!("{filters} filters, {shape}");
        let quiet = latencies(&daemon.address, || std::thread::sleep(Duration::from_secs(if trial { 1 } else { 8 })));
        let mut took = Vec::new();
        let busy = latencies(&daemon.address, || {
            for round in 0..reloads {
                let text = filter(0).replace("Scanner 0", &format!("Scanner 0, round {round}"));
                let rest: String = (1..in_a_file).map(|number| format!("---\n{}", filter(number))).collect();
                std::fs::write(folder.path().join("rules/team-0/0.yaml"), text + &rest).expect("it is written");
                let began = Instant::now();
                let answer = Client::open(&daemon.address).post("/-/reload", "");
                assert!(answer.contains("200 OK"), "{answer}");
                took.push(began.elapsed().as_secs_f64() * 1e3);
            }
        });
        print("reload, from the wish to its answer", took);
        print("intake, nothing else going on", quiet);
        print("intake, while the set is reloaded again and again", busy);
        println!("  resident memory {:.0} MiB\n", daemon.resident());
    }
}

fn print(what: &str, mut times: Vec<f64>) {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "  {what:<52} median {:>7.1} ms, p99 {:>7.1} ms, most {:>7.1} ms ({})",
        at(0.5),
        at(0.99),
        at(1.0),
        times.len()
    );
}

fn filter(number: usize) -> String {
    format!(
        "id: filter-{number}\ntitle: Scanner {number} at night\nreason: expected_activity\nowner: secops@example.com\n\
         expires: 2099-03-31\nmatch:\n  alert_type|startswith: Port{number}\n  severity|lte: medium\n  \
         entities.ip.address|cidr: [10.{}.{}.0/24, 192.0.2.7]\n",
        number / 256,
        number % 256
    )
}

fn write_rules(folder: &Path, filters: usize, in_a_file: usize) {
    for first in (0..filters).step_by(in_a_file) {
        let team = folder.join(format!("rules/team-{}", first / in_a_file / 500));
        std::fs::create_dir_all(&team).expect("a folder");
        let texts: Vec<_> = (first..first + in_a_file).map(filter).collect();
        std::fs::write(team.join(format!("{first}.yaml")), texts.join("---\n")).expect("it is written");
    }
}

/// How long each alert took in milliseconds, one after the other at an even pace, while something goes on.
fn latencies(address: &str, meanwhile: impl FnOnce()) -> Vec<f64> {
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let posting = scope.spawn(|| {
            let (mut client, mut times) = (Client::open(address), Vec::new());
            let mut next = Instant::now();
            while !stop.load(Ordering::Relaxed) {
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                let alert =
                    format!("{{\"title\":\"Many failed logins\",\"severity\":\"low\",\"source_id\":\"{number}\"}}");
                // From when it was due: what waits behind a stall counts too.
                let answer = client.post("/api/v1/alerts", &alert);
                assert!(answer.contains("200 OK"), "{answer}");
                times.push(next.elapsed().as_secs_f64() * 1e3);
                next += PACE;
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
            }
            times
        });
        meanwhile();
        stop.store(true, Ordering::Relaxed);
        posting.join().expect("every alert is answered")
    })
}

/// One connection.
struct Client(BufReader<TcpStream>);

impl Client {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the daemon listens");
        stream.set_nodelay(true).expect("it is a socket");
        Self(BufReader::new(stream))
    }

    /// Posts JSON; the answer's head.
    fn post(&mut self, path: &str, body: &str) -> String {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.get_mut().write_all(head.as_bytes()).expect("the daemon reads");
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let start = head.len();
            assert!(self.0.read_line(&mut head).expect("the daemon answers") > 0, "the daemon hung up");
            let line = head[start..].trim_end();
            if line.is_empty() {
                break;
            }
            if let Some(bytes) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = bytes.trim().parse().expect("it is a number");
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("the answer is whole");
        head
    }
}
