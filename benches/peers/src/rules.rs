//! The rules of a run: Sigma's own, then changed copies of them, each in the form every engine starts from.

use crate::copies;
use crate::data::RuleFile;
use crate::engine::Engine;
use crate::ours::{self, Quell};
use fastrand::Rng;
use quell::diag::Diagnostics;
use quell::matcher::{AlertView, Condition};
use quell::yaml::{self, Limits};
use rsigma_parser::{Detection, SigmaRule};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A copy may be met by one event in so many.
pub const RARE: usize = 50;

/// A rule that both Quell and rsigma compile.
#[derive(Debug)]
pub struct Rule {
    /// Its Sigma id.
    pub id: String,
    /// Its file's name; of a copy that of the original.
    pub name: String,
    /// As Quell compiles it.
    pub condition: Arc<Condition>,
    /// As rsigma parses it.
    pub sigma: SigmaRule,
}

/// Rules in the order they are taken: originals first.
#[derive(Debug)]
pub struct Rules {
    all: Vec<Arc<Rule>>,
    originals: usize,
    keywords: bool,
}

impl Rules {
    /// The originals that both engines compile, and what the others lack, with how many there are of each kind; without
    /// `keywords` none that looks for texts in every value of an event.
    pub fn originals(files: &[RuleFile], keywords: bool) -> (Self, BTreeMap<String, usize>) {
        let mut left_out = BTreeMap::new();
        let mut all = Vec::new();
        for file in files {
            match Rule::read(&file.name, &file.text, keywords) {
                Ok(rule) => all.push(Arc::new(rule)),
                Err(fault) => *left_out.entry(fault).or_default() += 1,
            }
        }
        let originals = all.len();
        (Self { all, originals, keywords }, left_out)
    }

    /// Adds changed copies of the originals, in turns, up to a number of rules; tells how many were too common.
    ///
    /// A rule that only excludes meets nearly everything once what it excludes is changed.
    pub fn fill(&mut self, files: &[RuleFile], most: usize, seed: u64, judges: &[&str]) -> usize {
        let mut random = Rng::with_seed(seed);
        let kept: Vec<(&str, Value)> = files.iter().filter_map(|file| Some((&*file.name, json(&file.text)?))).collect();
        let reader = Quell::new(&[]);
        let judges = judges.iter().map(|text| reader.alert(&reader.read(text))).collect::<Vec<_>>();
        let views: Vec<AlertView<'_>> = judges.iter().map(AlertView::new).collect();
        let mut common = 0;
        // A bound, should no copy be of use.
        for number in 0..most * 2 {
            if self.all.len() == most {
                break;
            }
            let (name, value) = &kept[number % kept.len()];
            let id = format!("00000000-0000-4000-8000-{number:012x}");
            let text = copies::copy(value, &id, &mut random);
            let Ok(rule) = Rule::read(name, &text, self.keywords) else { continue };
            let met = views.iter().filter(|view| rule.condition.matches(view)).count();
            if met > views.len() / RARE {
                common += 1;
            } else {
                self.all.push(Arc::new(rule));
            }
        }
        common
    }

    /// How many are originals.
    pub fn original_count(&self) -> usize {
        self.originals
    }

    /// This many rules: evenly spread originals, or all of them and then copies.
    pub fn take(&self, count: usize) -> Vec<Arc<Rule>> {
        if count < self.originals {
            return crate::data::spread(self.originals, count)
                .into_iter()
                .map(|place| self.all[place].clone())
                .collect();
        }
        self.all.iter().take(count).cloned().collect()
    }
}

impl Rule {
    fn read(name: &str, text: &str, keywords: bool) -> Result<Self, String> {
        let condition = ours::condition(text).map_err(|fault| format!("Quell: {fault}"))?;
        let parsed = rsigma_parser::parse_sigma_yaml(text).map_err(|_| "rsigma: does not parse".to_owned())?;
        let sigma = parsed.rules.into_iter().next().ok_or("rsigma: no rule in it")?;
        if !keywords && sigma.detection.named.values().any(has_keywords) {
            return Err("keywords, which were not asked for".to_owned());
        }
        rsigma_eval::compile_rule(&sigma).map_err(|_| "rsigma: does not compile".to_owned())?;
        let id = sigma.id.clone().ok_or("no id")?;
        Ok(Self { id, name: name.to_owned(), condition, sigma })
    }
}

/// Whether a selection looks for texts in every value.
fn has_keywords(detection: &Detection) -> bool {
    match detection {
        Detection::Keywords(_) => true,
        Detection::AllOf(items) => items.iter().any(|item| item.field.is_keyword()),
        Detection::AnyOf(parts) | Detection::And(parts) => parts.iter().any(has_keywords),
        Detection::ArrayMatch { .. } | Detection::Conditional { .. } => false,
    }
}

/// A rule file as JSON.
fn json(text: &str) -> Option<Value> {
    let documents = yaml::parse(text, &Path::new("rule.yml").into(), Limits::RULE_FILE, &mut Diagnostics::new());
    documents.first().map(yaml::to_json)
}
