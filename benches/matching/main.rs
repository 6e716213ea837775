//! What conditions cost: thousands of filters put to alerts, in processor time, beside what reading an alert's JSON
//! costs in the same run. Run: `cargo bench --bench matching`.
//!
//! Figures are medians of five rounds with their spread. Every set of matches is compared with the plain evaluator's on
//! some of the alerts. The machine's clock drifts: trust the ratios.

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

const ROUNDS: usize = 5;
const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

/// `QUELL_BENCH_FILTERS` names other sizes, with commas between.
fn sizes() -> Vec<usize> {
    let named = std::env::var("QUELL_BENCH_FILTERS").unwrap_or_default();
    let named: Vec<usize> = named.split(',').filter_map(|size| size.trim().parse().ok()).collect();
    if named.is_empty() { SIZES.to_vec() } else { named }
}

/// The rounds of one figure.
struct Rounds(Vec<f64>);

impl Rounds {
    fn of(mut round: impl FnMut() -> f64, rounds: usize) -> Self {
        round();
        let mut figures: Vec<f64> = (0..rounds).map(|_| round()).collect();
        figures.sort_by(f64::total_cmp);
        Self(figures)
    }

    fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }
}

impl std::fmt::Display for Rounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{:.0} ({:.0} to {:.0})", self.median(), self.0[0], self.0[self.0.len() - 1]);
        f.pad(&text)
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

    let per_alert = |spent: f64| spent / texts.len() as f64;
    let json = || {
        per_alert(cpu::spent(|| {
            for text in &texts {
                black_box(serde_json::from_str::<serde_json::Value>(black_box(text)).expect("generated JSON is JSON"));
            }
        }))
    };
    let reading = || per_alert(cpu::spent(|| texts.iter().for_each(|text| drop(black_box(read(text))))));
    let decoded: Vec<Alert> = texts.iter().map(|text| read(text)).collect();
    let json = Rounds::of(json, rounds);
    let decode = Rounds::of(reading, rounds);
    println!("{:<44} {json:>24}", "serde_json::Value of the alert");
    println!("{:<44} {decode:>24}\n", "decode: JSON to the canonical alert");

    println!(
        "{:>8}  {:>22} {:>6}  {:>22} {:>7} {:>7} {:>7}  {:>6}  {:>8} {:>9}",
        "filters", "match", "/ JSON", "match and decide", "p50", "p99", "most", "met", "compile", "a filter"
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
        let matched = Rounds::of(|| per_alert(each_alert(&texts, matching)), rounds);
        let deciding = |alert: &Alert| drop(black_box(rules.decide(black_box(alert), Timestamp::UNIX_EPOCH)));
        let decided = Rounds::of(|| per_alert(each_alert(&texts, deciding)), rounds);
        let mut each: Vec<f64> = decoded.iter().map(|alert| fastest(&rules, alert)).collect();
        each.sort_by(f64::total_cmp);
        let at = |share: f64| each[((each.len() - 1) as f64 * share) as usize];
        let met = compare(&rules, &decoded[..(2_000_000 / size).clamp(20, decoded.len().min(2_000))]);
        println!(
            "{size:>8}  {matched:>22} {:>6.2}  {decided:>22} {:>7.0} {:>7.0} {:>7.0}  {met:>6.2}  {:>6.2} s {:>6.1} KB",
            matched.median() / json.median(),
            at(0.5),
            at(0.99),
            at(1.0),
            compile / 1e9,
            memory / 1024.0,
        );
        whole.push(decode.median() + decided.median());
        if size == 10_000 {
            hostile(&rules);
        }
    }
    println!("\ndecode, match and decide together, against the row before:");
    for (size, pair) in sizes[1..].iter().zip(whole.windows(2)) {
        println!("{size:>8}  {:>24.0} {:>7.2}", pair[1], pair[1] / pair[0]);
    }
    if let [hundred, _, ten_thousand, ..] = whole.as_slice() {
        println!("from 100 to 10,000 filters: {:.2} times", ten_thousand / hundred);
    }
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

/// Something done to alerts that were read just before, as intake has them: a handful at a time.
fn each_alert(texts: &[String], mut work: impl FnMut(&Alert)) -> f64 {
    const HANDFUL: usize = 16;
    let handful = |texts: &[String]| {
        let alerts: Vec<Alert> = texts.iter().map(|text| read(text)).collect();
        cpu::spent(|| alerts.iter().for_each(&mut work))
    };
    texts.chunks(HANDFUL).map(handful).sum()
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
