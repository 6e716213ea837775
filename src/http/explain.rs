//! `GET /api/v1/alerts/{id}/explain`: why the filters that run now, or those that decided then, are met by an alert or not,
//! clause by clause.

use super::problem::{Problem, echo};
use super::query::Query;
use super::routes::App;
use crate::alert::{OWN_SOURCE, Status};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::filter::Filter;
use crate::id::{AlertId, RuleId};
use crate::ruleset::{self, AlertExplanation, Decision, Ruleset, Sources, Verdict};
use crate::store::{Decided, Generation};
use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::Serialize;
use std::sync::Arc;

/// The compilers recurse into what authors nest.
const STACK: usize = 64 << 20;

/// What was decided, and what the rules that are asked say.
#[derive(Debug, Serialize)]
pub(super) struct Explained {
    verdict: Verdict,
    /// Which rules are asked: `running` or `decided`.
    asked: &'static str,
    /// As of when.
    at: Timestamp,
    /// What the rules that run now would decide.
    today: Today,
    #[serde(flatten)]
    explanation: AlertExplanation,
}

/// A decision of the rules that run now.
#[derive(Debug, Serialize)]
struct Today {
    generation: Digest,
    status: Status,
    dismissed_by: Vec<RuleId>,
    /// Whether they decide as was decided.
    same: bool,
}

pub(super) async fn explain(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Result<Json<Explained>, Problem> {
    let query = Query::read(raw.as_deref(), &["filter", "generation"])?;
    let filter = match query.one("filter")? {
        None => None,
        Some(id) => Some(RuleId::new(id).ok_or_else(|| Problem::bad_query("filter", RuleId::SHAPE))?),
    };
    let asks_decided = match query.one("generation")? {
        None | Some("running") => false,
        Some("decided") => true,
        Some(other) => {
            let detail = format!("`{}` is not a value of `generation`; known: running, decided", echo(other));
            return Err(Problem::bad_query("generation", detail));
        }
    };
    let id: AlertId = id.parse().map_err(|invalid| Problem::not_found(format!("{invalid}")))?;
    let Some(Decided { alert, verdict }) = app.api.store.decided(&id).await? else {
        return Err(Problem::not_found(format!("there is no alert {id}")));
    };
    let (running, now) = (app.api.live.snapshot(), app.api.clock.now());
    let kept = match asks_decided && verdict.generation != running.generation() {
        false => None,
        true => Some(kept(&app, &verdict).await?),
    };
    // Every filter is put to the alert by the plain evaluator, which takes a while with ten thousand of them: one at a
    // time, and off the threads that answer everybody else.
    let _place = app.explaining.acquire().await.expect("it is never closed");
    let explained = tokio::task::block_in_place(|| {
        let made = kept.map(made_again).transpose()?;
        let rules = made.as_ref().unwrap_or(&running);
        let at = if asks_decided { verdict.decided_time } else { now };
        let held = app.api.operator.held();
        let is_held = |filter: &Filter| match asks_decided {
            // What would have dismissed the alert and is on record as not having done so was held then.
            true => filter.limit.is_none() && verdict.would_dismiss.contains(&filter.id),
            false => alert.source == OWN_SOURCE || running.is_held(filter, &held),
        };
        let explanation = rules.explain(&alert, at, filter.as_ref(), &is_held);
        let Decision { verdict: today, limits, .. } = running.decide_holding(&alert, now, &held);
        let is_limited = |id: &RuleId| limits.iter().any(|limited| limited.filter.id == *id);
        // What a limit dismisses depends on the alerts before: that nobody can say of today.
        let by_limits = !verdict.dismissed_by.is_empty() && verdict.dismissed_by.iter().all(is_limited);
        let same = by_limits || today.status == verdict.status && today.dismissed_by == verdict.dismissed_by;
        let (generation, status, dismissed_by) = (today.generation, today.status, today.dismissed_by);
        let today = Today { generation, status, dismissed_by, same };
        let asked = if asks_decided { "decided" } else { "running" };
        Ok::<_, Problem>(explanation.map(|explanation| Explained { verdict, asked, at, today, explanation }))
    });
    explained?.map(Json).ok_or_else(|| {
        Problem::not_found(format!("there is no filter {}", filter.map_or_else(String::new, |id| id.to_string())))
    })
}

async fn kept(app: &App, verdict: &Verdict) -> Result<Generation, Problem> {
    app.api.store.generation(&verdict.generation).await?.ok_or_else(|| {
        let generation = verdict.generation.short();
        let detail = format!("generation {generation} is not kept: it decided before generations were");
        Problem::not_found(detail)
    })
}

/// The rules as they were, compiled again.
fn made_again(generation: Generation) -> Result<Ruleset, Problem> {
    let sources = Sources { files: generation.files.to_vec(), revision: generation.revision };
    let built = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("explain".to_owned()).stack_size(STACK);
        let thread = thread.spawn_scoped(scope, || ruleset::build(&sources)).ok()?;
        thread.join().ok()?.ok()
    });
    // A newer Quell may refuse what an older one took.
    let refused = || {
        let generation = generation.digest.short();
        Problem::not_found(format!("generation {generation} does not compile with this version of Quell"))
    };
    built.ok_or_else(refused)
}
