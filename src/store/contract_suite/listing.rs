//! Promises of lists.

use super::Engine;
use super::samples::{accept, admission, alert, all, at, claim_one, dismissed, plain, progress, severity, with_run};
use crate::alert::{Alert, Resource, Status};
use crate::playbook::Outcome;
use crate::store::{AlertQuery, AlertSort, Cursor, RunQuery, RunStatus, Store, StoreError};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

/// Source ids of a list, by the titles samples give their alerts.
async fn listed(store: &Arc<dyn Store>, query: AlertQuery) -> Vec<String> {
    let page = store.alerts(query).await.unwrap();
    page.items.into_iter().map(|one| one.title.trim_start_matches("Brute force ").to_owned()).collect()
}

fn graded(source_id: &str, word: &str, seconds: i64) -> Alert {
    Alert { severity: severity(word), received_time: at(seconds), ..alert(source_id) }
}

pub(crate) async fn pages_are_complete_while_alerts_come_in(engine: &dyn Engine) {
    let store = engine.open().await;
    let words = ["informational", "low", "medium", "high", "critical", "odd"];
    let mut expected = HashSet::new();
    for n in 0..60 {
        // Many share an instant, so the place in a list must be more than a time.
        let sent = graded(&format!("old {n}"), words[n % 6], n as i64 / 10);
        expected.insert(sent.id.clone());
        accept(&store, if n % 7 == 0 { dismissed(&format!("old {n}")) } else { admission(sent.clone()) }).await;
    }
    let all_ids: HashSet<_> = store.alerts(all()).await.unwrap().items.into_iter().map(|one| one.id).collect();
    assert_eq!(all_ids.len(), 60);
    for sort in [AlertSort::Severity, AlertSort::Time] {
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let query = AlertQuery { sort, cursor, limit: 7, ..AlertQuery::default() };
            let page = store.alerts(query).await.unwrap();
            assert!(page.items.len() <= 7);
            seen.extend(page.items.into_iter().map(|one| one.id));
            accept(&store, admission(graded(&format!("new {sort:?} {}", seen.len()), "high", 1000))).await;
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let distinct: HashSet<_> = seen.iter().cloned().collect();
        assert_eq!(distinct.len(), seen.len(), "none twice");
        assert!(all_ids.is_subset(&distinct), "none left out");
    }
}

pub(crate) async fn long_texts_are_listed_short_and_kept_whole(engine: &dyn Engine) {
    let store = engine.open().await;
    let long = |from: &str| format!("{from} {}", "\u{20ac}".repeat(5000));
    let mut sent = Alert { title: long("Title"), alert_type: long("Type"), ..alert("a") };
    sent.compromised_entity = Some(long("Host"));
    let id = accept(&store, admission(sent.clone())).await.id;
    for query in [all(), AlertQuery { q: Some("host".to_owned()), ..all() }] {
        let one = store.alerts(query).await.unwrap().items.remove(0);
        for (shown, whole) in [
            (&one.title, &sent.title),
            (&one.alert_type, &sent.alert_type),
            (one.compromised_entity.as_ref().unwrap(), sent.compromised_entity.as_ref().unwrap()),
        ] {
            assert!((1000..=1024).contains(&shown.len()) && whole.starts_with(shown), "{} bytes", shown.len());
        }
    }
    let kept = store.alert(&id).await.unwrap().unwrap().alert;
    assert_eq!((kept.title, kept.alert_type), (sent.title, sent.alert_type));
    assert_eq!(kept.compromised_entity, sent.compromised_entity);
}

pub(crate) async fn the_gravest_come_first_then_the_newest(engine: &dyn Engine) {
    let store = engine.open().await;
    let sent = [
        ("a", "low", 9),
        ("b", "critical", 1),
        ("c", "odd", 5),
        ("d", "high", 3),
        ("e", "critical", 2),
        ("f", "informational", 8),
    ];
    for (source_id, word, seconds) in sent {
        accept(&store, admission(graded(source_id, word, seconds))).await;
    }
    assert_eq!(listed(&store, all()).await, ["e", "b", "c", "d", "a", "f"], "an unknown word counts as high");
    let by_time = AlertQuery { sort: AlertSort::Time, ..all() };
    assert_eq!(listed(&store, by_time).await, ["a", "f", "c", "d", "e", "b"]);
}

pub(crate) async fn each_filter_narrows_the_list(engine: &dyn Engine) {
    let store = engine.open().await;
    let resource = Resource { id: "/Subs/1/VM-7".to_owned(), name: Some("Web-7".to_owned()), ..Resource::default() };
    let odd = Alert {
        source: "falco".to_owned(),
        alert_type: "Shell_In_Container".to_owned(),
        compromised_entity: Some("\u{c9}milie-PC".to_owned()),
        resources: vec![resource],
        tactics: vec!["CredentialAccess".to_owned()],
        tags: vec!["vip".to_owned()],
        assignee: Some("ana".to_owned()),
        ..graded("odd", "high", 50)
    };
    let id = odd.id.to_string();
    accept(&store, admission(odd)).await;
    accept(&store, plain("even")).await;
    accept(&store, dismissed("gone")).await;
    let words = |word: &str| vec![word.to_owned(), "nothing has this".to_owned()];
    let narrowed = [
        AlertQuery { severity: words("High"), ..all() },
        AlertQuery { source: words("falco"), ..all() },
        AlertQuery { alert_type: words("shell_in_CONTAINER"), ..all() },
        AlertQuery { resource: Some("vm-7".to_owned()), ..all() },
        AlertQuery { resource: Some("WEB".to_owned()), ..all() },
        AlertQuery { resource: Some("\u{e9}milie".to_owned()), ..all() },
        AlertQuery { tactic: words("credentialaccess"), ..all() },
        AlertQuery { tag: words("vip"), ..all() },
        AlertQuery { assignee: words("ana"), ..all() },
        AlertQuery { since: Some(at(50)), ..all() },
        AlertQuery { q: Some("FORCE ODD".to_owned()), ..all() },
        AlertQuery { q: Some("in_container".to_owned()), ..all() },
        AlertQuery { q: Some("\u{c9}MILIE".to_owned()), ..all() },
        AlertQuery { q: Some(id), ..all() },
    ];
    for query in narrowed {
        for sort in [AlertSort::Severity, AlertSort::Time] {
            assert_eq!(listed(&store, AlertQuery { sort, ..query.clone() }).await, ["odd"], "{query:?}");
        }
    }
    let active = AlertQuery { status: vec![Status::Active, Status::InProgress], until: Some(at(50)), ..all() };
    assert_eq!(listed(&store, active).await, ["even"]);
    let gone = AlertQuery { status: vec![Status::Dismissed], ..all() };
    assert_eq!(listed(&store, gone.clone()).await, ["gone"]);
    assert!(listed(&store, AlertQuery { q: Some("100%".to_owned()), ..all() }).await.is_empty(), "no wildcards");
    assert!(listed(&store, AlertQuery { source: words("falco"), ..gone }).await.is_empty(), "all filters hold");
}

pub(crate) async fn a_cursor_is_good_for_its_own_list_only(engine: &dyn Engine) {
    let store = engine.open().await;
    for n in 0..3 {
        accept(&store, plain(&format!("a {n}"))).await;
    }
    let first = AlertQuery { limit: 2, ..AlertQuery::default() };
    let cursor = store.alerts(first.clone()).await.unwrap().next_cursor;
    assert!(cursor.is_some());
    let next = store.alerts(AlertQuery { cursor: cursor.clone(), limit: 9, ..first.clone() }).await.unwrap();
    assert_eq!((next.items.len(), next.next_cursor), (1, None), "another page size is fine");
    let bad = [
        AlertQuery { cursor: cursor.clone(), sort: AlertSort::Time, ..first.clone() },
        AlertQuery { cursor: cursor.clone(), q: Some("x".to_owned()), ..first.clone() },
        AlertQuery { cursor: Some(Cursor("AAAA".to_owned())), ..first.clone() },
        AlertQuery { cursor: Some(Cursor("not base 64!".to_owned())), ..first.clone() },
        AlertQuery { limit: 0, ..first.clone() },
        AlertQuery { limit: 1001, ..first },
    ];
    for query in bad {
        assert!(matches!(store.alerts(query.clone()).await, Err(StoreError::BadQuery(_))), "{query:?}");
    }
    let runs = RunQuery { cursor, limit: 2, ..RunQuery::default() };
    assert!(matches!(store.runs(runs).await, Err(StoreError::BadQuery(_))));
}

pub(crate) async fn runs_are_listed_newest_first(engine: &dyn Engine) {
    let store = engine.open().await;
    let mut sent = Vec::new();
    for n in 0..9 {
        let admission = with_run(&format!("a {n}"));
        sent.push((admission.runs[0].id.clone(), admission.alert.id.clone()));
        accept(&store, admission).await;
    }
    for run in store.claim_runs(3, at(0)).await.unwrap() {
        store.record_progress(progress(&run, vec![], Outcome::Done { value: json!(7) }), at(9)).await.unwrap();
    }
    let all = RunQuery { limit: 4, ..RunQuery::default() };
    let mut seen = Vec::new();
    let mut query = all.clone();
    loop {
        let page = store.runs(query).await.unwrap();
        seen.extend(page.items.into_iter().map(|run| run.id));
        let Some(cursor) = page.next_cursor else { break };
        query = RunQuery { cursor: Some(cursor), ..all.clone() };
    }
    assert!(seen.iter().rev().eq(sent.iter().map(|(run, _)| run)));
    let count = async |query: RunQuery| store.runs(RunQuery { limit: 100, ..query }).await.unwrap().items.len();
    assert_eq!(count(RunQuery { status: vec![RunStatus::Done], ..all.clone() }).await, 3);
    assert_eq!(count(RunQuery { status: vec![RunStatus::Done, RunStatus::Queued], ..all.clone() }).await, 9);
    assert_eq!(count(RunQuery { playbook: Some("contain".to_owned()), ..all.clone() }).await, 9);
    assert_eq!(count(RunQuery { playbook: Some("other".to_owned()), ..all.clone() }).await, 0);
    assert_eq!(count(RunQuery { alert_id: Some(sent[2].1.to_string()), ..all.clone() }).await, 1);
    let done = RunQuery { status: vec![RunStatus::Done], alert_id: Some(sent[2].1.to_string()), ..all };
    let run = store.runs(done).await.unwrap().items.remove(0);
    assert_eq!((run.id, run.alert_id), sent[2].clone());
    assert_eq!((run.result, run.ended_time), (Some(json!(7)), Some(at(9))));
}

pub(crate) async fn counts_add_up(engine: &dyn Engine) {
    let store = engine.open().await;
    let of = |counts: &[(RunStatus, u64)], status| counts.iter().find(|(found, _)| *found == status).unwrap().1;
    assert_eq!(of(&store.counts().await.unwrap().runs, RunStatus::Queued), 0, "an empty store counts too");
    accept(&store, dismissed("gone")).await;
    accept(&store, with_run("a")).await;
    let run = claim_one(&store).await;
    let steps = vec![super::samples::request("0", "chat"), super::samples::request("1", "chat")];
    store.record_progress(progress(&run, steps, Outcome::Suspended), at(0)).await.unwrap();
    let counts = store.counts().await.unwrap();
    assert!(counts.alerts.contains(&(Status::Active, 1)) && counts.alerts.contains(&(Status::Dismissed, 1)));
    assert_eq!(of(&counts.runs, RunStatus::Running), 1);
    assert_eq!(counts.requests, [("chat".to_owned(), 2)]);
}
