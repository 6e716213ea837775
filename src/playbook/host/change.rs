//! Changes of the alert the run is for.

use super::argument;
use crate::alert::{Severity, Status};
use crate::diag::closest;
use crate::playbook::step::{Answer, Call, perform};
use crate::playbook::value::Rank;
use crate::playbook::{AlertChange, Effect};
use rhai::{Dynamic, NativeCallContext};
use serde_json::{Value, json};

/// Most bytes of a comment or a reason, and of a tag or a name.
const TEXT: usize = 4096;
const WORD: usize = 128;

/// `set_status(status, why)`.
pub fn status(context: &NativeCallContext, status: Dynamic, why: Dynamic) -> Answer {
    let word = argument::text(context, &status, "a status")?;
    let why = argument::short(context, &why, "a reason", TEXT)?;
    let status = read_status(&word)?;
    let input = json!({"status": word.as_str(), "why": why});
    change(context, "set_status", input, AlertChange::Status { status, why })
}

/// `set_severity(severity, why)`.
pub fn severity(context: &NativeCallContext, severity: Dynamic, why: Dynamic) -> Answer {
    let word = argument::text(context, &severity, "a severity")?;
    let why = argument::short(context, &why, "a reason", TEXT)?;
    let severity: Severity = Rank::from_word(&word)?.0;
    let input = json!({"severity": word.as_str(), "why": why});
    change(context, "set_severity", input, AlertChange::Severity { severity, why })
}

/// `comment(text)`.
pub fn comment(context: &NativeCallContext, text: Dynamic) -> Answer {
    let text = argument::short(context, &text, "a text", TEXT)?;
    change(context, "comment", json!(text), AlertChange::Comment { text: text.clone() })
}

/// `tag(text)`.
pub fn tag(context: &NativeCallContext, text: Dynamic) -> Answer {
    let text = argument::short(context, &text, "a tag", WORD)?;
    change(context, "tag", json!(text), AlertChange::Tag { text: text.clone() })
}

/// `assign(who)`.
pub fn assign(context: &NativeCallContext, who: Dynamic) -> Answer {
    let who = argument::short(context, &who, "a name", WORD)?;
    change(context, "assign", json!(who), AlertChange::Assign { who: who.clone() })
}

/// One of the four statuses, by its own word.
pub fn read_status(word: &str) -> Result<Status, String> {
    let words = Status::ALL.map(Status::as_str);
    Status::ALL.into_iter().find(|status| status.as_str() == word).ok_or_else(|| {
        let hint = closest(word, words).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        format!("`{}` is not a status: use {}{hint}", word.escape_debug(), words.join(", "))
    })
}

fn change(context: &NativeCallContext, name: &'static str, input: Value, change: AlertChange) -> Answer {
    let call = Call { name, input, immediate: true, audited: Value::Null };
    perform(context, call, |_, _| Effect::Change(change))
}
