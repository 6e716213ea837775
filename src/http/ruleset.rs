//! `GET /api/v1/ruleset` and what was in force before it; `POST /-/reload` and `/api/v1/ruleset/rollback`: the orders to
//! read the rules again, and to go back to earlier ones.

use super::auth::Caller;
use super::problem::{Problem, echo};
use super::query::Query;
use super::routes::App;
use super::wish;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::reload::{Outcome, RollbackFault, RulesetReport};
use crate::ruleset::ChangeCounts;
use crate::store::{Cause, ChangeQuery, Page, RulesetChange};
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) async fn show(State(app): State<Arc<App>>) -> Json<RulesetReport> {
    Json(app.api.reloader.report())
}

/// A reload that was not refused, and the rules that run after it.
#[derive(Debug, Serialize)]
pub(super) struct Reloaded {
    outcome: &'static str,
    #[serde(flatten)]
    report: RulesetReport,
}

pub(super) async fn reload(State(app): State<Arc<App>>) -> Result<Json<Reloaded>, Problem> {
    let outcome = match app.api.reloader.reload().await {
        Outcome::Reloaded { .. } => "reloaded",
        Outcome::Unchanged => "unchanged",
        Outcome::Rejected(diagnostics) => return Err(Problem::ruleset_rejected(&diagnostics)),
    };
    Ok(Json(Reloaded { outcome, report: app.api.reloader.report() }))
}

/// A time at which another set began to decide.
#[derive(Debug, Serialize)]
pub(super) struct ChangeView {
    at: Timestamp,
    cause: Cause,
    by: Option<String>,
    generation: Digest,
    commit: Option<String>,
    dirty: bool,
    author: Option<String>,
    commit_time: Option<Timestamp>,
    filters: usize,
    playbooks: usize,
    changes: ChangeCounts,
    diff: String,
}

impl From<RulesetChange> for ChangeView {
    fn from(change: RulesetChange) -> Self {
        let RulesetChange { at, cause, by, generation, revision, filters, playbooks, counts, diff } = change;
        Self {
            at,
            cause,
            by,
            generation,
            dirty: revision.as_ref().is_some_and(|revision| revision.dirty),
            commit: revision.as_ref().map(|revision| revision.commit.clone()),
            author: revision.as_ref().and_then(|revision| revision.author.clone()),
            commit_time: revision.and_then(|revision| revision.commit_time),
            filters,
            playbooks,
            changes: counts,
            diff,
        }
    }
}

/// A generation that can be gone back to, or the one in force.
#[derive(Debug, Serialize)]
pub(super) struct GenerationView {
    in_force: bool,
    #[serde(flatten)]
    change: ChangeView,
}

pub(super) async fn generations(State(app): State<Arc<App>>) -> Result<Json<Page<GenerationView>>, Problem> {
    let in_force = app.api.live.snapshot().generation();
    let kept = app.api.store.generations().await?;
    let view =
        |change: RulesetChange| GenerationView { in_force: change.generation == in_force, change: change.into() };
    Ok(Json(Page { items: kept.into_iter().map(view).collect(), next_cursor: None }))
}

pub(super) async fn changes(
    State(app): State<Arc<App>>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Page<ChangeView>>, Problem> {
    let query = Query::read(raw.as_deref(), &["cursor", "limit"])?;
    let query = ChangeQuery { cursor: query.cursor()?, limit: query.limit()? };
    let Page { items, next_cursor } = app.api.store.ruleset_changes(query).await?;
    Ok(Json(Page { items: items.into_iter().map(ChangeView::from).collect(), next_cursor }))
}

/// Which generation to go to; without one, the one before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rollback {
    generation: Option<String>,
}

pub(super) async fn rollback(
    State(app): State<Arc<App>>,
    Extension(Caller(by)): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<RulesetReport>, Problem> {
    let Rollback { generation } = wish::read(&app, &headers, body).await?;
    app.api.reloader.roll_back(generation, by).await?;
    Ok(Json(app.api.reloader.report()))
}

impl From<RollbackFault> for Problem {
    fn from(fault: RollbackFault) -> Self {
        let detail = fault.to_string();
        match fault {
            RollbackFault::Unknown(wish) => Self::not_found(format!(
                "no generation that begins with `{}` can be gone back to; /api/v1/ruleset/generations lists those that can",
                echo(&wish)
            )),
            RollbackFault::Short | RollbackFault::Ambiguous(_) => Self::bad_body(detail),
            RollbackFault::Nowhere => Self::conflict("no_earlier_generation", detail),
            RollbackFault::RolledBack => Self::conflict("already_rolled_back", detail),
            RollbackFault::InForce(_) => Self::conflict("already_in_force", detail),
            RollbackFault::Refused(diagnostics) => Self::ruleset_rejected(&diagnostics),
            RollbackFault::Store(fault) => fault.into(),
            RollbackFault::Crashed => Self::internal(),
        }
    }
}
