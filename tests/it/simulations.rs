//! `quell simulate`: the past decided again by the code that decides live (promise 12), and what a change would move.

use crate::repository::{Repository, filter};
use crate::world::{Daemon, World, quell};
use quell::alert::{Alert, AlertText};
use quell::decode::{Format, Limits, decode};
use quell::ruleset::{Ruleset, SourceFile, SourceKind, Sources, build};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

#[path = "../../benches/matching/generate.rs"]
mod generate;

/// Runs `quell` in a folder; gives its exit code, stdout and stderr.
fn run(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let output = quell(folder).args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn report(folder: &Path, args: &[&str]) -> Value {
    let (code, out, err) = run(folder, &[&["simulate", "--format", "json"][..], args].concat());
    assert_eq!(code, 0, "{args:?}: {err}{out}");
    serde_json::from_str(&out).unwrap()
}

fn rule(id: &str, lines: &str) -> String {
    format!("id: {id}\ntitle: {id}\nreason: test\nowner: a@example.com\n{lines}\n")
}

/// Rules whose decision depends on everything a decision may depend on.
fn world() -> World {
    World::new()
        .filter("plain.yaml", &rule("plain", "match: {alert_type: Scan, severity|lte: medium}"))
        .filter("guarded.yaml", &rule("guarded", "match: {alert_type: Scan}"))
        .filter("allowed.yaml", &rule("allowed", "allow: [high]\nexpires: 2099-01-01\nmatch: {title|contains: lab}"))
        .filter("audit.yaml", &rule("audit", "mode: audit\nmatch: {entities.ip.address|cidr: 10.0.0.0/8}"))
        .filter("expired.yaml", &rule("expired", "expires: 2020-01-01\nmatch: {alert_type: Brute}"))
        .filter("status.yaml", &rule("open-ones", "match: {alert_type: Stated, status: active}"))
        .filter("in-progress.yaml", &rule("stated-ones", "match: {alert_type: Stated, status: in_progress}"))
        .filter("payload.yaml", &rule("payload", "match: {'raw.inner.deep|re': '^x+$', raw.n|gt: 2.5}"))
        .filter("hour.yaml", &rule("any-hour", "match: {alert_type: Hourly, received_time|hour|lte: 23}"))
        .playbook("act.rhai", "//! title: Act\n//! owner: a@example.com\n//! match: {alert_type: Brute}\nfn on_alert(alert) { return 1; }\n")
        .playbook("note.rhai", "//! title: Note\n//! owner: a@example.com\n//! trigger: dismissed\nfn on_alert(alert) { return 1; }\n")
}

fn alerts() -> Vec<Value> {
    let mut alerts = Vec::new();
    for (number, kind) in ["Scan", "Brute", "Stated", "Hourly", "Other"].iter().cycle().take(600).enumerate() {
        let severity = ["low", "medium", "high", "critical", "informational", "weird"][number / 5 % 6];
        let status = ["active", "in_progress", "resolved"][number / 7 % 3];
        alerts.push(json!({
            "source_id": number.to_string(), "alert_type": kind, "severity": severity, "status": status,
            "title": if number % 3 == 0 { format!("lab machine {number}") } else { format!("machine {number}") },
            "entities": [{"type": "ip", "address": format!("10.0.0.{}", number % 250)}],
            "inner": {"deep": "x".repeat(number % 4)}, "n": number as f64 / 100.0,
        }));
    }
    alerts
}

async fn posted(daemon: &Daemon, alerts: &[Value]) {
    let lines: String = alerts.iter().map(|alert| format!("{alert}\n")).collect();
    let (status, answer) = daemon.post("/api/v1/alerts", "application/x-ndjson", lines).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_decided_again_by_the_same_rules_is_the_past() {
    let daemon = world().start();
    posted(&daemon, &alerts()).await;
    let folder = daemon.world.path("");
    // Beside the running daemon.
    let same = report(&folder, &["--since", "1h"]);
    let inside = &same["report"];
    assert_eq!((&same["same"], &same["against"]), (&json!(true), &json!("recorded")), "{same:#}");
    assert_eq!(inside["unreadable"]["count"], 0);
    let total: u64 = inside["alerts"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(total, 600);
    assert_eq!(inside["before"], inside["after"]);
    let listed = daemon.get("/api/v1/alerts?status=dismissed&limit=1000").await["items"].as_array().unwrap().len();
    assert_eq!(inside["after"]["dismissed"], listed);
    for rule in inside["filters"].as_array().unwrap() {
        let name = rule["filter"].as_str().unwrap();
        assert_eq!(rule["before"], rule["dismisses"], "{name}");
        let is_idle = rule["dismisses"] == 0 && rule["would_dismiss"] == 0;
        assert_eq!(is_idle, name == "expired", "{name} tries nothing: {rule}");
    }
    for playbook in inside["playbooks"].as_array().unwrap() {
        assert!(playbook["before"] == playbook["after"] && playbook["after"] != 0, "{playbook}");
    }
    assert_eq!(inside["playbooks"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_is_decided_as_of_its_own_time_unless_told_otherwise() {
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3600);
    let daemon =
        World::new().filter("ends.yaml", &rule("ends", &format!("expires: {soon}\nmatch: {{alert_type: A}}"))).start();
    posted(&daemon, &[json!({"title": "t", "alert_type": "A", "severity": "low"})]).await;
    let folder = daemon.world.path("");
    assert_eq!(report(&folder, &["--since", "1h"])["same"], true);
    let later = report(&folder, &["--since", "1h", "--at", "2100-01-01"]);
    assert_eq!(later["report"]["newly_shown"]["count"]["low"], 1, "{later:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_move_is_told_and_gates_refuse_it() {
    let mut daemon = world().start();
    posted(&daemon, &alerts()).await;
    let folder = daemon.world.path("");
    // The daemon need not run either.
    daemon.stop();
    daemon.world.write(
        "rules/greedy.yaml",
        &rule("greedy", "allow: [high, critical]\nexpires: 2099-01-01\nmatch: {alert_type: Brute}"),
    );
    std::fs::remove_file(daemon.world.path("rules/plain.yaml")).unwrap();
    std::fs::remove_file(daemon.world.path("rules/guarded.yaml")).unwrap();
    let moved = report(&folder, &["--since", "1d"]);
    let inside = &moved["report"];
    let dismissed = &inside["newly_dismissed"]["count"];
    assert!(dismissed["high"].as_u64().unwrap() > 0 && dismissed["critical"].as_u64().unwrap() > 0, "{inside:#}");
    assert_eq!(dismissed["other"], 0, "a severity nobody knows can be allowed by nobody");
    let listed = inside["guarded_newly_dismissed"].as_array().unwrap();
    assert_eq!(
        json!(listed.len()),
        json!(dismissed["high"].as_u64().unwrap() + dismissed["critical"].as_u64().unwrap())
    );
    assert!(listed.len() > 20, "none is left out: {}", listed.len());
    assert!(listed[0]["severity"] == "critical" && listed[0]["filters"].as_array().unwrap().contains(&json!("greedy")));
    assert!(inside["newly_shown"]["count"]["medium"].as_u64().unwrap() > 0);
    let act = inside["playbooks"].as_array().unwrap().iter().find(|playbook| playbook["playbook"] == "act").unwrap();
    assert!(act["no_longer_fires"].as_u64().unwrap() > 0 && act["would_fire"] == 0, "{act}");

    let gate = |args: &[&str]| run(&folder, &[&["simulate", "--since", "1d"][..], args].concat());
    let (code, out, err) = gate(&["--max-newly-dismissed", "100%", "--max-newly-shown", "1000"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("--max-newly-dismissed 100% kept: ") && out.contains("would vanish: all "), "{out}");
    for (args, said) in [
        (&["--max-newly-dismissed", "5%"][..], "error: --max-newly-dismissed 5% exceeded: "),
        (&["--max-newly-shown", "3"], "error: --max-newly-shown 3 exceeded: "),
        (&["--fail-on-high"], "error: --fail-on-high exceeded: "),
    ] {
        let (code, _, err) = gate(args);
        assert!(code == 1 && err.contains(said), "{args:?}: {code} {err}");
    }
    let (code, _, err) = gate(&["--max-newly-dismissed", "5 percent"]);
    assert!(code == 3 && err.contains("is not a limit: write a number of alerts"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_record_is_counted_and_named() {
    let mut daemon = World::new().filter("a.yaml", &rule("quiet", "match: {alert_type: A}")).start();
    let good = json!({"title": "t", "alert_type": "A", "severity": "low"});
    posted(&daemon, &[good.clone(), json!({"title": "spoilt", "alert_type": "A", "severity": "low"})]).await;
    daemon.stop();
    let db = rusqlite::Connection::open(daemon.world.path("data/quell.db")).unwrap();
    let changed = db
        .execute("UPDATE bodies SET body = replace(body, 'spoilt', 'spoilT') WHERE body LIKE '%spoilt%'", [])
        .unwrap();
    assert_eq!(changed, 1);
    drop(db);
    let (code, out, err) = run(&daemon.world.path(""), &["simulate", "--since", "1d"]);
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("not read: ") && err.contains("alert number 2"), "{err}");
    assert!(out.contains("alerts       1 (1 low)") && out.contains("not read     1"), "{out}");
}

#[test]
fn files_of_any_source_are_replayed_against_a_commit() {
    let Some(repository) = Repository::new() else { return };
    repository.write("rules/a.yaml", &filter("aa", "Scan"));
    repository.commit();
    repository.write("rules/a.yaml", &filter("aa", "Scan").replace("alert_type: Scan", "alert_type|startswith: Scan"));
    let falco = json!({"rule": "ScanFalco", "priority": "Warning", "output": "o", "time": "2026-01-01T00:00:00Z", "output_fields": {}});
    let native = |id: usize, kind: &str| json!({"title": format!("t{id}"), "alert_type": kind, "severity": "low", "source_id": id.to_string()});
    let lines: String =
        (0..2_000).map(|id| format!("{}\n", native(id, if id % 2 == 0 { "Scan" } else { "ScanMore" }))).collect();
    repository.write("events.ndjson", &format!("{lines}{falco}\nnot an alert\n"));
    repository.write("list.json", &json!([native(9_000, "ScanMore"), native(9_001, "Else")]).to_string());
    let (code, out, err) = repository.quell(&[
        "simulate",
        "--against",
        "HEAD",
        "--format",
        "json",
        "--events",
        "events.ndjson",
        "list.json",
    ]);
    assert_eq!(code, 0, "{err}");
    assert!(err.starts_with("events.ndjson:2002: not read: [invalid_json] not JSON"), "{err}");
    let moved: Value = serde_json::from_str(&out).unwrap();
    let inside = &moved["report"];
    assert_eq!((&inside["newly_dismissed"]["count"]["low"], &inside["unreadable"]["count"]), (&json!(1001), &json!(1)));
    let samples = inside["newly_dismissed"]["samples"].as_array().unwrap();
    let ids: Vec<_> = samples.iter().filter(|sample| sample["severity"] == "low").map(|sample| &sample["id"]).collect();
    assert_eq!(ids, [&json!("1"), &json!("3"), &json!("5"), &json!("7"), &json!("9")], "the first of them, in order");
    assert_eq!((&inside["before"]["dismissed"], &inside["after"]["dismissed"]), (&json!(1000), &json!(2002)));
    assert!(
        moved["against"]["commit"].is_string()
            && moved["against"]["dirty"] == false
            && moved["candidate"]["dirty"] == true
    );

    // From the standard input, without anything to compare with.
    let mut child = quell(&repository.path(""))
        .args(["simulate", "--events", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(out.contains("before       no rules: every alert is shown\n"), "{out}");
    assert!(out.contains("shown      2000    0\ndismissed  0       2000\n"), "{out}");
}

#[test]
fn a_comment_for_a_pull_request_is_whole_and_harmless() {
    let Some(repository) = Repository::new() else { return };
    repository.write("rules/a.yaml", &filter("aa", "Scan"));
    repository.commit();
    repository
        .write("rules/b.yaml", &filter("bb", "Brute").replace("match:", "allow: [high]\nexpires: 2099-01-01\nmatch:"));
    let alert = json!({"title": "|x| @everyone [a](https://e.example)", "alert_type": "Brute", "severity": "high", "source_id": "1"});
    repository.write("events.ndjson", &format!("{alert}\n"));
    let args = ["simulate", "--events", "events.ndjson", "--against", "HEAD", "--format", "markdown", "--fail-on-high"];
    let (code, out, err) = repository.quell(&args);
    assert_eq!(
        (code, err.as_str()),
        (1, "error: --fail-on-high exceeded: 1 of severity high, critical or unknown would vanish\n")
    );
    assert!(out.starts_with("### quell simulate\n\n- :x: --fail-on-high exceeded&#58; 1 of severity high"), "{out}");
    assert!(out.contains("#### :warning: High, critical and unknown severities that would vanish: 1\n"), "{out}");
    let row = "| high | 1 | &#124;x&#124; &#64;everyone &#91;a&#93;&#40;https&#58;//e.example&#41; | bb |";
    assert!(out.contains(row), "{out}");
    assert!(out.contains("| shown | 1 | 0 |\n| dismissed | 0 | 1 |\n"), "{out}");
    assert!(out.contains("#### Filters that dismiss other numbers\n") && out.contains("| bb | 0 | 1 | 0 |"), "{out}");
}

#[test]
fn what_cannot_be_replayed_is_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("rules")).unwrap();
    std::fs::write(folder.path().join("rules/a.yaml"), filter("aa", "A")).unwrap();
    std::fs::write(folder.path().join("bad.json"), "nonsense").unwrap();
    std::fs::write(folder.path().join("empty.ndjson"), "\n").unwrap();
    for (args, said) in [
        (&["--since", "1d"][..], "there is no history in `quell-data`: it holds no quell.db"),
        (&["--events", "none.json"], "error: none.json: No such file or directory"),
        (&["--events", "bad.json"], "error: none of the 1 alerts can be read"),
        (&["--events", "empty.ndjson"], "error: there is no alert to replay"),
        (
            &["--events", "bad.json", "--against", "HEAD"],
            "lies in no git working tree, so no commit can be read, and no folder `HEAD`",
        ),
        (&["--since", "yesterday"], "write a number and a unit"),
        (&[], "the following required arguments were not provided"),
        (&["--since", "1d", "--events", "bad.json"], "cannot be used with"),
    ] {
        let (code, out, err) = run(folder.path(), &[&["simulate"][..], args].concat());
        assert_eq!((code, out.as_str()), (3, ""), "{args:?}: {err}");
        assert!(err.contains(said), "{args:?}: {err}");
    }
    std::fs::write(folder.path().join("rules/a.yaml"), "id: [").unwrap();
    let (code, _, err) = run(folder.path(), &["simulate", "--events", "bad.json"]);
    assert!(code == 2 && err.contains("rules/a.yaml:1:"), "{err}");
}

/// Filters of every kind, and playbooks.
fn rules_of_every_kind() -> Ruleset {
    let mut generator = generate::Generator::new(5);
    let mut texts: Vec<String> = (0..400).map(|number| generator.filter(number)).collect();
    for (number, lines) in [
        "match: {severity|gte: low, title|contains: 'a'}",
        "match: {alert_type|exists: true, vendor: null}",
        "match: {extended_properties.RESOURCETYPE|contains: machine}",
        "match: {resources.id|contains: '/', resources.type|exists: true}",
        "match: {entities.ip.address|cidr: 10.0.0.0/8}\nmode: audit",
        "match: {entities.host.host_name|endswith: '1'}\nlimit: {max: 2, per: 1h}",
        "match: {tactics: execution}\nallow: [high]\nexpires: 2099-01-01",
        "match: {status: active, received_time|hour|gte: 0, description|re: 'user'}",
        "match: {raw.properties.intent: Execution}",
        "match: {raw.rule|startswith: T, source: falco}",
        "match: {tags: null, links.href|exists: true, remediation_steps|contains: scan}",
        "match: {start_time|lt: '2026-05-01T19:49:00Z', is_incident: false}",
    ]
    .iter()
    .enumerate()
    {
        texts.push(rule(&format!("kind-{number}"), lines));
    }
    let file = |(number, text): (usize, String)| SourceFile {
        path: Path::new(&format!("rules/{number}.yaml")).into(),
        name: format!("rules/{number}.yaml"),
        kind: SourceKind::Rule,
        bytes: text.into_bytes(),
    };
    let mut files: Vec<SourceFile> = texts.into_iter().enumerate().map(file).collect();
    for (name, lines) in
        [("all", ""), ("brute", "//! match: {alert_type|contains: Brute}\n"), ("gone", "//! trigger: dismissed\n")]
    {
        files.push(SourceFile {
            path: Path::new(&format!("playbooks/{name}.rhai")).into(),
            name: format!("playbooks/{name}.rhai"),
            kind: SourceKind::Playbook,
            bytes: format!("//! title: {name}\n//! owner: a@example.com\n{lines}fn on_alert(alert) {{ return 1; }}\n")
                .into_bytes(),
        });
    }
    build(&Sources { files, revision: None }).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

/// Alerts made up, those of the fixtures, and real ones where this checkout has them.
fn alerts_of_every_source() -> Vec<Alert> {
    let mut generator = generate::Generator::new(6);
    let mut texts: Vec<Vec<u8>> = (0..1_000).map(|number| generator.alert(number).into_bytes()).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["tests/fixtures/alerts", "../shared/data"] {
        let Ok(files) = std::fs::read_dir(root.join(folder)) else {
            eprintln!("skipped: {folder} is not there");
            continue;
        };
        for path in files.map(|file| file.unwrap().path()) {
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("json") => texts.push(std::fs::read(&path).unwrap()),
                Some("ndjson") => {
                    texts.extend(
                        std::fs::read_to_string(&path).unwrap().lines().take(300).map(|line| line.as_bytes().to_vec()),
                    );
                }
                _ => {}
            }
        }
    }
    let now = jiff::Timestamp::from_second(1_780_000_000).unwrap();
    let decoded = texts.iter().filter_map(|text| decode(text, Format::Json, None, &Limits::default(), now).ok());
    decoded.flatten().filter_map(|alert| Some(alert.ok()?.alert)).collect()
}

/// Alerts are decided on in their stored text where they can be; that never says anything else than the daemon does.
#[test]
fn an_alert_s_text_is_decided_on_as_the_alert_is() {
    let (rules, alerts) = (rules_of_every_kind(), alerts_of_every_source());
    let (mut read, mut dismissed, mut would) = (0, 0, 0);
    for alert in &alerts {
        let text = serde_json::to_string(alert).unwrap();
        let whole = rules.decide(alert, alert.received_time).verdict;
        let stored = AlertText::new(&text).unwrap_or_else(|| panic!("{text}"));
        let Some(judged) = rules.judge_text(&stored, alert.received_time) else { continue };
        let ids = |filters: &[&std::sync::Arc<quell::filter::Filter>]| -> Vec<_> {
            filters.iter().map(|filter| filter.id.clone()).collect()
        };
        assert_eq!(ids(&judged.dismissed_by), whole.dismissed_by, "{text}");
        assert_eq!(ids(&judged.would_dismiss), whole.would_dismiss, "{text}");
        assert_eq!(
            judged.triggered().map(|playbook| playbook.id.clone()).collect::<Vec<_>>(),
            whole.triggered,
            "{text}"
        );
        read += 1;
        dismissed += usize::from(judged.is_dismissed());
        would += judged.would_dismiss.len();
    }
    eprintln!("{read} of {} alerts in their text, {dismissed} dismissed, {would} would be", alerts.len());
    assert!(read > 950 && read * 10 > alerts.len() * 8 && dismissed > 100 && would > 100, "{read} {dismissed} {would}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_exceeds_a_limit_is_counted_again_in_order() {
    let few =
        |max: u32| rule("few", &format!("limit: {{max: {max}, per: 1d, by: [title]}}\nmatch: {{alert_type: Sweep}}"));
    let daemon = World::new()
        .filter("few.yaml", &few(2))
        .filter("blocks.yaml", &rule("blocks", "match: {title: none}"))
        .playbook(
            "note.rhai",
            "//! title: Note\n//! owner: a@example.com\n//! trigger: dismissed\nfn on_alert(alert) { return 1; }\n",
        )
        .start();
    let sweep = |number: usize| json!({"source_id": number.to_string(), "alert_type": "Sweep", "severity": "low", "title": format!("m{}", number % 3)});
    posted(&daemon, &(0..1_500).map(sweep).collect::<Vec<_>>()).await;
    let folder = daemon.world.path("");
    let moved = |report: &Value| {
        let of = |what: &str| report["report"][what]["count"]["low"].clone();
        (of("newly_dismissed"), of("newly_shown"))
    };
    let same = report(&folder, &["--since", "1h"]);
    assert_eq!(moved(&same), (json!(0), json!(0)), "{same:#}");
    assert_eq!(same["report"]["after"]["dismissed"], 1_494, "two of each title stay: {same:#}");
    daemon.world.write("rules/few.yaml", &few(5));
    let wider = report(&folder, &["--since", "1h"]);
    assert_eq!(moved(&wider), (json!(0), json!(9)), "{wider:#}");
}
