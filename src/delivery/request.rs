//! One request from a recorded step: where it goes, its headers, its signature, the stored bytes.

use super::connection::Connection;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::id::{MessageId, RunId};
use crate::playbook::StepKey;
use crate::store::RequestWork;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use reqwest::{Method, Request};
use url::Url;

/// Most bytes of a request's body.
const MAX_BODY: usize = 256 * 1024;

const PRODUCT: HeaderValue = HeaderValue::from_static(concat!("quell/", env!("CARGO_PKG_VERSION")));

/// How many requests of playbooks, this one included, led to this one: an alert that playbooks send on to a daemon
/// again and again goes in circles.
pub const HOPS: &str = "quell-hops";

/// Headers nobody but Quell and its HTTP client sets, besides all of `webhook-*`: message framing, what a receiver
/// tells repetitions and loops by, and the other signature.
const RESERVED: [&str; 13] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "proxy-connection",
    HOPS,
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-hub-signature-256",
];

/// Whether a header is Quell's own to set.
pub(super) fn is_reserved_header(name: &HeaderName) -> bool {
    name.as_str().starts_with("webhook-") || RESERVED.contains(&name.as_str())
}

/// A step that does not make a request. Nothing was sent, and trying again would not help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidRequest {
    #[error("method `{0}` is not one of GET, POST, PUT, PATCH, DELETE")]
    Method(String),
    #[error("path {0}")]
    Path(&'static str),
    #[error("header `{0}` {1}")]
    Header(String, &'static str),
    #[error("the body has {0} bytes; a request carries at most {MAX_BODY}")]
    Body(usize),
}

/// The id of a step's message: the same after a crash, on a replay and in another process.
pub fn message_id(run: &RunId, key: &StepKey, connection: &str) -> MessageId {
    let parts = [run.as_str(), &key.0, connection].map(str::as_bytes);
    MessageId::from_bytes(Digest::of_parts(parts).half())
}

/// The request of one attempt, made at `now`.
pub(super) fn build(connection: &Connection, work: &RequestWork, now: Timestamp) -> Result<Request, InvalidRequest> {
    let spec = &work.spec;
    let method = match spec.method.as_str() {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        other => return Err(InvalidRequest::Method(other.chars().take(32).collect())),
    };
    let url = match &spec.path {
        Some(path) if connection.redactor.finds(path) => {
            // Addresses end up in the logs of everybody on the way.
            let why = "must not contain a secret of the connection; its headers carry it";
            return Err(InvalidRequest::Path(why));
        }
        Some(path) => join(&connection.url, path).map_err(InvalidRequest::Path)?,
        None => connection.url.clone(),
    };
    let body = spec.body.as_deref().unwrap_or_default();
    if body.len() > MAX_BODY {
        return Err(InvalidRequest::Body(body.len()));
    }
    let mut headers = HeaderMap::new();
    headers.insert(USER_AGENT, PRODUCT);
    if spec.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers.extend(connection.headers.clone());
    headers.extend(own_headers(connection, &spec.headers)?);
    sign(&mut headers, connection, work, body, now);

    let mut request = Request::new(method, url);
    *request.headers_mut() = headers;
    *request.body_mut() = spec.body.as_ref().map(|body| body.clone().into());
    Ok(request)
}

/// The script's own headers. It may not touch Quell's, nor those the operator configured: they are credentials.
fn own_headers(connection: &Connection, given: &[(String, String)]) -> Result<HeaderMap, InvalidRequest> {
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let refused = |why| InvalidRequest::Header(name.escape_debug().take(64).collect(), why);
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused("is not a header's name"))?;
        if is_reserved_header(&name) {
            return Err(refused("is set by Quell itself"));
        }
        if connection.headers.contains_key(&name) {
            return Err(refused("is set by the connection"));
        }
        // Not `from_str`: text of an alert may be any UTF-8. Line breaks and control characters are refused by both.
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| refused("has a control character"))?;
        headers.append(name, value);
    }
    Ok(headers)
}

fn sign(headers: &mut HeaderMap, connection: &Connection, work: &RequestWork, body: &str, now: Timestamp) {
    let id = work.message.as_str();
    let ascii = |text: &str| HeaderValue::from_str(text).expect("ids, numbers and base64 are printable ASCII");
    headers.insert("idempotency-key", ascii(id));
    headers.insert("webhook-id", ascii(id));
    headers.insert("webhook-timestamp", HeaderValue::from(now.as_second()));
    headers.insert("webhook-attempt", HeaderValue::from(work.attempts.saturating_add(1)));
    headers.insert(HOPS, HeaderValue::from(u16::from(work.spec.hops) + 1));
    let signed = connection.sign.as_ref().and_then(|signing| signing.header(id, now.as_second(), body.as_bytes()));
    if let Some((name, value)) = signed {
        headers.insert(name, value);
    }
}

/// Appends a step's path to a connection's address with one slash between. The address's query stays, the path's
/// follows it. A path that could lead anywhere but below the address is refused.
pub(super) fn join(base: &Url, path: &str) -> Result<Url, &'static str> {
    if path.chars().any(char::is_control) {
        return Err("must not contain line breaks or control characters");
    }
    if path.contains('\\') {
        return Err("must not contain a backslash");
    }
    if path.contains('#') {
        return Err("must not contain `#`; write %23");
    }
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    if path.starts_with("//") || path.contains("://") {
        return Err("must not contain a scheme or a host: those are the connection's");
    }
    if climbs(path) {
        return Err("must not climb with `..`, nor stand still with `.`");
    }
    let mut url = base.clone();
    let trunk = base.path().trim_end_matches('/');
    if !path.is_empty() {
        url.set_path(&format!("{trunk}/{}", path.strip_prefix('/').unwrap_or(path)));
    }
    let queries: Vec<&str> = [base.query(), query].into_iter().flatten().filter(|query| !query.is_empty()).collect();
    if query.is_some() {
        url.set_query(Some(&queries.join("&")));
    }
    if url.origin() != base.origin() || !url.path().starts_with(trunk) {
        return Err("leads away from the connection's address");
    }
    Ok(url)
}

/// Whether the most lenient server would take a segment of the path for a step to the folder itself or to the one
/// above: escapes undone, parameters after `;` left out.
fn climbs(path: &str) -> bool {
    const MEANT: [(&str, &str); 4] = [("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("%3b", ";")];
    let plain = MEANT.iter().fold(path.to_ascii_lowercase(), |path, (escape, meant)| path.replace(escape, meant));
    plain.split('/').any(|segment| matches!(segment.split(';').next(), Some("." | "..")))
}
