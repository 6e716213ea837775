//! `email`: a mail over the operator's mail server.

use super::argument;
use super::options::{Options, refused};
use crate::playbook::step::{Answer, Call, perform};
use crate::playbook::{Effect, EmailSpec};
use rhai::{Dynamic, NativeCallContext};
use serde_json::Value;

/// What it understands.
pub const OPTIONS: [&str; 3] = ["to", "subject", "body"];

/// Most addresses, most bytes of one, of a subject and of a text.
const ADDRESSES: usize = 50;
const ADDRESS: usize = 254;
const SUBJECT: usize = 512;
const BODY: usize = 128 * 1024;

/// `email(#{to, subject, body})`.
pub fn send(context: &NativeCallContext, mail: Dynamic) -> Answer {
    let input = argument::json(context, &mail, BODY + argument::ARGUMENT_BYTES)?;
    let options = Options::read(&input, "email", &OPTIONS)?;
    let to = match options.get("to") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several
            .iter()
            .map(|one| one.as_str().map(str::to_owned).ok_or_else(|| refused("`to` is an address or a list of them")))
            .collect::<Result<_, _>>()?,
        _ => return Err(refused("`email` needs `to`, an address or a list of them")),
    };
    if to.is_empty() || to.len() > ADDRESSES {
        return Err(refused(format!("a mail goes to 1 to {ADDRESSES} addresses; these are {}", to.len())));
    }
    if let Some(wrong) = to.iter().find(|address| !is_address(address)) {
        return Err(refused(format!("`{}` is not a mail address", wrong.escape_debug())));
    }
    let subject = options.text("subject", SUBJECT)?.ok_or_else(|| refused("`email` needs a `subject`"))?;
    if subject.chars().any(char::is_control) {
        return Err(refused("a `subject` is one line without control characters"));
    }
    let body = options.text("body", BODY)?.ok_or_else(|| refused("`email` needs a `body`"))?;
    let call = Call { name: "email", input: input.clone(), immediate: false, audited: Value::Null };
    perform(context, call, |_, _| Effect::Email(EmailSpec { to, subject, body }))
}

/// One plain address, without a name or anything a header could be made of.
pub fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"@".contains(c);
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= ADDRESS
        && !local.is_empty()
        && local.chars().all(plain)
        && !domain.is_empty()
        && domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
}
