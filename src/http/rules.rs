//! `GET /api/v1/ruleset/filters`, `/playbooks` and `/report`: the rules that run now, with what they have done; and the
//! order that a held filter go on.

use super::auth::Caller;
use super::problem::{Problem, echo};
use super::query::Query;
use super::routes::App;
use crate::id::RuleId;
use crate::pipeline::{Deeds, FilterView, PlaybookView, Report, report};
use crate::store::{Cursor, Page};
use axum::extract::{Path, RawQuery, State};
use axum::{Extension, Json};
use serde::Serialize;
use std::sync::Arc;

pub(super) async fn filters(
    State(app): State<Arc<App>>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Page<FilterView>>, Problem> {
    let rules = app.api.live.snapshot();
    let (deeds, now) = (Deeds::ask(&*app.api.store).await?, app.api.clock.now());
    page(raw.as_deref(), rules.filters(), |filter| &filter.id, |filter| FilterView::of(filter, &deeds, now))
}

pub(super) async fn filter(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Json<FilterView>, Problem> {
    let rules = app.api.live.snapshot();
    let (deeds, now) = (Deeds::ask(&*app.api.store).await?, app.api.clock.now());
    let filter = rules.filters().iter().find(|filter| filter.id.as_str() == id);
    let found = filter.map(|filter| Json(FilterView::of(filter, &deeds, now)));
    found.ok_or_else(|| Problem::not_found(format!("there is no filter `{}`", echo(&id))))
}

pub(super) async fn enforce(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Extension(Caller(by)): Extension<Caller>,
) -> Result<Json<FilterView>, Problem> {
    let rules = app.api.live.snapshot();
    let Some(filter) = rules.filters().iter().find(|filter| filter.id.as_str() == id) else {
        return Err(Problem::not_found(format!("there is no filter `{}`", echo(&id))));
    };
    if !app.api.operator.enforce(&filter.id, &by).await? {
        return Err(Problem::conflict("not_held", format!("the filter `{}` is not held", echo(&id))));
    }
    Ok(Json(FilterView::of(filter, &Deeds::ask(&*app.api.store).await?, app.api.clock.now())))
}

pub(super) async fn playbooks(
    State(app): State<Arc<App>>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Page<PlaybookView>>, Problem> {
    let rules = app.api.live.snapshot();
    let deeds = Deeds::ask(&*app.api.store).await?;
    page(raw.as_deref(), rules.playbooks(), |playbook| &playbook.id, |playbook| PlaybookView::of(playbook, &deeds))
}

pub(super) async fn overview(State(app): State<Arc<App>>) -> Result<Json<Report>, Problem> {
    let rules = app.api.live.snapshot();
    Ok(Json(report(&rules, &*app.api.store, app.api.clock.now()).await?))
}

/// A page in the order of ids. Its cursor is the last id of the page before, so a reload between two pages loses nothing
/// that is there both times.
fn page<T, V: Serialize>(
    raw: Option<&str>,
    all: &[Arc<T>],
    id: impl Fn(&T) -> &RuleId,
    view: impl Fn(&T) -> V,
) -> Result<Json<Page<V>>, Problem> {
    let query = Query::read(raw, &["cursor", "limit"])?;
    let limit = query.limit()?;
    let after = match query.cursor()? {
        None => None,
        Some(Cursor(text)) => {
            let wrong = || Problem::bad_query("cursor", "this is not a cursor of this list");
            Some(RuleId::new(&text).ok_or_else(wrong)?)
        }
    };
    let mut chosen: Vec<&Arc<T>> = all.iter().filter(|it| after.as_ref().is_none_or(|after| id(it) > after)).collect();
    chosen.sort_by(|a, b| id(a).cmp(id(b)));
    let more = chosen.len() > limit;
    chosen.truncate(limit);
    let next_cursor = chosen.last().filter(|_| more).map(|last| Cursor(id(last).to_string()));
    Ok(Json(Page { items: chosen.into_iter().map(|it| view(it)).collect(), next_cursor }))
}
