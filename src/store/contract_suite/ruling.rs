//! What rules have done, and filters that are held.

use super::engine::{Engine, restart};
use super::samples::{accept, admission, alert, at, dismissed, new_run, plain};
use crate::digest::Digest;
use crate::id::RuleId;
use crate::store::Admission;

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
    accept(&store, dismissed("a")).await;
    store.note_filters(vec![(id("lab"), first), (id("other"), first)], at(5)).await.unwrap();
    assert!(!store.hold_filter(&id("lab"), second, "too much", at(6)).await.unwrap(), "not the version last seen");
    assert!(store.hold_filter(&id("lab"), first, "too much", at(6)).await.unwrap());
    assert!(!store.hold_filter(&id("lab"), first, "too much", at(7)).await.unwrap(), "held already");
    store.note_filters(vec![(id("lab"), first)], at(8)).await.unwrap();
    let store = restart(engine, store).await;
    let held = store.filter_versions(true).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!((&held[0].filter, held[0].since, held[0].earlier), (&id("lab"), at(5), 1));
    assert_eq!(held[0].held, Some((at(6), "too much".to_owned())));
    assert_eq!(store.filter_versions(false).await.unwrap().len(), 2);

    assert!(store.vouch_filter(&id("lab")).await.unwrap());
    assert!(!store.vouch_filter(&id("lab")).await.unwrap());
    assert!(!store.hold_filter(&id("lab"), first, "too much", at(9)).await.unwrap(), "vouched for");
    store.note_filters(vec![(id("lab"), second)], at(10)).await.unwrap();
    assert!(store.hold_filter(&id("lab"), second, "again", at(11)).await.unwrap(), "another version");
    store.note_filters(vec![(id("lab"), first)], at(12)).await.unwrap();
    assert!(store.filter_versions(true).await.unwrap().is_empty());
    store.close().await;
}

pub(crate) async fn what_is_usual_is_counted_from_the_first_hour_on(engine: &dyn Engine) {
    let store = engine.open().await;
    let hour = 3600;
    for (number, hours) in [0, 0, 0, 1, 4].into_iter().enumerate() {
        store.accept(vec![dismissed(&number.to_string())], at(hours * hour)).await.unwrap();
    }
    let usual = store.usual_dismissals(at(0), at(4 * hour)).await.unwrap();
    assert_eq!(
        usual,
        [(id("lab"), 1.0), (id("nightly-scan"), 1.0)],
        "four in four hours; the one at hand is not counted"
    );
    store.close().await;
}
