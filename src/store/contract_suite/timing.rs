//! Promises of what time brings.

use super::samples::{
    accept, at, attempt, claim_one, claim_request, expiring, progress, request, sleep, step_error, suspended, with_run,
};
use super::{Engine, restart};
use crate::playbook::Outcome;
use crate::store::{NextWork, Recovered, RunStatus, StepEnd, StepStatus};
use serde_json::json;

pub(crate) async fn a_sleep_ends_when_its_time_has_come(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![sleep("0", at(60))]).await;
    assert_eq!(store.run(&run.id).await.unwrap().unwrap().summary.status, RunStatus::Waiting);
    assert_eq!(store.fire_timers(10, at(59)).await.unwrap(), 0);
    assert!(store.claim_runs(10, at(59)).await.unwrap().is_empty());
    let store = restart(engine, store).await;
    assert_eq!(store.fire_timers(10, at(60)).await.unwrap(), 1);
    assert_eq!(store.fire_timers(10, at(60)).await.unwrap(), 0, "once");
    assert!(claim_one(&store).await.journal[0].settled.is_some());
}

pub(crate) async fn a_run_past_its_deadline_expires(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![sleep("0", at(9000)), request("1", "chat")]).await;
    accept(&store, with_run("b")).await;
    assert_eq!(store.expire_runs(10, at(3599)).await.unwrap(), 0);
    assert_eq!(store.expire_runs(1, at(3600)).await.unwrap(), 1, "no more than asked for");
    assert_eq!(store.expire_runs(10, at(3600)).await.unwrap(), 1);
    assert_eq!(store.expire_runs(10, at(3600)).await.unwrap(), 0);
    let found = store.run(&run.id).await.unwrap().unwrap();
    assert_eq!((found.summary.status, found.summary.ended_time), (RunStatus::Expired, Some(at(3600))));
    assert!(found.steps.iter().all(|step| step.status == StepStatus::Cancelled));
    assert!(store.claim_runs(10, at(3600)).await.unwrap().is_empty());
    assert_eq!(store.next_work().await.unwrap(), NextWork::default());
}

pub(crate) async fn what_expires_is_found_however_much_waits_before_it(engine: &dyn Engine) {
    let store = engine.open().await;
    let late = (0..600).map(|n| expiring(&format!("late {n}"), "chat", at(9_000 + n)));
    let never = (0..600).map(|n| request(&format!("never {n}"), "chat"));
    suspended(&store, "a", late.chain(never).collect()).await;
    let soon = ["a", "b", "c"].map(|key| expiring(key, "chat", at(20)));
    let elsewhere = expiring("d", "mail", at(20));
    suspended(&store, "b", soon.into_iter().chain([elsewhere]).collect()).await;
    let store = restart(engine, store).await;

    let found = store.claim_expired("chat", 500, at(19)).await.unwrap();
    assert_eq!((found.requests.len(), found.next), (0, Some(at(20))));
    let found = store.claim_expired("chat", 2, at(20)).await.unwrap();
    assert_eq!((found.requests.len(), found.next), (2, Some(at(20))), "no more than asked for");
    assert_eq!(found.requests[0].expires, Some(at(20)));
    let rest = store.claim_expired("chat", 500, at(20)).await.unwrap();
    let keys: Vec<_> = rest.requests.iter().map(|request| request.key.0.as_str()).collect();
    assert_eq!((keys, rest.next), (vec!["c"], Some(at(9_000))), "what is claimed is not handed out again");
    for work in found.requests.iter().chain(&rest.requests) {
        store.record_attempt(attempt(work, StepEnd::Failed(step_error("expired"))), at(21)).await.unwrap();
    }
    assert_eq!(store.claim_expired("chat", 500, at(22)).await.unwrap().requests, []);
    assert_eq!(store.claim_expired("mail", 500, at(22)).await.unwrap().requests.len(), 1);
}

pub(crate) async fn a_letter_sent_again_expires_too(engine: &dyn Engine) {
    let store = engine.open().await;
    suspended(&store, "a", vec![expiring("0", "chat", at(20))]).await;
    let work = claim_request(&store, "chat", at(0)).await;
    store.record_attempt(attempt(&work, StepEnd::Failed(step_error("http"))), at(1)).await.unwrap();
    assert_eq!(store.claim_expired("chat", 500, at(99)).await.unwrap().next, None, "what is dead expires no more");
    store.redrive(&work.message, "ana", Some(at(200)), at(100)).await.unwrap();
    let store = restart(engine, store).await;
    let waits = store.claim_expired("chat", 500, at(199)).await.unwrap();
    assert_eq!((waits.requests, waits.next), (vec![], Some(at(200))));
    let over = store.claim_expired("chat", 500, at(200)).await.unwrap();
    assert_eq!((over.requests[0].expires, over.requests[0].recorded), (Some(at(200)), at(100)));
}

pub(crate) async fn next_work_names_what_is_due(engine: &dyn Engine) {
    let store = engine.open().await;
    assert_eq!(store.next_work().await.unwrap(), NextWork::default());
    suspended(&store, "a", vec![request("0", "chat"), request("1", "mail"), sleep("2", at(60))]).await;
    let next = store.next_work().await.unwrap();
    let both = [("chat".to_owned(), at(0)), ("mail".to_owned(), at(0))];
    assert_eq!((next.runs_ready, next.next_timer, next.next_request.as_slice()), (false, Some(at(60)), &both[..]));

    let chat = claim_request(&store, "chat", at(0)).await;
    assert_eq!(store.next_work().await.unwrap().next_request, both[1..], "what is claimed is not due");
    store.record_attempt(attempt(&chat, StepEnd::Retry(at(5))), at(1)).await.unwrap();
    let postponed = [("chat".to_owned(), at(5)), both[1].clone()];
    assert_eq!(store.next_work().await.unwrap().next_request, postponed);

    assert_eq!(store.fire_timers(10, at(60)).await.unwrap(), 1);
    let next = store.next_work().await.unwrap();
    assert_eq!((next.runs_ready, next.next_timer), (true, Some(at(3600))), "the run's deadline is left");
    let run = claim_one(&store).await;
    assert!(!store.next_work().await.unwrap().runs_ready);
    store.record_progress(progress(&run, vec![], Outcome::Done { value: json!(1) }), at(61)).await.unwrap();
    assert_eq!(store.next_work().await.unwrap(), NextWork::default());
}

pub(crate) async fn a_start_counts_what_was_in_flight(engine: &dyn Engine) {
    let store = engine.open().await;
    suspended(&store, "a", vec![request("0", "chat")]).await;
    suspended(&store, "b", vec![request("0", "chat"), sleep("1", at(60))]).await;
    let work = store.claim_requests("chat", 1, at(0)).await.unwrap().remove(0);
    store.record_attempt(attempt(&work, StepEnd::Retry(at(100))), at(0)).await.unwrap();
    let store = restart(engine, store).await;
    assert_eq!(store.recover(at(1)).await.unwrap(), Recovered { runs: 2, requests: 1 });
}
