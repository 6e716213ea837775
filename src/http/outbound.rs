//! `GET /api/v1/connections` and `POST …/{name}/resume`: how outbound connections stand, and the order to go on.

use super::auth::Caller;
use super::problem::{Problem, echo};
use super::routes::App;
use crate::pipeline::LaneView;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde::Serialize;
use std::sync::Arc;

/// Every connection there is. They are few and come from the config, so there are no pages.
#[derive(Debug, Serialize)]
pub(super) struct Connections {
    items: Vec<LaneView>,
    next_cursor: Option<String>,
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Result<Json<Connections>, Problem> {
    Ok(Json(Connections { items: app.api.lanes.views().await?, next_cursor: None }))
}

/// A connection that sends anyway is answered as it stands.
pub(super) async fn resume(
    State(app): State<Arc<App>>,
    Path(name): Path<String>,
    Extension(Caller(by)): Extension<Caller>,
) -> Result<Json<LaneView>, Problem> {
    let resumed = app.api.lanes.resume(&name).await?;
    if resumed.is_some() {
        tracing::warn!(connection = name, by, "resumed");
    }
    resumed.map(Json).ok_or_else(|| Problem::not_found(format!("there is no connection `{}`", echo(&name))))
}
