//! `GET /api/v1/alerts` and `/alerts/{id}`: what is stored, a page at a time or one whole.

use super::csv;
use super::problem::{Problem, echo};
use super::query::Query;
use super::routes::App;
use crate::alert::{Severity, Status};
use crate::clock::Timestamp;
use crate::id::AlertId;
use crate::store::{AlertDetails, AlertQuery, AlertSort};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

const PARAMETERS: [&str; 15] = [
    "status",
    "severity",
    "source",
    "alert_type",
    "resource",
    "tactic",
    "tag",
    "assignee",
    "since",
    "until",
    "q",
    "sort",
    "cursor",
    "limit",
    "format",
];

pub(super) async fn list(State(app): State<Arc<App>>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let query = Query::read(raw.as_deref(), &PARAMETERS)?;
    let as_csv = match query.one("format")? {
        None | Some("json") => false,
        Some("csv") => true,
        Some(other) => {
            let detail = format!("`{}` is not a value of `format`; known: json, csv", echo(other));
            return Err(Problem::bad_query("format", detail));
        }
    };
    let page = app.api.store.alerts(alert_query(&query, app.api.clock.now())?).await?;
    if as_csv { Ok(csv::answer(&page, raw.as_deref().unwrap_or(""))) } else { Ok(Json(page).into_response()) }
}

/// What a request asks of the store. Without a status it asks for what still needs somebody.
fn alert_query(query: &Query, now: Timestamp) -> Result<AlertQuery, Problem> {
    let mut status = query.words("status", &Status::ALL.map(Status::as_str), |word| {
        Status::ALL.into_iter().find(|status| status.as_str() == word)
    })?;
    if status.is_empty() {
        status = vec![Status::Active, Status::InProgress];
    }
    let severity = query.words("severity", &Severity::WORDS, |word| {
        Some(Severity::from_word(word)).filter(|severity| severity.rank().is_some())
    })?;
    let sort = query.words("sort", &["severity", "time"], |word| match word {
        "severity" => Some(AlertSort::Severity),
        "time" => Some(AlertSort::Time),
        _ => None,
    })?;
    if sort.len() > 1 {
        return Err(Problem::bad_query("sort", "`sort` may be given once"));
    }
    let text = |name| Ok::<_, Problem>(query.one(name)?.filter(|text| !text.is_empty()).map(str::to_owned));
    Ok(AlertQuery {
        status,
        severity: severity.iter().map(Severity::to_string).collect(),
        source: query.list("source"),
        alert_type: query.list("alert_type"),
        resource: text("resource")?,
        tactic: query.list("tactic"),
        tag: query.list("tag"),
        assignee: query.list("assignee"),
        since: query.time("since", now)?,
        until: query.time("until", now)?,
        q: text("q")?,
        sort: sort.first().copied().unwrap_or_default(),
        cursor: query.cursor()?,
        limit: query.limit()?,
    })
}

/// An alert as its page shows it.
#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    details: AlertDetails,
    /// What people said of the decision.
    feedback: [Value; 0],
}

pub(super) async fn show(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, Problem> {
    let id: AlertId = id.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))?;
    match app.api.store.alert(&id).await? {
        Some(details) => Ok(Json(Shown { details, feedback: [] }).into_response()),
        None => Err(Problem::not_found(format!("there is no alert {id}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Alert, Raw};
    use crate::digest::Digest;
    use crate::id::RuleId;
    use crate::ruleset::Verdict;
    use serde_json::json;

    fn now() -> Timestamp {
        "2026-05-04T12:00:00Z".parse().unwrap()
    }

    fn read(raw: &str) -> Result<AlertQuery, Problem> {
        alert_query(&Query::read(Some(raw), &PARAMETERS)?, now())
    }

    #[test]
    fn asks_for_what_still_needs_somebody() {
        let status = vec![Status::Active, Status::InProgress];
        assert_eq!(read("").unwrap(), AlertQuery { status, limit: 50, ..AlertQuery::default() });
    }

    #[test]
    fn takes_every_filter_of_the_list() {
        let raw = "status=dismissed,RESOLVED&severity=high&severity=info&source=falco,defender&alert_type=A&resource=vm\
                   &tactic=Initial+Access&tag=x,y&assignee=ana&since=24h&until=2026-05-04T11:00:00Z&q=ssh&sort=time\
                   &cursor=abc&limit=7&format=csv";
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let expected = AlertQuery {
            status: vec![Status::Dismissed, Status::Resolved],
            severity: words(&["high", "informational"]),
            source: words(&["falco", "defender"]),
            alert_type: words(&["A"]),
            resource: Some("vm".into()),
            tactic: words(&["Initial Access"]),
            tag: words(&["x", "y"]),
            assignee: words(&["ana"]),
            since: Some("2026-05-03T12:00:00Z".parse().unwrap()),
            until: Some("2026-05-04T11:00:00Z".parse().unwrap()),
            q: Some("ssh".into()),
            sort: AlertSort::Time,
            cursor: Some(crate::store::Cursor("abc".into())),
            limit: 7,
        };
        assert_eq!(read(raw).unwrap(), expected);
    }

    #[test]
    fn a_value_nobody_knows_is_named_with_the_one_meant() {
        for (raw, detail) in [
            ("severity=hgih", "`hgih` is not a value of `severity`; did you mean `high`?"),
            ("status=open", "`open` is not a value of `status`; known: active, in_progress, resolved, dismissed"),
            ("sort=tmie", "`tmie` is not a value of `sort`; did you mean `time`?"),
            ("sort=time,severity", "`sort` may be given once"),
            ("severty=high", "`severty` is not a parameter; did you mean `severity`?"),
        ] {
            let refused = read(raw).unwrap_err();
            assert_eq!((refused.status().as_u16(), refused.code()), (400, "bad_query"));
            assert_eq!(refused.document()["detail"], detail);
        }
    }

    #[test]
    fn an_alert_is_shown_flat_with_its_payload_verdict_and_story() {
        let alert: Alert = serde_json::from_value(json!({
            "id": AlertId::from_bytes([1; 16]), "source": "native", "source_id": "7", "title": "SSH", "severity": "low",
            "status": "dismissed", "received_time": now(), "raw": null,
        }))
        .unwrap();
        let raw = Raw::from_value(&json!({"title": "SSH", "n": 1}));
        let verdict = Verdict {
            status: Status::Dismissed,
            dismissed_by: vec![RuleId::new("nightly-scan").unwrap()],
            would_dismiss: vec![],
            reason: None,
            triggered: vec![],
            generation: Digest::of(b"rules"),
            commit: None,
            dirty: false,
            author: None,
            commit_time: None,
            given_status: None,
            decided_time: now(),
        };
        let details = AlertDetails { alert: Alert { raw, ..alert }, verdict, runs: vec![], activity: vec![] };
        let shown = serde_json::to_value(Shown { details, feedback: [] }).unwrap();
        assert_eq!((&shown["title"], &shown["raw"]["n"]), (&json!("SSH"), &json!(1)));
        assert_eq!(shown["verdict"]["dismissed_by"], json!(["nightly-scan"]));
        assert_eq!((&shown["runs"], &shown["activity"], &shown["feedback"]), (&json!([]), &json!([]), &json!([])));
    }
}
