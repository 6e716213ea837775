//! An email as it goes over the wire. Texts of alerts come into it, so nothing of it can become a header of its own.

use crate::clock::Timestamp;
use crate::id::MessageId;
use crate::playbook::EmailSpec;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use std::time::SystemTime;

/// Most addresses of one email.
const MOST_RECIPIENTS: usize = 50;
/// Most bytes of an address, a subject and a text.
const MAX_ADDRESS: usize = 320;
const MAX_SUBJECT: usize = 998;
const MAX_BODY: usize = 256 * 1024;

/// An email that cannot be sent. Nothing was sent, and trying again would not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidEmail {
    #[error("it goes to nobody")]
    Nobody,
    #[error("it goes to {0} addresses, and {MOST_RECIPIENTS} are the most")]
    Crowd(usize),
    #[error("`{0}` is not an email address")]
    Address(String),
    #[error("the subject has a line break or another control character")]
    SubjectLine,
    #[error("the subject has {0} bytes, and {MAX_SUBJECT} are the most")]
    SubjectLength(usize),
    #[error("the text has {0} bytes, and {MAX_BODY} are the most")]
    Body(usize),
    #[error("it cannot be put together: {0}")]
    Other(String),
}

/// The email of a message. Its Message-ID is the message's own, so that a repetition is seen to be one.
pub(super) fn compose(
    from: &Mailbox,
    message: &MessageId,
    spec: &EmailSpec,
    now: Timestamp,
) -> Result<Message, InvalidEmail> {
    if spec.subject.contains(char::is_control) {
        return Err(InvalidEmail::SubjectLine);
    }
    if spec.subject.len() > MAX_SUBJECT {
        return Err(InvalidEmail::SubjectLength(spec.subject.len()));
    }
    if spec.body.len() > MAX_BODY {
        return Err(InvalidEmail::Body(spec.body.len()));
    }
    let mut builder = Message::builder()
        .message_id(Some(format!("<{message}@{}>", from.email.domain())))
        .date(SystemTime::from(now))
        .from(from.clone())
        .subject(spec.subject.as_str())
        .header(ContentType::TEXT_PLAIN);
    for recipient in recipients(&spec.to)? {
        builder = builder.to(recipient);
    }
    let mut email = builder.body(readable(&spec.body)).map_err(|fault| InvalidEmail::Other(fault.to_string()))?;
    // So that nobody's out-of-office answers a machine (RFC 3834).
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    email.headers_mut().insert_raw(HeaderValue::new(name, "auto-generated".to_owned()));
    Ok(email)
}

fn recipients(to: &[String]) -> Result<Vec<Mailbox>, InvalidEmail> {
    match to.len() {
        0 => return Err(InvalidEmail::Nobody),
        count if count > MOST_RECIPIENTS => return Err(InvalidEmail::Crowd(count)),
        _ => {}
    }
    let read = |address: &String| {
        // Before it is parsed: the grammar of addresses has line breaks that mean nothing.
        let one_line = address.len() <= MAX_ADDRESS && !address.contains(char::is_control);
        let parsed = address.parse().ok().filter(|_| one_line);
        parsed.ok_or_else(|| InvalidEmail::Address(address.escape_debug().take(64).collect()))
    };
    to.iter().map(read).collect()
}

/// The text without what no mail server takes, such as a zero byte.
fn readable(text: &str) -> String {
    let keep = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().map(|c| if keep(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}
