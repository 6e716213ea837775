//! `fail` and `exit`: ending the run from anywhere, past every `catch`.

use super::argument;
use crate::playbook::RunError;
use crate::playbook::step::{Answer, Stopped, called_at, stop_with, with_run};
use crate::playbook::value::VALUE_BYTES;
use rhai::{Dynamic, NativeCallContext};

/// `fail(message)`.
pub fn fail(context: &NativeCallContext, message: Dynamic) -> Answer {
    with_run(|_| ())?;
    let message = argument::text(context, &message, "a message")?.to_string();
    let (line, column) = called_at(context);
    let error = RunError { kind: "fail".into(), limit: None, message, line, column };
    Err(stop_with(Stopped::Failed(error)))
}

/// `exit()`.
pub fn exit(context: &NativeCallContext) -> Answer {
    exit_with(context, Dynamic::UNIT)
}

/// `exit(value)`.
pub fn exit_with(context: &NativeCallContext, value: Dynamic) -> Answer {
    with_run(|_| ())?;
    let value = argument::json(context, &value, VALUE_BYTES)?;
    Err(stop_with(Stopped::Exited(value)))
}
