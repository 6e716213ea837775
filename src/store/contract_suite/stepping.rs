//! Promises of recording what was done.

use super::samples::{
    accept, at, attempt, change, claim_one, claim_request, progress, request, severity, sleep, step_error, suspended,
    with_run,
};
use super::{Engine, restart};
use crate::alert::Status;
use crate::playbook::{AlertChange, Outcome, RunError, Settled};
use crate::store::{AttemptRecord, RunStatus, StepEnd, StepStart, StepStatus};
use serde_json::{Value, json};

pub(crate) async fn a_step_that_is_done_is_never_claimed_again(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![request("0", "chat")]).await;
    let work = claim_request(&store, "chat", at(0)).await;
    store.record_attempt(attempt(&work, StepEnd::Done(json!({"status": 200}))), at(1)).await.unwrap();
    assert!(store.claim_requests("chat", 10, at(9999)).await.unwrap().is_empty());
    let store = restart(engine, store).await;
    assert!(store.claim_requests("chat", 10, at(9999)).await.unwrap().is_empty());
    assert!(store.next_work().await.unwrap().next_request.is_empty());
    let step = store.run(&run.id).await.unwrap().unwrap().steps.remove(0);
    assert_eq!((step.status, step.output), (StepStatus::Done, Some(json!({"status": 200}))));
    assert_eq!((step.attempts.len(), step.next_attempt_time), (1, None));
}

pub(crate) async fn a_step_that_is_done_stays_as_it_is(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![request("0", "chat")]).await;
    let work = claim_request(&store, "chat", at(0)).await;
    store.record_attempt(attempt(&work, StepEnd::Done(json!(1))), at(1)).await.unwrap();
    store.record_attempt(attempt(&work, StepEnd::Failed(step_error("http"))), at(2)).await.unwrap();
    store.record_attempt(attempt(&work, StepEnd::Retry(at(3))), at(3)).await.unwrap();
    let claimed = claim_one(&store).await;
    let again = progress(&claimed, vec![request("0", "mail"), request("1", "chat")], Outcome::Suspended);
    store.record_progress(again, at(4)).await.unwrap();
    let steps = store.run(&run.id).await.unwrap().unwrap().steps;
    assert_eq!(steps.len(), 2);
    assert_eq!((steps[0].status, &steps[0].output), (StepStatus::Done, &Some(json!(1))));
    assert_eq!(steps[0].attempts.len(), 3, "every attempt is kept");
    assert!(store.claim_requests("mail", 10, at(9999)).await.unwrap().is_empty());
}

pub(crate) async fn a_postponed_request_waits_for_its_time(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![request("0", "chat")]).await;
    let work = claim_request(&store, "chat", at(0)).await;
    store.record_attempt(attempt(&work, StepEnd::Retry(at(5))), at(0)).await.unwrap();
    assert!(store.claim_requests("chat", 10, at(4)).await.unwrap().is_empty());
    assert_eq!(store.run(&run.id).await.unwrap().unwrap().steps[0].next_attempt_time, Some(at(5)));
    assert!(store.claim_runs(1, at(4)).await.unwrap().is_empty(), "a retry is no news to the run");
    let work = claim_request(&store, "chat", at(5)).await;
    store.record_attempt(attempt(&work, StepEnd::Failed(step_error("http"))), at(6)).await.unwrap();
    let journal = claim_one(&store).await.journal;
    assert_eq!(journal[0].settled, Some(Settled::Failed { error: step_error("http"), at: at(6) }));
}

pub(crate) async fn immediate_changes_reach_the_alert(engine: &dyn Engine) {
    let store = engine.open().await;
    let steps = vec![
        change("0", AlertChange::Status { status: Status::Resolved, why: "handled".to_owned() }),
        change("1", AlertChange::Severity { severity: severity("critical"), why: String::new() }),
        change("2", AlertChange::Tag { text: "vip".to_owned() }),
        change("3", AlertChange::Tag { text: "vip".to_owned() }),
        change("4", AlertChange::Comment { text: "see ticket".to_owned() }),
        change("5", AlertChange::Assign { who: "ana".to_owned() }),
    ];
    let run = suspended(&store, "a", steps).await;
    let store = restart(engine, store).await;
    let id = store.run(&run.id).await.unwrap().unwrap().summary.alert_id;
    let found = store.alert(&id).await.unwrap().unwrap();
    assert_eq!((found.alert.status, found.alert.severity), (Status::Resolved, severity("critical")));
    assert_eq!((found.alert.tags, found.alert.assignee), (vec!["vip".to_owned()], Some("ana".to_owned())));
    let activity: Vec<_> = found
        .activity
        .iter()
        .skip(1)
        .map(|one| (one.action.as_str(), one.detail.as_str(), one.why.as_deref()))
        .collect();
    assert_eq!(activity[0], ("status", "resolved", Some("handled")));
    assert_eq!(activity[1], ("severity", "critical", None));
    assert_eq!(activity[4], ("comment", "see ticket", None));
    assert_eq!(activity[5], ("assign", "ana", None));
    assert!(found.activity.iter().skip(1).all(|one| one.actor == "playbook:contain" && one.time == at(0)));
    let listed = store.alerts(super::samples::all()).await.unwrap().items.remove(0);
    assert_eq!((listed.status, listed.severity), (Status::Resolved, severity("critical")));
    assert!(store.claim_runs(1, at(0)).await.unwrap().is_empty(), "the script did not wait for them");
    let steps = store.run(&run.id).await.unwrap().unwrap().steps;
    assert!(steps.iter().all(|step| step.status == StepStatus::Done));
}

pub(crate) async fn a_refused_step_fails_at_once_and_its_run_goes_on(engine: &dyn Engine) {
    let store = engine.open().await;
    let (step, _) = request("0", "nowhere");
    suspended(&store, "a", vec![(step, StepStart::Refused { error: step_error("configuration"), message: None })])
        .await;
    assert!(store.claim_requests("nowhere", 10, at(9)).await.unwrap().is_empty());
    let journal = claim_one(&store).await.journal;
    assert_eq!(journal[0].settled, Some(Settled::Failed { error: step_error("configuration"), at: at(0) }));
}

pub(crate) async fn an_attempt_keeps_what_was_answered(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![request("0", "chat")]).await;
    let work = claim_request(&store, "chat", at(0)).await;
    let answered = attempt(&work, StepEnd::Retry(at(5)));
    store
        .record_attempt(AttemptRecord { answer: Some("{\"why\": \"é\"".to_owned()), ..answered }, at(1))
        .await
        .unwrap();
    let work = claim_request(&store, "chat", at(5)).await;
    let unanswered = attempt(&work, StepEnd::Failed(step_error("timeout")));
    store.record_attempt(AttemptRecord { answer: None, ..unanswered }, at(6)).await.unwrap();
    let store = restart(engine, store).await;
    let shown = store.run(&run.id).await.unwrap().unwrap().steps.remove(0).attempts;
    let answers: Vec<_> = shown.iter().map(|attempt| attempt.answer.as_deref()).collect();
    assert_eq!(answers, [Some("{\"why\": \"é\""), None]);
    assert_eq!(store.dead_letter(&work.message).await.unwrap().unwrap().attempts, shown);
}

pub(crate) async fn the_end_of_a_run_cancels_what_is_in_flight(engine: &dyn Engine) {
    let store = engine.open().await;
    accept(&store, with_run("a")).await;
    let run = claim_one(&store).await;
    let steps = vec![request("0", "chat"), sleep("1", at(60))];
    let error = RunError { kind: "fail".to_owned(), limit: None, message: "no".to_owned(), line: 3, column: 1 };
    let end = Outcome::Failed { error: error.clone() };
    store.record_progress(progress(&run, steps, end), at(1)).await.unwrap();
    let found = store.run(&run.id).await.unwrap().unwrap();
    assert_eq!((found.summary.status, found.summary.error), (RunStatus::Failed, Some(error)));
    assert_eq!(found.summary.ended_time, Some(at(1)));
    assert_eq!(found.logs.len(), 1);
    assert!(found.steps.iter().all(|step| step.status == StepStatus::Cancelled && step.next_attempt_time.is_none()));
    assert!(store.claim_requests("chat", 10, at(9999)).await.unwrap().is_empty());
    assert_eq!(store.fire_timers(10, at(9999)).await.unwrap(), 0);
    assert_eq!(store.next_work().await.unwrap(), Default::default());
}

pub(crate) async fn a_late_attempt_is_kept_and_revives_nothing(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![request("0", "chat")]).await;
    let work = claim_request(&store, "chat", at(0)).await;
    assert_eq!(store.expire_runs(10, at(4000)).await.unwrap(), 1);
    store.record_attempt(attempt(&work, StepEnd::Done(json!(1))), at(4001)).await.unwrap();
    assert!(store.claim_runs(10, at(4001)).await.unwrap().is_empty());
    let found = store.run(&run.id).await.unwrap().unwrap();
    assert_eq!(found.summary.status, RunStatus::Expired);
    assert_eq!((found.steps[0].status, found.steps[0].attempts.len()), (StepStatus::Cancelled, 1));
}

pub(crate) async fn the_journal_keeps_order_and_time(engine: &dyn Engine) {
    let store = engine.open().await;
    let run = suspended(&store, "a", vec![request("9", "chat"), sleep("10", at(60))]).await;
    let work = claim_request(&store, "chat", at(0)).await;
    store.record_attempt(attempt(&work, StepEnd::Done(json!("ok"))), at(7)).await.unwrap();
    let claimed = claim_one(&store).await;
    let more = vec![request("4.0.1", "chat"), change("1", AlertChange::Tag { text: "t".to_owned() })];
    store.record_progress(progress(&claimed, more, Outcome::Suspended), at(8)).await.unwrap();
    assert_eq!(store.run(&run.id).await.unwrap().unwrap().summary.status, RunStatus::Running);
    assert_eq!(store.fire_timers(10, at(61)).await.unwrap(), 1);
    let store = restart(engine, store).await;
    let run = claim_one(&store).await;
    let keys: Vec<_> = run.journal.iter().map(|entry| entry.key.0.as_str()).collect();
    assert_eq!(keys, ["9", "10", "4.0.1", "1"]);
    let settled: Vec<_> = run.journal.iter().map(|entry| entry.settled.clone()).collect();
    assert_eq!(settled[0], Some(Settled::Done { value: json!("ok").into(), at: at(7) }));
    assert_eq!(settled[1], Some(Settled::Done { value: Value::Null.into(), at: at(61) }));
    assert_eq!(settled[2], None);
    assert_eq!(settled[3], Some(Settled::Done { value: Value::Null.into(), at: at(8) }));
    assert_eq!((run.journal[0].line, run.journal[0].call.as_str()), (7, "connection.post"));
    assert_eq!(run.journal[0].hash, request("9", "chat").0.hash);
}

pub(crate) async fn progress_of_a_run_that_ended_changes_nothing(engine: &dyn Engine) {
    let store = engine.open().await;
    accept(&store, with_run("a")).await;
    let run = claim_one(&store).await;
    store.expire_runs(10, at(4000)).await.unwrap();
    let end = Outcome::Done { value: json!("late") };
    store.record_progress(progress(&run, vec![request("0", "chat")], end), at(4001)).await.unwrap();
    let found = store.run(&run.id).await.unwrap().unwrap();
    assert_eq!((found.summary.status, found.summary.result), (RunStatus::Expired, None));
    assert!(found.steps.is_empty());
}
