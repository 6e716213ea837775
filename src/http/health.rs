//! `/healthz`, `/readyz` and `/metrics`: what an orchestrator and a monitor ask.

use super::problem::Problem;
use super::routes::{Api, App};
use crate::telemetry::Running;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::Arc;

/// The media type of OpenMetrics text.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The process answers; a restart would help nobody.
pub(super) async fn alive() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Alerts can be taken: the store accepts writes. Rules are always there, since a refused reload keeps the old ones.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Result<Json<Value>, Problem> {
    app.api.store.health()?;
    Ok(Json(json!({"status": "ready", "generation": app.api.live.snapshot().generation()})))
}

/// Counted events as they were counted, and gauges as they are now. A store that cannot be read leaves its gauges as
/// they were: what a monitor needs then is the rest.
pub(super) async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let Api { store, reloader, metrics, .. } = &app.api;
    let report = reloader.report();
    let generation = report.generation.to_string();
    let commit_time = report.commit_time.map(|at| at.to_string());
    let running = Running {
        generation: &generation,
        commit: report.commit.as_deref(),
        dirty: report.dirty,
        author: report.author.as_deref(),
        commit_time: commit_time.as_deref(),
    };
    metrics.ruleset(&running, report.filters, report.playbooks, report.last_reload.outcome != "rejected");
    if let Ok(counts) = store.counts().await {
        let alerts = counts.alerts.into_iter().map(|(status, count)| (status.as_str(), count));
        let runs = counts.runs.into_iter().map(|(status, count)| (status.as_str(), count));
        metrics.stored(alerts, runs, counts.requests);
        metrics.waiting_for_people(counts.approvals, counts.dead_letters);
    }
    ([(header::CONTENT_TYPE, OPENMETRICS)], metrics.render())
}
