//! A receiver's answer as a step's value: bounded, without cookies and secrets. All of it is hostile.

use super::redact::Redactor;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use serde_json::{Map, Value, json};

/// Most bytes of a body that are read.
pub(super) const MAX_BODY: usize = 64 * 1024;
/// Most bytes of a body that are kept with the attempt.
const MAX_KEPT: usize = 4 * 1024;
/// Most bytes of a head that is understood.
pub(super) const MAX_HEAD: usize = 32 * 1024;
/// Levels of lists and objects in a body that is taken as JSON; a deeper one is taken as text. The journal that holds
/// it, and the frame that takes it to a worker, nest it deeper still, and readers of JSON have a limit.
const MAX_DEPTH: usize = 64;
/// Most headers kept, and most bytes of one's value.
const MAX_HEADERS: usize = 64;
const MAX_HEADER_VALUE: usize = 1024;

/// What was read of a body.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// Whether there were more: over the limit, too slow, or broken off.
    pub(super) truncated: bool,
}

/// The bytes a head takes on the wire.
pub(super) fn head_size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}

/// Whether the body is compressed. Nobody asked for that, and unpacking it is how bombs go off, so it is not read.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity")
}

/// `#{status, headers, body}`, and `truncated` where the body was cut.
pub(super) fn value(status: u16, headers: &HeaderMap, body: Body, redactor: &Redactor) -> Value {
    let mut value = json!({
        "status": status,
        "headers": kept_headers(headers, redactor),
        "body": body_value(headers, &body, redactor),
    });
    if body.truncated {
        value["truncated"] = true.into();
    }
    value
}

/// The beginning of a body as text, to be read by people; none where there is none.
pub(super) fn kept(body: &Body, redactor: &Redactor) -> Option<String> {
    if body.bytes.trim_ascii().is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(&body.bytes);
    // Without secrets before it is cut, so that no half of one is left.
    let mut text = if body.truncated { redactor.cut_text(&text) } else { redactor.text(&text) };
    text.truncate(text.floor_char_boundary(MAX_KEPT));
    Some(text)
}

/// Lower-case names; repeated headers joined as RFC 9110 does; cookies left out.
fn kept_headers(headers: &HeaderMap, redactor: &Redactor) -> Map<String, Value> {
    let keep = |name: &&reqwest::header::HeaderName| !matches!(name.as_str(), "set-cookie" | "set-cookie2");
    let joined = |name| {
        let values: Vec<_> = headers.get_all(name).iter().map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
        let mut text = redactor.text(&values.join(", "));
        text.truncate(text.floor_char_boundary(MAX_HEADER_VALUE));
        text
    };
    headers.keys().filter(keep).take(MAX_HEADERS).map(|name| (name.to_string(), joined(name).into())).collect()
}

/// JSON where it says so or looks so, else text; null where there is none.
fn body_value(headers: &HeaderMap, body: &Body, redactor: &Redactor) -> Value {
    let bytes = body.bytes.trim_ascii();
    if bytes.is_empty() {
        return Value::Null;
    }
    let text = String::from_utf8_lossy(&body.bytes);
    if body.truncated {
        return redactor.cut_text(&text).into();
    }
    // Many receivers forget the content type; a text that parses as an object or a list is one.
    let parsed =
        (says_json(headers) || matches!(bytes[0], b'{' | b'[')).then(|| serde_json::from_slice(bytes).ok()).flatten();
    let parsed = parsed.filter(|json| is_shallow(json, MAX_DEPTH));
    parsed.map_or_else(|| redactor.text(&text).into(), |json| redactor.value(json))
}

/// Whether lists and objects nest at most `levels` deep.
fn is_shallow(json: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else { return !json.is_array() && !json.is_object() };
    match json {
        Value::Array(list) => list.iter().all(|value| is_shallow(value, below)),
        Value::Object(map) => map.values().all(|value| is_shallow(value, below)),
        _ => true,
    }
}

fn says_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.ends_with("/json") || essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn a_body_too_deep_for_the_journal_is_text() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(body_of("application/json", nested(64).as_bytes()).is_array());
        assert_eq!(body_of("application/json", nested(65).as_bytes()), json!(nested(65)));
    }

    fn body_of(content_type: &'static str, body: &[u8]) -> Value {
        let body = Body { bytes: body.to_vec(), truncated: false };
        value(200, &headers(&[("content-type", content_type)]), body, &Redactor::default())["body"].clone()
    }

    #[test]
    fn json_is_parsed_where_it_is_json() {
        assert_eq!(body_of("application/json; charset=utf-8", b" {\"score\": 90}"), json!({"score": 90}));
        assert_eq!(body_of("application/problem+json", b"3"), json!(3));
        assert_eq!(body_of("text/plain", b"[1]"), json!([1]));
        assert_eq!(body_of("text/plain", b"3"), json!("3"));
        assert_eq!(body_of("application/json", b"{broken"), json!("{broken"));
        assert_eq!(body_of("text/html", b"\xff<p>"), json!("\u{fffd}<p>"));
        assert_eq!(body_of("application/json", b""), Value::Null);
        let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
        assert!(body_of("application/json", deep.as_bytes()).is_string(), "too deep to be parsed");
    }

    #[test]
    fn headers_are_few_short_and_without_cookies_and_secrets() {
        let mut given = headers(&[("x-ok", "yes"), ("set-cookie", "session=1"), ("x-echo", "Bearer abcdefghij")]);
        given.append("x-ok", HeaderValue::from_static("again"));
        given.insert("x-long", HeaderValue::from_bytes(&[b'a'; 5000]).unwrap());
        let shown = value(200, &given, Body::default(), &Redactor::new(["Bearer abcdefghij"]));
        let mut expected = json!({"x-ok": "yes, again", "x-echo": "***"});
        expected["x-long"] = "a".repeat(MAX_HEADER_VALUE).into();
        assert_eq!(shown["headers"], expected);

        let many: HeaderMap = (0..200)
            .map(|n| (HeaderName::from_bytes(format!("x-{n}").as_bytes()).unwrap(), HeaderValue::from_static("")))
            .collect();
        assert_eq!(value(200, &many, Body::default(), &Redactor::default())["headers"].as_object().unwrap().len(), 64);
    }

    #[test]
    fn the_beginning_of_a_body_is_kept_as_text_and_no_secret_of_it() {
        let kept = |bytes: &[u8], truncated| {
            kept(&Body { bytes: bytes.to_vec(), truncated }, &Redactor::new(["0123456789abcdef"]))
        };
        assert_eq!(kept(b"{\"score\": 90}", false).as_deref(), Some("{\"score\": 90}"));
        assert_eq!(kept(b"\xff<p>", false).as_deref(), Some("\u{fffd}<p>"));
        assert_eq!(kept(b" \r\n", false), None);
        assert_eq!(kept("é".repeat(4000).as_bytes(), false).unwrap().len(), MAX_KEPT);
        // A secret that stands across the cut leaves no half behind.
        let across = format!("{}0123456789abcdef", "x".repeat(MAX_KEPT - 8));
        assert_eq!(kept(across.as_bytes(), false).unwrap(), format!("{}***", "x".repeat(MAX_KEPT - 8)));
        let broken_off = kept(b"said 0123456789abcde", true).unwrap();
        assert!(!broken_off.contains("0123"), "{broken_off}");
    }

    #[test]
    fn a_cut_body_says_so_and_is_text() {
        let body = Body { bytes: b"{\"a\": 1}".to_vec(), truncated: true };
        let shown = value(200, &HeaderMap::new(), body, &Redactor::default());
        assert_eq!(shown, json!({"status": 200, "headers": {}, "body": "{\"a\": 1}", "truncated": true}));
    }
}
