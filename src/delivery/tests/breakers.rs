//! When a lane stops sending, for how long, and what lets it go on: on a clock of the tests' own.

use crate::clock::Timestamp;
use crate::delivery::{Attempted, Breaker, Class, Fault, Gate, RetryAfter};
use crate::store::{LaneRecord, LaneState};
use jiff::SignedDuration;
use std::time::Duration;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_767_225_600 + seconds).unwrap()
}

fn attempted(status: Option<u16>, fault: Option<Fault>, class: Class) -> Attempted {
    Attempted {
        status,
        error: None,
        class,
        fault,
        retry_after: None,
        value: serde_json::Value::Null,
        answer: None,
        latency: Duration::ZERO,
    }
}

fn answered(status: u16) -> Attempted {
    attempted(Some(status), None, Class::of_status(status))
}

fn failed(fault: Fault) -> Attempted {
    attempted(None, Some(fault), Class::of_fault(fault))
}

fn asking(status: u16, seconds: i64) -> Attempted {
    let retry_after = Some(RetryAfter::Delay(SignedDuration::from_secs(seconds)));
    Attempted { retry_after, ..answered(status) }
}

/// A breaker that took in these, one a second from 0 on.
fn after(outcomes: &[Attempted]) -> Breaker {
    let mut breaker = Breaker::new(at(0));
    for (second, attempted) in (0..).zip(outcomes) {
        breaker.observe(attempted, false, at(second));
    }
    breaker
}

fn state(breaker: &Breaker) -> LaneState {
    breaker.record("chat").state
}

/// One that opened at 0, for 30 s.
fn opened() -> Breaker {
    let mut breaker = Breaker::new(at(0));
    (0..5).for_each(|_| breaker.observe(&failed(Fault::Connect), false, at(0)));
    assert_eq!(breaker.gate(at(0)), Gate::Until(at(30)));
    breaker
}

#[test]
fn ten_outcomes_of_which_half_failed_open_it_and_nothing_less() {
    let mix = |fine: usize, failed: usize| {
        let fine = std::iter::repeat_n(answered(200), fine);
        after(&fine.chain(std::iter::repeat_n(answered(503), failed)).collect::<Vec<_>>())
    };
    for (fine, failed, expected) in [
        (0, 9, LaneState::Closed),
        (0, 10, LaneState::Open),
        (5, 5, LaneState::Open),
        (6, 4, LaneState::Closed),
        (6, 5, LaneState::Closed),
        (6, 6, LaneState::Open),
    ] {
        assert_eq!(state(&mix(fine, failed)), expected, "{fine} fine, {failed} failed");
    }
}

#[test]
fn outcomes_older_than_a_minute_count_no_more() {
    let mut breaker = after(&[answered(503), answered(503), answered(503), answered(503), answered(503)]);
    (0..5).for_each(|_| breaker.observe(&answered(503), false, at(65)));
    assert_eq!(state(&breaker), LaneState::Closed, "five and five, a minute apart");
    (0..5).for_each(|_| breaker.observe(&answered(503), false, at(66)));
    assert_eq!(state(&breaker), LaneState::Open);
}

#[test]
fn five_in_a_row_that_reach_nobody_open_it() {
    let refused = || failed(Fault::Connect);
    assert_eq!(state(&after(&[refused(), refused(), refused(), refused()])), LaneState::Closed);
    assert_eq!(state(&after(&[refused(), refused(), refused(), refused(), refused()])), LaneState::Open);
    assert_eq!(state(&after(&vec![failed(Fault::ConnectTimeout); 5])), LaneState::Open);
    assert_eq!(state(&after(&vec![failed(Fault::Timeout); 5])), LaneState::Closed, "somebody took the connection");
    let broken = [refused(), refused(), refused(), refused(), answered(400), refused(), refused(), answered(200)];
    assert_eq!(state(&after(&broken)), LaneState::Closed, "in a row");
}

#[test]
fn answers_that_blame_the_request_and_requests_never_sent_do_not_open_it() {
    for outcome in [answered(400), answered(404), answered(302), failed(Fault::Denied), failed(Fault::Expired)] {
        assert_eq!(state(&after(&vec![outcome.clone(); 50])), LaneState::Closed, "{outcome:?}");
    }
    let unsent = [vec![failed(Fault::Expired); 20], vec![answered(503); 9]].concat();
    assert_eq!(state(&after(&unsent)), LaneState::Closed, "what was not sent is no outcome");
}

#[test]
fn it_opens_for_half_a_minute_and_twice_as_long_each_time_up_to_ten_minutes() {
    let mut breaker = opened();
    let mut now = 0;
    for length in [30, 60, 120, 240, 480, 600, 600] {
        assert_eq!(breaker.gate(at(now + length - 1)), Gate::Until(at(now + length)));
        now += length;
        assert_eq!(breaker.gate(at(now)), Gate::Probe);
        breaker.begin_probe(at(now));
        breaker.observe(&failed(Fault::Timeout), true, at(now));
    }
    now += 600;
    assert_eq!(breaker.gate(at(now)), Gate::Probe);
    breaker.begin_probe(at(now));
    breaker.observe(&answered(200), true, at(now));
    assert_eq!((breaker.gate(at(now)), state(&breaker)), (Gate::Open, LaneState::Closed));
    (0..5).for_each(|_| breaker.observe(&failed(Fault::Connect), false, at(now)));
    assert_eq!(breaker.gate(at(now)), Gate::Until(at(now + 30)), "well again, it begins anew");
}

#[test]
fn one_probe_at_a_time() {
    let mut breaker = opened();
    assert_eq!(breaker.gate(at(30)), Gate::Probe);
    assert_eq!(breaker.gate(at(31)), Gate::Probe, "nothing was due: the next request is the probe");
    breaker.begin_probe(at(31));
    assert!(matches!(breaker.gate(at(32)), Gate::Until(_)));
    breaker.observe(&answered(200), false, at(33));
    assert_eq!(state(&breaker), LaneState::HalfOpen, "one that was sent before it opened is not the probe");
    breaker.observe(&failed(Fault::Expired), true, at(34));
    assert_eq!(breaker.gate(at(34)), Gate::Probe, "a probe that was not sent says nothing");
    breaker.begin_probe(at(34));
    assert_eq!(breaker.gate(at(154)), Gate::Probe, "one that was never heard of again does not close it for ever");
}

#[test]
fn a_probe_that_is_answered_at_all_closes_it() {
    for status in [200, 400, 404] {
        let mut breaker = opened();
        breaker.gate(at(30));
        breaker.begin_probe(at(30));
        breaker.observe(&answered(status), true, at(31));
        assert_eq!(breaker.gate(at(31)), Gate::Open, "{status}");
    }
}

#[test]
fn retry_after_holds_the_whole_lane_as_long_as_asked_and_an_hour_at_most() {
    for (attempted, until) in [
        (asking(429, 120), Some(120)),
        (asking(503, 120), Some(120)),
        (asking(503, 86_400), Some(3600)),
        (asking(503, i64::MAX), Some(3600)),
        (asking(503, 0), None),
        (asking(500, 120), None),
        (answered(503), None),
    ] {
        let mut breaker = after(std::slice::from_ref(&attempted));
        let expected = until.map_or(Gate::Open, |seconds| Gate::Until(at(seconds)));
        assert_eq!(breaker.gate(at(0)), expected, "{attempted:?}");
    }
    let mut breaker = after(&[asking(429, 120), asking(429, 30)]);
    assert_eq!(breaker.gate(at(119)), Gate::Until(at(120)), "a shorter wish does not end a longer one");
    assert_eq!((breaker.gate(at(120)), state(&breaker)), (Gate::Open, LaneState::Closed));
}

#[test]
fn a_receiver_that_fails_and_asks_for_patience_gets_both() {
    let mut breaker = opened();
    breaker.observe(&asking(503, 300), false, at(1));
    assert_eq!((breaker.gate(at(30)), state(&breaker)), (Gate::Until(at(301)), LaneState::Open));
    assert_eq!(breaker.gate(at(301)), Gate::Probe);
    breaker.begin_probe(at(301));
    breaker.observe(&asking(429, 900), true, at(302));
    assert_eq!(breaker.gate(at(302)), Gate::Until(at(1202)));
}

#[test]
fn one_that_is_gone_pauses_until_a_person_resumes() {
    let mut breaker = after(&[answered(410)]);
    assert_eq!(breaker.gate(at(86_400 * 30)), Gate::Paused);
    breaker.observe(&answered(200), false, at(5));
    assert_eq!(breaker.gate(at(5)), Gate::Paused, "an answer to what was in flight changes nothing");
    breaker.resume(at(60));
    assert_eq!(breaker.gate(at(60)), Gate::Open);
    let record = breaker.record("chat");
    assert_eq!((record.state, record.since), (LaneState::Closed, at(60)));
}

#[test]
fn a_person_ends_every_state() {
    let mut half_open = opened();
    half_open.gate(at(30));
    for mut breaker in [opened(), half_open, after(&[asking(429, 300)]), after(&[answered(410)])] {
        breaker.resume(at(31));
        assert_eq!(breaker.gate(at(31)), Gate::Open);
        let refusals = [failed(Fault::Connect), failed(Fault::Connect), failed(Fault::Connect), failed(Fault::Connect)];
        refusals.iter().for_each(|refused| breaker.observe(refused, false, at(32)));
        assert_eq!(breaker.gate(at(32)), Gate::Open, "and what was counted before is forgiven");
    }
}

#[test]
fn every_state_is_read_back_as_it_was_recorded() {
    let mut half_open = opened();
    half_open.gate(at(30));
    half_open.begin_probe(at(30));
    for breaker in
        [Breaker::new(at(0)), opened(), half_open.clone(), after(&[asking(429, 300)]), after(&[answered(410)])]
    {
        let record = breaker.record("chat");
        assert_eq!(Breaker::restored(&record).record("chat"), record);
    }
    assert_eq!(
        Breaker::restored(&half_open.record("chat")).gate(at(31)),
        Gate::Probe,
        "its probe died with the process"
    );
    let timeless = LaneRecord { until: None, ..opened().record("chat") };
    assert_eq!(Breaker::restored(&timeless).gate(at(0)), Gate::Probe, "better a probe than a lane that never opens");
}

#[test]
fn a_clock_that_is_set_back_closes_no_lane_for_longer_than_an_hour() {
    let year = 86_400 * 365;
    for breaker in [after(&[asking(429, 300)]), opened()] {
        let ahead = LaneRecord { until: Some(at(year)), ..breaker.record("chat") };
        assert!(!matches!(Breaker::restored(&ahead).gate(at(0)), Gate::Until(_)));
    }
    let mut probing = opened();
    probing.gate(at(year));
    probing.begin_probe(at(year));
    assert_eq!(probing.gate(at(0)), Gate::Probe);
}
