//! When a message is tried again, exactly, and what ends it.

use super::world::{now, work};
use crate::clock::Timestamp;
use crate::delivery::{Attempted, Class, Fault, Purpose, RetryAfter, RetryPolicy, next};
use crate::playbook::StepError;
use crate::store::{RequestWork, StepEnd};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

fn answered(status: u16) -> Attempted {
    let class = Class::of_status(status);
    Attempted {
        status: Some(status),
        error: (class != Class::Success).then(|| format!("http {status}")),
        class,
        fault: None,
        retry_after: None,
        value: json!({"status": status, "headers": {}, "body": {"code": 7}}),
        answer: None,
        latency: Duration::from_millis(5),
    }
}

fn failed(fault: Fault) -> Attempted {
    Attempted {
        status: None,
        error: Some("why".into()),
        class: Class::of_fault(fault),
        fault: Some(fault),
        retry_after: None,
        value: Value::Null,
        answer: None,
        latency: Duration::ZERO,
    }
}

fn asking(status: u16, retry_after: RetryAfter) -> Attempted {
    Attempted { retry_after: Some(retry_after), ..answered(status) }
}

fn after_seconds(seconds: i64) -> RetryAfter {
    RetryAfter::Delay(SignedDuration::from_secs(seconds))
}

fn made(attempts: u32) -> RequestWork {
    RequestWork { attempts, ..work() }
}

fn go_on(work: &RequestWork, attempted: &Attempted) -> StepEnd {
    next(&RetryPolicy::default(), work, now(), attempted)
}

/// Milliseconds until the next try.
fn delay(work: &RequestWork, attempted: &Attempted) -> i64 {
    match go_on(work, attempted) {
        StepEnd::Retry(at) => at.duration_since(now()).as_millis() as i64,
        other => panic!("{other:?}"),
    }
}

fn error(end: StepEnd) -> StepError {
    match end {
        StepEnd::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn fourteen_tries_in_about_three_days_the_same_on_every_replay() {
    let delays: Vec<i64> = (0..13).map(|attempts| delay(&made(attempts), &answered(503))).collect();
    let exact = [
        5_920, 35_670, 128_760, 351_900, 758_700, 2_115_000, 3_967_200, 7_444_800, 15_076_800, 34_329_600, 44_625_600,
        70_560_000, 73_958_400,
    ];
    assert_eq!(delays, exact);
    assert_eq!(error(go_on(&made(13), &answered(503))).attempts, 14);

    let middle = [5, 30, 120, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 43_200, 72_000, 86_400];
    for (delay, middle) in delays.iter().zip(middle) {
        assert!((middle * 800..=middle * 1200).contains(delay), "{delay} is within a fifth of {middle} s");
    }
}

#[test]
fn messages_that_failed_together_do_not_come_back_together() {
    let delays: std::collections::BTreeSet<i64> = (0..200)
        .map(|n: u8| {
            let message = crate::id::MessageId::from_bytes([n; 16]);
            delay(&RequestWork { message, ..made(1) }, &answered(503))
        })
        .collect();
    assert!(delays.len() > 100, "{}", delays.len());
    assert!(*delays.first().unwrap() < 25 * SECOND && *delays.last().unwrap() > 35 * SECOND);
}

#[test]
fn a_success_is_done_with_its_value() {
    assert_eq!(go_on(&work(), &answered(201)), StepEnd::Done(answered(201).value));
    let late = RequestWork { attempts: 13, ..work() };
    assert_eq!(go_on(&late, &answered(200)), StepEnd::Done(answered(200).value));
}

#[test]
fn a_refusal_that_only_a_person_can_mend_gets_four_tries() {
    for attempted in [answered(400), answered(404), answered(301), failed(Fault::Certificate)] {
        for attempts in 0..3 {
            assert!(matches!(go_on(&made(attempts), &attempted), StepEnd::Retry(_)), "{attempted:?}");
        }
        assert_eq!(error(go_on(&made(3), &attempted)).attempts, 4);
    }
}

#[test]
fn what_cannot_get_better_fails_at_once() {
    for (attempted, kind) in [
        (failed(Fault::Denied), "denied"),
        (failed(Fault::Configuration), "configuration"),
        (failed(Fault::Expired), "expired"),
        (answered(410), "http"),
    ] {
        assert_eq!(error(go_on(&work(), &attempted)).kind, kind);
    }
}

#[test]
fn the_final_error_tells_the_playbook_everything() {
    let expected = StepError {
        kind: "http".into(),
        status: Some(404),
        body: json!({"code": 7}),
        attempts: 4,
        message: "http 404".into(),
        step: "3".into(),
    };
    assert_eq!(error(go_on(&made(3), &answered(404))), expected);
    let expected = StepError {
        kind: "timeout".into(),
        status: None,
        body: Value::Null,
        attempts: 14,
        message: "why".into(),
        step: "3".into(),
    };
    assert_eq!(error(go_on(&made(13), &failed(Fault::Timeout))), expected);
}

#[test]
fn a_receiver_in_distress_is_left_alone_for_a_minute() {
    for attempted in [answered(429), failed(Fault::Timeout)] {
        for attempts in [0, 1] {
            assert!((MINUTE..=72 * SECOND).contains(&delay(&made(attempts), &attempted)));
        }
        assert_eq!(delay(&made(6), &attempted), delay(&made(6), &answered(503)), "an hour is relief enough");
    }
    assert!(delay(&made(0), &failed(Fault::Connect)) <= 6 * SECOND);
}

#[test]
fn retry_after_is_heeded_within_reason() {
    let at = |seconds| RetryAfter::At(Timestamp::from_second(now().as_second() + seconds).unwrap());
    assert_eq!(delay(&made(0), &asking(503, after_seconds(120))), 120 * SECOND);
    assert_eq!(delay(&made(0), &asking(503, at(300))), 300 * SECOND);
    assert_eq!(delay(&made(0), &asking(429, after_seconds(90))), 90 * SECOND);
    assert_eq!(delay(&made(0), &asking(503, after_seconds(86_400))), HOUR, "an hour at most");
    assert_eq!(delay(&made(0), &asking(503, after_seconds(i64::MAX))), HOUR);
    let plain = delay(&made(0), &answered(503));
    assert_eq!(delay(&made(0), &asking(503, after_seconds(0))), plain, "never sooner than the schedule");
    assert_eq!(delay(&made(0), &asking(503, at(-300))), plain);
    assert_eq!(delay(&made(9), &asking(503, after_seconds(120))), delay(&made(9), &answered(503)));
}

#[test]
fn the_step_and_the_connection_narrow_each_other() {
    let policy = RetryPolicy { max_attempts: 3, ..RetryPolicy::default() };
    for (step, most) in [(None, 3), (Some(2), 2), (Some(9), 3), (Some(0), 1)] {
        let tries = (0..14).find(|&attempts| {
            let mut work = made(attempts);
            work.spec.max_attempts = step;
            matches!(next(&policy, &work, now(), &answered(503)), StepEnd::Failed(_))
        });
        assert_eq!(tries.map(|attempts| attempts + 1), Some(most), "{step:?}");
    }
}

#[test]
fn no_try_is_scheduled_after_the_longest_age() {
    let policy = RetryPolicy { max_age: Some(Duration::from_secs(10)), ..RetryPolicy::default() };
    assert!(matches!(next(&policy, &made(0), now(), &answered(503)), StepEnd::Retry(_)));
    let end = error(next(&policy, &made(1), now(), &answered(503)));
    assert_eq!((end.kind.as_str(), end.attempts), ("http", 2));
    let mut narrower = made(0);
    narrower.spec.max_age_ms = Some(1000);
    assert_eq!(error(next(&policy, &narrower, now(), &answered(503))).attempts, 1);
}

#[test]
fn what_would_come_too_late_expires_instead() {
    let policy = RetryPolicy { expires_after: Some(Duration::from_secs(3600)), ..RetryPolicy::default() };
    let mut work = made(1);
    work.spec.expires_after_ms = Some(20_000);
    let end = error(next(&policy, &work, now(), &answered(503)));
    assert_eq!(end.kind, "expired");
    assert_eq!(end.status, Some(503));
    assert_eq!(end.message, "expired: no further attempt would be in time; the last one: http 503");
}

#[test]
fn a_long_retry_after_still_leaves_one_try_before_the_end() {
    let mut work = made(0);
    work.spec.expires_after_ms = Some(600_000);
    assert_eq!(delay(&work, &asking(503, after_seconds(3000))), 599 * SECOND);
    let mut work = made(0);
    work.spec.max_age_ms = Some(600_000);
    assert_eq!(delay(&work, &asking(503, after_seconds(3000))), 600 * SECOND);
}

#[test]
fn a_change_is_given_up_after_an_hour_unless_somebody_said_otherwise() {
    let hours = |hours: u64| Some(Duration::from_secs(hours * 3600));
    let ends_as = |method: &str, purpose, connection, step: Option<Duration>| {
        // The seventh try would be due after an hour and a bit.
        let mut work = made(6);
        work.spec.method = method.into();
        work.spec.expires_after_ms = step.map(|age| age.as_millis() as u64);
        let policy = RetryPolicy { expires_after: connection, purpose, ..RetryPolicy::default() };
        match next(&policy, &work, now(), &answered(503)) {
            StepEnd::Retry(_) => "tried again".to_owned(),
            end => error(end).kind,
        }
    };
    use Purpose::{Notify, Respond};
    for (method, purpose, connection, step, expected) in [
        ("POST", Notify, None, None, "tried again"),
        ("POST", Respond, None, None, "expired"),
        ("GET", Respond, None, None, "tried again"),
        ("PUT", Notify, None, None, "expired"),
        ("PATCH", Notify, None, None, "expired"),
        ("DELETE", Notify, None, None, "expired"),
        ("DELETE", Notify, hours(9), None, "tried again"),
        ("POST", Respond, None, hours(9), "tried again"),
        ("POST", Respond, hours(9), hours(1), "expired"),
        ("POST", Notify, hours(1), None, "expired"),
    ] {
        let said = format!("{method} over {purpose:?}, connection {connection:?}, step {step:?}");
        assert_eq!(ends_as(method, purpose, connection, step), expected, "{said}");
    }
}
