//! When a message is tried again, and when it is given up: a pure function of what is recorded.

use super::attempt::Attempted;
use super::connection::RetryPolicy;
use super::outcome::{Class, Fault};
use super::purpose::default_expiry;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::MessageId;
use crate::playbook::{RequestSpec, StepError};
use crate::store::{RequestWork, StepEnd};
use jiff::SignedDuration;
use serde_json::Value;
use std::time::Duration;

/// The delay in seconds after each failed attempt: dense at first, because containment is urgent; 14 attempts in
/// almost 72 hours.
const DELAYS: [i64; 13] =
    [5, 30, 2 * 60, 5 * 60, 15 * 60, 30 * 60, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, 20 * HOUR, 24 * HOUR];
const HOUR: i64 = 3600;

/// Most attempts at one message.
pub(super) const MAX_ATTEMPTS: u32 = DELAYS.len() as u32 + 1;
/// Attempts at a message that is refused in a way only a person can mend: about two and a half minutes.
const EARLY_ATTEMPTS: u32 = 4;
/// A receiver that is overloaded or hangs is left alone for at least this many seconds.
const RELIEF: i64 = 60;
/// A receiver may ask for no more patience than this.
pub(super) const MAX_RETRY_AFTER: SignedDuration = SignedDuration::from_secs(HOUR);
/// The last attempt before a message expires is due this much earlier, so that it is still sent in time.
const MARGIN: SignedDuration = SignedDuration::from_secs(1);

/// How a step goes on after an attempt that ended at `now`.
pub fn next(policy: &RetryPolicy, work: &RequestWork, now: Timestamp, attempted: &Attempted) -> StepEnd {
    let made = work.attempts.saturating_add(1);
    let most = work.spec.max_attempts.unwrap_or(MAX_ATTEMPTS).min(policy.max_attempts);
    let most = match attempted.class {
        Class::Success => return StepEnd::Done(attempted.value.clone()),
        Class::Transient => most,
        Class::LikelyPermanent => most.min(EARLY_ATTEMPTS),
        Class::Permanent | Class::Gone => 0,
    };
    let error = attempted.error.clone().unwrap_or_default();
    if made >= most {
        return give_up(work, attempted, attempted.kind(), error);
    }
    let expiry = expiry(policy, work);
    let last = last(policy, work);
    let in_time = [expiry.map(|expiry| after(expiry, -MARGIN)), last].into_iter().flatten().min();
    let at = after(now, delay(&work.message, made, attempted).max(asked(attempted, now, in_time)));
    if expiry.is_some_and(|expiry| at >= expiry) {
        let message = format!("expired: no further attempt would be in time; the last one: {error}");
        give_up(work, attempted, Fault::Expired.kind(), message)
    } else if last.is_some_and(|last| at > last) {
        give_up(work, attempted, attempted.kind(), error)
    } else {
        StepEnd::Retry(at)
    }
}

/// Whether the message's time is over: it is then never sent, however late its turn comes.
pub(super) fn is_expired(policy: &RetryPolicy, work: &RequestWork, now: Timestamp) -> bool {
    expiry(policy, work).is_some_and(|expiry| now >= expiry)
}

/// From when on the message is not sent: what was decided when it was recorded, or what is configured since, if that is
/// sooner.
pub(super) fn expiry(policy: &RetryPolicy, work: &RequestWork) -> Option<Timestamp> {
    [work.expires, decided(policy, &work.spec, work.recorded)].into_iter().flatten().min()
}

/// The narrower of what connection and step say, or else the default of such a request.
pub(super) fn decided(policy: &RetryPolicy, spec: &RequestSpec, recorded: Timestamp) -> Option<Timestamp> {
    let said = narrower(policy.expires_after, spec.expires_after_ms);
    let age = said.or_else(|| narrower(default_expiry(&spec.method, policy.purpose), None));
    age.map(|age| after(recorded, age))
}

/// The narrower of what connection and step say: no attempt is scheduled after that.
fn last(policy: &RetryPolicy, work: &RequestWork) -> Option<Timestamp> {
    narrower(policy.max_age, work.spec.max_age_ms).map(|age| after(work.recorded, age))
}

fn narrower(connection: Option<Duration>, step_ms: Option<u64>) -> Option<SignedDuration> {
    let age = connection.into_iter().chain(step_ms.map(Duration::from_millis)).min()?;
    Some(SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX))
}

/// How long the receiver asked to be left alone, as far as that is heeded: an hour, and while there is time.
fn asked(attempted: &Attempted, now: Timestamp, in_time: Option<Timestamp>) -> SignedDuration {
    let asked = attempted.retry_after.map_or(SignedDuration::ZERO, |asked| asked.from(now)).min(MAX_RETRY_AFTER);
    in_time.map_or(asked, |end| asked.min(end.duration_since(now)))
}

/// The schedule's delay after attempt number `made`, moved by up to a fifth either way; for a receiver in distress
/// at least a minute and up to a fifth more. The shift depends on the message and the attempt alone, so messages
/// that failed together spread out, and a replay finds the same instants.
fn delay(message: &MessageId, made: u32, attempted: &Attempted) -> SignedDuration {
    let slot = usize::try_from(made).unwrap_or(usize::MAX).clamp(1, DELAYS.len()) - 1;
    let seed = Digest::of_parts([message.as_str().as_bytes(), &made.to_be_bytes()]).half();
    let shift = i64::from(u16::from_be_bytes([seed[0], seed[1]]) % 401);
    let scheduled = DELAYS[slot] * (800 + shift);
    let distress =
        attempted.status == Some(429) || matches!(attempted.fault, Some(Fault::Timeout | Fault::ConnectTimeout));
    let relief = if distress { RELIEF * (1000 + shift / 2) } else { 0 };
    SignedDuration::from_millis(scheduled.max(relief))
}

fn after(from: Timestamp, delay: SignedDuration) -> Timestamp {
    from.checked_add(delay).unwrap_or(Timestamp::MAX)
}

fn give_up(work: &RequestWork, attempted: &Attempted, kind: &str, message: String) -> StepEnd {
    StepEnd::Failed(StepError {
        kind: kind.to_owned(),
        status: attempted.status,
        body: attempted.value.get("body").cloned().unwrap_or(Value::Null),
        attempts: work.attempts.saturating_add(1),
        message,
        step: work.key.0.clone(),
    })
}
