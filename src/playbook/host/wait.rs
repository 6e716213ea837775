//! `sleep` and `sleep_until`: waiting that holds no thread and survives a restart.

use super::{argument, time};
use crate::playbook::step::{Answer, Call, perform};
use crate::playbook::{Effect, duration};
use rhai::{Dynamic, NativeCallContext};
use serde_json::Value;
use std::time::Duration;

/// The longest wait.
pub const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// What is said of a longer one.
pub const TOO_LONG: &str = "`sleep` waits at most `30d`, as long as a run may take";

/// `sleep("10m")`.
pub fn sleep(context: &NativeCallContext, span: Dynamic) -> Answer {
    let what = "a duration such as `\"10m\"`";
    let text = argument::text(context, &span, what)?;
    let Some(span) = duration::parse(&text) else {
        return Err(format!("`sleep` takes {}, not `{}`", duration::SHAPE, text.escape_debug()).into());
    };
    if span > LONGEST {
        return Err(TOO_LONG.into());
    }
    let call = call("sleep", Value::from(text.as_str()));
    perform(context, call, |now, _| Effect::Sleep { until: time::after(now, span) })
}

/// `sleep_until(time)`.
pub fn sleep_until(context: &NativeCallContext, at: Dynamic) -> Answer {
    let until = time::read(context, &at)?;
    let input = argument::json(context, &at, argument::ARGUMENT_BYTES)?;
    perform(context, call("sleep_until", input), |_, _| Effect::Sleep { until })
}

fn call(name: &'static str, input: Value) -> Call {
    Call { name, input, immediate: false, audited: Value::Null }
}
