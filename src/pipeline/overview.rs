//! The rules that run now with what they have done: for lists of them, and for whoever tidies them up.

use crate::alert::Severity;
use crate::clock::Timestamp;
use crate::filter::{Filter, Mode};
use crate::id::RuleId;
use crate::playbook::Playbook;
use crate::ruleset::Ruleset;
use crate::store::{BlindSpot, RuleHits, Store, StoreError};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// A filter that nothing has met for so long is stale.
const STALE: Duration = Duration::from_secs(30 * DAY);
/// Filters that expire within this are told.
const SOON: Duration = Duration::from_secs(7 * DAY);
/// A filter with this share of all dismissals is hot.
const HOT: f64 = 0.1;
/// The most of each kind in a report.
const MOST: usize = 100;
const DAY: u64 = 24 * 3600;

/// A filter and what it has done.
#[derive(Debug, Clone, Serialize)]
pub struct FilterView {
    /// Its id.
    pub id: RuleId,
    /// Its title.
    pub title: String,
    /// Its reason.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it was agreed.
    pub ticket: Option<String>,
    /// Whether it dismisses.
    pub mode: Mode,
    /// The grave severities it may dismiss.
    pub allow: Vec<Severity>,
    /// From when on it is in force.
    pub starts: Option<Timestamp>,
    /// Until when.
    pub expires: Option<Timestamp>,
    /// Its windows, for people.
    pub schedule: Option<String>,
    /// When the next of them opens.
    pub opens_time: Option<Timestamp>,
    /// Its limit, for people.
    pub limit: Option<String>,
    /// Why it only records for now, if it is held for having dismissed more than the operator's budget allows.
    pub held: Option<String>,
    /// Since when.
    pub held_time: Option<Timestamp>,
    /// Whether it is in force now.
    pub in_force: bool,
    /// Where it stands.
    pub file: String,
    /// The line there.
    pub line: u32,
    /// Alerts that met it while it was in force.
    pub hits: u64,
    /// Alerts it dismissed.
    pub dismissed: u64,
    /// When an alert last met it.
    pub last_hit: Option<Timestamp>,
}

/// A playbook and what it has done.
#[derive(Debug, Clone, Serialize)]
pub struct PlaybookView {
    /// Its id.
    pub id: RuleId,
    /// Its title.
    pub title: String,
    /// Whom to ask.
    pub owner: Option<String>,
    /// What makes it run.
    pub trigger: &'static str,
    /// Whether it sends what it would.
    pub mode: Mode,
    /// The connections it declares.
    pub connections: Vec<String>,
    /// Where it stands.
    pub file: String,
    /// Playbooks do not expire.
    pub expires: Option<Timestamp>,
    /// Alerts that have triggered it as they came in.
    pub hits: u64,
    /// When last.
    pub last_hit: Option<Timestamp>,
}

/// What rules have done, and which filters are held.
#[derive(Debug)]
pub struct Deeds {
    hits: RuleHits,
    held: HashMap<RuleId, (Timestamp, String)>,
}

impl Deeds {
    /// Asks the store.
    ///
    /// # Errors
    /// If the store cannot be asked.
    pub async fn ask(store: &dyn Store) -> Result<Self, StoreError> {
        let held = store.filter_versions(true).await?.into_iter();
        let held = held.filter_map(|version| Some((version.filter, version.held?)));
        Ok(Self { hits: store.rule_hits().await?, held: held.collect() })
    }
}

/// What to look at.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// How many filters there are.
    pub filters: usize,
    /// Alerts that filters dismissed in the last 30 days; one that two filters dismissed is counted for both.
    pub dismissed: u64,
    /// In force for 30 days with the same text, and not met in them. Each list holds a hundred at most.
    pub stale: Vec<FilterView>,
    /// Filters with a tenth or more of all dismissals.
    pub hot: Vec<HotFilter>,
    /// Filters that never expire.
    pub never_expiring: Vec<FilterView>,
    /// Filters that expire within seven days.
    pub expiring: Vec<FilterView>,
    /// Types of alerts that never met anything, those with the most alerts first.
    pub blind_spots: Vec<BlindSpot>,
}

/// A filter that dismisses much of all that is dismissed.
#[derive(Debug, Clone, Serialize)]
pub struct HotFilter {
    /// The filter; it may not be in the set any more.
    pub id: RuleId,
    /// What it dismissed in the last 30 days.
    pub dismissed: u64,
    /// The share of all dismissals, from 0 to 1.
    pub share: f64,
}

impl FilterView {
    /// A filter as it stands.
    pub fn of(filter: &Filter, deeds: &Deeds, now: Timestamp) -> Self {
        let hit = deeds.hits.filters.get(&filter.id);
        let held = deeds.held.get(&filter.id);
        Self {
            id: filter.id.clone(),
            title: filter.title.clone(),
            reason: filter.reason.clone(),
            owner: filter.owner.clone(),
            ticket: filter.ticket.clone(),
            mode: filter.mode,
            allow: filter.allow.clone(),
            starts: filter.starts,
            expires: filter.expires,
            schedule: filter.schedule.as_ref().map(ToString::to_string),
            opens_time: filter.opens_after(now),
            limit: filter.limit.as_ref().map(ToString::to_string),
            held: held.map(|(_, why)| why.clone()),
            held_time: held.map(|(since, _)| *since),
            in_force: filter.is_in_force(now),
            file: filter.file.display().to_string(),
            line: filter.span.start.line,
            hits: hit.map_or(0, |hit| hit.hits),
            dismissed: hit.map_or(0, |hit| hit.dismissed),
            last_hit: hit.map(|hit| hit.last),
        }
    }
}

impl PlaybookView {
    /// A playbook as it stands.
    pub fn of(playbook: &Playbook, deeds: &Deeds) -> Self {
        let hit = deeds.hits.playbooks.get(&playbook.id);
        Self {
            id: playbook.id.clone(),
            title: playbook.title.clone(),
            owner: playbook.owner.clone(),
            trigger: playbook.trigger.as_str(),
            mode: if playbook.program.audit { Mode::Audit } else { Mode::Enforce },
            connections: playbook.connections.clone(),
            file: playbook.file.display().to_string(),
            expires: None,
            hits: hit.map_or(0, |hit| hit.hits),
            last_hit: hit.map(|hit| hit.last),
        }
    }
}

/// What to look at among the filters of a set.
///
/// # Errors
/// If the store cannot be asked.
pub async fn report(rules: &Ruleset, store: &dyn Store, now: Timestamp) -> Result<Report, StoreError> {
    let before = |span: Duration| now.checked_sub(span).unwrap_or(Timestamp::MIN);
    let deeds = Deeds::ask(store).await?;
    let dismissals = store.dismissals(before(STALE)).await?;
    let blind_spots = store.blind_spots(MOST).await?;
    let dismissed: u64 = dismissals.iter().map(|(_, count)| count).sum();
    #[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
    let share = |count: u64| count as f64 / dismissed.max(1) as f64;
    let chosen = |wanted: &dyn Fn(&Filter) -> bool| -> Vec<FilterView> {
        let wanted = rules.filters().iter().filter(|filter| wanted(filter)).take(MOST);
        wanted.map(|filter| FilterView::of(filter, &deeds, now)).collect()
    };
    let is_over = |filter: &Filter| filter.expires.is_some_and(|expires| expires <= now);
    let soon = now.checked_add(SOON).unwrap_or(Timestamp::MAX);
    let last = |filter: &Filter| deeds.hits.filters.get(&filter.id).map(|hit| hit.last);
    let old: HashSet<RuleId> = store
        .filter_versions(false)
        .await?
        .into_iter()
        .filter(|version| version.since <= before(STALE))
        .map(|version| version.filter)
        .collect();
    let is_old =
        |filter: &Filter| old.contains(&filter.id) && filter.starts.is_none_or(|starts| starts <= before(STALE));
    Ok(Report {
        filters: rules.filters().len(),
        dismissed,
        stale: chosen(&|it| !is_over(it) && is_old(it) && last(it).is_none_or(|last| last < before(STALE))),
        hot: dismissals
            .iter()
            .map(|(id, count)| HotFilter { id: id.clone(), dismissed: *count, share: share(*count) })
            .filter(|hot| hot.share >= HOT)
            .take(MOST)
            .collect(),
        never_expiring: chosen(&|filter| filter.expires.is_none()),
        expiring: chosen(&|it| !is_over(it) && it.expires.is_some_and(|expires| expires <= soon)),
        blind_spots,
    })
}
