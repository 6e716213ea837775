//! What rules have done, and filters that are held.

use super::accepting::generation;
use super::engine::{Engine, restart};
use super::samples::{accept, admission, alert, at, dismissed, new_run, plain};
use crate::digest::Digest;
use crate::id::RuleId;
use crate::ruleset::{ChangeCounts, KindCounts, Revision, SourceFile, SourceKind, Sources};
use crate::store::{
    Admission, Cause, ChangeQuery, Generation, NewChange, RecentHours, RolledBack, RulesetChange, Store,
};
use std::sync::Arc;

fn id(text: &str) -> RuleId {
    RuleId::new(text).unwrap()
}

/// An alert of a type that has triggered a playbook.
fn answered(source_id: &str, alert_type: &str) -> Admission {
    let mut answered = plain(source_id);
    answered.alert.alert_type = alert_type.to_owned();
    answered.verdict.triggered = vec![id("contain")];
    answered.runs.push(new_run("contain"));
    answered
}

pub(crate) async fn hits_are_counted_once_for_each_alert_and_stay(engine: &dyn Engine) {
    let store = engine.open().await;
    store.accept(vec![dismissed("a"), dismissed("b"), dismissed("a")], at(10)).await.unwrap();
    accept(&store, answered("c", "Known")).await;
    let mut audited = plain("d");
    audited.verdict.would_dismiss = vec![id("lab")];
    store.accept(vec![audited], at(20)).await.unwrap();
    let store = restart(engine, store).await;
    let hits = store.rule_hits().await.unwrap();
    let of = |filter: &str| hits.filters.get(&id(filter)).map(|hit| (hit.hits, hit.dismissed, hit.last));
    assert_eq!((of("nightly-scan"), of("lab")), (Some((2, 2, at(10))), Some((3, 2, at(20)))));
    assert_eq!(hits.playbooks.get(&id("contain")).map(|hit| (hit.hits, hit.last)), Some((1, at(0))));
    assert_eq!(store.dismissals(at(0)).await.unwrap(), [(id("lab"), 2), (id("nightly-scan"), 2)]);
    assert!(store.dismissals(at(2 * 3600)).await.unwrap().is_empty());
    store.close().await;
}

pub(crate) async fn a_call_that_fails_hits_nothing(engine: &dyn Engine) {
    let store = engine.open().await;
    let good = accept(&store, plain("x")).await;
    let mut bad = admission(alert("y"));
    bad.alert.id = good.id;
    assert!(store.accept(vec![dismissed("a"), bad], at(0)).await.is_err());
    assert!(store.rule_hits().await.unwrap().filters.is_empty());
    store.close().await;
}

pub(crate) async fn types_that_never_met_anything_are_blind_spots(engine: &dyn Engine) {
    let store = engine.open().await;
    for (number, alert_type) in ["Seen", "Unseen", "Unseen", "Rare"].into_iter().enumerate() {
        let mut unmet = plain(&format!("u{number}"));
        unmet.alert.alert_type = alert_type.to_owned();
        accept(&store, unmet).await;
    }
    accept(&store, answered("s", "Seen")).await;
    let spots = store.blind_spots(10).await.unwrap();
    let spots: Vec<_> = spots.iter().map(|spot| (spot.alert_type.as_str(), spot.alerts)).collect();
    assert_eq!(spots, [("Unseen", 2), ("Rare", 1)]);
    assert_eq!(store.blind_spots(1).await.unwrap().len(), 1);
    store.close().await;
}

pub(crate) async fn a_held_version_stays_held_until_it_changes_or_is_vouched_for(engine: &dyn Engine) {
    let store = engine.open().await;
    let (first, second) = (Digest::of(b"1"), Digest::of(b"2"));
    let hold = async |store: &Arc<dyn Store>, text, seconds| {
        let held = store.hold_filters(vec![(id("lab"), text, "too much".to_owned())], at(seconds)).await.unwrap();
        held == [id("lab")]
    };
    accept(&store, dismissed("a")).await;
    store.note_filters(vec![(id("lab"), first), (id("other"), first)], at(5)).await.unwrap();
    assert!(!hold(&store, second, 6).await, "not the version last seen");
    assert!(hold(&store, first, 6).await);
    assert!(!hold(&store, first, 7).await, "held already");
    store.note_filters(vec![(id("lab"), first)], at(8)).await.unwrap();
    let store = restart(engine, store).await;
    let held = store.filter_versions(true).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((&held[0].filter, held[0].since, held[0].earlier), (&id("lab"), at(5), 1));
    assert_eq!(held[0].held, Some((at(6), "too much".to_owned())));
    assert_eq!(store.filter_versions(false).await.unwrap().len(), 2);

    assert!(store.vouch_filter(&id("lab")).await.unwrap());
    assert!(!store.vouch_filter(&id("lab")).await.unwrap());
    assert!(!hold(&store, first, 9).await, "vouched for");
    store.note_filters(vec![(id("lab"), second)], at(10)).await.unwrap();
    assert!(hold(&store, second, 11).await, "another version");
    store.close().await;
}

pub(crate) async fn a_version_that_comes_back_is_what_it_was(engine: &dyn Engine) {
    let store = engine.open().await;
    let (good, bad) = (Digest::of(b"1"), Digest::of(b"2"));
    let lab = async |store: &Arc<dyn Store>| {
        let all = store.filter_versions(false).await.unwrap();
        assert_eq!(all.len(), 1, "one text of a filter decides: {all:?}");
        all[0].clone()
    };
    store.note_filters(vec![(id("lab"), good)], at(1)).await.unwrap();
    store.hold_filters(vec![(id("lab"), good, "too much".to_owned())], at(2)).await.unwrap();
    store.vouch_filter(&id("lab")).await.unwrap();
    store.note_filters(vec![(id("lab"), bad)], at(3)).await.unwrap();
    store.hold_filters(vec![(id("lab"), bad, "too much".to_owned())], at(4)).await.unwrap();
    accept(&store, dismissed("a")).await;
    store.note_filters(vec![(id("lab"), good)], at(5)).await.unwrap();
    let back = lab(&store).await;
    assert_eq!((back.text, back.since, back.began, back.earlier), (good, at(1), at(5), 1));
    assert!(back.vouched && back.held.is_none(), "{back:?}");
    store.note_filters(vec![(id("lab"), bad)], at(6)).await.unwrap();
    let back = lab(&store).await;
    assert_eq!((back.text, back.held.map(|(since, _)| since)), (bad, Some(at(4))), "held as it was");
    assert_eq!(store.filter_versions(true).await.unwrap().len(), 1);
    store.close().await;
}

pub(crate) async fn what_is_usual_is_counted_from_the_first_hour_on(engine: &dyn Engine) {
    let store = engine.open().await;
    let hour = 3600;
    for (number, hours) in [0, 0, 0, 1, 4].into_iter().enumerate() {
        store.accept(vec![dismissed(&number.to_string())], at(hours * hour)).await.unwrap();
    }
    for number in 0..4 {
        accept(&store, plain(&format!("active {number}"))).await;
    }
    let usual = store.usual_shares(at(0), at(4 * hour)).await.unwrap();
    assert_eq!(
        usual,
        [(id("lab"), 0.5), (id("nightly-scan"), 0.5)],
        "four of eight alerts; those of the hour at hand are not counted"
    );
    let late = store.usual_shares(at(hour), at(4 * hour)).await.unwrap();
    assert_eq!(late, [(id("lab"), 1.0), (id("nightly-scan"), 1.0)], "one of one");
    let recent = store.recent_hours(at(hour)).await.unwrap();
    assert_eq!(recent.accepted, [7, 1]);
    assert_eq!(recent.dismissed, [(id("lab"), [3, 1]), (id("nightly-scan"), [3, 1])]);
    let recent = store.recent_hours(at(5 * hour)).await.unwrap();
    assert_eq!((recent.accepted, recent.dismissed), ([1, 0], vec![(id("lab"), [1, 0]), (id("nightly-scan"), [1, 0])]));
    assert_eq!(store.recent_hours(at(9 * hour)).await.unwrap(), RecentHours::default());
    assert_eq!(store.first_dismissal(&id("lab"), at(0)).await.unwrap(), Some(at(0)));
    assert_eq!(store.first_dismissal(&id("lab"), at(2 * hour)).await.unwrap(), Some(at(4 * hour)));
    assert_eq!(store.first_dismissal(&id("nobody"), at(0)).await.unwrap(), None);
    store.close().await;
}

/// A set of one filter file with this text, and the change that it comes into force by.
fn set(text: &str, seconds: i64) -> (Generation, NewChange) {
    let file = SourceFile {
        path: std::path::Path::new("rules/a.yaml").into(),
        name: "rules/a.yaml".to_owned(),
        kind: SourceKind::Rule,
        bytes: text.as_bytes().to_vec(),
    };
    let sources = Sources { files: vec![file], revision: None };
    let (author, commit_time) = (Some("Ada <ada@example.com>".to_owned()), Some(at(-5)));
    let revision = Revision { commit: format!("commit of {text}"), author, commit_time, dirty: true };
    let digest = sources.generation();
    let generation = Generation { digest, revision: Some(revision.clone()), files: sources.files.into() };
    let filters = KindCounts { added: 1, ..KindCounts::default() };
    let change = RulesetChange {
        at: at(seconds),
        cause: Cause::Files,
        by: None,
        generation: digest,
        revision: Some(revision),
        filters: 1,
        playbooks: 2,
        counts: ChangeCounts { filters, ..ChangeCounts::default() },
        diff: format!("{text} came\n"),
    };
    (generation, NewChange { change, tell: true, rolled_back: None })
}

pub(crate) async fn every_change_of_the_rules_is_on_record(engine: &dyn Engine) {
    let store = engine.open().await;
    let (one, first) = set("one", 1);
    let (two, second) = set("two", 2);
    let back = RolledBack { to: one.digest, from: two.digest, by: "ana".to_owned(), at: at(3) };
    let third = RulesetChange { at: at(3), cause: Cause::Rollback, by: Some("ana".to_owned()), ..first.change.clone() };
    let third = NewChange { change: third, tell: false, rolled_back: Some(back.clone()) };
    for (generation, change) in [(&one, &first), (&two, &second), (&one, &third)] {
        store.keep_generation(generation.clone(), at(0)).await.unwrap();
        store.record_change(change.clone()).await.unwrap();
    }
    let store = restart(engine, store).await;
    let kept = store.generations().await.unwrap();
    assert_eq!(kept, [third.change.clone(), second.change.clone()], "each once, as it last came into force");
    let all = ChangeQuery { cursor: None, limit: 2 };
    let page = store.ruleset_changes(all.clone()).await.unwrap();
    assert_eq!(page.items, [third.change, second.change]);
    let rest = store.ruleset_changes(ChangeQuery { cursor: page.next_cursor, ..all.clone() }).await.unwrap();
    assert_eq!((rest.items, rest.next_cursor), (vec![first.change.clone()], None));
    assert!(store.ruleset_changes(ChangeQuery { limit: 0, ..all }).await.is_err());
    assert_eq!(store.rolled_back().await.unwrap(), Some(back));

    let untold = store.untold_changes().await.unwrap();
    assert_eq!(untold.iter().map(|it| it.change.at).collect::<Vec<_>>(), [at(1), at(2)]);
    store.change_told(untold[0].number).await.unwrap();
    let store = restart(engine, store).await;
    assert_eq!(store.untold_changes().await.unwrap(), untold[1..]);

    let stands = Revision { commit: "later".to_owned(), dirty: false, ..kept[0].revision.clone().unwrap() };
    store.stand_generation(&one.digest, Some(stands.clone())).await.unwrap();
    assert_eq!(store.generations().await.unwrap()[0].revision, Some(stands));
    let page = store.ruleset_changes(ChangeQuery { cursor: None, limit: 9 }).await.unwrap();
    assert_eq!(page.items[2].revision, first.change.revision, "what was in force before stood where it stood");

    store.set_rolled_back(None).await.unwrap();
    assert_eq!(store.rolled_back().await.unwrap(), None);
    store.close().await;
}

pub(crate) async fn the_last_twenty_generations_are_kept_and_those_that_decided(engine: &dyn Engine) {
    let store = engine.open().await;
    let sets: Vec<_> = (0..25).map(|number| set(&format!("set {number}"), number)).collect();
    for (number, (generation, change)) in sets.iter().enumerate() {
        store.keep_generation(generation.clone(), at(0)).await.unwrap();
        if number == 1 {
            store.record_generation(generation.clone(), at(0)).await.unwrap();
        }
        store.record_change(change.clone()).await.unwrap();
    }
    let store = restart(engine, store).await;
    let kept = store.generations().await.unwrap();
    let expected: Vec<_> = sets.iter().rev().take(20).map(|(_, new)| new.change.clone()).collect();
    assert_eq!(kept, expected);
    for (number, (generation, _)) in sets.iter().enumerate() {
        let found = store.generation(&generation.digest).await.unwrap();
        assert_eq!(found.is_some(), number == 1 || number >= 5, "set {number}");
        assert!(found.is_none_or(|found| found.files == generation.files));
    }
    // A large set is kept in parts.
    let many: Vec<(String, String)> =
        (0..1_000).map(|n| (format!("rules/team-{}/{n}.yaml", n % 7), format!("filter {n}"))).collect();
    let large = generation(&many.iter().map(|(name, text)| (&**name, &**text)).collect::<Vec<_>>(), "c0ffee");
    store.keep_generation(large.clone(), at(0)).await.unwrap();
    let mut files = large.files.to_vec();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(*store.generation(&large.digest).await.unwrap().unwrap().files, *files);

    // What was forgotten comes back whole.
    store.keep_generation(sets[0].0.clone(), at(0)).await.unwrap();
    assert_eq!(store.generation(&sets[0].0.digest).await.unwrap().unwrap().files, sets[0].0.files);
    store.close().await;
}
