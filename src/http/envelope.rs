//! What every answer comes in: security headers, a count, one log line; and a fault that escaped becomes a problem.

use super::problem::{self, Problem};
use crate::clock::Stopwatch;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Told of every answer: the route's path as the table writes it, the status, and the seconds it took.
pub(super) type Observe = Arc<dyn Fn(&'static str, u16, f64) + Send + Sync>;

/// What a request that met no route is counted as.
const UNMATCHED: &str = "unmatched";

/// The headers of every answer; one that a route set itself stays.
pub(super) static HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// The outermost layer's own knowledge.
pub(super) struct Envelope {
    pub(super) paths: Vec<&'static str>,
    pub(super) observe: Observe,
}

/// Runs a request and sees its answer off.
pub(super) async fn wrap(envelope: Arc<Envelope>, request: Request, next: Next) -> Response {
    let took = Stopwatch::start();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = envelope.paths.iter().find(|path| Some(**path) == matched).copied().unwrap_or(UNMATCHED);
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = answered.unwrap_or_else(|_| {
        tracing::error!(%method, route, "a handler panicked");
        Problem::internal().into_response()
    });
    let status = response.status();
    if (status.is_client_error() || status.is_server_error()) && !is_problem(&response) {
        response = documented(&response);
    }
    for (name, value) in &HEADERS {
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    let seconds = took.elapsed().as_secs_f64();
    (envelope.observe)(route, status.as_u16(), seconds);
    tracing::debug!(%method, path, status = status.as_u16(), seconds, "answered");
    response
}

fn is_problem(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|found| found == problem::MEDIA_TYPE)
}

/// A refusal by the framework rather than by us, such as a path that is no UTF-8, in our own words.
fn documented(refusal: &Response) -> Response {
    let mut response = Problem::bare(refusal.status()).into_response();
    if let Some(allow) = refusal.headers().get(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, allow.clone());
    }
    response
}
