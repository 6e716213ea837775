//! What people wish of a store: answers, runs by hand, messages sent again, everything held.

use super::engine::{Engine, restart};
use super::samples::{
    accept, at, attempt, claim_one, claim_request, limited_run, new_run, plain, progress, request, step_error,
    suspended, with_run,
};
use crate::digest::Digest;
use crate::id::{ApprovalId, MessageId};
use crate::playbook::{ApprovalSpec, Effect, NewStep, Outcome, RequestSpec, Settled, StepError, StepKey};
use crate::store::{
    ApprovalAnswer, ApprovalStatus, ChildRun, DeadLetterStatus, Disarmed, RunStatus, Started, StepEnd, StepStart,
    Store, WaitingQuery, Wish,
};
use serde_json::{Value, json};
use std::sync::Arc;

fn step(key: &str, effect: Effect) -> NewStep {
    let hash = Digest::of(key.as_bytes());
    NewStep { key: StepKey(key.to_owned()), call: "call".to_owned(), input: json!(key).into(), hash, line: 3, effect }
}

fn question(key: &str, otherwise: Option<bool>) -> ((NewStep, StepStart), ApprovalId) {
    let id = ApprovalId::from_bytes(Digest::of(key.as_bytes()).half());
    let spec = ApprovalSpec { ask: "Block it?".to_owned(), to: Some("soc".to_owned()), within_ms: 600_000, otherwise };
    ((step(key, Effect::Approval(spec)), StepStart::Approval(id.clone())), id)
}

fn answer(approved: bool) -> ApprovalAnswer {
    ApprovalAnswer { approved, by: "ana".to_owned(), comment: Some("known".to_owned()) }
}

fn pending<S>() -> WaitingQuery<S> {
    WaitingQuery { status: Vec::new(), connection: None, cursor: None, limit: 10 }
}

fn value(settled: &Option<Settled>) -> Value {
    match settled {
        Some(Settled::Done { value, .. }) => value.read().unwrap(),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn an_answer_lets_its_run_go_on(engine: &dyn Engine) {
    let store = engine.open().await;
    let (asked, id) = question("0", None);
    let run = suspended(&store, "a", vec![asked]).await;
    assert_eq!(store.claim_runs(1, at(1)).await.unwrap().len(), 0);
    assert_eq!(store.counts().await.unwrap().approvals, 1);
    let listed = store.approvals(WaitingQuery { status: vec![ApprovalStatus::Pending], ..pending() }).await.unwrap();
    assert_eq!((listed.items[0].ask.as_str(), &listed.items[0].run_id), ("Block it?", &run.id));

    let store = restart(engine, store).await;
    assert_eq!(store.answer_approval(&id, answer(true), at(60)).await.unwrap(), Wish::Granted);
    let store = restart(engine, store).await;
    let work = claim_one(&store).await;
    let said = value(&work.journal[0].settled);
    assert_eq!((&said["approved"], &said["by"], &said["comment"]), (&json!(true), &json!("ana"), &json!("known")));
    assert_eq!(store.counts().await.unwrap().approvals, 0, "only those that are open count");
    let again = store.answer_approval(&id, answer(false), at(61)).await.unwrap();
    assert_eq!(again, Wish::TooLate(ApprovalStatus::Approved));
    let approval = store.approval(&id).await.unwrap().unwrap();
    let details = store.alert(&approval.alert_id).await.unwrap().unwrap();
    let last = details.activity.last().unwrap();
    assert_eq!((last.actor.as_str(), last.action.as_str(), last.detail.as_str()), ("ana", "approved", "Block it?"));
}

pub(crate) async fn silence_answers_as_the_script_has_said(engine: &dyn Engine) {
    for (otherwise, expected) in [(Some(true), json!(true)), (Some(false), json!(false))] {
        let store = engine.open().await;
        let key = format!("{otherwise:?}");
        let (asked, id) = question(&key, otherwise);
        suspended(&store, &key, vec![asked]).await;
        assert_eq!(store.next_work().await.unwrap().next_timer, Some(at(600)));
        assert_eq!(store.fire_timers(10, at(599)).await.unwrap(), 0);
        // Its time is over, noticed or not.
        let late = store.answer_approval(&id, answer(true), at(600)).await.unwrap();
        assert_eq!(late, Wish::TooLate(ApprovalStatus::Expired));
        assert_eq!(store.fire_timers(10, at(600)).await.unwrap(), 1);
        let work = claim_one(&store).await;
        assert_eq!(value(&work.journal[0].settled)["approved"], expected);
        assert_eq!(store.approval(&id).await.unwrap().unwrap().status, ApprovalStatus::Expired);
        store.record_progress(progress(&work, Vec::new(), Outcome::Done { value: json!(1) }), at(601)).await.unwrap();
        store.close().await;
    }
    let store = engine.open().await;
    let (asked, _) = question("none", None);
    suspended(&store, "none", vec![asked]).await;
    store.fire_timers(10, at(600)).await.unwrap();
    let work = claim_one(&store).await;
    assert!(matches!(&work.journal[0].settled, Some(Settled::Failed { error, .. }) if error.kind == "timeout"));
}

pub(crate) async fn a_cancelled_run_takes_all_with_it_and_stays_ended(engine: &dyn Engine) {
    let store = engine.open().await;
    let (asked, id) = question("1", None);
    let run = suspended(&store, "a", vec![request("0", "chat"), asked, child("2", "other")]).await;
    let inner = claim_one(&store).await;
    assert_eq!(store.cancel_run(&run.id, "ana", at(5)).await.unwrap(), Wish::Granted);
    assert_eq!(store.cancel_run(&run.id, "ana", at(6)).await.unwrap(), Wish::TooLate(RunStatus::Cancelled));
    let store = restart(engine, store).await;
    let ended = store.run(&run.id).await.unwrap().unwrap();
    let why = ended.summary.error.unwrap();
    assert_eq!((ended.summary.status, why.message.as_str()), (RunStatus::Cancelled, "cancelled by ana"));
    assert_eq!(store.run(&inner.id).await.unwrap().unwrap().summary.status, RunStatus::Cancelled);
    assert_eq!(store.approval(&id).await.unwrap().unwrap().status, ApprovalStatus::Cancelled);
    assert_eq!(store.claim_requests("chat", 10, at(9)).await.unwrap().len(), 0);
    assert_eq!(store.claim_runs(10, at(9)).await.unwrap().len(), 0);
    let nobody = crate::id::RunId::from_bytes([9; 16]);
    assert_eq!(store.cancel_run(&nobody, "ana", at(6)).await.unwrap(), Wish::NotFound);
}

fn child(key: &str, playbook: &str) -> (NewStep, StepStart) {
    let effect = Effect::Child { playbook: playbook.to_owned(), input: json!({"n": key}) };
    let start = ChildRun { run: new_run(playbook), generation: Digest::of(b"generation") };
    (step(key, effect), StepStart::Child(Box::new(start)))
}

pub(crate) async fn a_childs_end_is_its_parents_result(engine: &dyn Engine) {
    for (name, outcome) in [("done", Outcome::Done { value: json!(42) }), ("failed", failed())] {
        let store = engine.open().await;
        let parent = suspended(&store, name, vec![child("0", "other")]).await;
        let inner = claim_one(&store).await;
        assert_eq!((inner.program.id.as_str(), &inner.input), ("other", &json!({"n": "0"})));
        let shown = store.run(&inner.id).await.unwrap().unwrap().summary;
        assert_eq!(shown.parent_id.as_ref(), Some(&parent.id));
        store.record_progress(progress(&inner, Vec::new(), outcome), at(3)).await.unwrap();
        let store = restart(engine, store).await;
        let work = claim_one(&store).await;
        assert_eq!(work.id, parent.id);
        match &work.journal[0].settled {
            Some(Settled::Done { value, .. }) => assert_eq!((name, value), ("done", &json!(42).into())),
            Some(Settled::Failed { error, .. }) => {
                assert_eq!((name, error.kind.as_str()), ("failed", "playbook"));
                assert_eq!(error.message, "the playbook failed: no");
            }
            None => panic!("it is settled"),
        }
        store.record_progress(progress(&work, Vec::new(), Outcome::Done { value: json!(1) }), at(4)).await.unwrap();
        store.close().await;
    }
}

fn failed() -> Outcome {
    let message = "no".to_owned();
    Outcome::Failed {
        error: crate::playbook::RunError { kind: "fail".to_owned(), limit: None, message, line: 1, column: 1 },
    }
}

pub(crate) async fn playbooks_that_start_one_another_come_to_an_end(engine: &dyn Engine) {
    let store = engine.open().await;
    suspended(&store, "a", vec![child("0", "loop")]).await;
    for depth in 0..10 {
        let inner = claim_one(&store).await;
        if let Some(Settled::Failed { error, .. }) = inner.journal.first().and_then(|entry| entry.settled.clone()) {
            assert_eq!((depth, error.message.as_str()), (4, "playbooks start one another at most 4 deep"));
            return;
        }
        store.record_progress(progress(&inner, vec![child("0", "loop")], Outcome::Suspended), at(3)).await.unwrap();
    }
    panic!("it went on for ever");
}

pub(crate) async fn what_runs_keep_is_there_for_the_next_one(engine: &dyn Engine) {
    let store = engine.open().await;
    let put = |key: &str, name: &str, value: Value| {
        let effect = Effect::StatePut { key: name.to_owned(), value, ttl_ms: 100_000 };
        (step(key, effect), StepStart::Normal)
    };
    let get = |key: &str, name: &str| (step(key, Effect::StateGet { key: name.to_owned() }), StepStart::Normal);
    suspended(&store, "a", vec![put("0", "seen", json!({"n": 1})), get("1", "seen"), get("2", "other")]).await;
    let store = restart(engine, store).await;
    let work = claim_one(&store).await;
    let values: Vec<_> = work.journal.iter().map(|entry| value(&entry.settled)).collect();
    assert_eq!(values, [Value::Null, json!({"n": 1}), Value::Null]);
    store.record_progress(progress(&work, vec![], Outcome::Done { value: json!(1) }), at(1)).await.unwrap();

    // Another run of the same playbook finds it, until its time is over; one of another playbook does not.
    accept(&store, with_run("b")).await;
    let next = claim_one(&store).await;
    store.record_progress(progress(&next, vec![get("0", "seen")], Outcome::Suspended), at(99)).await.unwrap();
    let next = claim_one(&store).await;
    assert_eq!(value(&next.journal[0].settled), json!({"n": 1}));
    store.record_progress(progress(&next, vec![get("1", "seen")], Outcome::Suspended), at(100)).await.unwrap();
    let next = claim_one(&store).await;
    assert_eq!(value(&next.journal[1].settled), Value::Null);
    store.record_progress(progress(&next, vec![], Outcome::Done { value: json!(1) }), at(1)).await.unwrap();
    let mut other = plain("c");
    other.runs.push(new_run("stranger"));
    accept(&store, other).await;
    let stranger = claim_one(&store).await;
    store.record_progress(progress(&stranger, vec![get("0", "seen")], Outcome::Suspended), at(1)).await.unwrap();
    assert_eq!(value(&claim_one(&store).await.journal[0].settled), Value::Null);
}

/// A request that was given up, and its id.
async fn dead(store: &Arc<dyn Store>, source_id: &str) -> MessageId {
    suspended(store, source_id, vec![request(source_id, "chat")]).await;
    let work = claim_request(store, "chat", at(0)).await;
    store.record_attempt(attempt(&work, StepEnd::Failed(step_error("http"))), at(1)).await.unwrap();
    work.message
}

pub(crate) async fn a_letter_sent_again_keeps_its_id_and_bytes_and_has_a_new_schedule(engine: &dyn Engine) {
    let store = engine.open().await;
    let id = dead(&store, "a").await;
    let listed = store.dead_letters(WaitingQuery { status: vec![DeadLetterStatus::Dead], ..pending() }).await.unwrap();
    assert_eq!((&listed.items[0].id, listed.items[0].kind.as_str()), (&id, "http"));
    assert_eq!(store.counts().await.unwrap().dead_letters, 1);
    assert_eq!(store.claim_requests("chat", 10, at(9)).await.unwrap().len(), 0);

    assert_eq!(store.redrive(&id, "ana", None, at(1_000)).await.unwrap(), Wish::Granted);
    let store = restart(engine, store).await;
    assert_eq!(store.counts().await.unwrap().dead_letters, 0, "it is on its way");
    assert_eq!(store.next_work().await.unwrap().next_request, [("chat".to_owned(), at(1_000))]);
    let work = claim_request(&store, "chat", at(1_000)).await;
    let (first, _) = request("a", "chat");
    assert!(matches!(first.effect, Effect::Request(spec) if spec == work.spec));
    assert_eq!((&work.message, work.attempts, work.recorded), (&id, 0, at(1_000)));
    assert_eq!(store.claim_requests("chat", 10, at(1_001)).await.unwrap().len(), 0, "it is claimed once");
    store.record_attempt(attempt(&work, StepEnd::Retry(at(1_005))), at(1_001)).await.unwrap();
    assert_eq!(store.claim_requests("chat", 10, at(1_004)).await.unwrap().len(), 0);
    let work = claim_request(&store, "chat", at(1_005)).await;
    assert_eq!(work.attempts, 1);
    store.record_attempt(attempt(&work, StepEnd::Done(json!({"status": 200}))), at(1_006)).await.unwrap();
    let details = store.dead_letter(&id).await.unwrap().unwrap();
    assert_eq!((details.letter.status, details.attempts.len()), (DeadLetterStatus::Delivered, 3));
    assert_eq!(store.redrive(&id, "ana", None, at(1_007)).await.unwrap(), Wish::TooLate(DeadLetterStatus::Delivered));
    assert_eq!(store.claim_requests("chat", 10, at(9_999)).await.unwrap().len(), 0);
    // The run went on with the failure long before, and still has it.
    let run = claim_one(&store).await;
    assert!(matches!(&run.journal[0].settled, Some(Settled::Failed { error, .. }) if error.kind == "http"));
}

pub(crate) async fn a_letter_sent_again_can_die_again_or_be_discarded(engine: &dyn Engine) {
    let store = engine.open().await;
    let id = dead(&store, "a").await;
    store.redrive(&id, "ana", None, at(10)).await.unwrap();
    let work = claim_request(&store, "chat", at(10)).await;
    store.record_attempt(attempt(&work, StepEnd::Failed(step_error("timeout"))), at(11)).await.unwrap();
    let letter = store.dead_letter(&id).await.unwrap().unwrap().letter;
    assert_eq!((letter.status, letter.kind.as_str(), letter.changed_time), (DeadLetterStatus::Dead, "timeout", at(11)));
    assert_eq!(store.discard(&id, "ana", at(12)).await.unwrap(), Wish::Granted);
    assert_eq!(store.discard(&id, "ana", at(12)).await.unwrap(), Wish::TooLate(DeadLetterStatus::Discarded));
    assert_eq!(
        store.dead_letters(WaitingQuery { status: vec![DeadLetterStatus::Dead], ..pending() }).await.unwrap().items,
        []
    );
    let unknown = MessageId::from_bytes([1; 16]);
    assert_eq!(store.redrive(&unknown, "ana", None, at(12)).await.unwrap(), Wish::NotFound);
}

pub(crate) async fn every_request_that_was_given_up_is_a_letter(engine: &dyn Engine) {
    let store = engine.open().await;
    let get = |key: &str| match request(key, "chat") {
        (NewStep { effect: Effect::Request(spec), .. }, start) => {
            let spec = RequestSpec { method: "GET".to_owned(), body: None, ..spec };
            (step(key, Effect::Request(spec)), start)
        }
        other => other,
    };
    let refused = |key: &str| match get(key) {
        (step, StepStart::Message { id, .. }) => {
            let error = StepError { attempts: 0, ..step_error("configuration") };
            (step, StepStart::Refused { error, message: Some(id) })
        }
        other => other,
    };
    suspended(&store, "a", vec![get("asked"), refused("refused")]).await;
    let work = claim_request(&store, "chat", at(0)).await;
    store.record_attempt(attempt(&work, StepEnd::Failed(step_error("http"))), at(1)).await.unwrap();
    let letters = store.dead_letters(pending()).await.unwrap().items;
    let shown: Vec<_> = letters.iter().map(|letter| (letter.step.as_str(), letter.kind.as_str())).collect();
    assert_eq!(shown, [("refused", "configuration"), ("asked", "http")]);

    // Once it can be sent, it is, with the id it would have had.
    let id = &letters[0].id;
    assert_eq!(store.dead_letter(id).await.unwrap().unwrap().attempts, []);
    assert_eq!(store.redrive(id, "ana", None, at(9)).await.unwrap(), Wish::Granted);
    let store = restart(engine, store).await;
    let work = claim_request(&store, "chat", at(9)).await;
    assert_eq!((&work.message, work.key.0.as_str(), work.attempts), (id, "refused", 0));
    store.record_attempt(attempt(&work, StepEnd::Done(json!({"status": 200}))), at(10)).await.unwrap();
    let details = store.dead_letter(id).await.unwrap().unwrap();
    assert_eq!((details.letter.status, details.attempts.len()), (DeadLetterStatus::Delivered, 1));
    let run = claim_one(&store).await;
    assert!(matches!(&run.journal[1].settled, Some(Settled::Failed { error, .. }) if error.kind == "configuration"));
}

pub(crate) async fn waiting_lists_come_in_pages(engine: &dyn Engine) {
    let store = engine.open().await;
    let mut ids = Vec::new();
    suspended(&store, "a", (0..5).map(|number| request(&number.to_string(), "chat")).collect()).await;
    for work in store.claim_requests("chat", 5, at(0)).await.unwrap() {
        store.record_attempt(attempt(&work, StepEnd::Failed(step_error("http"))), at(1)).await.unwrap();
        ids.push(work.message);
    }
    store.discard(&ids[2], "ana", at(5)).await.unwrap();
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let status = vec![DeadLetterStatus::Dead, DeadLetterStatus::Discarded];
        let page = store.dead_letters(WaitingQuery { status, connection: Some("chat".to_owned()), cursor, limit: 2 });
        let page = page.await.unwrap();
        assert!(page.items.len() <= 2);
        found.extend(page.items.into_iter().map(|letter| letter.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, ids);
    let other = WaitingQuery { connection: Some("other".to_owned()), ..pending() };
    assert_eq!(store.dead_letters(other).await.unwrap().items, []);
}

pub(crate) async fn a_run_by_hand_keeps_to_the_rate_limit(engine: &dyn Engine) {
    let store = engine.open().await;
    let alert = accept(&store, plain("a")).await.id;
    let start = |run, now| store.start_run(&alert, run, Digest::of(b"generation"), None, "ana", at(now));
    assert_eq!(start(limited_run(2, "x"), 1).await.unwrap(), Started::Created);
    assert_eq!(start(limited_run(2, "x"), 20).await.unwrap(), Started::Created);
    let until = at(61);
    assert_eq!(
        start(limited_run(2, "x"), 40).await.unwrap(),
        Started::Limited { until },
        "when the first is a minute old"
    );
    let unknown = crate::id::AlertId::from_bytes([3; 16]);
    let nowhere = store.start_run(&unknown, new_run("contain"), Digest::of(b"g"), None, "ana", at(1)).await.unwrap();
    assert_eq!(nowhere, Started::NoAlert);
    let work = store.claim_runs(1, at(41)).await.unwrap().remove(0);
    assert_eq!(work.program.id.as_str(), "limited");
    let details = store.alert(&alert).await.unwrap().unwrap();
    let last = details.activity.last().unwrap();
    assert_eq!((last.actor.as_str(), last.action.as_str(), last.detail.as_str()), ("ana", "run", "limited"));
}

pub(crate) async fn the_switch_stays_as_it_was_left(engine: &dyn Engine) {
    let store = engine.open().await;
    assert_eq!(store.disarmed().await.unwrap(), None);
    let held = Disarmed { by: "ana".to_owned(), why: Some("freeze".to_owned()), since: at(3) };
    store.set_disarmed(Some(held.clone())).await.unwrap();
    let store = restart(engine, store).await;
    assert_eq!(store.disarmed().await.unwrap(), Some(held));
    store.set_disarmed(None).await.unwrap();
    let store = restart(engine, store).await;
    assert_eq!(store.disarmed().await.unwrap(), None);
}
