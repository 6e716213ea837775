//! `/api/v1/runs`: what playbooks did and are doing; and the wish to end one, to repeat one, to start one by hand.

use super::auth::Caller;
use super::problem::{Problem, echo};
use super::query::Query;
use super::routes::App;
use super::wish;
use crate::id::{AlertId, RuleId, RunId};
use crate::store::{Page, RunDetails, RunQuery, RunStatus, RunSummary};
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;
use std::sync::Arc;

const PARAMETERS: [&str; 5] = ["status", "playbook", "alert_id", "cursor", "limit"];

pub(super) async fn list(
    State(app): State<Arc<App>>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Page<RunSummary>>, Problem> {
    let query = Query::read(raw.as_deref(), &PARAMETERS)?;
    Ok(Json(app.api.store.runs(run_query(&query)?).await?))
}

fn run_query(query: &Query) -> Result<RunQuery, Problem> {
    let playbook = query.one("playbook")?;
    if let Some(given) = playbook.filter(|given| RuleId::new(given).is_none()) {
        let detail = format!("`{}` is not a playbook's id: {}", echo(given), RuleId::SHAPE);
        return Err(Problem::bad_query("playbook", detail));
    }
    let alert_id = query.one("alert_id")?.map(str::parse::<AlertId>).transpose();
    let alert_id = alert_id.map_err(|invalid| Problem::bad_query("alert_id", invalid.to_string()))?;
    Ok(RunQuery {
        status: query.words("status", &RunStatus::ALL.map(RunStatus::as_str), RunStatus::from_word)?,
        playbook: playbook.map(str::to_owned),
        alert_id: alert_id.map(|id| id.to_string()),
        cursor: query.cursor()?,
        limit: query.limit()?,
    })
}

pub(super) async fn show(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<RunDetails>, Problem> {
    let id: RunId = id.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))?;
    let run = app.api.store.run(&id).await?;
    run.map(Json).ok_or_else(|| Problem::not_found(format!("there is no run {id}")))
}

pub(super) async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(Caller(by)): Extension<Caller>,
) -> Result<Json<RunDetails>, Problem> {
    let run: RunId = id.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))?;
    let wish = app.api.operator.cancel(&run, &by).await?;
    wish::granted(wish, "run", run.as_str(), "run_ended", RunStatus::as_str)?;
    show(State(app), Path(id)).await
}

pub(super) async fn rerun(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(Caller(by)): Extension<Caller>,
) -> Result<Json<RunDetails>, Problem> {
    let run: RunId = id.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))?;
    let new = wish::started(app.api.operator.rerun(&run, &by).await?)?;
    show(State(app), Path(new.to_string())).await
}

/// Which playbook to run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ByHand {
    playbook: String,
}

/// `POST /api/v1/alerts/{id}/runs`.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    Path(alert): Path<String>,
    Extension(Caller(by)): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<RunDetails>, Problem> {
    let alert: AlertId = alert.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))?;
    let ByHand { playbook } = wish::read(&app, &headers, body).await?;
    let playbook = RuleId::new(&playbook)
        .ok_or_else(|| Problem::bad_body(format!("`{}` is not a playbook's id: {}", echo(&playbook), RuleId::SHAPE)))?;
    let new = wish::started(app.api.operator.run(&alert, &playbook, &by).await?)?;
    show(State(app), Path(new.to_string())).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Result<RunQuery, Problem> {
        run_query(&Query::read(Some(raw), &PARAMETERS)?)
    }

    #[test]
    fn takes_every_filter_of_the_list() {
        assert_eq!(read("").unwrap(), RunQuery { limit: 50, ..RunQuery::default() });
        let alert = AlertId::from_bytes([1; 16]);
        let expected = RunQuery {
            status: vec![RunStatus::Failed, RunStatus::Waiting],
            playbook: Some("contain-source".into()),
            alert_id: Some(alert.to_string()),
            cursor: None,
            limit: 7,
        };
        let raw = format!("status=failed,waiting&playbook=contain-source&alert_id={alert}&limit=7&cursor=");
        assert_eq!(read(&raw).unwrap(), expected);
    }

    #[test]
    fn names_what_cannot_be_an_id_or_a_status() {
        for (raw, parameter) in
            [("alert_id=run_1", "alert_id"), ("playbook=A+b", "playbook"), ("status=dnoe", "status")]
        {
            let refused = read(raw).unwrap_err();
            assert_eq!((refused.code(), &refused.document()["parameter"]), ("bad_query", &parameter.into()));
        }
    }
}
