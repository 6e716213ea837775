//! Keeps filters within the operator's budget: a young one that dismisses too much only records from then on, and an
//! alert says so. Filters that soon expire are told in the same way.

use super::accept::Acceptor;
use super::announce;
use super::parts::Parts;
use crate::alert::OWN_SOURCE;
use crate::clock::Timestamp;
use crate::decode::{Decoded, Format, Limits, decode};
use crate::digest::Digest;
use crate::id::RuleId;
use crate::ruleset::Ruleset;
use crate::shutdown::Shutdown;
use crate::store::{FilterVersion, RecentHours, StoreError};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// How often dismissals are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// A version that has decided for this long is trusted.
const YOUNG: Duration = Duration::from_secs(24 * 3600);
/// What a filter usually dismisses is taken from the last week.
const USUAL: Duration = Duration::from_secs(7 * 24 * 3600);
/// Fewer dismissals in an hour are no jump, however few there usually are.
const LEAST_JUMP: u64 = 20;
/// Alerts of Quell's own that are stored at once.
const MOST_AT_ONCE: usize = 250;
/// How long before its end a filter is told.
const SOON: Duration = Duration::from_secs(7 * 24 * 3600);

/// What keeps filters within bounds. Nothing does, unless the operator says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settings {
    /// How many alerts filters may dismiss.
    pub budget: Budget,
    /// Whether an alert tells of each filter seven days before it expires.
    pub expiry_alerts: bool,
    /// Whether an alert tells of each change of the rules.
    pub change_alerts: bool,
}

/// How many alerts filters may dismiss within an hour, before young ones are held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Each of them.
    pub filter: Option<u64>,
    /// All together.
    pub total: Option<u64>,
    /// Each of them, as a multiple of its share of all alerts in the week before.
    pub jump: Option<u64>,
}

impl Budget {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The filters beyond the budget and why, in the order of ids: by what each has dismissed within the hour, and its usual
    /// share of all alerts.
    fn beyond(&self, hour: &Hour, usual: &HashMap<RuleId, f64>) -> Vec<(RuleId, String)> {
        let Hour { accepted, dismissed } = hour;
        let total: u64 = dismissed.iter().map(|(_, count)| count).sum();
        let is_over = self.total.is_some_and(|most| total > most);
        let why = |id: &RuleId, count: u64| {
            if let Some(most) = self.filter.filter(|most| count > *most) {
                return Some(format!("it dismissed {count} alerts within an hour, and {most} are allowed"));
            }
            #[expect(clippy::cast_precision_loss, reason = "counts of an hour are small")]
            let jumped = |times: u64| {
                usual.get(id).is_some_and(|usual| count as f64 > usual * times as f64 * (*accepted).max(1) as f64)
            };
            if let Some(times) = self.jump.filter(|times| count >= LEAST_JUMP && jumped(*times)) {
                return Some(format!(
                    "it dismissed {count} of {accepted} alerts within an hour, over {times} times its usual share"
                ));
            }
            is_over.then(|| {
                let most = self.total.unwrap_or_default();
                format!("all filters dismissed {total} alerts within an hour, and {most} are allowed; it was {count} of them")
            })
        };
        let mut beyond: Vec<_> = dismissed
            .iter()
            .filter(|(_, count)| *count > 0)
            .filter_map(|(id, count)| Some((id.clone(), why(id, *count)?)))
            .collect();
        beyond.sort();
        beyond
    }
}

/// What happened within an hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Hour {
    accepted: u64,
    dismissed: Vec<(RuleId, u64)>,
}

impl Hour {
    /// The last sixty minutes: of the hour of the clock before, the share of its minutes that are among them. What a filter's
    /// versions before have dismissed counts for nobody.
    fn up_to(now: Timestamp, recent: &RecentHours, versions: &[FilterVersion]) -> Self {
        let began: HashMap<&RuleId, &FilterVersion> = versions.iter().map(|it| (&it.filter, it)).collect();
        let own = |id: &RuleId, [before, this]: [u64; 2]| match began.get(id) {
            Some(version) if hour(version.began) == hour(now) => [0, this.saturating_sub(version.earlier)],
            Some(version) if hour(version.began) == hour(now) - 1 => [before.saturating_sub(version.earlier), this],
            _ => [before, this],
        };
        let rest = u64::try_from(3600 - now.as_second().rem_euclid(3600)).unwrap_or_default();
        let slide = |[before, this]: [u64; 2]| this + before * rest / 3600;
        let dismissed = recent.dismissed.iter().map(|(id, counts)| (id.clone(), slide(own(id, *counts))));
        Self { accepted: slide(recent.accepted), dismissed: dismissed.collect() }
    }
}

/// What the guard remembers between two looks.
#[derive(Debug, Default)]
struct Memory {
    /// The generation whose filters were noted last.
    noted: Option<Digest>,
    /// What filters usually dismiss, and the hour it was asked in: it changes by the hour.
    usual: Option<(i64, HashMap<RuleId, f64>)>,
    /// The ends of filters that were told; the store keeps each told once whatever is forgotten here.
    told: HashSet<(RuleId, Timestamp)>,
}

/// Puts the list of held filters in place as the store has it.
pub(super) async fn restore(parts: &Parts) -> Result<(), StoreError> {
    let held = parts.store.filter_versions(true).await?;
    parts.held.set(held.into_iter().map(|version| (version.filter, version.text)).collect());
    Ok(())
}

/// Guards until asked to stop.
pub(super) async fn drive(parts: Parts, acceptor: Arc<Acceptor>, shutdown: Shutdown) {
    let mut memory = Memory::default();
    while !shutdown.is_stopping() {
        if let Err(fault) = look(&parts, &acceptor, &mut memory).await {
            tracing::warn!(%fault, "filters cannot be guarded for now; trying again");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = shutdown.stopping() => {}
        }
    }
}

async fn look(parts: &Parts, acceptor: &Acceptor, memory: &mut Memory) -> Result<(), StoreError> {
    let (rules, now) = (parts.live.snapshot(), parts.clock.now());
    if memory.noted != Some(rules.generation()) {
        let versions = rules.filter_texts().iter().map(|(id, text)| (id.clone(), *text)).collect();
        parts.store.note_filters(versions, now).await?;
        // A filter that was held and is another one now is held no longer.
        restore(parts).await?;
        memory.noted = Some(rules.generation());
    }
    if !parts.guard.budget.is_empty() {
        hold(parts, acceptor, &rules, memory, now).await?;
    }
    if parts.guard.expiry_alerts {
        tell_ends(acceptor, &rules, memory, now).await?;
    }
    if parts.guard.change_alerts {
        announce::changes(parts, acceptor, now).await?;
    }
    Ok(())
}

async fn hold(
    parts: &Parts,
    acceptor: &Acceptor,
    rules: &Ruleset,
    memory: &mut Memory,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Parts { store, guard: Settings { budget, .. }, .. } = parts;
    if budget.jump.is_some() && memory.usual.as_ref().is_none_or(|(asked, _)| *asked != hour(now)) {
        let shares = store.usual_shares(before(now, USUAL), now).await?;
        memory.usual = Some((hour(now), shares.into_iter().collect()));
    }
    let nothing = HashMap::new();
    let usual = memory.usual.as_ref().map_or(&nothing, |(_, usual)| usual);
    let recent = store.recent_hours(now).await?;
    // Versions of a large set are not read unless somebody may have to answer for something.
    if budget.beyond(&Hour::up_to(now, &recent, &[]), usual).is_empty() {
        return Ok(());
    }
    let versions = store.filter_versions(false).await?;
    let beyond = budget.beyond(&Hour::up_to(now, &recent, &versions), usual);
    let versions: HashMap<&RuleId, &FilterVersion> = versions.iter().map(|it| (&it.filter, it)).collect();
    let mut young = Vec::new();
    for (id, why) in beyond {
        let Some(version) = versions.get(&id).filter(|it| it.held.is_none() && !it.vouched) else { continue };
        let decides = rules.filter_texts().get(&id) == Some(&version.text);
        if decides && is_young(parts, version, now).await? {
            young.push((id, version.text, why));
        }
    }
    if young.is_empty() {
        return Ok(());
    }
    let held = store.hold_filters(young.clone(), now).await?;
    restore(parts).await?;
    let owners: HashMap<&RuleId, Option<&str>> =
        rules.filters().iter().map(|filter| (&filter.id, filter.owner.as_deref())).collect();
    let alerts = young.iter().filter(|(id, ..)| held.contains(id)).map(|(id, text, why)| {
        tracing::warn!(filter = %id, why, "the filter only records from now on");
        json!({
            "source_id": format!("held:{id}:{text}:{now}"),
            "alert_type": "Quell_FilterHeld",
            "title": format!("The filter {id} only records: {why}"),
            "description": format!(
                "It dismisses nothing until its text changes or somebody lets it go on: quell filters enforce {id}"
            ),
            "severity": "medium",
            "extended_properties": {"filter": id, "owner": owners.get(id), "why": why},
        })
    });
    tell(acceptor, alerts, now).await
}

/// Whether a version is not trusted yet: it is known for less than a day, or has dismissed anything for less than one. One
/// that waited for its `starts` or its window has proven nothing.
async fn is_young(parts: &Parts, version: &FilterVersion, now: Timestamp) -> Result<bool, StoreError> {
    if version.since > before(now, YOUNG) {
        return Ok(true);
    }
    let first = parts.store.first_dismissal(&version.filter, version.since).await?;
    Ok(first.is_none_or(|first| first > before(now, YOUNG)))
}

async fn tell_ends(
    acceptor: &Acceptor,
    rules: &Ruleset,
    memory: &mut Memory,
    now: Timestamp,
) -> Result<(), StoreError> {
    let soon = now.checked_add(SOON).unwrap_or(Timestamp::MAX);
    for filter in rules.filters() {
        let Some(expires) = filter.expires.filter(|expires| now < *expires && *expires <= soon) else { continue };
        let end = (filter.id.clone(), expires);
        if memory.told.contains(&end) {
            continue;
        }
        tell(
            acceptor,
            [json!({
                "source_id": format!("expires:{}:{expires}", filter.id),
                "alert_type": "Quell_FilterExpires",
                "title": format!("The filter {} expires at {expires}", filter.id),
                "description": "From then on its alerts are shown again, and playbooks answer them.",
                "severity": "low",
                "extended_properties": {"filter": filter.id, "owner": filter.owner, "expires": expires},
            })],
            now,
        )
        .await?;
        memory.told.insert(end);
    }
    // What is over or gone is not asked for again.
    memory.told.retain(|(_, expires)| now < *expires);
    Ok(())
}

/// Takes alerts of Quell's own in, on the way of all alerts; no filter dismisses them.
pub(super) async fn tell(
    acceptor: &Acceptor,
    alerts: impl IntoIterator<Item = Value>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let decoded = alerts
        .into_iter()
        .flat_map(|alert| decode(alert.to_string().as_bytes(), Format::Json, Some("native"), &Limits::default(), now));
    let mut decoded: Vec<Decoded> = decoded.flatten().flatten().collect();
    decoded.iter_mut().for_each(|decoded| decoded.alert.source = OWN_SOURCE.to_owned());
    while !decoded.is_empty() {
        let rest = decoded.split_off(decoded.len().min(MOST_AT_ONCE));
        acceptor.accept(std::mem::replace(&mut decoded, rest)).await?;
    }
    Ok(())
}

/// The hour of the clock that an instant is in.
fn hour(at: Timestamp) -> i64 {
    at.as_second().div_euclid(3600)
}

fn before(now: Timestamp, span: Duration) -> Timestamp {
    now.checked_sub(span).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> RuleId {
        RuleId::new(text).unwrap()
    }

    fn counts(counts: &[(&str, u64)]) -> Vec<(RuleId, u64)> {
        counts.iter().map(|(name, count)| (id(name), *count)).collect()
    }

    fn beyond(budget: Budget, accepted: u64, dismissed: &[(&str, u64)], usual: &[(&str, f64)]) -> Vec<String> {
        let hour = Hour { accepted, dismissed: counts(dismissed) };
        let usual = usual.iter().map(|(name, share)| (id(name), *share)).collect();
        budget.beyond(&hour, &usual).into_iter().map(|(id, _)| id.to_string()).collect()
    }

    #[test]
    fn what_is_beyond_is_told_by_each_part_of_a_budget() {
        let counts = [("aa", 10), ("bb", 40), ("cc", 100)];
        assert!(beyond(Budget::default(), 200, &counts, &[]).is_empty());
        assert_eq!(beyond(Budget { filter: Some(40), ..Budget::default() }, 200, &counts, &[]), ["cc"]);
        assert!(beyond(Budget { total: Some(150), ..Budget::default() }, 200, &counts, &[]).is_empty());
        assert_eq!(beyond(Budget { total: Some(149), ..Budget::default() }, 200, &counts, &[]), ["aa", "bb", "cc"]);
        let jump = Budget { jump: Some(5), ..Budget::default() };
        let usual = [("aa", 0.001), ("bb", 0.039), ("cc", 0.1)];
        assert_eq!(
            beyond(jump, 200, &counts, &usual),
            ["bb"],
            "few are no jump, and five times is not over five times"
        );
        assert!(beyond(jump, 2_000, &counts, &usual).is_empty(), "with ten times the alerts it is no larger share");
        assert!(beyond(jump, 200, &counts, &[]).is_empty(), "what has no past has no usual share");
    }

    #[test]
    fn an_hour_slides_and_a_version_answers_for_itself() {
        let now: Timestamp = "2026-11-20T10:15:00Z".parse().unwrap();
        let recent = RecentHours {
            accepted: [400, 100],
            dismissed: vec![(id("aa"), [40, 7]), (id("bb"), [0, 9]), (id("cc"), [80, 1])],
        };
        let hour = Hour::up_to(now, &recent, &[]);
        assert_eq!(hour.accepted, 400, "three quarters of the hour before, and this one");
        assert_eq!(hour.dismissed, counts(&[("aa", 37), ("bb", 9), ("cc", 61)]));
        let version = |name: &str, since: &str, earlier| FilterVersion {
            filter: id(name),
            text: Digest::of(b"text"),
            since: since.parse().unwrap(),
            began: since.parse().unwrap(),
            earlier,
            vouched: false,
            held: None,
        };
        let versions = [
            version("aa", "2026-11-20T10:05:00Z", 3),
            version("bb", "2026-11-19T10:05:00Z", 5),
            version("cc", "2026-11-20T09:30:00Z", 60),
        ];
        let hour = Hour::up_to(now, &recent, &versions);
        assert_eq!(hour.dismissed, counts(&[("aa", 4), ("bb", 9), ("cc", 16)]));
    }
}
