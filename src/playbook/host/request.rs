//! A request as a script may describe it: known options, a relative path, headers that cannot smuggle.

use crate::diag::closest;
use crate::playbook::{RequestSpec, duration};
use serde_json::{Map, Value};

/// What `send` understands.
pub const OPTIONS: [&str; 7] = ["method", "path", "headers", "body", "timeout", "retry", "expires_after"];

/// What `retry` in it understands.
pub const RETRY_OPTIONS: [&str; 2] = ["max_attempts", "max_age"];

/// The methods a request may have.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Headers that are Quell's, or that would change where a message ends.
const RESERVED: [&str; 13] = [
    "idempotency-key",
    "quell-hops",
    "x-hub-signature-256",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "proxy-authorization",
];

/// Most headers of a request, and most bytes of a header's value and of a path.
const HEADERS: usize = 32;
const HEADER_BYTES: usize = 4096;
const PATH_BYTES: usize = 8192;

/// A request that will not be sent, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadRequest(String);

fn bad<T>(message: impl Into<String>) -> Result<T, BadRequest> {
    Err(BadRequest(message.into()))
}

/// Fills a blank request from `send`'s map.
pub fn from_options(options: &Map<String, Value>, mut spec: RequestSpec) -> Result<RequestSpec, BadRequest> {
    for (name, value) in options {
        match (name.as_str(), value) {
            ("method", method) => {
                let method = method.as_str().unwrap_or_default();
                check_method(method).map_err(BadRequest)?;
                spec.method = method.to_owned();
            }
            ("path", Value::String(path)) => {
                check_path(path)?;
                spec.path = Some(path.clone());
            }
            ("headers", Value::Object(headers)) => spec.headers = read_headers(headers)?,
            ("body", body) => spec.body = Some(body.to_string()),
            ("timeout", value) => spec.timeout_ms = Some(milliseconds(name, value)?),
            ("expires_after", value) => spec.expires_after_ms = Some(milliseconds(name, value)?),
            ("retry", Value::Object(retry)) => read_retry(retry, &mut spec)?,
            ("path", _) => return bad("`path` is a text"),
            ("headers" | "retry", _) => return bad(format!("`{name}` is a map")),
            (other, _) => return unknown("send", other, &OPTIONS),
        }
    }
    if spec.method == "GET" && spec.body.is_some() {
        return bad("a GET request carries no body");
    }
    Ok(spec)
}

fn read_retry(retry: &Map<String, Value>, spec: &mut RequestSpec) -> Result<(), BadRequest> {
    for (name, value) in retry {
        match name.as_str() {
            "max_attempts" => {
                let attempts = value.as_i64().unwrap_or_default();
                check_attempts(attempts).map_err(BadRequest)?;
                spec.max_attempts = u32::try_from(attempts).ok();
            }
            "max_age" => spec.max_age_ms = Some(milliseconds(name, value)?),
            other => return unknown("retry", other, &RETRY_OPTIONS),
        }
    }
    Ok(())
}

/// Whether a request can be made with a method.
pub fn check_method(method: &str) -> Result<(), String> {
    if METHODS.contains(&method) { Ok(()) } else { Err(format!("`method` is one of {}", METHODS.join(", "))) }
}

/// Whether a request can be tried so often.
pub fn check_attempts(attempts: i64) -> Result<(), String> {
    let range = (1..=100).contains(&attempts);
    range.then_some(()).ok_or_else(|| "`max_attempts` is a whole number from 1 to 100".to_owned())
}

fn unknown<T>(what: &str, name: &str, known: &[&str]) -> Result<T, BadRequest> {
    let hint = match closest(name, known.iter().copied()) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => format!("; it has {}", known.join(", ")),
    };
    bad(format!("`{what}` has no option `{name}`{hint}"))
}

fn milliseconds(name: &str, value: &Value) -> Result<u64, BadRequest> {
    let parsed = value.as_str().and_then(duration::parse).and_then(|span| u64::try_from(span.as_millis()).ok());
    parsed.ok_or_else(|| BadRequest(format!("`{name}` is {}", duration::SHAPE)))
}

fn read_headers(headers: &Map<String, Value>) -> Result<Vec<(String, String)>, BadRequest> {
    if headers.len() > HEADERS {
        return bad(format!("a request has at most {HEADERS} headers"));
    }
    let read = headers.iter().map(|(name, value)| {
        let lower = name.to_ascii_lowercase();
        let is_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || name.len() > 128 || !name.bytes().all(is_token) {
            return bad(format!("`{}` is not a header's name", name.escape_debug()));
        }
        if RESERVED.contains(&lower.as_str()) || lower.starts_with("webhook-") {
            return bad(format!("the header `{name}` is set by Quell"));
        }
        match value {
            Value::String(text) if text.len() <= HEADER_BYTES && text.bytes().all(|b| (0x20..0x7f).contains(&b)) => {
                Ok((lower, text.clone()))
            }
            _ => bad(format!("the header `{name}` takes one line of plain ASCII text")),
        }
    });
    read.collect()
}

/// Whether a path stays under the connection's own URL.
pub fn check_path(path: &str) -> Result<(), BadRequest> {
    if path.len() > PATH_BYTES {
        return bad(format!("a path has at most {PATH_BYTES} bytes"));
    }
    if path.contains('\\') || path.chars().any(char::is_control) {
        return bad("a path has no backslash and no control characters");
    }
    let before_query = path.split(['?', '#']).next().unwrap_or("");
    let first_segment = before_query.split('/').next().unwrap_or("");
    let scheme = first_segment.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    if path.starts_with("//") || scheme || before_query.contains("://") {
        return bad("a path is relative to the connection's URL: it has no scheme and no host");
    }
    // Percent-encoded dots and slashes are read as a server may read them.
    let lower = before_query.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\");
    if lower.split(['/', '\\']).any(|segment| segment == "..") {
        return bad("a path does not climb with `..`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(options: Value) -> Result<RequestSpec, String> {
        from_options(options.as_object().unwrap(), RequestSpec::new("c", "POST")).map_err(|bad| bad.to_string())
    }

    #[test]
    fn paths_stay_under_the_connection() {
        for good in ["", "/ip/1.2.3.4", "ip/2001:db8::1", "/a?next=https://x/../y", "a..b/c", "/2001:db8::1"] {
            assert_eq!(check_path(good), Ok(()), "{good}");
        }
        let bad = [
            "https://evil.example/",
            "//evil.example/x",
            "a/../b",
            "..",
            "/%2e%2E/x",
            "a%2f..%2Fb",
            "a\\b",
            "a\r\nb",
            "file:/etc",
            "/x/http://y",
            "/%2e./",
        ];
        for bad in bad {
            assert!(check_path(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn options_are_read_whole_or_refused_by_name() {
        let spec = read(json!({
            "method": "PUT", "path": "/x", "headers": {"X-Team": "soc"}, "body": {"b": 1, "a": 2}, "timeout": "5s",
            "retry": {"max_attempts": 3, "max_age": "1h"}, "expires_after": "10m",
        }))
        .unwrap();
        assert_eq!((spec.method.as_str(), spec.path.as_deref()), ("PUT", Some("/x")));
        assert_eq!(spec.headers, [("x-team".to_owned(), "soc".to_owned())]);
        assert_eq!(spec.body.as_deref(), Some(r#"{"a":2,"b":1}"#));
        assert_eq!((spec.timeout_ms, spec.max_attempts), (Some(5000), Some(3)));
        assert_eq!((spec.max_age_ms, spec.expires_after_ms), (Some(3_600_000), Some(600_000)));
        let refused = [
            (json!({"metod": "PUT"}), "`send` has no option `metod`; did you mean `method`?"),
            (json!({"method": "TRACE"}), "`method` is one of GET, POST, PUT, PATCH, DELETE"),
            (json!({"method": "GET", "body": 1}), "a GET request carries no body"),
            (json!({"timeout": 5}), "`timeout` is a number and a unit, such as `90s`, `10m`, `4h` or `7d`"),
            (json!({"retry": {"attempts": 1}}), "`retry` has no option `attempts`; it has max_attempts, max_age"),
            (json!({"headers": {"Webhook-Id": "x"}}), "the header `Webhook-Id` is set by Quell"),
            (json!({"headers": {"Host": "x"}}), "the header `Host` is set by Quell"),
            (json!({"headers": {"x": "a\r\nb: c"}}), "the header `x` takes one line of plain ASCII text"),
            (json!({"headers": {"a\nb": "x"}}), "`a\\nb` is not a header's name"),
        ];
        for (options, message) in refused {
            assert_eq!(read(options), Err(message.to_owned()));
        }
    }
}
