//! `wait_for_approval`: a question to somebody, and the run waits for the answer.

use super::argument;
use super::options::{Options, refused};
use crate::playbook::step::{Answer, Call, perform};
use crate::playbook::{ApprovalSpec, Effect, duration};
use rhai::{Dynamic, NativeCallContext};
use serde_json::json;
use std::time::Duration;

/// What it understands.
pub const OPTIONS: [&str; 4] = ["ask", "to", "within", "otherwise"];

/// Most bytes of a question, and of whom it is for.
const ASK: usize = 4096;
const TO: usize = 256;

/// How long an answer is waited for unless the script says otherwise, and the longest it may say.
const WITHIN: Duration = Duration::from_secs(24 * 3600);
pub const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// What `within` and `otherwise` may be.
const TOO_LONG: &str = "`within` is more than nothing and at most `30d`";
pub const OTHERWISE: &str = "`otherwise` is `\"approve\"` or `\"deny\"`";

/// Whether silence means yes.
pub fn read_otherwise(word: &str) -> Result<bool, String> {
    match word {
        "approve" => Ok(true),
        "deny" => Ok(false),
        _ => Err(OTHERWISE.to_owned()),
    }
}

/// What is wrong with a `within` that will be refused.
pub fn wrong_within(text: Option<&str>) -> String {
    match text.and_then(duration::parse) {
        Some(_) => TOO_LONG.to_owned(),
        None => format!("`within` is {}", duration::SHAPE),
    }
}

/// `wait_for_approval(#{ask, to, within, otherwise})`.
pub fn wait(context: &NativeCallContext, question: Dynamic) -> Answer {
    let input = argument::json(context, &question, argument::ARGUMENT_BYTES)?;
    let options = Options::read(&input, "wait_for_approval", &OPTIONS)?;
    let ask = options.text("ask", ASK)?.ok_or_else(|| refused("`wait_for_approval` needs `ask`, the question"))?;
    let to = options.text("to", TO)?;
    let within = options.duration("within")?.unwrap_or(WITHIN);
    if within.is_zero() || within > LONGEST {
        return Err(refused(TOO_LONG));
    }
    let otherwise = options.text("otherwise", 16)?;
    let otherwise = otherwise.as_deref().map(read_otherwise).transpose().map_err(refused)?;
    // What an audited script sees: what would come if nobody answered.
    let audited = json!({"approved": otherwise == Some(true), "by": null, "at": null, "comment": "audited"});
    let call = Call { name: "wait_for_approval", input: input.clone(), immediate: false, audited };
    let within_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
    perform(context, call, |_, _| Effect::Approval(ApprovalSpec { ask, to, within_ms, otherwise }))
}
