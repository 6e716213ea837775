//! `POST /api/v1/alerts`: bytes in, one result for each alert, answered once all that was kept is durable.

use super::body;
use super::hops;
use super::problem::Problem;
use super::query::Query;
use super::routes::App;
use crate::alert::Status;
use crate::decode::{DecodeError, Format};
use crate::id::{AlertId, RuleId, RunId};
use crate::intake::Submission;
use crate::store::Accepted;
use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::Arc;

/// What became of one alert of a body.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Item<'a> {
    Kept { id: &'a AlertId, status: Status, dismissed_by: &'a [RuleId], runs: &'a [RunId], duplicate: bool },
    Refused { error: ItemError<'a> },
}

/// Why one alert of a body was not kept.
#[derive(Debug, Serialize)]
struct ItemError<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

#[derive(Debug, Serialize)]
struct Results<'a> {
    results: Vec<Item<'a>>,
}

pub(super) async fn submit(
    State(app): State<Arc<App>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let query = Query::read(raw.as_deref(), &["source"])?;
    let source = query.one("source")?;
    let format = body::format(&headers)?;
    let hops = hops::read(&headers)?;
    let received = app.bodies.receive(body).await?;
    let submission = app.api.intake.submit(&received, format, source, hops).await?;
    Ok(answer(&submission, is_one_alert(&received, format)))
}

/// Whether a body is meant as one alert: its fault is then the request's own, not that of an item.
fn is_one_alert(body: &[u8], format: Format) -> bool {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    format == Format::Json && first == Some(&b'{')
}

/// 200 when all were kept, 207 when some were, 422 when none was.
fn answer(submission: &Submission, one_alert: bool) -> Response {
    let results = &submission.results;
    let faults: Vec<&DecodeError> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    if let (true, [fault], [_]) = (one_alert, faults.as_slice(), results.as_slice()) {
        return Problem::of_alert(fault).into_response();
    }
    let items: Vec<Item<'_>> = results.iter().map(item).collect();
    if faults.is_empty() {
        Json(Results { results: items }).into_response()
    } else if faults.len() < results.len() {
        (StatusCode::MULTI_STATUS, Json(Results { results: items })).into_response()
    } else {
        Problem::of_batch(&faults, items).into_response()
    }
}

fn item(result: &Result<Accepted, DecodeError>) -> Item<'_> {
    match result {
        Ok(Accepted { id, status, dismissed_by, runs, duplicate, .. }) => {
            Item::Kept { id, status: *status, dismissed_by, runs, duplicate: *duplicate }
        }
        Err(DecodeError { code, message, line, column }) => {
            Item::Refused { error: ItemError { code, message, line: *line, column: *column } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn kept() -> Result<Accepted, DecodeError> {
        Ok(Accepted {
            id: AlertId::from_bytes([1; 16]),
            status: Status::Dismissed,
            dismissed_by: vec![RuleId::new("nightly-scan").unwrap()],
            started: 0,
            runs: vec![],
            duplicate: false,
        })
    }

    fn refused(code: &'static str) -> Result<Accepted, DecodeError> {
        Err(DecodeError { code, message: format!("it is {code}"), line: Some(3), column: None })
    }

    async fn answered(results: Vec<Result<Accepted, DecodeError>>, one_alert: bool) -> (u16, Value) {
        let response = answer(&Submission { results }, one_alert);
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn answers_each_alert_with_what_became_of_it() {
        let (status, body) = answered(vec![kept()], true).await;
        let item = json!({
            "id": AlertId::from_bytes([1; 16]), "status": "dismissed", "dismissed_by": ["nightly-scan"],
            "runs": [], "duplicate": false,
        });
        assert_eq!((status, body), (200, json!({"results": [item]})));
        assert_eq!(answered(vec![], false).await, (200, json!({"results": []})));
    }

    #[tokio::test]
    async fn keeps_the_good_alerts_of_a_bad_batch_in_their_places() {
        let (status, body) = answered(vec![kept(), refused("id_invalid"), kept()], false).await;
        assert_eq!(status, 207);
        let error = json!({"error": {"code": "id_invalid", "message": "it is id_invalid", "line": 3}});
        assert_eq!(body["results"][1], error);
        assert_eq!(body["results"][2]["status"], "dismissed");
    }

    #[tokio::test]
    async fn a_batch_without_a_good_alert_is_refused_and_says_why_for_each() {
        let (status, body) = answered(vec![refused("id_invalid"), refused("not_an_object")], false).await;
        assert_eq!((status, &body["code"], &body["status"]), (422, &json!("no_valid_alert"), &json!(422)));
        assert_eq!(body["results"][1]["error"]["code"], "not_an_object");
        let (status, body) = answered(vec![refused("not_an_object")], false).await;
        assert_eq!((status, &body["code"]), (422, &json!("not_an_object")));
    }

    #[tokio::test]
    async fn the_fault_of_a_single_alert_is_the_answer() {
        for (code, expected) in [
            ("duplicate_field", 400),
            ("json_too_deep", 400),
            ("invalid_utf8", 400),
            ("alert_too_large", 413),
            ("id_invalid", 422),
            ("too_many_entities", 422),
            ("time_out_of_range", 422),
        ] {
            let (status, body) = answered(vec![refused(code)], true).await;
            assert_eq!((status, &body["code"], &body["line"]), (expected, &json!(code), &json!(3)));
        }
    }

    #[test]
    fn tells_one_alert_from_a_batch() {
        assert!(is_one_alert(b" \n{}", Format::Json));
        assert!(!is_one_alert(b"[{}]", Format::Json));
        assert!(!is_one_alert(b"{}\n{}", Format::Ndjson));
        assert!(!is_one_alert(b"", Format::Json));
    }
}
