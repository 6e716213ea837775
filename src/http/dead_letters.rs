//! `/api/v1/dead-letters`: requests that were given up, and the wish to send one again or never.

use super::auth::Caller;
use super::problem::{Problem, echo};
use super::query::Query;
use super::routes::App;
use super::wish;
use crate::id::MessageId;
use crate::pipeline::Redrive;
use crate::store::{DeadLetter, DeadLetterDetails, DeadLetterStatus, Page, WaitingQuery};
use axum::extract::{Path, RawQuery, State};
use axum::{Extension, Json};
use std::sync::Arc;

pub(super) async fn list(
    State(app): State<Arc<App>>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Page<DeadLetter>>, Problem> {
    let query = Query::read(raw.as_deref(), &["status", "connection", "cursor", "limit"])?;
    let known = DeadLetterStatus::ALL.map(DeadLetterStatus::as_str);
    let mut status = query.words("status", &known, DeadLetterStatus::from_word)?;
    if status.is_empty() {
        status.push(DeadLetterStatus::Dead);
    }
    let connection = query.one("connection")?.map(str::to_owned);
    let query = WaitingQuery { status, connection, cursor: query.cursor()?, limit: query.limit()? };
    let page = app.api.store.dead_letters(query.clone()).await?;
    if let (Some(name), true) = (&query.connection, page.items.is_empty()) {
        exists(&app, name).await?;
    }
    Ok(Json(page))
}

/// Refuses a connection that neither is configured nor has letters of when it was: it is misspelt.
async fn exists(app: &App, name: &str) -> Result<(), Problem> {
    let any = WaitingQuery { status: Vec::new(), connection: Some(name.to_owned()), cursor: None, limit: 1 };
    let names: Vec<&str> = app.api.lanes.names().collect();
    if names.contains(&name) || !app.api.store.dead_letters(any).await?.items.is_empty() {
        return Ok(());
    }
    let known = if names.is_empty() { "none is configured".to_owned() } else { format!("known: {}", names.join(", ")) };
    Err(Problem::bad_query("connection", format!("there is no connection `{}`; {known}", echo(name))))
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<DeadLetterDetails>, Problem> {
    find(&app, &read(&id)?).await.map(Json)
}

pub(super) async fn redrive(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(Caller(by)): Extension<Caller>,
) -> Result<Json<DeadLetterDetails>, Problem> {
    let id = read(&id)?;
    let wish = match app.api.operator.redrive(&id, &by).await? {
        Redrive::Wish(wish) => wish,
        Redrive::NoConnection(name) => {
            let detail = format!("`{}` is not configured on this daemon any more", echo(&name));
            return Err(Problem::conflict("connection_unknown", detail));
        }
    };
    wish::granted(wish, "dead letter", id.as_str(), "not_dead", DeadLetterStatus::as_str)?;
    find(&app, &id).await.map(Json)
}

pub(super) async fn discard(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(Caller(by)): Extension<Caller>,
) -> Result<Json<DeadLetterDetails>, Problem> {
    let id = read(&id)?;
    let wish = app.api.operator.discard(&id, &by).await?;
    wish::granted(wish, "dead letter", id.as_str(), "not_dead", DeadLetterStatus::as_str)?;
    find(&app, &id).await.map(Json)
}

fn read(id: &str) -> Result<MessageId, Problem> {
    id.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))
}

async fn find(app: &App, id: &MessageId) -> Result<DeadLetterDetails, Problem> {
    app.api.store.dead_letter(id).await?.ok_or_else(|| Problem::not_found(format!("there is no dead letter {id}")))
}
