//! The one table of routes. Nothing is served that does not stand here with what it asks of its caller.

use super::auth::{Access, Auth};
use super::body::Bodies;
use super::envelope::{self, Envelope, Observe};
use super::guard::Guard;
use super::problem::Problem;
use super::settings::{Scope, Settings};
use super::{
    alerts, approvals, change, dead_letters, explain, health, ingest, outbound, playbooks, root, rules, ruleset, runs,
};
use crate::clock::SharedClock;
use crate::intake::Intake;
use crate::pipeline::{Lanes, Operator};
use crate::reload::Reloader;
use crate::ruleset::Live;
use crate::store::Store;
use crate::telemetry::Metrics;
use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, on};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The parts of the daemon that the interface speaks for.
#[derive(Clone)]
pub struct Api {
    /// What is stored.
    pub store: Arc<dyn Store>,
    /// Where alerts go in.
    pub intake: Arc<Intake>,
    /// What reads the rules again.
    pub reloader: Arc<Reloader>,
    /// What carries out people's wishes.
    pub operator: Arc<Operator>,
    /// The rules that are running.
    pub live: Arc<Live>,
    /// How connections stand.
    pub lanes: Arc<Lanes>,
    /// The daemon's numbers.
    pub metrics: Arc<Metrics>,
    /// What time it is.
    pub clock: SharedClock,
}

/// What every handler is handed.
pub(super) struct App {
    pub(super) api: Api,
    pub(super) bodies: Bodies,
    /// The place for working out why an alert was decided as it was.
    pub(super) explaining: Semaphore,
}

/// One method of one path, and who may use it.
pub(super) struct Route<S> {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) access: Access,
    pub(super) handler: MethodRouter<S>,
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// A route that only looks; it answers `HEAD` too.
    fn get<H: Handler<T, S>, T: 'static>(path: &'static str, access: Access, handler: H) -> Self {
        Self { method: Method::GET, path, access, handler: on(MethodFilter::GET, handler) }
    }

    /// A route that does something. There is no open one.
    fn post<H: Handler<T, S>, T: 'static>(path: &'static str, needs: Scope, handler: H) -> Self {
        Self { method: Method::POST, path, access: Access::Needs(needs), handler: on(MethodFilter::POST, handler) }
    }
}

impl<S: Clone + Send + Sync + 'static> Route<S> {
    /// A route that changes something there is.
    fn patch<H: Handler<T, S>, T: 'static>(path: &'static str, needs: Scope, handler: H) -> Self {
        Self { method: Method::PATCH, path, access: Access::Needs(needs), handler: on(MethodFilter::PATCH, handler) }
    }
}

/// Every route there is.
pub(super) fn table() -> Vec<Route<Arc<App>>> {
    use Access::{Needs, Open};
    use Scope::{Admin, Ingest, Read, Respond};
    vec![
        Route::get("/", Open, root::show),
        Route::get("/healthz", Open, health::alive),
        Route::get("/readyz", Open, health::ready),
        Route::get("/metrics", Needs(Read), health::metrics),
        Route::post("/-/reload", Admin, ruleset::reload),
        Route::post("/api/v1/alerts", Ingest, ingest::submit),
        Route::get("/api/v1/alerts", Needs(Read), alerts::list),
        Route::get("/api/v1/alerts/{id}", Needs(Read), alerts::show),
        Route::patch("/api/v1/alerts/{id}", Respond, change::patch),
        Route::get("/api/v1/alerts/{id}/explain", Needs(Read), explain::explain),
        Route::get("/api/v1/connections", Needs(Read), outbound::list),
        Route::post("/api/v1/connections/{name}/resume", Respond, outbound::resume),
        Route::get("/api/v1/ruleset", Needs(Read), ruleset::show),
        Route::get("/api/v1/ruleset/generations", Needs(Read), ruleset::generations),
        Route::get("/api/v1/ruleset/changes", Needs(Read), ruleset::changes),
        Route::post("/api/v1/ruleset/rollback", Admin, ruleset::rollback),
        Route::get("/api/v1/ruleset/filters", Needs(Read), rules::filters),
        Route::get("/api/v1/ruleset/filters/{id}", Needs(Read), rules::filter),
        Route::post("/api/v1/ruleset/filters/{id}/enforce", Admin, rules::enforce),
        Route::get("/api/v1/ruleset/playbooks", Needs(Read), rules::playbooks),
        Route::get("/api/v1/ruleset/report", Needs(Read), rules::overview),
        Route::get("/api/v1/runs", Needs(Read), runs::list),
        Route::get("/api/v1/runs/{id}", Needs(Read), runs::show),
        Route::post("/api/v1/runs/{id}/cancel", Respond, runs::cancel),
        Route::post("/api/v1/runs/{id}/rerun", Respond, runs::rerun),
        Route::post("/api/v1/alerts/{id}/runs", Respond, runs::start),
        Route::get("/api/v1/approvals", Needs(Read), approvals::list),
        Route::get("/api/v1/approvals/{id}", Needs(Read), approvals::show),
        Route::post("/api/v1/approvals/{id}", Respond, approvals::answer),
        Route::get("/api/v1/dead-letters", Needs(Read), dead_letters::list),
        Route::get("/api/v1/dead-letters/{id}", Needs(Read), dead_letters::show),
        Route::post("/api/v1/dead-letters/{id}/redrive", Respond, dead_letters::redrive),
        Route::post("/api/v1/dead-letters/{id}/discard", Respond, dead_letters::discard),
        Route::get("/api/v1/playbooks/switch", Needs(Read), playbooks::show),
        Route::post("/api/v1/playbooks/disarm", Respond, playbooks::disarm),
        Route::post("/api/v1/playbooks/arm", Respond, playbooks::arm),
    ]
}

/// Puts a table behind its doors: first the envelope, then the guard, then the routes, each with its own lock.
pub(super) fn router<S>(table: Vec<Route<S>>, settings: &Settings, observe: Observe) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let auth = Arc::new(Auth::new(settings));
    let guard = Arc::new(Guard::new(settings));
    let envelope = Arc::new(Envelope { paths: table.iter().map(|route| route.path).collect(), observe });
    let mut router = Router::new();
    for Route { path, access, handler, .. } in table {
        let auth = auth.clone();
        let lock = middleware::from_fn(move |mut request: Request, next: Next| {
            let admitted = auth.admit(access, request.headers());
            async move {
                match admitted {
                    Ok(caller) => {
                        request.extensions_mut().insert(caller);
                        next.run(request).await
                    }
                    Err(refused) => refused.into_response(),
                }
            }
        });
        router = router.route(path, handler.route_layer(lock));
    }
    let watch = middleware::from_fn(move |request: Request, next: Next| {
        let passed = guard.check(request.method(), request.uri(), request.headers());
        async move {
            match passed {
                Ok(()) => next.run(request).await,
                Err(refused) => refused.into_response(),
            }
        }
    });
    router
        .fallback(async || Problem::not_found("nothing is at this path"))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(watch)
        .layer(middleware::from_fn(move |request, next| envelope::wrap(envelope.clone(), request, next)))
}
