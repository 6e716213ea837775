//! Alerts, runs and steps to keep the promises with.

use crate::alert::{Alert, Raw, Severity, Status};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::{AlertId, MessageId, RuleId, RunId};
use crate::playbook::{AlertChange, Effect, LogLine, NewStep, Outcome, Program, RequestSpec, StepError, StepKey};
use crate::ruleset::Verdict;
use crate::store::{
    Accepted, Admission, AlertQuery, AttemptRecord, NewRun, Progress, RateLimit, RequestWork, RunWork, StepEnd,
    StepStart, Store,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// So many seconds after the tests' own beginning of time.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

/// An alert of this source id, active, of medium severity, received at the beginning.
pub(crate) fn alert(source_id: &str) -> Alert {
    let value = json!({
        "id": AlertId::generate(at(0)), "source": "native", "source_id": source_id, "alert_type": "VM_BruteForce",
        "title": format!("Brute force {source_id}"), "severity": "medium", "status": "active",
        "received_time": at(0), "raw": {},
    });
    Alert { raw: Raw::from_value(&json!({"n": source_id})), ..serde_json::from_str(&value.to_string()).unwrap() }
}

/// An admission of an alert that no filter dismissed and no playbook answers.
pub(crate) fn admission(alert: Alert) -> Admission {
    let verdict = Verdict {
        status: Status::Active,
        dismissed_by: Vec::new(),
        would_dismiss: Vec::new(),
        reason: None,
        triggered: Vec::new(),
        generation: Digest::of(b"generation"),
        commit: Some("0123abcd".to_owned()),
        dirty: false,
        author: None,
        commit_time: None,
        given_status: None,
        decided_time: alert.received_time,
    };
    Admission {
        content: Digest::of(alert.raw.text().as_bytes()),
        alert,
        verdict,
        runs: Vec::new(),
        held: Vec::new(),
        limits: Vec::new(),
        runs_if_over: Vec::new(),
        held_if_over: Vec::new(),
        on_update: None,
    }
}

/// An admission of a plain alert.
pub(crate) fn plain(source_id: &str) -> Admission {
    admission(alert(source_id))
}

/// An admission that calls for one run.
pub(crate) fn with_run(source_id: &str) -> Admission {
    let mut admission = plain(source_id);
    admission.runs.push(new_run("contain"));
    admission
}

/// The same, dismissed.
pub(crate) fn dismissed(source_id: &str) -> Admission {
    let mut admission = plain(source_id);
    admission.verdict.status = Status::Dismissed;
    admission.verdict.dismissed_by = vec![RuleId::new("nightly-scan").unwrap(), RuleId::new("lab").unwrap()];
    admission.verdict.reason = Some("expected_activity".to_owned());
    admission
}

/// A run of a small playbook, with an hour to live.
pub(crate) fn new_run(playbook: &str) -> NewRun {
    let program = Program {
        id: RuleId::new(playbook).unwrap(),
        path: format!("playbooks/{playbook}.rhai"),
        source: format!("fn on_alert(alert) {{ /* {playbook} */ }}").into(),
        modules: [("lib/x".to_owned(), Arc::from("fn x() {}"))].into(),
        connections: vec!["chat".to_owned()],
        audit: false,
    };
    let digest = program.digest();
    NewRun { id: RunId::generate(at(0)), program: Arc::new(program), digest, deadline: at(3600), rate: None }
}

/// A run of a playbook that may run `runs` times a minute for each `key`.
pub(crate) fn limited_run(runs: u32, key: &str) -> NewRun {
    NewRun { rate: Some(RateLimit { runs, window_ms: 60_000, key: key.to_owned() }), ..new_run("limited") }
}

fn step(key: &str, call: &str, input: Value, effect: Effect) -> NewStep {
    let hash = Digest::of(call.as_bytes());
    NewStep { key: StepKey(key.to_owned()), call: call.to_owned(), input: input.into(), hash, line: 7, effect }
}

/// A request over a connection.
pub(crate) fn request(key: &str, connection: &str) -> (NewStep, StepStart) {
    let spec = RequestSpec {
        connection: connection.to_owned(),
        method: "POST".to_owned(),
        path: Some("/block".to_owned()),
        headers: vec![("x-a".to_owned(), "b".to_owned())],
        body: Some("{\"ip\": \"203.0.113.9\", \"\u{fc}\": 1.0}".to_owned()),
        timeout_ms: Some(1500),
        max_attempts: None,
        max_age_ms: Some(u64::MAX),
        expires_after_ms: None,
        hops: 1,
    };
    let message = MessageId::from_bytes(Digest::of(key.as_bytes()).half());
    (
        step(key, "connection.post", json!({"a": 1}), Effect::Request(spec)),
        StepStart::Message { id: message, expires: None },
    )
}

/// A request over a connection that is not sent any more from then on.
pub(crate) fn expiring(key: &str, connection: &str, expires: Timestamp) -> (NewStep, StepStart) {
    match request(key, connection) {
        (step, StepStart::Message { id, .. }) => (step, StepStart::Message { id, expires: Some(expires) }),
        other => other,
    }
}

/// A sleep.
pub(crate) fn sleep(key: &str, until: Timestamp) -> (NewStep, StepStart) {
    (step(key, "sleep", json!("1h"), Effect::Sleep { until }), StepStart::Normal)
}

/// A change of the alert.
pub(crate) fn change(key: &str, change: AlertChange) -> (NewStep, StepStart) {
    (step(key, "change", Value::Null, Effect::Change(change)), StepStart::Normal)
}

/// A final failure of a step.
pub(crate) fn step_error(kind: &str) -> StepError {
    StepError {
        kind: kind.to_owned(),
        status: Some(503),
        body: json!({"why": "down"}),
        attempts: 4,
        message: "gave up".to_owned(),
        step: "0".to_owned(),
    }
}

/// Progress of a claimed run.
pub(crate) fn progress(run: &RunWork, steps: Vec<(NewStep, StepStart)>, outcome: Outcome) -> Progress {
    let line = LogLine {
        level: "info".to_owned(),
        message: "went on".to_owned(),
        fields: json!({"n": 1}),
        strand: String::new(),
    };
    Progress { run: run.id.clone(), steps, logs: vec![line], outcome }
}

/// An attempt at a claimed request.
pub(crate) fn attempt(request: &RequestWork, end: StepEnd) -> AttemptRecord {
    AttemptRecord {
        run: request.run.clone(),
        key: request.key.clone(),
        time: at(1),
        status: Some(200),
        error: None,
        latency_ms: 12,
        answer: Some("{\"ok\":true}".to_owned()),
        end,
    }
}

/// Accepts one admission.
pub(crate) async fn accept(store: &Arc<dyn Store>, admission: Admission) -> Accepted {
    let mut accepted = store.accept(vec![admission], at(0)).await.unwrap();
    assert_eq!(accepted.len(), 1);
    accepted.remove(0)
}

/// Claims the one run that is ready.
pub(crate) async fn claim_one(store: &Arc<dyn Store>) -> RunWork {
    let mut runs = store.claim_runs(10, at(0)).await.unwrap();
    assert_eq!(runs.len(), 1);
    runs.remove(0)
}

/// A run of a fresh alert, suspended on these steps.
pub(crate) async fn suspended(store: &Arc<dyn Store>, source_id: &str, steps: Vec<(NewStep, StepStart)>) -> RunWork {
    accept(store, with_run(source_id)).await;
    let run = claim_one(store).await;
    store.record_progress(progress(&run, steps, Outcome::Suspended), at(0)).await.unwrap();
    run
}

/// Claims the one request over this connection that is due.
pub(crate) async fn claim_request(store: &Arc<dyn Store>, connection: &str, now: Timestamp) -> RequestWork {
    let mut requests = store.claim_requests(connection, 10, now).await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

/// A list's query for one page of everything.
pub(crate) fn all() -> AlertQuery {
    AlertQuery { limit: 1000, ..AlertQuery::default() }
}

/// A severity by its word.
pub(crate) fn severity(word: &str) -> Severity {
    Severity::from_word(word)
}
