//! rsigma: its witness index, with the pre-filters that are fastest on these rules and events.

use crate::clock::cpu_nanos;
use crate::engine::Engine;
use crate::rules::Rule;
use rsigma_eval::{Engine as Evaluator, JsonEvent};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// All rules in one evaluator. Logsource routing stays off: every rule sees every event, here as in Quell.
pub struct Rsigma {
    evaluator: Evaluator,
    places: HashMap<String, usize>,
}

/// Which of its optional pre-filters are on.
#[derive(Debug, Clone, Copy)]
struct Options {
    bloom: bool,
    cross_rule: bool,
}

const CHOICES: [Options; 4] = [
    Options { bloom: false, cross_rule: false },
    Options { bloom: true, cross_rule: false },
    Options { bloom: false, cross_rule: true },
    Options { bloom: true, cross_rule: true },
];

impl std::fmt::Display for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match (self.bloom, self.cross_rule) {
            (false, false) => "as it comes",
            (true, false) => "bloom",
            (false, true) => "cross-rule AC",
            (true, true) => "bloom and cross-rule AC",
        })
    }
}

impl Rsigma {
    /// Loads rules.
    pub fn new(rules: &[Arc<Rule>]) -> Self {
        let mut evaluator = Evaluator::new();
        let faults = evaluator.add_rules(rules.iter().map(|rule| &rule.sigma));
        assert!(faults.is_empty(), "every rule was compiled before: {faults:?}");
        Self { evaluator, places: rules.iter().enumerate().map(|(place, rule)| (rule.id.clone(), place)).collect() }
    }

    /// Turns on what is fastest on some events; tells what each choice took.
    pub fn choose(&mut self, texts: &[&str]) -> String {
        let events: Vec<Value> = texts.iter().map(|text| self.read(text)).collect();
        let mut took: Vec<(f64, Options)> = Vec::new();
        for options in CHOICES {
            self.set(options);
            let mut nanos = f64::MAX;
            for _ in 0..3 {
                let began = cpu_nanos();
                std::hint::black_box(events.iter().map(|event| self.count(event)).sum::<usize>());
                nanos = nanos.min((cpu_nanos() - began) as f64 / events.len() as f64);
            }
            took.push((nanos, options));
        }
        let told: Vec<_> = took.iter().map(|(nanos, options)| format!("{options} {nanos:.0}")).collect();
        let best = took.iter().min_by(|one, other| one.0.total_cmp(&other.0)).expect("there are choices").1;
        self.set(best);
        format!("{best} ({} ns/event)", told.join(", "))
    }

    fn set(&mut self, options: Options) {
        self.evaluator.set_bloom_prefilter(options.bloom);
        if self.evaluator.cross_rule_ac_enabled() != options.cross_rule {
            self.evaluator.set_cross_rule_ac(options.cross_rule);
        }
    }
}

impl Engine for Rsigma {
    type Ready = Value;
    const NAME: &'static str = "rsigma 0.23.0";

    fn rules(&self) -> usize {
        self.evaluator.rule_count()
    }

    fn read(&self, text: &str) -> Value {
        serde_json::from_str(text).expect("the events were read as JSON before")
    }

    fn held(&self) -> Vec<usize> {
        (0..self.evaluator.rule_count()).collect()
    }

    fn places(&self, event: &Value) -> Vec<usize> {
        let results = self.evaluator.evaluate(&JsonEvent::borrow(event));
        let place = |id: &String| self.places.get(id).copied();
        let mut places: Vec<usize> =
            results.iter().filter_map(|result| place(result.header.rule_id.as_ref()?)).collect();
        places.sort_unstable();
        places
    }

    fn count(&self, event: &Value) -> usize {
        self.evaluator.evaluate(&JsonEvent::borrow(event)).len()
    }
}
