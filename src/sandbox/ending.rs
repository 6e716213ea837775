//! How a run ends whose worker did: what a killed or crashed process means for the script it was running.

use crate::playbook::{Activation, Outcome, RunError};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

/// Signals that come from outside: an operator, a supervisor, the kernel short of memory.
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;

/// The kernel's, to a process that has used up its processor time.
const SIGXCPU: i32 = 24;

/// Whether a worker ended by something other than the script it was running.
pub fn is_from_outside(status: Option<ExitStatus>) -> bool {
    matches!(status.and_then(|status| status.signal()), Some(SIGKILL | SIGTERM))
}

/// The script did not stop in time and its worker was killed.
pub fn out_of_time(deadline: Duration) -> Activation {
    failed(limit("time", format!("the script was stopped after {} ms", deadline.as_millis())))
}

/// The recorded steps no longer fit into one message.
pub fn journal_too_large(bytes: usize) -> Activation {
    failed(limit("journal", format!("the run's alert and recorded steps take {bytes} bytes, which is too much")))
}

/// The worker ended while the script was running in it. `said` is the tail of what it wrote to standard error.
pub fn crashed(status: Option<ExitStatus>, said: &str) -> Activation {
    if status.and_then(|status| status.signal()) == Some(SIGXCPU) {
        return failed(limit("time", "the script used too much processor time".to_owned()));
    }
    if said.contains("memory allocation of") {
        return failed(limit("memory", "the script used too much memory".to_owned()));
    }
    let overflow = if said.contains("overflowed its stack") { ": stack overflow" } else { "" };
    let message = format!("the script crashed its sandbox{overflow} ({})", manner(status));
    failed(RunError { kind: "sandbox".into(), limit: None, message, line: 0, column: 0 })
}

/// The worker was lost from outside each time the run was tried, which is no accident any more.
pub fn given_up(losses: u32, last: &str) -> Activation {
    let message = format!("the run's sandbox was lost {losses} times in a row, the last time by {last}");
    failed(RunError { kind: "sandbox".into(), limit: None, message, line: 0, column: 0 })
}

/// How a worker ended, in a few words.
pub fn manner(status: Option<ExitStatus>) -> String {
    match status.map(|status| (status.signal(), status.code())) {
        Some((Some(signal), _)) => format!("signal {signal}"),
        Some((None, Some(code))) => format!("exit status {code}"),
        _ => "no exit status".to_owned(),
    }
}

/// A limit that is known only by what became of the worker, so without a place.
pub fn limit(name: &str, message: String) -> RunError {
    RunError { kind: "limit".into(), limit: Some(name.into()), message, line: 0, column: 0 }
}

fn failed(error: RunError) -> Activation {
    Activation { new_steps: Vec::new(), logs: Vec::new(), outcome: Outcome::Failed { error } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(activation: Activation) -> (String, Option<String>, String) {
        let Outcome::Failed { error } = activation.outcome else { panic!() };
        (error.kind, error.limit, error.message)
    }

    #[test]
    fn a_crash_is_named_by_what_it_was() {
        let aborted = Some(ExitStatus::from_raw(6));
        let said = "thread 'script' has overflowed its stack\nfatal runtime error: stack overflow";
        assert_eq!(
            message(crashed(aborted, said)),
            ("sandbox".into(), None, "the script crashed its sandbox: stack overflow (signal 6)".into())
        );
        let said = "memory allocation of 1073741824 bytes failed";
        assert_eq!(message(crashed(aborted, said)).1.as_deref(), Some("memory"));
        assert_eq!(message(crashed(Some(ExitStatus::from_raw(24)), "")).1.as_deref(), Some("time"));
        let left = Some(ExitStatus::from_raw(3 << 8));
        assert_eq!(message(crashed(left, "")).2, "the script crashed its sandbox (exit status 3)");
    }

    #[test]
    fn a_kill_from_outside_is_not_the_scripts_doing() {
        assert!(is_from_outside(Some(ExitStatus::from_raw(9))));
        assert!(is_from_outside(Some(ExitStatus::from_raw(15))));
        assert!(!is_from_outside(Some(ExitStatus::from_raw(6))));
        assert!(!is_from_outside(None));
    }
}
