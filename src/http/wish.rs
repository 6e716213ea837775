//! Bodies of wishes, and what became of them as answers: one small JSON object in, known keys only.

use super::body;
use super::problem::{Problem, echo};
use super::routes::App;
use crate::pipeline::ByHand;
use crate::store::Wish;
use axum::body::Body;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;

/// Most bytes of a comment or a reason.
const COMMENT_BYTES: usize = 4096;

/// Reads a wish's body.
pub(super) async fn read<T: DeserializeOwned>(app: &App, headers: &HeaderMap, body: Body) -> Result<T, Problem> {
    body::format(headers)?;
    let received = app.bodies.receive(body).await?;
    serde_json::from_slice(&received).map_err(|fault| {
        // serde names the key and what it wants; where in so small a body is of no use.
        let text = fault.to_string();
        let text = text.split(" at line").next().unwrap_or(&text).to_owned();
        Problem::bad_body(if text.is_empty() {
            "the body is not the JSON object this path takes".to_owned()
        } else {
            text
        })
    })
}

/// A comment as it is kept: trimmed, none if blank, refused if too long.
pub(super) fn comment(text: Option<String>) -> Result<Option<String>, Problem> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match text {
        Some(text) if text.len() > COMMENT_BYTES => {
            Err(Problem::bad_body(format!("a comment has at most {COMMENT_BYTES} bytes; this one has {}", text.len())))
        }
        text => Ok(text),
    }
}

/// A wish that was granted, or the answer that says why not.
pub(super) fn granted<S>(
    wish: Wish<S>,
    what: &str,
    id: &str,
    code: &'static str,
    word: impl Fn(S) -> &'static str,
) -> Result<(), Problem> {
    match wish {
        Wish::Granted => Ok(()),
        Wish::NotFound => Err(Problem::not_found(format!("there is no {what} {}", echo(id)))),
        Wish::TooLate(status) => Err(Problem::conflict(code, format!("{what} {id} is {} already", word(status)))),
    }
}

/// The run that was started by hand, or the answer that says why none was.
pub(super) fn started(by_hand: ByHand) -> Result<crate::id::RunId, Problem> {
    match by_hand {
        ByHand::Started(id) => Ok(id),
        ByHand::NoAlert => Err(Problem::not_found("there is no such alert")),
        ByHand::NoRun => Err(Problem::not_found("there is no such run")),
        ByHand::OfAnother(parent) => {
            Err(Problem::conflict("run_of_another", format!("a step of {parent} started it; rerun that one")))
        }
        ByHand::NoPlaybook(id) => {
            Err(Problem::conflict("playbook_unknown", format!("the running rules have no playbook `{id}`")))
        }
        ByHand::Limited { playbook, wait } => Err(Problem::rate_limited(&playbook, wait)),
        ByHand::Disarmed => {
            Err(Problem::conflict("disarmed", "all playbooks are disarmed; an operator can arm them again"))
        }
    }
}
