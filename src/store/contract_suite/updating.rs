//! Promises about what updates of stored alerts call for.

use super::samples::{
    accept, admission, alert, at, change, claim_one, limited_run, new_run, plain, progress, severity, with_run,
};
use super::{Engine, restart};
use crate::alert::{Alert, Raw, Status};
use crate::digest::Digest;
use crate::id::RuleId;
use crate::playbook::{AlertChange, Effect, NewStep, Outcome, StepKey};
use crate::store::{
    Admission, AlertPatch, CalledFor, ChildRun, NewRun, OnUpdate, Patched, RunWork, Started, StepStart, Store,
};
use serde_json::json;
use std::sync::Arc;

/// Rules that call for these runs whenever an alert is worse than medium.
#[derive(Debug)]
struct Rules(fn() -> CalledFor);

impl OnUpdate for Rules {
    fn called_for(&self, alert: &Alert) -> CalledFor {
        if alert.severity.rank() > severity("medium").rank() { self.0() } else { called_for(Vec::new(), Vec::new()) }
    }
}

fn called_for(runs: Vec<NewRun>, held: Vec<RuleId>) -> CalledFor {
    CalledFor { runs, held, generation: Digest::of(b"generation") }
}

/// News of an alert: how grave it is now.
fn news(source_id: &str, word: &str, rules: fn() -> CalledFor) -> Admission {
    let raw = Raw::from_value(&json!({"n": source_id, "severity": word}));
    let news = admission(Alert { raw, severity: severity(word), title: format!("now {word}"), ..alert(source_id) });
    Admission { on_update: Some(Arc::new(Rules(rules))), ..news }
}

fn one() -> CalledFor {
    called_for(vec![new_run("escalate")], Vec::new())
}

fn seen(work: &RunWork) -> Alert {
    serde_json::from_str(&work.alert).unwrap()
}

pub(crate) async fn an_update_calls_for_its_runs_once(engine: &dyn Engine) {
    let store = engine.open().await;
    let first = accept(&store, news("a", "high", one)).await;
    assert_eq!((first.runs.len(), first.started), (0, 0), "it is no update");
    let known = store.alert(&first.id).await.unwrap().unwrap();
    assert_eq!(accept(&store, news("a", "high", one)).await.started, 0, "a repetition is no update");
    assert_eq!(accept(&store, news("a", "low", one)).await.started, 0, "it is not met");

    let store = restart(engine, store).await;
    let worse = accept(&store, news("a", "critical", one)).await;
    assert_eq!((&worse.id, worse.duplicate, worse.runs.len(), worse.started), (&first.id, true, 1, 1));
    let again = accept(&store, news("a", "critical", one)).await;
    assert_eq!((again.runs, again.started), (worse.runs, 0));
    let store = restart(engine, store).await;
    let work = claim_one(&store).await;
    let seen = seen(&work);
    assert_eq!((seen.id, seen.title.as_str(), seen.severity), (first.id, "now critical", severity("critical")));
    assert_eq!(seen.received_time, known.alert.received_time);
}

pub(crate) async fn an_update_s_runs_see_it_with_what_people_have_made_of_the_alert(engine: &dyn Engine) {
    let store = engine.open().await;
    accept(&store, with_run("a")).await;
    let run = claim_one(&store).await;
    let changes = vec![
        change("0", AlertChange::Severity { severity: severity("critical"), why: String::new() }),
        change("1", AlertChange::Assign { who: "ana".to_owned() }),
        change("2", AlertChange::Tag { text: "vip".to_owned() }),
    ];
    store.record_progress(progress(&run, changes, Outcome::Done { value: json!(1) }), at(1)).await.unwrap();
    assert!(store.claim_runs(10, at(1)).await.unwrap().is_empty(), "what a playbook changes is no update");
    let mut resolved = news("a", "low", one);
    resolved.alert.status = Status::Resolved;
    assert_eq!(accept(&store, resolved).await.started, 1, "how grave it is, somebody has said already");
    let seen = seen(&claim_one(&store).await);
    assert_eq!((seen.severity, seen.assignee.as_deref()), (severity("critical"), Some("ana")));
    assert_eq!((seen.tags, seen.status, seen.title.as_str()), (vec!["vip".to_owned()], Status::Resolved, "now low"));
}

pub(crate) async fn what_repeats_or_belongs_to_an_update_s_run_sees_the_same(engine: &dyn Engine) {
    let store = engine.open().await;
    let id = accept(&store, plain("a")).await.id;
    accept(&store, news("a", "high", one)).await;
    let first = claim_one(&store).await;
    let effect = Effect::Child { playbook: "other".to_owned(), input: json!(null) };
    let (call, hash) = ("run_playbook".to_owned(), Digest::of(b"child"));
    let step = NewStep { key: StepKey("0".to_owned()), call, input: json!(null).into(), hash, line: 3, effect };
    let child = StepStart::Child(Box::new(ChildRun { run: new_run("other"), generation: Digest::of(b"g") }));
    store.record_progress(progress(&first, vec![(step, child)], Outcome::Suspended), at(1)).await.unwrap();
    let inner = claim_one(&store).await;
    assert_eq!((inner.program.id.as_str(), seen(&inner).title.as_str()), ("other", "now high"));
    let start = |repeats| store.start_run(&id, new_run("escalate"), Digest::of(b"g"), repeats, "ana", at(2));
    assert_eq!(start(Some(&first.id)).await.unwrap(), Started::Created);
    let repeated = claim_one(&store).await;
    assert_eq!(seen(&repeated).title, "now high");
    assert_eq!(start(None).await.unwrap(), Started::Created);
    let titles: Vec<_> = store.claim_runs(10, at(2)).await.unwrap().iter().map(|work| seen(work).title).collect();
    assert_eq!(titles, ["Brute force a"]);
}

pub(crate) async fn an_update_s_runs_keep_to_the_rate_limit_and_to_the_switch(engine: &dyn Engine) {
    let store = engine.open().await;
    let id = accept(&store, plain("a")).await.id;
    let limited = || called_for(vec![limited_run(1, "")], Vec::new());
    assert_eq!(accept(&store, news("a", "high", limited)).await.started, 1);
    assert_eq!(accept(&store, news("a", "critical", limited)).await.started, 0);
    let held = || called_for(Vec::new(), vec![RuleId::new("escalate").unwrap()]);
    assert_eq!(accept(&store, news("a", "high", held)).await.started, 0);
    let activity = store.alert(&id).await.unwrap().unwrap().activity;
    let told: Vec<_> = activity.iter().map(|one| (one.action.as_str(), one.detail.as_str())).collect();
    assert!(told.contains(&("rate_limited", "limited")) && told.contains(&("disarmed", "escalate")), "{told:?}");
}

pub(crate) async fn what_a_person_changes_is_an_update_if_it_changes_anything(engine: &dyn Engine) {
    let store = engine.open().await;
    let id = accept(&store, plain("a")).await.id;
    let rules: Arc<dyn OnUpdate> = Arc::new(Rules(one));
    let patch = async |store: &Arc<dyn Store>, patch: AlertPatch| {
        store.change_alert(&id, patch, "ana", Some(rules.clone()), at(7)).await.unwrap()
    };
    let graver = AlertPatch {
        severity: Some(severity("high")),
        assignee: Some(Some("ben".to_owned())),
        tags: Some(["vip", "vip", "eu"].map(str::to_owned).to_vec()),
        comment: Some("seen it".to_owned()),
        ..AlertPatch::default()
    };
    assert_eq!(patch(&store, graver.clone()).await, Patched::Made { started: 1 });
    let store = restart(engine, store).await;
    let work = claim_one(&store).await;
    let seen = seen(&work);
    assert_eq!((seen.severity, seen.assignee.as_deref(), seen.tags.len()), (severity("high"), Some("ben"), 2));
    let same = AlertPatch { comment: None, ..graver };
    assert_eq!(patch(&store, same).await, Patched::Made { started: 0 }, "it is so already");
    let back = AlertPatch {
        severity: Some(severity("low")),
        assignee: Some(None),
        tags: Some(vec!["eu".to_owned()]),
        ..AlertPatch::default()
    };
    assert_eq!(patch(&store, back).await, Patched::Made { started: 0 }, "its match is not met");
    let told = store.alert(&id).await.unwrap().unwrap();
    assert_eq!((&told.alert.severity, &told.alert.assignee), (&severity("low"), &None));
    let activity: Vec<_> =
        told.activity[1..].iter().map(|one| (one.actor.as_str(), one.action.as_str(), one.detail.as_str())).collect();
    let by_ana = |action, detail| ("ana", action, detail);
    let expected = [
        by_ana("severity", "high"),
        by_ana("assign", "ben"),
        by_ana("tag", "vip"),
        by_ana("tag", "eu"),
        by_ana("severity", "low"),
        by_ana("unassign", "ben"),
        by_ana("untag", "vip"),
    ];
    assert_eq!(activity, expected);
    assert_eq!(told.activity[1].why.as_deref(), Some("seen it"));
    let unknown = crate::id::AlertId::from_bytes([3; 16]);
    let nowhere = store.change_alert(&unknown, AlertPatch::default(), "ana", None, at(8)).await.unwrap();
    assert_eq!(nowhere, Patched::NoAlert);
}
