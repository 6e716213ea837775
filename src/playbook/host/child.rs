//! `run_playbook`: another playbook's run for the same alert, and this one waits for its end.

use super::argument;
use crate::id::RuleId;
use crate::playbook::Effect;
use crate::playbook::step::{Answer, Call, perform};
use rhai::{Dynamic, NativeCallContext};
use serde_json::{Value, json};

/// `run_playbook(name, input)`.
pub fn run(context: &NativeCallContext, name: Dynamic, input: Dynamic) -> Answer {
    let name = argument::text(context, &name, "a playbook's id")?;
    if RuleId::new(&name).is_none() {
        return Err(format!("`{}` is not a playbook's id: {}", name.escape_debug(), RuleId::SHAPE).into());
    }
    let given = argument::json(context, &input, argument::ARGUMENT_BYTES)?;
    let input = json!({"playbook": name.as_str(), "input": given});
    let call = Call { name: "run_playbook", input, immediate: false, audited: Value::Null };
    perform(context, call, |_, _| Effect::Child { playbook: name.to_string(), input: given })
}
