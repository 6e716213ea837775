//! `POST /api/v1/playbooks/disarm` and `/arm`: the switch that holds all playbooks.

use super::auth::Caller;
use super::problem::Problem;
use super::routes::App;
use super::wish;
use crate::store::Disarmed;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Where the switch stands.
#[derive(Debug, Serialize)]
pub(super) struct Armed {
    /// By whom, why and since when playbooks are held; null while they are not.
    disarmed: Option<Disarmed>,
}

/// Why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reason {
    why: Option<String>,
}

pub(super) async fn show(State(app): State<Arc<App>>) -> Json<Armed> {
    Json(Armed { disarmed: app.api.operator.disarmed() })
}

pub(super) async fn disarm(
    State(app): State<Arc<App>>,
    Extension(Caller(by)): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Armed>, Problem> {
    let Reason { why } = wish::read(&app, &headers, body).await?;
    let disarmed = app.api.operator.disarm(&by, wish::comment(why)?).await?;
    Ok(Json(Armed { disarmed: Some(disarmed) }))
}

pub(super) async fn arm(
    State(app): State<Arc<App>>,
    Extension(Caller(by)): Extension<Caller>,
) -> Result<Json<Armed>, Problem> {
    app.api.operator.arm(&by).await?;
    Ok(Json(Armed { disarmed: None }))
}
