//! `GET /api/v1/ruleset` and `POST /-/reload`: which rules are running, and the order to read them again.

use super::problem::Problem;
use super::routes::App;
use crate::reload::{Outcome, RulesetReport};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
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
