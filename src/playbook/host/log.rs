//! `log.info` and its like, and `print`: kept with the run, once, however often the script is replayed.

use super::argument;
use crate::playbook::LogLine;
use crate::playbook::step::{Answer, tidy, with_run};
use rhai::{Dynamic, NativeCallContext};
use serde_json::Value;

/// `log` in a script.
#[derive(Debug, Clone, Copy)]
pub struct Log;

/// Most lines of one activation, and most bytes of one line's fields.
const LINES: usize = 100;
const FIELD_BYTES: usize = 4096;

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
        Err(_) => argument::json(context, message, FIELD_BYTES)?.to_string(),
    };
    let fields = argument::json(context, &fields, FIELD_BYTES)?;
    keep(level, &message, fields)
}

fn keep(level: &str, message: &str, fields: Value) -> Answer {
    with_run(|run| {
        if run.is_replaying() || run.logs.len() > LINES {
            return;
        }
        let last = run.logs.len() == LINES;
        let message = if last { "more was logged than is kept".to_owned() } else { tidy(message) };
        let (level, fields) = if last { ("warn", Value::Null) } else { (level, fields) };
        run.logs.push(LogLine { level: level.to_owned(), message, fields });
    })?;
    Ok(Dynamic::UNIT)
}
