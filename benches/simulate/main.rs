//! What replaying history costs: stored alerts a second through a thousand filters, on one thread and on all, and where
//! the time of one goes. Run: `cargo bench --bench simulate`.
//!
//! Alerts and filters are those of `benches/matching`. `QUELL_BENCH_ALERTS` (default 50,000) is how many are stored. Rates
//! of one thread are by its processor time; figures are medians of five rounds with their spread.

#[path = "../matching/cpu.rs"]
mod cpu;
#[path = "../matching/generate.rs"]
#[allow(dead_code, reason = "the other bench uses the rest")]
mod generate;

use generate::Generator;
use quell::alert::{Alert, AlertText};
use quell::clock::{Stopwatch, Timestamp};
use quell::decode::{Format, Limits, decode};
use quell::ruleset::{Ruleset, SourceFile, SourceKind, Sources, Verdict, build};
use quell::simulate::{Before, Input, Settings, replay};
use quell::store::{Admission, SqliteHistory, SqliteSettings, SqliteStore, Store};
use std::hint::black_box;
use std::path::Path;
use twox_hash::XxHash3_64;

/// The command's own, as `src/main.rs` has it.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const FILTERS: usize = 1_000;

fn main() {
    // `cargo test --benches` runs this file too: then it only proves that it still works.
    let trial = !std::env::args().any(|argument| argument == "--bench");
    let asked = std::env::var("QUELL_BENCH_ALERTS").ok().and_then(|number| number.parse().ok());
    let (alerts, rounds) = if trial { (600, 1) } else { (asked.unwrap_or(50_000), 5) };
    let (old, new) = (rules(7), rules(8));
    let folder = tempfile::tempdir().expect("a temporary folder");
    store(folder.path(), alerts, &old);
    let history = || SqliteHistory::open(folder.path(), Timestamp::UNIX_EPOCH).expect("it was just stored");
    println!("{alerts} stored alerts, {FILTERS} filters\n");

    let replayed = |rules: &Ruleset, before: Before<'_>, threads: usize| {
        let settings = Settings { at: None, now: Timestamp::UNIX_EPOCH, threads };
        replay(&Input::History(history()), before, rules, settings, &mut |_| {}).expect("it was just stored")
    };
    let same = replayed(&old, Before::Recorded, 2);
    assert!(same.is_same() && same.alerts.total() == alerts as u64 && same.unreadable.count == 0, "{same:#?}");
    assert!(!replayed(&new, Before::Recorded, 2).is_same(), "other filters decide otherwise");

    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for (name, threads, against) in [
        ("recorded, one thread", 1, None),
        ("recorded, all", cores, None),
        ("against another set, one thread", 1, Some(&old)),
    ] {
        let rates = (0..rounds).map(|_| {
            let (watch, began) = (Stopwatch::start(), cpu::of_process());
            black_box(replayed(&new, against.map_or(Before::Recorded, Before::Set), threads));
            let spent = cpu::of_process() - began;
            alerts as f64 / if threads == 1 { spent / 1e9 } else { watch.elapsed().as_secs_f64() }
        });
        println!("{name:<36} {} alerts a second", shown(rates.collect()));
    }
    println!();
    parts(&history(), &new, rounds);
}

/// Where the time of one alert goes, each part done alone, in nanoseconds.
fn parts(history: &SqliteHistory, rules: &Ruleset, rounds: usize) {
    let reader = history.reader().expect("it was just stored");
    let (mut bodies, mut verdicts) = (Vec::new(), Vec::new());
    let some = *history.numbers().start()..=*history.numbers().start() + 5_000;
    let read = |each: &mut dyn FnMut(&str, &str)| {
        let each = |stored: Result<quell::store::StoredAlert<'_>, _>| {
            stored.map(|one| each(one.body, one.verdict)).expect("sound")
        };
        reader.read(some.clone(), each).expect("readable");
    };
    read(&mut |body, verdict| {
        bodies.push(body.to_owned());
        verdicts.push(verdict.to_owned());
    });
    let alerts: Vec<Alert> = bodies.iter().map(|body| serde_json::from_str(body).expect("sound")).collect();
    let bytes = bodies.iter().map(String::len).sum::<usize>() / bodies.len();
    println!("a body has {bytes} bytes; nanoseconds an alert, each part alone");
    let part = |name: &str, work: &mut dyn FnMut()| {
        let times = (0..rounds).map(|_| cpu::spent(&mut *work) / bodies.len() as f64);
        println!("{name:<36} {}", shown(times.collect()));
    };
    part("read, unseal and first columns", &mut || {
        read(&mut |body, _| {
            black_box(body.len());
        })
    });
    part("unseal", &mut || {
        bodies.iter().zip(&verdicts).for_each(|(body, verdict)| {
            let seal = |seed, text: &String| XxHash3_64::oneshot_with_seed(seed, text.as_bytes());
            black_box(seal(seal(0, body), verdict));
        });
    });
    let read = || bodies.iter().map(|body| AlertText::new(body).expect("as it was written"));
    part("first columns", &mut || read().for_each(|text| drop(black_box(text))));
    let texts: Vec<AlertText<'_>> = read().collect();
    let now = alerts[0].received_time;
    part("judge in its text, the rest", &mut || {
        texts.iter().for_each(|text| drop(black_box(rules.judge_text(text, now).expect("as it was written"))))
    });
    part("alert", &mut || bodies.iter().for_each(|body| drop(black_box(serde_json::from_str::<Alert>(body)))));
    part("verdict", &mut || {
        verdicts.iter().for_each(|verdict| drop(black_box(serde_json::from_str::<Verdict>(verdict))))
    });
    part("decide", &mut || alerts.iter().for_each(|alert| drop(black_box(rules.decide(alert, alert.received_time)))));
}

fn shown(mut figures: Vec<f64>) -> String {
    figures.sort_by(f64::total_cmp);
    format!("{:>9.0} ({:.0} to {:.0})", figures[figures.len() / 2], figures[0], figures[figures.len() - 1])
}

fn rules(seed: u64) -> Ruleset {
    let mut generator = Generator::new(seed);
    let file = |number: usize| SourceFile {
        path: Path::new(&format!("rules/generated-{number}.yaml")).into(),
        name: format!("rules/generated-{number}.yaml"),
        kind: SourceKind::Rule,
        bytes: generator.filter(number).into_bytes(),
    };
    let sources = Sources { files: (0..FILTERS).map(file).collect(), revision: None };
    build(&sources).expect("generated filters compile")
}

fn store(folder: &Path, alerts: usize, rules: &Ruleset) {
    let mut generator = Generator::new(11);
    let store = SqliteStore::open(SqliteSettings::in_folder(folder)).expect("an empty folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    let mut number = 0;
    while number < alerts {
        let batch = (number..alerts.min(number + 500)).map(|number| {
            let text = generator.alert(number);
            let items = decode(text.as_bytes(), Format::Json, None, &Limits::default(), Timestamp::UNIX_EPOCH);
            let decoded = items.expect("sound").swap_remove(0).expect("sound");
            let verdict = rules.decide(&decoded.alert, decoded.alert.received_time).verdict;
            Admission {
                alert: decoded.alert,
                content: decoded.content,
                verdict,
                limits: Vec::new(),
                runs: Vec::new(),
                held: Vec::new(),
                runs_if_over: Vec::new(),
                held_if_over: Vec::new(),
                on_update: None,
            }
        });
        let batch: Vec<Admission> = batch.collect();
        number += batch.len();
        runtime.block_on(store.accept(batch, Timestamp::UNIX_EPOCH)).expect("room on the disk");
    }
    runtime.block_on(store.close());
}
