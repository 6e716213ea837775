//! What every filter of a set says of one alert, clause by clause, and which came nearest without being met.

use super::Ruleset;
use crate::alert::Alert;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::filter::{Filter, Mode};
use crate::id::RuleId;
use crate::matcher::{AlertView, Explanation};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The most filters shown that were not met.
const MOST_NEAR: usize = 5;

/// The most filters shown that are met.
const MOST_MET: usize = 50;
/// Filters times bytes of the alert that are looked through for what is near.
const MOST_WORK: usize = 1 << 28;

/// What a set says of one alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertExplanation {
    /// The generation that is asked.
    pub generation: Digest,
    /// The filters the alert meets, in the set's order; of very many the first.
    pub met: Vec<FilterExplanation>,
    /// Of the others those that came nearest, the nearest first.
    pub nearest: Vec<FilterExplanation>,
}

/// What one filter says of one alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterExplanation {
    /// The filter.
    pub filter: RuleId,
    /// Its title.
    pub title: String,
    /// What it does with the alert.
    pub effect: Effect,
    /// When it is next in force, if it is not because no window of its schedule is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_time: Option<Timestamp>,
    /// How many of its lines would have to come out otherwise for it to be met.
    pub misses: usize,
    /// Its condition, line by line.
    pub condition: Explanation,
}

/// What a filter does with an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Its condition is not met.
    NotMet,
    /// It dismisses the alert.
    Dismisses,
    /// It is met, and dismisses the alert if it exceeds the filter's limit.
    Limits,
    /// It is met, and in audit mode.
    Audits,
    /// It is met, and only records because it went beyond the operator's budget.
    Held,
    /// It is met, and may not dismiss an alert of this severity.
    Guarded,
    /// It is met, and has not begun, has expired, or its schedule has no window open.
    NotInForce,
}

impl Ruleset {
    /// Explains one alert by this set's filters at an instant while some are held, or by `only` one of them; none if the set
    /// does not have that one.
    pub fn explain(
        &self,
        alert: &Alert,
        now: Timestamp,
        only: Option<&RuleId>,
        is_held: &dyn Fn(&Filter) -> bool,
    ) -> Option<AlertExplanation> {
        let mut explanation = self.explain_whole(alert, now, only)?;
        for met in explanation.met.iter_mut().filter(|met| matches!(met.effect, Effect::Dismisses | Effect::Limits)) {
            let filter = self.filters().iter().find(|filter| filter.id == met.filter);
            if filter.is_some_and(|filter| is_held(filter)) {
                met.effect = Effect::Held;
            }
        }
        Some(explanation)
    }

    fn explain_whole(&self, alert: &Alert, now: Timestamp, only: Option<&RuleId>) -> Option<AlertExplanation> {
        let view = AlertView::new(alert);
        let Some(only) = only else { return Some(self.explain_all(alert, &view, now)) };
        let filter = self.filters().iter().find(|known| known.id == *only)?;
        let explained = one(filter, alert, &view, now);
        let (met, nearest) =
            if explained.condition.holds { (vec![explained], vec![]) } else { (vec![], vec![explained]) };
        Some(AlertExplanation { generation: self.generation(), met, nearest })
    }

    fn explain_all(&self, alert: &Alert, view: &AlertView<'_>, now: Timestamp) -> AlertExplanation {
        let met = self.filters_met(view);
        let is_met = |filter: &Arc<Filter>| met.iter().any(|known| known.id == filter.id);
        // A large alert is put to fewer filters: what is near is told for people, and they wait for it.
        let most = (MOST_WORK / alert.raw.text().len().max(1_000)).max(100);
        let mut near: Vec<(usize, usize, &Filter)> = Vec::new();
        for filter in self.filters().iter().filter(|filter| !is_met(filter)).take(most) {
            let held = filter.condition.lines_that_hold(view);
            // Of what has nothing in common with the alert none is near.
            if held > 0 {
                near.push((filter.condition.misses(view), held, filter));
            }
        }
        // Of as many misses the one with more lines that hold is nearer.
        near.sort_by_key(|(misses, held, _)| (*misses, std::cmp::Reverse(*held)));
        let explained = |filter: &Filter| one(filter, alert, view, now);
        AlertExplanation {
            generation: self.generation(),
            nearest: near.iter().take(MOST_NEAR).map(|(_, _, filter)| explained(filter)).collect(),
            met: met.iter().take(MOST_MET).map(|filter| explained(filter)).collect(),
        }
    }
}

fn one(filter: &Filter, alert: &Alert, view: &AlertView<'_>, now: Timestamp) -> FilterExplanation {
    let mut explained = at_any_time(filter, alert, view);
    if explained.condition.holds && !filter.is_in_force(now) {
        explained.effect = Effect::NotInForce;
        explained.opens_time = filter.opens_after(now);
    }
    explained
}

/// What a filter says of an alert while it is in force.
pub(super) fn at_any_time(filter: &Filter, alert: &Alert, view: &AlertView<'_>) -> FilterExplanation {
    let condition = filter.condition.explain(view);
    let effect = match condition.holds {
        false => Effect::NotMet,
        true if filter.mode == Mode::Audit => Effect::Audits,
        true if !filter.may_dismiss(&alert.severity) => Effect::Guarded,
        true if filter.limit.is_some() => Effect::Limits,
        true => Effect::Dismisses,
    };
    let misses = filter.condition.misses(view);
    let (id, title) = (filter.id.clone(), filter.title.clone());
    FilterExplanation { filter: id, title, effect, opens_time: None, misses, condition }
}
