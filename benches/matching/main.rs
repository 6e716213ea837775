//! What conditions cost: thousands of filters put to alerts, in processor time, beside what reading an alert's JSON
//! costs in the same run. Run: `cargo bench --bench matching`.
//!
//! Figures are medians of nine rounds with their spread. Every set of matches is compared with the plain evaluator's on
//! some of the alerts. The machine's clock drifts: trust the ratios.

mod costliest;
mod cpu;
mod generate;

use generate::Generator;
use quell::alert::Alert;
use quell::clock::Timestamp;
use quell::decode::{Format, Limits, decode};
use quell::matcher::{AlertView, Index};
use quell::ruleset::{Ruleset, SourceFile, SourceKind, Sources, build};
use std::collections::HashSet;
use std::hint::black_box;
use std::path::Path;

const ROUNDS: usize = 9;
const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

/// `QUELL_BENCH_FILTERS` names other sizes, with commas between.
fn sizes() -> Vec<usize> {
    let named = std::env::var("QUELL_BENCH_FILTERS").unwrap_or_default();
    let named: Vec<usize> = named.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    if named.is_empty() { SIZES.to_vec() } else { named }
}

/// Processor time of one round, in nanoseconds an alert.
struct Round {
    /// A `serde_json::Value` made of the alert's text.
    json: f64,
    /// The canonical alert made of it.
    decode: f64,
    /// What was done to the alert then.
    work: f64,
}

impl Round {
    /// Alerts come a handful at a time, as intake has them, and each handful is parsed, decoded and worked on in turn:
    /// a slow moment of the machine meets all three alike.
    fn of(texts: &[String], mut work: impl FnMut(&Alert)) -> Self {
        const HANDFUL: usize = 16;
        let mut sum = Self { json: 0.0, decode: 0.0, work: 0.0 };
        let mut alerts: Vec<Alert> = Vec::with_capacity(HANDFUL);
        for handful in texts.chunks(HANDFUL) {
            sum.json += cpu::spent(|| handful.iter().for_each(|text| drop(black_box(value(black_box(text))))));
            alerts.clear();
            sum.decode += cpu::spent(|| alerts.extend(handful.iter().map(|text| read(text))));
            sum.work += cpu::spent(|| alerts.iter().for_each(&mut work));
        }
        let alerts = texts.len() as f64;
        Self { json: sum.json / alerts, decode: sum.decode / alerts, work: sum.work / alerts }
    }
}

/// So many rounds, after one that does not count.
fn each_round(rounds: usize, mut round: impl FnMut() -> Round) -> Vec<Round> {
    (0..=rounds).map(|_| round()).skip(1).collect()
}

/// A figure over several rounds.
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(rounds: &[Round], figure: impl Fn(&Round) -> f64) -> Self {
        let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        Self { least: figures[0], median: figures[figures.len() / 2], most: figures[figures.len() - 1] }
    }

    fn shown(&self, digits: usize) -> String {
        format!("{:.digits$} ({:.digits$} to {:.digits$})", self.median, self.least, self.most)
    }
}

fn main() {
    // `cargo test --benches` runs this file too: then it only proves that it still works.
    let trial = !std::env::args().any(|argument| argument == "--bench");
    let (alerts, rounds, sizes) = if trial { (200, 1, SIZES[..2].to_vec()) } else { (5_000, ROUNDS, sizes()) };
    let mut generator = Generator::new(7);
    let texts: Vec<String> = (0..alerts).map(|number| generator.alert(number)).collect();
    let bytes = texts.iter().map(String::len).sum::<usize>() / texts.len();
    println!("{}", machine());
    println!(
        "{alerts} alerts of {bytes} bytes, as Defender for Cloud's REST interface sends them; nanoseconds an alert\n"
    );

    let decoded: Vec<Alert> = texts.iter().map(|text| read(text)).collect();
    println!(
        "{:>8}  {:>21} {:>21} {:>21} {:>20} {:>22} {:>6} {:>6} {:>6}  {:>6} {:>9} {:>9}",
        "filters",
        "Value",
        "decode",
        "match",
        "match / Value",
        "match and decide",
        "p50",
        "p99",
        "most",
        "met",
        "compile",
        "a filter"
    );
    let mut whole: Vec<f64> = Vec::new();
    for size in sizes.iter().copied() {
        let before = resident();
        let mut built = None;
        let sources = sources(size);
        let compile = cpu::spent(|| built = Some(build(&sources).expect("generated filters compile")));
        drop(sources);
        let rules = built.expect("it was just built");
        let memory = (resident() - before).max(0.0) / size as f64;
        let conditions = rules.filters().iter().enumerate();
        let index = Index::build(conditions.map(|(number, filter)| (number, filter.condition.clone())).collect());
        let matching = |alert: &Alert| drop(black_box(index.matching(&AlertView::new(black_box(alert)))));
        let matched: Vec<Round> = each_round(rounds, || Round::of(&texts, matching));
        let deciding = |alert: &Alert| drop(black_box(rules.decide(black_box(alert), Timestamp::UNIX_EPOCH)));
        let decided: Vec<Round> = each_round(rounds, || Round::of(&texts, deciding));
        let mut each: Vec<f64> = decoded.iter().map(|alert| fastest(&rules, alert)).collect();
        each.sort_by(f64::total_cmp);
        let at = |share: f64| each[((each.len() - 1) as f64 * share) as usize];
        let met = compare(&rules, &decoded[..(2_000_000 / size).clamp(20, decoded.len().min(2_000))]);
        println!(
            "{size:>8}  {:>21} {:>21} {:>21} {:>20} {:>22} {:>6.0} {:>6.0} {:>6.0}  {met:>6.2} {:>7.2} s {:>6.1} KB",
            Spread::of(&matched, |round| round.json).shown(0),
            Spread::of(&matched, |round| round.decode).shown(0),
            Spread::of(&matched, |round| round.work).shown(0),
            Spread::of(&matched, |round| round.work / round.json).shown(2),
            Spread::of(&decided, |round| round.work).shown(0),
            at(0.5),
            at(0.99),
            at(1.0),
            compile / 1e9,
            memory / 1024.0,
        );
        whole.push(Spread::of(&decided, |round| round.decode + round.work).median);
        if size == 10_000 {
            hostile(&rules);
            costliest::table(3);
        }
    }
    println!("\ndecode, match and decide together, against the row before:");
    for (size, pair) in sizes[1..].iter().zip(whole.windows(2)) {
        println!("{size:>8}  {:>24.0} {:>7.2}", pair[1], pair[1] / pair[0]);
    }
    let of = |size: usize| sizes.iter().position(|known| *known == size).map(|at| whole[at]);
    if let (Some(hundred), Some(ten_thousand)) = (of(100), of(10_000)) {
        println!("from 100 to 10,000 filters: {:.2} times", ten_thousand / hundred);
    }
}

fn value(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("generated JSON is JSON")
}

fn read(text: &str) -> Alert {
    let mut all = decode(text.as_bytes(), Format::Json, None, &Limits::default(), Timestamp::UNIX_EPOCH)
        .expect("a generated alert is one alert");
    all.pop().expect("there is one").expect("it can be read").alert
}

fn sources(size: usize) -> Sources {
    let mut generator = Generator::new(11);
    let file = |number: usize| SourceFile {
        path: Path::new(&format!("rules/generated-{number}.yaml")).into(),
        name: format!("rules/generated-{number}.yaml"),
        kind: SourceKind::Rule,
        bytes: generator.filter(number).into_bytes(),
    };
    Sources { files: (0..size).map(file).collect(), revision: None }
}

/// One alert alone: the least of three, since the clock itself and other work take their share.
fn fastest(rules: &Ruleset, alert: &Alert) -> f64 {
    let once = || cpu::spent(|| drop(black_box(rules.decide(black_box(alert), Timestamp::UNIX_EPOCH))));
    once().min(once()).min(once())
}

/// Compares what the index says with the plain evaluator; gives how many filters an alert meets on average.
fn compare(rules: &Ruleset, alerts: &[Alert]) -> f64 {
    let mut met = 0;
    for alert in alerts {
        let view = AlertView::new(alert);
        let plain: HashSet<_> =
            rules.filters().iter().filter(|filter| filter.condition.matches(&view)).map(|filter| &filter.id).collect();
        let verdict = rules.decide(alert, Timestamp::UNIX_EPOCH).verdict;
        let found: HashSet<_> = verdict.dismissed_by.iter().chain(&verdict.would_dismiss).collect();
        for filter in rules.filters() {
            let (by_index, by_plain) = (found.contains(&&filter.id), plain.contains(&&filter.id));
            let explained = || filter.condition.explain(&view);
            assert_eq!(by_index, by_plain, "{} by the index and by the plain evaluator: {:?}", filter.id, explained());
        }
        met += plain.len();
    }
    met as f64 / alerts.len() as f64
}

/// Alerts of a megabyte made of what filters look for.
fn hostile(rules: &Ruleset) {
    let hot = "powershell.exe -EncodedCommand --job 1 /c whoami --job 2 scrsave.scr --job 77 on vm-web-0005 ";
    let repeated = |text: &str| text.repeat((1 << 20) / text.len());
    let many: Vec<_> = (0..20_000)
        .map(|number| serde_json::json!({"type": "process", "command_line": format!("-NoProfile --job {number}")}))
        .collect();
    let command = |text: String| serde_json::json!([{"type": "process", "command_line": text}]);
    println!();
    for (name, entities) in [
        ("one value full of what filters look for", command(repeated(hot))),
        ("one value that nearly is what they look for", command(repeated("-EncodedCommand --jo -NoProfile --job x"))),
        ("one value of one letter", command(repeated("-"))),
        ("one value of letters that are not ASCII", command(repeated("ÄÖÜ --jöb "))),
        ("20,000 entities", serde_json::Value::Array(many)),
    ] {
        let mut alert = read(&Generator::new(1).alert(0));
        let size = entities.to_string().len();
        alert.entities = serde_json::from_value(entities).expect("they are entities");
        let least = (0..3).map(|_| fastest(rules, &alert)).fold(f64::INFINITY, f64::min);
        println!("{name:<44} {:>7.1} ms, {:>5.2} ns a byte", least / 1e6, least / size as f64);
    }
    println!();
}

/// Resident memory of this process, in bytes.
fn resident() -> f64 {
    const PAGE: f64 = 4096.0;
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0) * PAGE
}

fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|line| line.trim_start_matches([' ', '\t', ':']));
    let cores = info.lines().filter(|line| line.starts_with("processor")).count();
    format!("{}, {cores} cores", model.unwrap_or("unknown processor"))
}
