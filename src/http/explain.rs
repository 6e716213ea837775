//! `GET /api/v1/alerts/{id}/explain`: why the running filters are met by an alert, or not, clause by clause.

use super::problem::Problem;
use super::query::Query;
use super::routes::App;
use crate::id::{AlertId, RuleId};
use crate::ruleset::{AlertExplanation, Verdict};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::Serialize;
use std::sync::Arc;

/// What was decided, and what the rules that run now say.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    verdict: Verdict,
    #[serde(flatten)]
    now: AlertExplanation,
}

pub(super) async fn explain(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Explained>, Problem> {
    let query = Query::read(raw.as_deref(), &["filter"])?;
    let filter = match query.one("filter")? {
        None => None,
        Some(id) => Some(RuleId::new(id).ok_or_else(|| Problem::bad_query("filter", RuleId::SHAPE))?),
    };
    let id: AlertId = id.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))?;
    let Some(details) = app.api.store.alert(&id).await? else {
        return Err(Problem::not_found(format!("there is no alert {id}")));
    };
    let (rules, now) = (app.api.live.snapshot(), app.api.clock.now());
    // Every filter is put to the alert by the plain evaluator, which takes a while with ten thousand of them: one at a
    // time, and off the threads that answer everybody else.
    let _place = app.explaining.acquire().await.expect("it is never closed");
    let explained = tokio::task::block_in_place(|| rules.explain(&details.alert, now, filter.as_ref()));
    match explained {
        Some(now) => Ok(Json(Explained { verdict: details.verdict, now })),
        None => Err(Problem::not_found(format!(
            "there is no filter {}",
            filter.map_or_else(String::new, |id| id.to_string())
        ))),
    }
}
