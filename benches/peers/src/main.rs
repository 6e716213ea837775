//! Quell's matcher beside other engines: the same Sigma rules put to the same real events in one run, in the
//! processor time of one thread.
//!
//! Run: `cargo run --release -- [--without-keywords] [DATA]`, where DATA (or `QUELL_DATA_DIR`) is the folder
//! of rules and events. Rules with keywords look at every value of an event: a few cost more than all others together.

#![forbid(unsafe_code)]

mod clock;
mod compare;
mod copies;
mod data;
mod engine;
mod hostile;
mod machine;
mod measure;
mod ours;
mod rsigma;
mod rules;
mod script;
mod sigma;
mod table;
mod tau;

use crate::data::{Event, spread};
use crate::engine::{Engine, from_ready, from_text};
use crate::measure::{Figure, ROUNDS, Runner, affordable, in_turns, timed};
use crate::ours::Quell;
use crate::rsigma::Rsigma;
use crate::rules::{Rule, Rules};
use crate::script::Rhai;
use crate::tau::Tau;
use serde_json::Value;
use serde_json::value::RawValue;
use std::ops::Range;
use std::sync::Arc;

/// The most events put to an engine in a round.
const EVENTS: usize = 20_000;
/// The numbers of rules, beside that of the originals.
const SIZES: [usize; 3] = [100, 1_000, 10_000];
/// What makes the changed copies the same in every run.
const SEED: u64 = 0x5157_454c;
/// Processor time a round may take for Quell and rsigma, which get the same events.
const FAST_ROUND: u64 = 1_500_000_000;
/// And for the engines that put every rule to every event.
const SLOW_ROUND: u64 = 250_000_000;
/// Events by which rsigma's options are chosen.
const TRIAL: usize = 2_000;
/// Events put to Quell's plain evaluator.
const PLAIN: usize = 600;
/// Events by which a copy is found too common.
const JUDGES: usize = 200;

fn main() {
    let folder = data::folder();
    let mut skipped = Vec::new();
    let files = data::rule_files(&folder).unwrap_or_else(|fault| {
        skipped.push(fault);
        Vec::new()
    });
    let mut events = data::events(&folder, EVENTS, &mut skipped);
    events.retain(|event| serde_json::from_str::<Value>(&event.text).is_ok_and(|value| value.is_object()));
    skipped.iter().for_each(|fault| println!("skipped: {fault}"));
    if files.is_empty() || events.is_empty() {
        println!("skipped: without rules and events there is nothing to compare");
        return;
    }

    let keywords = !std::env::args().any(|argument| argument == "--without-keywords");
    let (mut rules, left_out) = Rules::originals(&files, keywords);
    let largest = SIZES[SIZES.len() - 1];
    let texts: Vec<&str> = events.iter().map(|event| &*event.text).collect();
    let common = rules.fill(&files, largest, SEED, &some(&texts, JUDGES));
    println!("machine: {}", machine::machine());
    let bytes: usize = events.iter().map(|event| event.text.len()).sum();
    println!(
        "method: processor time of one thread; one round to warm up, then {ROUNDS}, part by part in turns; median (least to most)\n\
         events: {}, evenly spread over the streams, mean {} bytes\n\
         rules: {} of {} files compile in both Quell and rsigma; from there on copies with changed values",
        events.len(),
        bytes / events.len(),
        rules.original_count(),
        files.len()
    );
    left_out.iter().for_each(|(fault, count)| println!("  left out, {count}: {fault}"));
    println!("  left out, {common} copies: met by more than one event in {}, as nobody keeps such a rule", rules::RARE);

    table::heading("payloads made to cost much, put to all rules by Quell");
    hostile::table(&Quell::new(&rules.take(rules.original_count())));

    table::heading("reading alone: what the text costs before any rule");
    table::lines(&in_turns(reading(&texts)));

    let mut sizes = SIZES.to_vec();
    sizes.push(rules.original_count());
    sizes.sort_unstable();
    let mut tables = [Vec::new(), Vec::new()];
    for size in sizes {
        let taken = rules.take(size);
        let [text, ready] = contest(&taken, size == rules.original_count(), &events, &texts);
        tables[0].push(text);
        tables[1].push(ready);
    }
    let titles = [
        "from text: Quell validates and keeps the text, the others parse it to a serde_json::Value; then matching",
        "matching alone: Quell's alert is made before but its payload still a text, which matching reads; \
         the others' values are made before",
    ];
    for (title, table) in titles.into_iter().zip(&tables) {
        table::heading(title);
        for figures in table {
            table::lines(figures);
            println!();
        }
        growth(table);
    }
}

/// Reading an event's text: validated and kept, as Quell's intake does, and parsed to a value, as the peers need it.
fn reading<'a>(texts: &'a [&str]) -> Vec<Runner<'a>> {
    let runner = |engine, reads: fn(&&&str) -> bool| {
        let run = move |part: Range<usize>| timed(|| texts[part].iter().filter(reads).count());
        Runner { engine, rules: 0, events: texts.len(), run: Box::new(run) }
    };
    vec![
        runner("serde_json RawValue", |text| serde_json::from_str::<Box<RawValue>>(text).is_ok()),
        runner("serde_json Value", |text| serde_json::from_str::<Value>(text).is_ok()),
    ]
}

/// Some of the texts, evenly spread.
fn some<'a>(texts: &[&'a str], most: usize) -> Vec<&'a str> {
    spread(texts.len(), most).into_iter().map(|place| texts[place]).collect()
}

/// All engines on one set of rules; with `compared` also whether they say the same.
fn contest(rules: &[Arc<Rule>], compared: bool, events: &[Event], texts: &[&str]) -> [Vec<Figure>; 2] {
    println!("\n{} rules", rules.len());
    let began = clock::cpu_nanos();
    let quell = Quell::new(rules);
    let indexed = clock::cpu_nanos();
    let mut rsigma = Rsigma::new(rules);
    let loaded = clock::cpu_nanos();
    println!(
        "loading: Quell indexes in {:.2} s, rsigma compiles and indexes in {:.2} s",
        (indexed - began) as f64 / 1e9,
        (loaded - indexed) as f64 / 1e9
    );
    println!("rsigma's fastest options: {}", rsigma.choose(&some(texts, TRIAL)));
    let (tau, rhai) = (Tau::new(rules), Rhai::new(rules));
    println!("translated: {} rules for tau-engine, {} for Rhai", tau.rules(), rhai.rules());
    let few: Vec<&Event> = spread(events.len(), PLAIN).into_iter().map(|place| &events[place]).collect();
    compare::with_plain(rules, &quell, &few);
    if compared {
        let most = affordable(texts, 4 * FAST_ROUND, |text| quell.count_text(text));
        let all: Vec<&Event> = spread(events.len(), most.max(5_000)).into_iter().map(|place| &events[place]).collect();
        compare::with_other(rules, &quell, &rsigma, &all);
        println!("the translations, where differences are tau's null, and its `not` of a field that is missing:");
        compare::with_other(rules, &quell, &tau, &few);
        compare::with_other(rules, &quell, &rhai, &few);
    }

    let ours = affordable(texts, FAST_ROUND, |text| quell.count_text(text));
    let theirs = affordable(texts, FAST_ROUND, |text| rsigma.count_text(text));
    let fast = some(texts, ours.min(theirs));
    let for_tau = some(texts, affordable(texts, SLOW_ROUND, |text| tau.count_text(text)));
    let for_rhai = some(texts, affordable(texts, SLOW_ROUND, |text| rhai.count_text(text)));
    let text = in_turns(vec![
        from_text(&quell, &fast),
        from_text(&rsigma, &fast),
        from_text(&tau, &for_tau),
        from_text(&rhai, &for_rhai),
    ]);
    let ready = in_turns(vec![
        from_ready(&quell, &fast),
        from_ready(&rsigma, &fast),
        from_ready(&tau, &for_tau),
        from_ready(&rhai, &for_rhai),
    ]);
    [text, ready]
}

/// How much longer an event takes with the most rules than with the fewest, engine by engine.
fn growth(sets: &[Vec<Figure>]) {
    let [first, .., last] = sets else { return };
    let grown =
        first.iter().zip(last).map(|(few, many)| format!("{} {:.1}x", few.engine, many.range()[1] / few.range()[1]));
    let (few, many) = (first.first().map_or(0, |figure| figure.rules), last.first().map_or(0, |figure| figure.rules));
    println!("growth of the time from {few} to {many} rules: {}", grown.collect::<Vec<_>>().join(", "));
}
