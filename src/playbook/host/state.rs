//! `state_get` and `state_put`: what a playbook's runs keep for each other.

use super::argument;
use crate::playbook::step::{Answer, Call, perform};
use crate::playbook::{Effect, duration};
use rhai::{Dynamic, NativeCallContext};
use serde_json::{Value, json};
use std::time::Duration;

/// Most bytes of a key and of a value.
const KEY: usize = 256;
const VALUE: usize = 16 * 1024;

/// How long a value is kept unless the script says otherwise, and the longest it may say.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
pub const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// `state_get(key)`.
pub fn get(context: &NativeCallContext, key: Dynamic) -> Answer {
    let key = argument::short(context, &key, "a key", KEY)?;
    perform(context, call("state_get", json!(key)), |_, _| Effect::StateGet { key })
}

/// `state_put(key, value)`.
pub fn put(context: &NativeCallContext, key: Dynamic, value: Dynamic) -> Answer {
    keep(context, &key, &value, None)
}

/// `state_put(key, value, ttl)`.
pub fn put_for(context: &NativeCallContext, key: Dynamic, value: Dynamic, ttl: Dynamic) -> Answer {
    let text = argument::text(context, &ttl, "a duration such as `\"10m\"`")?;
    match duration::parse(&text).filter(|span| !span.is_zero() && *span <= LONGEST) {
        Some(span) => keep(context, &key, &value, Some((text.to_string(), span))),
        None => Err(wrong_ttl(Some(&text)).into()),
    }
}

/// What is wrong with a time to keep a value that will be refused.
pub fn wrong_ttl(text: Option<&str>) -> String {
    let given = text.map(|text| format!(", not `{}`", text.escape_debug())).unwrap_or_default();
    format!("`state_put` keeps a value for {} up to `366d`{given}", duration::SHAPE)
}

fn keep(context: &NativeCallContext, key: &Dynamic, value: &Dynamic, ttl: Option<(String, Duration)>) -> Answer {
    let key = argument::short(context, key, "a key", KEY)?;
    let value = argument::json(context, value, VALUE)?;
    let mut input = json!({"key": key, "value": value});
    let span = match ttl {
        Some((text, span)) => {
            input["ttl"] = json!(text);
            span
        }
        None => KEPT,
    };
    let ttl_ms = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    perform(context, call("state_put", input), |_, _| Effect::StatePut { key, value, ttl_ms })
}

fn call(name: &'static str, input: Value) -> Call {
    Call { name, input, immediate: false, audited: Value::Null }
}
