//! Reading arguments: a value of the wrong kind is an error that names the function and what it wants.

use crate::playbook::RunError;
use crate::playbook::step::{Fault, Stopped, called_at, limit, stop_with};
use crate::playbook::value::{Rank, describe, to_json};
use rhai::{Dynamic, ImmutableString, NativeCallContext};
use serde_json::Value;

/// Most bytes of what a step is told besides a body.
pub const ARGUMENT_BYTES: usize = 64 * 1024;

/// A text. A severity is its word.
pub fn text(context: &NativeCallContext, value: &Dynamic, what: &str) -> Result<ImmutableString, Fault> {
    if let Some(rank) = value.read_lock::<Rank>() {
        return Ok(rank.0.as_str().into());
    }
    if let Ok(c) = value.as_char() {
        return Ok(c.to_string().into());
    }
    value.as_immutable_string_ref().map(|text| text.clone()).map_err(|_| unfit(context, what, value))
}

/// A text of at most `most` bytes.
pub fn short(context: &NativeCallContext, value: &Dynamic, what: &str, most: usize) -> Result<String, Fault> {
    let text = text(context, value, what)?;
    if text.trim().is_empty() {
        return Err(format!("`{}` takes {what}, which is empty here", context.fn_name()).into());
    }
    if text.len() > most {
        let name = context.fn_name();
        return Err(format!("`{name}` takes {what} of at most {most} bytes; this one has {}", text.len()).into());
    }
    Ok(text.to_string())
}

/// A whole number.
pub fn whole(context: &NativeCallContext, value: &Dynamic, what: &str) -> Result<i64, Fault> {
    value.as_int().map_err(|_| unfit(context, what, value))
}

/// Any value as JSON. Too large or too deep ends the run by that limit; a function is an error to catch.
pub fn json(context: &NativeCallContext, value: &Dynamic, bytes: usize) -> Result<Value, Fault> {
    to_json(value, bytes).map_err(|fault| match fault.limit() {
        Some(name) => {
            let (line, column) = called_at(context);
            let error = limit(name, format!("`{}` was given {fault}", context.fn_name()));
            stop_with(Stopped::Failed(RunError { line, column, ..error }))
        }
        None => format!("`{}` was given {fault}", context.fn_name()).into(),
    })
}

fn unfit(context: &NativeCallContext, what: &str, value: &Dynamic) -> Fault {
    format!("`{}` takes {what}, not {}", context.fn_name(), describe(value)).into()
}
