//! Promises of handing work out.

use super::samples::{
    accept, at, attempt, claim_one, claim_request, new_run, plain, progress, request, suspended, with_run,
};
use super::{Engine, restart};
use crate::clock::Stopwatch;
use crate::playbook::{Effect, Outcome, Settled};
use crate::store::{StepEnd, StepStart};
use futures_util::FutureExt;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::HashSet;
use std::time::Duration;

pub(crate) async fn a_run_is_claimed_once(engine: &dyn Engine) {
    let store = engine.open().await;
    for n in 0..30 {
        accept(&store, with_run(&format!("a {n}"))).await;
    }
    let claims = join_all((0..10).map(|_| store.claim_runs(7, at(0)))).await;
    let runs: Vec<_> = claims.into_iter().flat_map(|claimed| claimed.unwrap()).collect();
    assert_eq!(runs.len(), 30);
    assert_eq!(runs.iter().map(|run| &run.id).collect::<HashSet<_>>().len(), 30);
    assert!(store.claim_runs(7, at(0)).await.unwrap().is_empty());
    assert!(!store.next_work().await.unwrap().runs_ready);
}

pub(crate) async fn a_released_run_is_claimed_again(engine: &dyn Engine) {
    let store = engine.open().await;
    accept(&store, with_run("a")).await;
    let run = claim_one(&store).await;
    let id = run.id.clone();
    drop(run);
    assert!(store.next_work().await.unwrap().runs_ready);
    assert_eq!(claim_one(&store).await.id, id);
}

pub(crate) async fn work_lost_in_a_panic_is_claimed_again(engine: &dyn Engine) {
    let store = engine.open().await;
    suspended(&store, "a", vec![request("0", "chat")]).await;
    accept(&store, with_run("b")).await;
    let (run, sent) = (claim_one(&store).await, claim_request(&store, "chat", at(0)).await);
    let kept = (run.id.clone(), sent.clone().message);
    let work = tokio::spawn(async move { panic!("with {run:?} and {sent:?} under way") });
    assert!(work.await.unwrap_err().is_panic());
    assert_eq!((claim_one(&store).await.id, claim_request(&store, "chat", at(0)).await.message), kept);
}

pub(crate) async fn work_whose_record_was_refused_is_claimed_again(engine: &dyn Engine) {
    let store = engine.open().await;
    accept(&store, with_run("a")).await;
    let run = claim_one(&store).await;
    let (step, _) = request("0", "chat");
    let refused = progress(&run, vec![(step, StepStart::Normal)], Outcome::Suspended);
    store.record_progress(refused, at(0)).await.unwrap_err();
    assert!(store.claim_runs(1, at(0)).await.unwrap().is_empty(), "it may be recorded still");
    let id = run.id.clone();
    drop(run);
    assert_eq!(claim_one(&store).await.id, id);
}

pub(crate) async fn a_claim_that_was_recorded_lets_go_of_no_later_one(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![request("0", "chat")]).await;
    let sent = claim_request(&store, "chat", at(0)).await;
    store.record_attempt(attempt(&sent, StepEnd::Retry(at(0))), at(0)).await.unwrap();
    let again = claim_request(&store, "chat", at(0)).await;
    drop(sent);
    assert!(store.claim_requests("chat", 1, at(0)).await.unwrap().is_empty(), "the second attempt is under way");
    store.record_attempt(attempt(&again, StepEnd::Done(json!(1))), at(0)).await.unwrap();
    let later = claim_one(&store).await;
    drop(run);
    assert!(store.claim_runs(1, at(0)).await.unwrap().is_empty(), "{} is being stepped", later.id);
}

pub(crate) async fn a_flood_of_one_playbook_delays_no_other(engine: &dyn Engine) {
    let store = engine.open().await;
    let calling_for = |source_id: String, playbook: &str| {
        let mut admission = plain(&source_id);
        admission.runs.push(new_run(playbook));
        admission
    };
    for n in 0..20 {
        accept(&store, calling_for(format!("flood {n}"), "flood")).await;
    }
    let under_way = store.claim_runs(4, at(0)).await.unwrap();
    for playbook in ["contain", "notify"] {
        for n in 0..2 {
            accept(&store, calling_for(format!("{playbook} {n}"), playbook)).await;
        }
    }
    let mut order = Vec::new();
    let mut held = under_way;
    for limit in [1, 1, 4] {
        let claimed = store.claim_runs(limit, at(0)).await.unwrap();
        order.extend(claimed.iter().map(|run| run.program.id.to_string()));
        held.extend(claimed);
    }
    assert_eq!(order, ["notify", "contain", "flood", "notify", "contain", "flood"]);
    assert_eq!(held.iter().map(|run| &run.id).collect::<HashSet<_>>().len(), 10);
    assert_eq!(store.claim_runs(100, at(0)).await.unwrap().len(), 14, "what is left, whoever had the last turn");
}

pub(crate) async fn a_restart_releases_claims(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![request("0", "chat")]).await;
    let sent = claim_request(&store, "chat", at(0)).await;
    accept(&store, with_run("b")).await;
    let claimed = claim_one(&store).await;
    let store = restart(engine, store).await;
    assert_eq!(claim_one(&store).await.id, claimed.id);
    let again = claim_request(&store, "chat", at(0)).await;
    assert_eq!(again, sent, "the same id and the same bytes");
    assert_eq!(again.run, run.id);
}

pub(crate) async fn claims_of_a_claimer_that_went_away_are_released(engine: &dyn Engine) {
    let store = engine.open().await;
    suspended(&store, "a", vec![request("0", "chat")]).await;
    accept(&store, with_run("b")).await;
    for _ in 0..20 {
        // Asked for and dropped before the answer, unless the answer was faster.
        if let Some(claimed) = store.claim_runs(1, at(0)).now_or_never() {
            drop(claimed.unwrap());
        }
        if let Some(claimed) = store.claim_requests("chat", 1, at(0)).now_or_never() {
            for request in claimed.unwrap() {
                store.record_attempt(attempt(&request, StepEnd::Retry(at(0))), at(0)).await.unwrap();
            }
        }
    }
    // Given back soon, though perhaps by a thread that has not come to it yet.
    let patience = Stopwatch::start();
    let (mut run, mut request) = (false, false);
    while !(run && request) {
        assert!(patience.elapsed() < Duration::from_secs(10), "run: {run}, request: {request}");
        run |= !store.claim_runs(1, at(0)).await.unwrap().is_empty();
        request |= !store.claim_requests("chat", 1, at(0)).await.unwrap().is_empty();
    }
}

pub(crate) async fn a_step_settled_while_its_run_is_claimed_keeps_it_ready(engine: &dyn Engine) {
    let store = engine.open().await;
    suspended(&store, "a", vec![request("0", "chat"), request("1", "mail")]).await;
    let (first, second) = (claim_request(&store, "chat", at(0)).await, claim_request(&store, "mail", at(0)).await);
    store.record_attempt(attempt(&first, StepEnd::Done(json!(1))), at(1)).await.unwrap();
    let run = claim_one(&store).await;
    assert!(run.journal[0].settled.is_some() && run.journal[1].settled.is_none());
    store.record_attempt(attempt(&second, StepEnd::Done(json!(2))), at(2)).await.unwrap();
    assert!(store.claim_runs(1, at(2)).await.unwrap().is_empty(), "it is claimed");
    store.record_progress(progress(&run, Vec::new(), Outcome::Suspended), at(2)).await.unwrap();
    let run = claim_one(&store).await;
    assert_eq!(run.journal[1].settled, Some(Settled::Done { value: json!(2).into(), at: at(2) }));
    store.record_progress(progress(&run, Vec::new(), Outcome::Suspended), at(2)).await.unwrap();
    assert!(store.claim_runs(1, at(2)).await.unwrap().is_empty(), "it has seen everything");
}

pub(crate) async fn a_request_is_claimed_once(engine: &dyn Engine) {
    let store = engine.open().await;
    let steps = (0..20).map(|n| request(&format!("{n}"), if n % 2 == 0 { "chat" } else { "mail" })).collect();
    suspended(&store, "a", steps).await;
    let claims = join_all((0..8).map(|_| store.claim_requests("chat", 3, at(0)))).await;
    let requests: Vec<_> = claims.into_iter().flat_map(|claimed| claimed.unwrap()).collect();
    assert_eq!(requests.len(), 10);
    assert_eq!(requests.iter().map(|request| &request.key).collect::<HashSet<_>>().len(), 10);
    assert!(store.claim_requests("nowhere", 3, at(0)).await.unwrap().is_empty());
}

pub(crate) async fn a_request_is_claimed_as_it_was_recorded(engine: &dyn Engine) {
    let store = engine.open().await;
    let (step, start) = request("0", "chat");
    suspended(&store, "a", vec![(step.clone(), start.clone())]).await;
    let work = claim_request(&store, "chat", at(5)).await;
    assert_eq!(Effect::Request(work.spec.clone()), step.effect);
    assert!(matches!(start, StepStart::Message { id, expires: None } if id == work.message));
    assert_eq!((work.recorded, work.attempts), (at(0), 0));
    store.record_attempt(attempt(&work, StepEnd::Retry(at(6))), at(5)).await.unwrap();
    let again = claim_request(&store, "chat", at(6)).await;
    assert_eq!(again.attempts, 1);
    assert_eq!((again.spec, again.message), (work.spec, work.message));
}

pub(crate) async fn a_run_is_claimed_as_it_was_created(engine: &dyn Engine) {
    let store = engine.open().await;
    let sent = with_run("a");
    store.accept(vec![sent.clone()], at(3)).await.unwrap();
    let store = restart(engine, store).await;
    let run = claim_one(&store).await;
    assert_eq!((run.id, run.digest, run.started), (sent.runs[0].id.clone(), sent.runs[0].digest, at(3)));
    assert_eq!(run.program, sent.runs[0].program);
    assert_eq!(run.alert.as_ref(), serde_json::to_string(&sent.alert).unwrap());
    assert!(run.journal.is_empty());
}
