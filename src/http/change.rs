//! `PATCH /api/v1/alerts/{id}`: what a person changes of an alert.

use super::alerts;
use super::auth::Caller;
use super::hops;
use super::problem::{Problem, echo};
use super::routes::App;
use super::wish;
use crate::alert::{Severity, Status};
use crate::id::AlertId;
use crate::store::{AlertPatch, Patched};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::{Deserialize, Deserializer};
use std::sync::Arc;

/// Most bytes of a name and of a tag, and most tags.
const WORD: usize = 128;
const TAGS: usize = 64;

/// The body: what is left out stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wished {
    status: Option<String>,
    severity: Option<String>,
    #[serde(default, deserialize_with = "said")]
    assignee: Option<Option<String>>,
    tags: Option<Vec<String>>,
    comment: Option<String>,
}

/// Tells `null` from what is left out.
fn said<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

pub(super) async fn patch(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(Caller(by)): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let alert: AlertId = id.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))?;
    // What a playbook's request changes sets off no playbook.
    let by_person = hops::read(&headers)? == 0;
    let patch = read(wish::read(&app, &headers, body).await?)?;
    match app.api.operator.change(&alert, patch, &by, by_person).await? {
        Patched::Made { .. } => alerts::show(State(app), Path(id)).await,
        Patched::NoAlert => Err(Problem::not_found(format!("there is no alert {alert}"))),
    }
}

fn read(wished: Wished) -> Result<AlertPatch, Problem> {
    let Wished { status, severity, assignee, tags, comment } = wished;
    let unknown = |what: &str, word: &str, known: &[&str]| {
        Problem::bad_body(format!("`{}` is not a {what}; known: {}", echo(word), known.join(", ")))
    };
    let status = status.map(|word| {
        let words = Status::ALL.map(Status::as_str);
        let found = Status::ALL.into_iter().find(|status| status.as_str() == word);
        found.ok_or_else(|| unknown("status", &word, &words))
    });
    let severity = severity.map(|word| {
        let found = Some(Severity::from_word(&word)).filter(|severity| severity.rank().is_some());
        found.ok_or_else(|| unknown("severity", &word, &Severity::WORDS))
    });
    let patch = AlertPatch {
        status: status.transpose()?,
        severity: severity.transpose()?,
        assignee: assignee.map(|who| who.map(|who| word("assignee", &who)).transpose()).transpose()?,
        tags: tags.map(|tags| tags.iter().map(|tag| word("tag", tag)).collect()).transpose()?,
        comment: wish::comment(comment)?,
    };
    if patch.is_empty() {
        return Err(Problem::bad_body("give at least one of status, severity, assignee, tags, comment"));
    }
    match &patch.tags {
        Some(tags) if tags.len() > TAGS => {
            Err(Problem::bad_body(format!("an alert has at most {TAGS} tags; these are {}", tags.len())))
        }
        _ => Ok(patch),
    }
}

/// A name or a tag: one line, not blank, not long.
fn word(what: &str, text: &str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() || text.len() > WORD || text.contains(char::is_control) {
        return Err(Problem::bad_body(format!("`{}` cannot be the {what}: 1 to {WORD} bytes in one line", echo(text))));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(body: Value) -> Result<AlertPatch, Problem> {
        read(serde_json::from_value(body).map_err(|fault| Problem::bad_body(fault.to_string()))?)
    }

    #[test]
    fn what_is_left_out_stays_and_null_is_nobody() {
        let expected = AlertPatch {
            status: Some(Status::Resolved),
            severity: Some(Severity::from_word("low")),
            assignee: Some(None),
            tags: Some(vec!["a".to_owned()]),
            comment: Some("known".to_owned()),
        };
        let body =
            json!({"status": "resolved", "severity": "low", "assignee": null, "tags": [" a "], "comment": " known "});
        assert_eq!(of(body).unwrap(), expected);
        let only = AlertPatch { assignee: Some(Some("ana".to_owned())), ..AlertPatch::default() };
        assert_eq!(of(json!({"assignee": "ana"})).unwrap(), only);
    }

    #[test]
    fn what_cannot_be_is_refused_by_its_name() {
        for (body, said) in [
            (json!({}), "give at least one of"),
            (json!({"comment": "  "}), "give at least one of"),
            (json!({"status": "done"}), "`done` is not a status; known: active"),
            (json!({"severity": "grave"}), "`grave` is not a severity; known: informational"),
            (json!({"assignee": ""}), "cannot be the assignee"),
            (json!({"assignee": "x".repeat(129)}), "cannot be the assignee"),
            (json!({"tags": ["a\nb"]}), "cannot be the tag"),
            (json!({"tags": vec!["a"; 65]}), "at most 64 tags"),
            (json!({"title": "x"}), "unknown field `title`"),
        ] {
            let refused = of(body.clone()).unwrap_err();
            let detail = refused.document()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains(said), "{body}: {detail}");
        }
    }
}
