//! End to end, over real HTTP and with every answer on disk: alerts a second durable, one a request and in NDJSON
//! batches, and the time from intake to the webhook. Run: `cargo bench --bench end_to_end`.
//!
//! `QUELL_BENCH_ALERTS` (default 20,000) sets the size of a round. Figures are medians of five rounds with their
//! spread; the load comes from this same machine, so they are a floor.

#![expect(clippy::disallowed_methods, reason = "a bench measures")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const SINGLE_CONNECTIONS: usize = 64;
const BATCH_CONNECTIONS: usize = 8;
const BATCH: usize = 100;
const LATENCY_ALERTS: usize = 200;

fn main() {
    // `cargo test --benches` runs this file too: then it only proves that it still works.
    let trial = !std::env::args().any(|argument| argument == "--bench");
    let alerts = std::env::var("QUELL_BENCH_ALERTS").ok().and_then(|n| n.parse().ok());
    let alerts: usize = if trial { 500 } else { alerts.unwrap_or(20_000) };
    let rounds = if trial { 1 } else { ROUNDS };
    println!("{}", machine());
    println!(
        "alert: {} bytes native JSON; 10 filters, 1 playbook; fsync before every answer\n",
        alert(0, "Bench").len()
    );
    let world = World::start();
    let mut table = Vec::new();

    let mut number = 0;
    let mut measure = |name: &str, connections: usize, batch: usize, table: &mut Vec<(String, Vec<f64>)>| {
        let rates = (0..rounds).map(|_| {
            let round = number..number + alerts;
            number += alerts;
            let began = Instant::now();
            world.post_all(round.clone(), connections, batch);
            round.len() as f64 / began.elapsed().as_secs_f64()
        });
        table.push((name.to_owned(), rates.collect()));
    };
    measure("alerts/s, one a request, 64 connections", SINGLE_CONNECTIONS, 1, &mut table);
    measure("alerts/s, NDJSON of 100, 8 connections", BATCH_CONNECTIONS, BATCH, &mut table);
    for (name, mut rates) in table {
        rates.sort_by(f64::total_cmp);
        println!("{name:<44} {:>9.0}   ({:.0} to {:.0})", rates[rates.len() / 2], rates[0], rates[rates.len() - 1]);
    }

    let mut times = world.intake_to_webhook(if trial { 5 } else { LATENCY_ALERTS });
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!(
        "{:<44} {:>6.1} ms   (p99 {:.1} ms, most {:.1} ms)",
        "intake to webhook, median",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    println!("{:<44} {:>6.1} MiB", "daemon's resident memory at the end", world.resident_mib());
}

/// What it was measured on.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or("");
        line.split(':').nth(1).unwrap_or("unknown").trim().to_owned()
    };
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let model = field(&read("/proc/cpuinfo"), "model name");
    let memory = field(&read("/proc/meminfo"), "MemTotal");
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    format!(
        "machine: {model}, {cores} cores, {memory}, Linux {}, load {}",
        kernel.trim(),
        load.split(' ').next().unwrap_or("?")
    )
}

fn alert(number: usize, alert_type: &str) -> String {
    format!(
        concat!(
            r#"{{"title":"Many failed logins on web-{n}","alert_type":"{t}","severity":"medium","source":"bench","source_id":"{t}-{n}","#,
            r#""description":"A host saw many failed password logins in a short time, from one address.","start_time":"2026-11-20T02:10:00Z","#,
            r#""compromised_entity":"web-{n}","entities":[{{"type":"host","host_name":"web-{n}","os_family":"Linux"}},"#,
            r#"{{"type":"ip","address":"203.0.113.{a}"}},{{"type":"account","name":"root"}}],"tactics":["credential_access"],"#,
            r#""techniques":["T1110"],"extended_properties":{{"number of failed logins":"412"}}}}"#
        ),
        n = number,
        t = alert_type,
        a = number % 250 + 1
    )
}

/// The daemon, its folders, and a receiver.
struct World {
    daemon: Child,
    address: String,
    arrivals: mpsc::Receiver<Instant>,
    _folder: tempfile::TempDir,
}

impl World {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("quell-bench-").tempdir_in(bench_disk()).expect("a folder");
        let (arrived, arrivals) = mpsc::sync_channel(100_000);
        let receiver = receiver(arrived);
        write_rules(folder.path(), &receiver);
        let mut daemon = Command::new(env!("CARGO_BIN_EXE_quell"))
            .arg("serve")
            .current_dir(folder.path())
            .env("QUELL_LOG", "info")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the daemon starts");
        let mut lines = BufReader::new(daemon.stderr.take().expect("its log")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("listening on http://")?.1.split_whitespace().next()?.to_owned()))
            .expect("the daemon listens");
        thread::spawn(move || lines.for_each(drop));
        Self { daemon, address, arrivals, _folder: folder }
    }

    /// Posts these alerts over so many connections, so many a request; every one must be answered 200.
    fn post_all(&self, numbers: std::ops::Range<usize>, connections: usize, batch: usize) {
        let (next, address) = (std::sync::atomic::AtomicUsize::new(numbers.start), self.address.as_str());
        thread::scope(|scope| {
            for _ in 0..connections {
                scope.spawn(|| {
                    let mut connection = Connection::open(address);
                    loop {
                        let from = next.fetch_add(batch, std::sync::atomic::Ordering::Relaxed);
                        if from >= numbers.end {
                            return;
                        }
                        let lines: Vec<String> =
                            (from..(from + batch).min(numbers.end)).map(|n| alert(n, "Bench")).collect();
                        let kind = if batch == 1 { "application/json" } else { "application/x-ndjson" };
                        connection.post(kind, &lines.join("\n"));
                    }
                });
            }
        });
    }

    /// One alert after another, each timed from the first byte sent to its webhook's arrival.
    fn intake_to_webhook(&self, alerts: usize) -> Vec<Duration> {
        let mut connection = Connection::open(&self.address);
        (0..alerts)
            .map(|number| {
                let began = Instant::now();
                connection.post("application/json", &alert(number, "Answered"));
                let arrived = self.arrivals.recv_timeout(Duration::from_secs(30)).expect("the webhook arrives");
                arrived.duration_since(began)
            })
            .collect()
    }

    fn resident_mib(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.daemon.id())).unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("VmRSS: 0 kB");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }
}

impl Drop for World {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

/// A real disk: a temporary folder in memory would make every sync free.
fn bench_disk() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
}

fn write_rules(folder: &Path, receiver: &str) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    for n in 0..10 {
        let text = format!(
            "id: quiet-{n}\ntitle: Quiet\nreason: test\nowner: a@example.com\nmatch: {{alert_type: Quiet{n}, entities.ip.address|cidr: 10.{n}.0.0/16}}\n"
        );
        write(&format!("rules/{n}.yaml"), &text);
    }
    write(
        "playbooks/answer.rhai",
        "//! title: Answer\n//! match: {alert_type: Answered}\n//! connections: [chat]\n//! owner: a@example.com\n\nfn on_alert(alert) { connection(\"chat\").post(#{ title: alert.title }); }\n",
    );
    write(
        "quell.yaml",
        &format!(
            "listen: 127.0.0.1:0\nrules: rules\nplaybooks: playbooks\nconnections:\n  chat: {{url: http://{receiver}/, allow_private: true}}\n"
        ),
    );
}

/// Answers every request 200 and tells when it arrived.
fn receiver(arrived: mpsc::SyncSender<Instant>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("its address").to_string();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let arrived = arrived.clone();
            thread::spawn(move || {
                let mut reader = BufReader::new(stream);
                while read_message(&mut reader).is_some() {
                    if arrived.send(Instant::now()).is_err() {
                        return;
                    }
                    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                    if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

/// A kept-alive HTTP/1.1 connection: cheap enough not to be what is measured.
struct Connection {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the daemon accepts");
        stream.set_nodelay(true).expect("an option of TCP");
        Self { address: address.to_owned(), stream: BufReader::new(stream) }
    }

    fn post(&mut self, kind: &str, body: &str) {
        let head = format!(
            "POST /api/v1/alerts HTTP/1.1\r\nhost: {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(&[head.as_bytes(), body.as_bytes()].concat()).expect("the daemon reads");
        let (first, answer) = read_message(&mut self.stream).expect("the daemon answers");
        assert!(first.starts_with("HTTP/1.1 200"), "{first} {}", String::from_utf8_lossy(&answer));
    }
}

/// Reads one message with a content length: its first line and its body.
fn read_message(from: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut first = String::new();
    if from.read_line(&mut first).ok()? == 0 {
        return None;
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        from.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    Some((first.trim().to_owned(), body))
}
