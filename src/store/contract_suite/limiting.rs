//! Limits of filters: exact, durable, with an end to what is kept.

use super::engine::{Engine, restart};
use super::samples::{accept, alert, at, new_run, plain};
use crate::alert::Status;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::RuleId;
use crate::store::{Accepted, Admission, LimitClaim, Store};
use std::sync::Arc;
use std::time::Duration;

fn claim(filter: &str, max: u32, key: &str) -> LimitClaim {
    LimitClaim {
        filter: RuleId::new(filter).unwrap(),
        reason: "noise".to_owned(),
        max,
        per: Duration::from_secs(60),
        key: Digest::of(key.as_bytes()).half(),
    }
}

/// An alert that calls for one run if it stays active, and for another if it does not.
fn limited(source_id: &str, limits: Vec<LimitClaim>) -> Admission {
    let mut admission = plain(source_id);
    admission.verdict.would_dismiss = limits.iter().map(|claim| claim.filter.clone()).collect();
    admission.limits = limits;
    admission.runs.push(new_run("answer"));
    admission.runs_if_over.push(new_run("note"));
    admission
}

async fn all(store: &Arc<dyn Store>, admissions: Vec<Admission>, now: Timestamp) -> Vec<Status> {
    store.accept(admissions, now).await.unwrap().into_iter().map(|one: Accepted| one.status).collect()
}

pub(crate) async fn what_exceeds_a_limit_is_dismissed_within_a_call_and_after_a_restart(engine: &dyn Engine) {
    use Status::{Active, Dismissed};
    let store = engine.open().await;
    let batch = |ids: &[&str]| ids.iter().map(|id| limited(id, vec![claim("scan", 2, "web")])).collect::<Vec<_>>();
    assert_eq!(all(&store, batch(&["a", "b", "c"]), at(0)).await, [Active, Active, Dismissed]);
    let other = limited("d", vec![claim("scan", 2, "db")]);
    assert_eq!(all(&store, vec![other], at(1)).await, [Active], "another key");
    let store = restart(engine, store).await;
    assert_eq!(all(&store, batch(&["e"]), at(59)).await, [Dismissed]);
    assert_eq!(all(&store, batch(&["f", "g", "h"]), at(60)).await, [Active, Active, Dismissed], "a window anew");
    store.close().await;
}

pub(crate) async fn what_exceeds_a_limit_is_kept_as_dismissed_with_its_own_runs(engine: &dyn Engine) {
    let store = engine.open().await;
    accept(&store, limited("a", vec![claim("scan", 1, "")])).await;
    let over = accept(&store, limited("b", vec![claim("scan", 1, ""), claim("wide", 5, "")])).await;
    assert_eq!((over.dismissed_by.len(), over.runs.len()), (1, 1));
    let kept = store.alert(&over.id).await.unwrap().unwrap();
    let verdict = &kept.verdict;
    let names = |ids: &[RuleId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!((kept.alert.status, verdict.status), (Status::Dismissed, Status::Dismissed));
    assert_eq!(
        (names(&verdict.dismissed_by), names(&verdict.would_dismiss)),
        (vec!["scan".into()], vec!["wide".into()])
    );
    assert_eq!((names(&verdict.triggered), verdict.reason.as_deref()), (vec!["note".into()], Some("noise")));
    // What was dismissed stays active by no limit, so `wide` has counted nothing yet.
    for (number, status) in [(1, Status::Active), (2, Status::Dismissed)] {
        let next = accept(&store, limited(&format!("c{number}"), vec![claim("wide", 1, "")])).await;
        assert_eq!(next.status, status, "{number}");
    }
    store.close().await;
}

pub(crate) async fn a_repetition_counts_for_no_limit_and_no_hit(engine: &dyn Engine) {
    let store = engine.open().await;
    let same = || limited("a", vec![claim("scan", 2, "")]);
    let statuses = all(&store, vec![same(), same(), same()], at(0)).await;
    assert_eq!(statuses, [Status::Active; 3]);
    assert_eq!(accept(&store, limited("b", vec![claim("scan", 2, "")])).await.status, Status::Active);
    assert_eq!(accept(&store, limited("c", vec![claim("scan", 2, "")])).await.status, Status::Dismissed);
    assert_eq!(accept(&store, same()).await.status, Status::Active, "it is what it was");
    store.close().await;
}

pub(crate) async fn a_call_that_fails_counts_nothing(engine: &dyn Engine) {
    let store = engine.open().await;
    let good = accept(&store, plain("x")).await;
    let mut bad = plain("y");
    bad.alert = crate::alert::Alert { id: good.id, ..alert("y") };
    let refused = store.accept(vec![limited("a", vec![claim("scan", 1, "")]), bad], at(0)).await;
    assert!(refused.is_err());
    assert_eq!(accept(&store, limited("b", vec![claim("scan", 1, "")])).await.status, Status::Active);
    store.close().await;
}
