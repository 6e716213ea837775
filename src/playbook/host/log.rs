//! `log.info` and its like, and `print`: kept with the run, once, however often the script is replayed.

use super::argument;
use crate::playbook::step::{Answer, tidy, with_run};
use crate::playbook::value::to_json;
use rhai::{Dynamic, NativeCallContext};
use serde_json::{Value, json};

/// `log` in a script.
#[derive(Debug, Clone, Copy)]
pub struct Log;

/// Most bytes of a message that is no text, and most of one line's fields.
const MESSAGE_BYTES: usize = 4096;
const FIELD_BYTES: usize = 1024;

/// `log.info(message)`.
pub fn info(context: &NativeCallContext, message: Dynamic) -> Answer {
    write(context, "info", &message, Dynamic::UNIT)
}

/// `log.info(message, fields)`.
pub fn info_with(context: &NativeCallContext, message: Dynamic, fields: Dynamic) -> Answer {
    write(context, "info", &message, fields)
}

/// `log.warn(message)`.
pub fn warn(context: &NativeCallContext, message: Dynamic) -> Answer {
    write(context, "warn", &message, Dynamic::UNIT)
}

/// `log.warn(message, fields)`.
pub fn warn_with(context: &NativeCallContext, message: Dynamic, fields: Dynamic) -> Answer {
    write(context, "warn", &message, fields)
}

/// `log.error(message)`.
pub fn error(context: &NativeCallContext, message: Dynamic) -> Answer {
    write(context, "error", &message, Dynamic::UNIT)
}

/// `log.error(message, fields)`.
pub fn error_with(context: &NativeCallContext, message: Dynamic, fields: Dynamic) -> Answer {
    write(context, "error", &message, fields)
}

/// What `print` and `debug` write goes the same way.
pub fn print(text: &str) {
    // Printing has no way to fail; outside a run there is nobody to print for.
    let _ = keep("info", text, Value::Null);
}

fn write(context: &NativeCallContext, level: &str, message: &Dynamic, fields: Dynamic) -> Answer {
    let message = match argument::text(context, message, "a text") {
        Ok(text) => text.to_string(),
        Err(_) => argument::json(context, message, MESSAGE_BYTES)?.to_string(),
    };
    // A long answer logged whole is no reason to fail a run.
    let fields = match to_json(&fields, FIELD_BYTES) {
        Err(fault) if fault.limit().is_some() => json!({ "dropped": fault.to_string() }),
        _ => argument::json(context, &fields, FIELD_BYTES)?,
    };
    keep(level, &message, fields)
}

fn keep(level: &str, message: &str, fields: Value) -> Answer {
    with_run(|run| run.log(level, tidy(message), fields))?;
    Ok(Dynamic::UNIT)
}
