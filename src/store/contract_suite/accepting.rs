//! Promises of taking alerts in.

use super::samples::{accept, admission, alert, all, at, dismissed, limited_run, plain, with_run};
use super::{Engine, restart};
use crate::alert::{Raw, Severity, Status};
use crate::ruleset::{Revision, SourceFile, SourceKind, Sources};
use crate::store::{AlertPatch, AlertSummary, Generation, Store, StoreError};
use futures_util::future::join_all;
use serde_json::json;
use std::sync::Arc;

async fn everything(store: &Arc<dyn Store>) -> Vec<AlertSummary> {
    store.alerts(all()).await.unwrap().items
}

pub(crate) async fn accepted_is_there_after_a_restart(engine: &dyn Engine) {
    let store = engine.open().await;
    let sent = with_run("a");
    let accepted = accept(&store, sent.clone()).await;
    assert_eq!(accepted.id, sent.alert.id);
    assert_eq!(accepted.runs, [sent.runs[0].id.clone()]);
    assert!(!accepted.duplicate);

    let store = restart(engine, store).await;
    let found = store.alert(&accepted.id).await.unwrap().unwrap();
    assert_eq!(serde_json::to_value(&found.alert).unwrap(), serde_json::to_value(&sent.alert).unwrap());
    assert_eq!(found.alert.raw.text(), sent.alert.raw.text());
    assert_eq!(found.verdict, sent.verdict);
    assert_eq!(found.runs[0].id, sent.runs[0].id);
    assert_eq!(found.runs[0].generation, sent.verdict.generation);
    assert_eq!(found.activity.iter().map(|one| one.action.as_str()).collect::<Vec<_>>(), ["received"]);
    assert!(store.alert(&alert("never sent").id).await.unwrap().is_none());
}

pub(crate) async fn a_repetition_is_answered_with_what_was_stored(engine: &dyn Engine) {
    let store = engine.open().await;
    let first = accept(&store, with_run("a")).await;
    let store = restart(engine, store).await;
    let second = accept(&store, with_run("a")).await;
    assert!(second.duplicate);
    assert_eq!((second.id, second.runs), (first.id.clone(), first.runs));
    let other_source = admission(crate::alert::Alert { source: "falco".to_owned(), ..alert("a") });
    assert!(!accept(&store, other_source).await.duplicate, "a source id is its source's own");
    let found = store.alert(&first.id).await.unwrap().unwrap();
    assert_eq!(found.runs.len(), 1);
    assert_eq!(found.activity.len(), 1, "a repetition is no update");
}

pub(crate) async fn the_same_alert_sent_by_many_at_once_is_one_alert(engine: &dyn Engine) {
    let store = engine.open().await;
    let calls = (0..50).map(|n| store.accept(vec![with_run("a"), with_run(&format!("own {n}"))], at(0)));
    let answers: Vec<_> = join_all(calls).await.into_iter().map(|answer| answer.unwrap()).collect();
    assert_eq!(answers.iter().filter(|answer| !answer[0].duplicate).count(), 1);
    assert!(answers.iter().all(|answer| answer[0].id == answers[0][0].id && answer[0].runs == answers[0][0].runs));
    assert!(answers.iter().all(|answer| !answer[1].duplicate));
    assert_eq!(everything(&store).await.len(), 51);
}

pub(crate) async fn the_same_alert_twice_in_one_call_is_one_alert(engine: &dyn Engine) {
    let store = engine.open().await;
    let answers = store.accept(vec![plain("a"), plain("b"), plain("a")], at(0)).await.unwrap();
    assert_eq!(answers.iter().map(|answer| answer.duplicate).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(answers[2].id, answers[0].id);
    assert_eq!(everything(&store).await.len(), 2);
}

pub(crate) async fn an_update_is_kept_beside_the_first_body(engine: &dyn Engine) {
    let store = engine.open().await;
    let first = accept(&store, plain("a")).await;
    let mut update = alert("a");
    update.raw = Raw::from_value(&json!({"n": "a", "state": "worse"}));
    update.title = "Another title".to_owned();
    let update = admission(update);
    for _ in 0..2 {
        let answer = accept(&store, update.clone()).await;
        assert_eq!((answer.id, answer.status, answer.duplicate), (first.id.clone(), Status::Active, true));
    }
    let found = store.alert(&first.id).await.unwrap().unwrap();
    assert_eq!(found.alert.title, "Brute force a");
    let updates: Vec<_> = found.activity.iter().filter(|one| one.action == "source_update").collect();
    assert_eq!(updates.len(), 1, "the same update again is a repetition");
    assert_eq!(updates[0].detail, update.alert.raw.text());
    let (length, digest) = (update.alert.raw.text().len(), update.content);
    assert_eq!(updates[0].why.as_deref(), Some(format!("{length} bytes, SHA-256 {digest}").as_str()));
}

pub(crate) async fn many_large_updates_make_no_large_alert(engine: &dyn Engine) {
    let store = engine.open().await;
    let id = accept(&store, plain("a")).await.id;
    let update = |n: usize, filling: usize| {
        let mut update = alert("a");
        update.raw = Raw::from_value(&json!({"n": n, "s": "\u{20ac}".repeat(filling)}));
        admission(update)
    };
    store.accept((0..1005).map(|n| update(n, 0)).collect(), at(1)).await.unwrap();
    let large = update(1005, 300_000);
    accept(&store, large.clone()).await;
    let activity = store.alert(&id).await.unwrap().unwrap().activity;
    assert_eq!((activity.len(), activity[0].action.as_str()), (1001, "received"));
    assert!(activity[1].detail.starts_with("{\"n\":6,"), "the oldest are left out: {}", activity[1].detail);
    let last = activity.last().unwrap();
    let (kept, whole) = (last.detail.len(), large.alert.raw.text());
    assert!((4094..=4096).contains(&kept) && whole.starts_with(&last.detail), "{kept} bytes");
    let said = format!("the first {kept} of {} bytes, SHA-256 {}", whole.len(), large.content);
    assert_eq!(last.why.as_deref(), Some(said.as_str()));
}

pub(crate) async fn a_dismissed_alert_says_which_filters_and_why(engine: &dyn Engine) {
    let store = engine.open().await;
    let sent = dismissed("a");
    let accepted = accept(&store, sent.clone()).await;
    assert_eq!((accepted.status, &accepted.dismissed_by), (Status::Dismissed, &sent.verdict.dismissed_by));
    let again = accept(&store, sent.clone()).await;
    assert_eq!((again.status, &again.dismissed_by), (Status::Dismissed, &sent.verdict.dismissed_by));
    let found = store.alert(&accepted.id).await.unwrap().unwrap();
    assert_eq!(found.alert.status, Status::Dismissed);
    let last = found.activity.last().unwrap();
    assert_eq!((last.action.as_str(), last.detail.as_str()), ("dismissed", "nightly-scan, lab"));
    assert_eq!(last.why.as_deref(), Some("expected_activity"));
    assert_eq!(everything(&store).await[0].dismissed_by, sent.verdict.dismissed_by);
}

pub(crate) async fn a_call_that_fails_leaves_nothing_and_spoils_no_neighbour(engine: &dyn Engine) {
    let store = engine.open().await;
    let taken = accept(&store, plain("taken")).await.id;
    let calls = (0..40).map(|n| {
        let mut call = vec![with_run(&format!("first of {n}")), plain(&format!("second of {n}"))];
        if n % 2 == 1 {
            call[1].alert.id = taken.clone();
        }
        store.accept(call, at(0))
    });
    for (n, answer) in join_all(calls).await.into_iter().enumerate() {
        assert_eq!(answer.is_err(), n % 2 == 1, "{n}: {answer:?}");
    }
    assert_eq!(everything(&store).await.len(), 1 + 20 * 2);
    assert_eq!(store.claim_runs(100, at(0)).await.unwrap().len(), 20);
    assert_eq!(store.health(), Ok(()));
}

pub(crate) async fn runs_over_the_limit_are_not_created(engine: &dyn Engine) {
    let store = engine.open().await;
    let send = async |source_id: &str, key: &str, seconds: i64| {
        let mut admission = plain(source_id);
        admission.runs.push(limited_run(2, key));
        store.accept(vec![admission], at(seconds)).await.unwrap().remove(0)
    };
    assert_eq!(send("a", "10.0.0.1", 0).await.runs.len(), 1);
    assert_eq!(send("b", "10.0.0.1", 30).await.runs.len(), 1);
    let refused = send("c", "10.0.0.1", 59).await;
    assert_eq!(refused.runs.len(), 0);
    assert_eq!(send("d", "10.0.0.2", 59).await.runs.len(), 1, "counted by key");
    assert_eq!(send("e", "10.0.0.1", 61).await.runs.len(), 1, "the first is out of the window");
    assert_eq!(send("f", "10.0.0.1", 62).await.runs.len(), 0);
    let activity = store.alert(&refused.id).await.unwrap().unwrap().activity;
    let limited = activity.iter().find(|one| one.action == "rate_limited").unwrap();
    assert_eq!(limited.detail, "limited");
    assert_eq!(limited.why.as_deref(), Some("2 runs within 60s for `10.0.0.1` already"));
}

pub(crate) async fn overload_is_refused_and_loses_nothing(engine: &dyn Engine) {
    let store = engine.open_narrow().await;
    let calls = (0..500).map(|n| store.accept(vec![plain(&format!("a {n}"))], at(0)));
    let answers = join_all(calls).await;
    let taken = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(StoreError::Busy))));
    assert!(taken > 0 && taken < 500, "{taken} of 500 taken");
    assert_eq!(everything(&store).await.len(), taken);
    assert!(!accept(&store, plain("afterwards")).await.duplicate);
}

pub(super) fn generation(files: &[(&str, &str)], commit: &str) -> Generation {
    let file = |(name, text): &(&str, &str)| SourceFile {
        path: std::path::Path::new(name).into(),
        name: (*name).to_owned(),
        kind: SourceKind::in_rules(name.strip_prefix("rules/").unwrap()).unwrap(),
        bytes: text.as_bytes().to_vec(),
    };
    let files: Vec<_> = files.iter().map(file).collect();
    let sources = Sources { files: files.clone(), revision: None };
    let (author, commit_time) = (Some("Ada <ada@example.com>".to_owned()), Some(at(-5)));
    let revision = Revision { commit: commit.to_owned(), author, commit_time, dirty: true };
    Generation { digest: sources.generation(), revision: Some(revision), files: files.into() }
}

pub(crate) async fn the_rules_that_decided_are_kept(engine: &dyn Engine) {
    let store = engine.open().await;
    let one = generation(&[("rules/a.yaml", "a"), ("rules/team/b.yaml", "b")], "c0ffee");
    let two = generation(&[("rules/a.yaml", "a"), ("rules/team/b.yaml", "another")], "beef");
    for kept in [&one, &two, &one] {
        store.record_generation(kept.clone(), at(0)).await.unwrap();
    }
    let elsewhere = Generation { revision: None, ..one.clone() };
    store.record_generation(elsewhere, at(1)).await.unwrap();
    let store = restart(engine, store).await;
    for kept in [one, two] {
        let found = store.generation(&kept.digest).await.unwrap().expect("it was kept");
        assert_eq!((found.digest, found.revision, found.files), (kept.digest, kept.revision, kept.files));
    }
    assert!(store.generation(&crate::digest::Digest::of(b"never")).await.unwrap().is_none());
}

pub(crate) async fn an_alert_is_given_back_as_it_was_decided_on(engine: &dyn Engine) {
    let store = engine.open().await;
    let mut sent = dismissed("a");
    sent.alert.status = Status::Dismissed;
    sent.verdict.given_status = Some(Status::InProgress);
    let accepted = accept(&store, sent.clone()).await;
    let patch = AlertPatch { severity: Some(Severity::Critical), ..AlertPatch::default() };
    store.change_alert(&accepted.id, patch, "ana", None, at(1)).await.unwrap();
    let decided = store.decided(&accepted.id).await.unwrap().unwrap();
    assert_eq!((decided.alert.status, &decided.alert.severity), (Status::InProgress, &sent.alert.severity));
    assert_eq!(decided.verdict, sent.verdict);
    assert!(store.decided(&alert("never sent").id).await.unwrap().is_none());
}
