//! `/api/v1/approvals`: the questions that runs wait for, and their answers.

use super::auth::Caller;
use super::problem::Problem;
use super::query::Query;
use super::routes::App;
use super::wish;
use crate::id::ApprovalId;
use crate::store::{Approval, ApprovalAnswer, ApprovalStatus, Page, WaitingQuery};
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::Deserialize;
use std::sync::Arc;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Page<Approval>>, Problem> {
    let query = Query::read(raw.as_deref(), &["status", "cursor", "limit"])?;
    let known = ApprovalStatus::ALL.map(ApprovalStatus::as_str);
    let mut status = query.words("status", &known, ApprovalStatus::from_word)?;
    if status.is_empty() {
        status.push(ApprovalStatus::Pending);
    }
    let query = WaitingQuery { status, connection: None, cursor: query.cursor()?, limit: query.limit()? };
    Ok(Json(app.api.store.approvals(query).await?))
}

pub(super) async fn show(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<Approval>, Problem> {
    find(&app, &read(&id)?).await.map(Json)
}

/// Yes or no.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    approved: bool,
    comment: Option<String>,
}

pub(super) async fn answer(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(Caller(by)): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Approval>, Problem> {
    let id = read(&id)?;
    let Answer { approved, comment } = wish::read(&app, &headers, body).await?;
    let answer = ApprovalAnswer { approved, by, comment: wish::comment(comment)? };
    let wish = app.api.operator.answer(&id, answer).await?;
    wish::granted(wish, "approval", id.as_str(), "approval_settled", ApprovalStatus::as_str)?;
    find(&app, &id).await.map(Json)
}

fn read(id: &str) -> Result<ApprovalId, Problem> {
    id.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))
}

async fn find(app: &App, id: &ApprovalId) -> Result<Approval, Problem> {
    app.api.store.approval(id).await?.ok_or_else(|| Problem::not_found(format!("there is no approval {id}")))
}
