//! The only place where a fault becomes an HTTP answer: RFC 9457 `application/problem+json` with a stable `code`.

use super::settings::Scope;
use crate::decode::DecodeError;
use crate::diag::Diagnostic;
use crate::id::RuleId;
use crate::intake::IntakeFault;
use crate::store::StoreError;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The media type of every refusal.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Longest piece of a request that an answer repeats, in characters.
const LONGEST_ECHO: usize = 64;

/// A refusal: what a program needs to tell it from others, and what a person needs to mend it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    members: Map<String, Value>,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), headers: Vec::new(), members: Map::new() }
    }

    fn with(mut self, member: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("what a problem carries is plain data");
        self.members.insert(member.to_owned(), value);
        self
    }

    fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.headers.push((name, HeaderValue::from_str(value).expect("headers are made of our own words")));
        self
    }

    fn retry_after(self, seconds: u32) -> Self {
        self.header(header::RETRY_AFTER, &seconds.to_string())
    }

    /// The status this answers with.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers it adds to those of every answer.
    pub(super) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// The stable code.
    #[cfg(test)]
    pub(super) fn code(&self) -> &'static str {
        self.code
    }

    /// The document itself.
    pub(super) fn document(&self) -> Value {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let (status, code, detail) = (self.status.as_u16(), self.code, &self.detail);
        let mut document =
            json!({"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail});
        document.as_object_mut().expect("it was just made as an object").extend(self.members.clone());
        document
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = self.document().to_string();
        let mut response = (self.status, [(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response();
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        response
    }
}

/// A piece of a request as an answer may repeat it: short, and without control characters.
pub(super) fn echo(text: &str) -> String {
    let short: String = text.chars().take(LONGEST_ECHO).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST_ECHO).is_some() { format!("{short}…") } else { short }
}

/// What is refused before a resource is reached.
impl Problem {
    pub(super) fn auth_missing() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "auth_missing", "send a token as `Authorization: Bearer TOKEN`")
            .header(header::WWW_AUTHENTICATE, r#"Bearer realm="quell""#)
    }

    pub(super) fn auth_invalid() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "auth_invalid", "the token is not one this daemon knows")
            .header(header::WWW_AUTHENTICATE, r#"Bearer realm="quell", error="invalid_token""#)
    }

    pub(super) fn scope_missing(scope: Scope) -> Self {
        let scope = scope.as_str();
        let detail = format!("this needs a token with the scope `{scope}`");
        let challenge = format!(r#"Bearer realm="quell", error="insufficient_scope", scope="{scope}""#);
        Self::new(StatusCode::FORBIDDEN, "scope_missing", detail)
            .with("scope", scope)
            .header(header::WWW_AUTHENTICATE, &challenge)
    }

    pub(super) fn host_missing() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "host_missing", "a request names its host exactly once")
    }

    pub(super) fn host_not_allowed(host: &str) -> Self {
        let detail = format!("`{}` is no name of this daemon; an operator can add it to `hosts`", echo(host));
        Self::new(StatusCode::MISDIRECTED_REQUEST, "host_not_allowed", detail)
    }

    pub(super) fn origin_not_allowed(origin: &str) -> Self {
        let detail = format!("a write from another site is refused; this one came from {}", echo(origin));
        Self::new(StatusCode::FORBIDDEN, "origin_not_allowed", detail)
    }

    pub(super) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    pub(super) fn method_not_allowed() -> Self {
        let detail = "this path takes other methods, named in `Allow`";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    pub(super) fn header_timeout() -> Self {
        let detail = "the request's head took too long to arrive";
        Self::new(StatusCode::REQUEST_TIMEOUT, "header_timeout", detail)
    }

    pub(super) fn overloaded(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", detail).retry_after(1)
    }

    pub(super) fn internal() -> Self {
        let detail = "a fault of the daemon, kept in its log; what was asked may not have happened";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// What stands in for a refusal that carries no document of its own.
    pub(super) fn bare(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found("nothing is here"),
            StatusCode::METHOD_NOT_ALLOWED => Self::method_not_allowed(),
            _ if status.is_server_error() => Self { status, ..Self::internal() },
            _ => Self::new(status, "bad_request", "the request cannot be read"),
        }
    }
}

/// What is refused of a query or a body.
impl Problem {
    pub(super) fn loop_detected(hops: u8) -> Self {
        let detail = "these alerts come from a playbook whose alert came from a playbook, and so on; \
                      a playbook must not send what calls for it again";
        Self::new(StatusCode::LOOP_DETECTED, "loop_detected", detail).with("hops", hops)
    }

    pub(super) fn hops_invalid() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "hops_invalid", "`quell-hops` is a whole number; leave it out")
    }

    pub(super) fn bad_query(parameter: &str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_query", detail).with("parameter", echo(parameter))
    }

    pub(super) fn bad_body(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_body", detail)
    }

    pub(super) fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// A playbook's rate limit forbids a run for so long.
    pub(super) fn rate_limited(playbook: &RuleId, wait: Duration) -> Self {
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
        let detail = format!("the rate limit of `{playbook}` allows no further run now; one more in {seconds} s");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail).retry_after(seconds)
    }

    pub(super) fn content_type_unsupported(found: &str) -> Self {
        let detail = format!("`{}` is not understood; send `application/json` or `application/x-ndjson`", echo(found));
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type_unsupported", detail)
            .header(HeaderName::from_static("accept-post"), "application/json, application/x-ndjson")
    }

    pub(super) fn content_encoding_unsupported(found: &str) -> Self {
        let detail = format!("`{}` is not understood; send the body uncompressed", echo(found));
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_encoding_unsupported", detail)
            .header(header::ACCEPT_ENCODING, "identity")
    }

    pub(super) fn body_too_large(limit: usize) -> Self {
        let detail = format!("the body is larger than {limit} bytes; send several smaller ones");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail).with("limit", limit)
    }

    pub(super) fn body_timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", "the body took too long to arrive")
    }

    pub(super) fn body_incomplete() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "body_incomplete", "the body ended before it was whole")
    }

    /// The fault of the one alert a body held.
    pub(super) fn of_alert(fault: &DecodeError) -> Self {
        let status = match fault.code {
            "body_too_large" | "alert_too_large" | "too_many_alerts" => StatusCode::PAYLOAD_TOO_LARGE,
            "invalid_json" | "invalid_utf8" | "json_too_deep" | "duplicate_field" | "not_an_object"
            | "unknown_source" => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let mut problem = Self::new(status, fault.code, fault.message.as_str());
        for (member, place) in [("line", fault.line), ("column", fault.column)] {
            if let Some(place) = place {
                problem = problem.with(member, place);
            }
        }
        problem
    }

    /// A batch of which nothing could be kept. The code is the items' own if they share one.
    pub(super) fn of_batch(faults: &[&DecodeError], results: impl Serialize) -> Self {
        let shared = faults.first().map(|first| first.code);
        let code = shared.filter(|code| faults.iter().all(|fault| fault.code == *code)).unwrap_or("no_valid_alert");
        let detail = format!("none of the {} alerts could be kept; `results` says why", faults.len());
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail).with("results", results)
    }

    pub(super) fn ruleset_rejected(diagnostics: &[Diagnostic]) -> Self {
        let detail = "the new rules are faulty and the running ones stay; `diagnostics` lists every fault";
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "ruleset_rejected", detail)
            .with("outcome", "rejected")
            .with("diagnostics", diagnostics)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let detail = error.to_string();
        let unavailable =
            |code, seconds| Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail.as_str()).retry_after(seconds);
        match error {
            StoreError::Full(_) => unavailable("storage_full", 30),
            StoreError::Failed(_) => unavailable("storage_failed", 60),
            StoreError::Unavailable(_) => unavailable("storage_unavailable", 5),
            StoreError::Busy => unavailable("overloaded", 1),
            StoreError::Corrupt(_) => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "corrupt_record", detail),
            StoreError::BadQuery(_) => Self::new(StatusCode::BAD_REQUEST, "bad_query", detail),
        }
    }
}

impl From<IntakeFault> for Problem {
    fn from(fault: IntakeFault) -> Self {
        match fault {
            IntakeFault::Decode(fault) => Self::of_alert(&fault),
            IntakeFault::Store(error) => error.into(),
        }
    }
}
