//! A request goes below its connection's address, says what it is, and carries the stored bytes.

use super::world::{connection, now, settings, work};
use crate::delivery::request::{InvalidRequest, build, join};
use crate::delivery::signature::{Key, SignatureHeaders, TOLERANCE, verify};
use crate::delivery::{Connection, ConnectionSpec, HeaderText, message_id};
use crate::playbook::StepKey;
use crate::secret::Secret;
use crate::store::RequestWork;
use url::Url;

fn joined(base: &str, path: &str) -> Result<String, &'static str> {
    join(&Url::parse(base).unwrap(), path).map(String::from)
}

#[test]
fn a_path_is_appended_with_one_slash() {
    for (base, path, whole) in [
        ("https://h.example", "ip", "https://h.example/ip"),
        ("https://h.example/", "/ip", "https://h.example/ip"),
        ("https://h.example/api/v1", "/ip/1.2.3.4", "https://h.example/api/v1/ip/1.2.3.4"),
        ("https://h.example/api/v1/", "ip/", "https://h.example/api/v1/ip/"),
        ("https://h.example/api", "", "https://h.example/api"),
        ("https://h.example/api?sig=x", "/ip", "https://h.example/api/ip?sig=x"),
        ("https://h.example/api?sig=x", "/ip?a=1&b=2", "https://h.example/api/ip?sig=x&a=1&b=2"),
        ("https://h.example/api", "/a;v=1/b;../...;", "https://h.example/api/a;v=1/b;../...;"),
        ("https://h.example/api", "?a=1", "https://h.example/api?a=1"),
        ("https://h.example/api", "/a b/ü", "https://h.example/api/a%20b/%C3%BC"),
        ("https://h.example/api", "/a..b/...", "https://h.example/api/a..b/..."),
        ("https://h.example/api", "/q?u=https://x.example/..", "https://h.example/api/q?u=https://x.example/.."),
        ("https://h.example/api", "/user@evil.example", "https://h.example/api/user@evil.example"),
        ("https://h.example", "@evil.example/", "https://h.example/@evil.example/"),
        ("https://h.example", ":8080/", "https://h.example/:8080/"),
    ] {
        assert_eq!(joined(base, path).as_deref(), Ok(whole), "{base} + {path}");
    }
}

#[test]
fn a_path_cannot_lead_elsewhere() {
    for path in [
        "..",
        "/..",
        "/../x",
        "/a/../../x",
        "/a/%2e%2e/x",
        "/a/.%2E/x",
        "/%2e%2e%2fx",
        "/..%5cx",
        "/%2e%2e;/admin",
        "/..;x=y/admin",
        "/a/..%3Bx/admin",
        "/.%2e;",
        "/.;/../admin",
        "/./admin",
        "//evil.example/x",
        "https://evil.example/",
        "/https://evil.example/",
        "http://169.254.169.254",
        "\\\\evil.example",
        "/\\evil.example",
        "/a\\..\\b",
        "/a\r\nhost: evil",
        "/a\nb",
        "/a\tb",
        "/a\0",
        "/a#b",
        "/a\u{85}b",
    ] {
        assert!(joined("https://h.example/api", path).is_err(), "{path:?}");
    }
}

fn header<'a>(request: &'a reqwest::Request, name: &str) -> &'a str {
    request.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[test]
fn every_attempt_says_which_message_it_is_and_which_try() {
    let third = RequestWork { attempts: 2, ..work() };
    let request = build(&connection("http://127.0.0.1/hook"), &third, now()).unwrap();
    assert_eq!((request.method().as_str(), request.url().as_str()), ("POST", "http://127.0.0.1/hook"));
    assert_eq!(header(&request, "webhook-id"), third.message.as_str());
    assert_eq!(header(&request, "idempotency-key"), third.message.as_str());
    assert_eq!(header(&request, "webhook-timestamp"), "1767225600");
    assert_eq!(header(&request, "webhook-attempt"), "3");
    assert_eq!(header(&request, "content-type"), "application/json");
    assert_eq!(header(&request, "user-agent"), concat!("quell/", env!("CARGO_PKG_VERSION")));
    assert_eq!(header(&request, "webhook-signature"), "", "this connection does not sign");
    assert_eq!(request.body().unwrap().as_bytes(), Some(r#"{"b": 1,  "a":"é"}"#.as_bytes()), "the stored bytes");
}

#[test]
fn a_signed_request_verifies_with_every_key() {
    let secrets = ["the newer one of two secrets", "the older one of two secrets"].map(|s| Secret::new(s.into()));
    let spec = ConnectionSpec { sign: secrets.to_vec(), ..settings("http://127.0.0.1/hook") };
    let work = work();
    let request = build(&Connection::new(spec).unwrap(), &work, now()).unwrap();
    let headers = SignatureHeaders {
        id: header(&request, "webhook-id"),
        timestamp: header(&request, "webhook-timestamp"),
        signature: header(&request, "webhook-signature"),
    };
    for secret in &secrets {
        let key = Key::parse(secret).unwrap();
        assert_eq!(verify(&key, headers, work.spec.body.as_ref().unwrap().as_bytes(), now(), TOLERANCE), Ok(()));
    }
}

#[test]
fn a_get_has_no_body_and_no_type() {
    let mut work = work();
    work.spec =
        crate::playbook::RequestSpec { method: "GET".into(), path: Some("/ip".into()), body: None, ..work.spec };
    let request = build(&connection("http://127.0.0.1/api"), &work, now()).unwrap();
    assert_eq!(request.url().path(), "/api/ip");
    assert!(request.body().is_none());
    assert_eq!(header(&request, "content-type"), "");
}

fn build_with_header(name: &str, value: &str) -> Result<reqwest::Request, InvalidRequest> {
    let secret = HeaderText::Secret(Secret::new("Bearer of the operator".into()));
    let headers = vec![("authorization".into(), secret)];
    let spec = ConnectionSpec { headers, ..settings("http://127.0.0.1/hook") };
    let mut work = work();
    work.spec.headers = vec![(name.into(), value.into())];
    build(&Connection::new(spec).unwrap(), &work, now())
}

#[test]
fn a_script_adds_headers_but_touches_nobody_elses() {
    let request = build_with_header("X-Title", "Brute force, señor").unwrap();
    assert_eq!(request.headers()["x-title"].as_bytes(), "Brute force, señor".as_bytes());
    assert_eq!(header(&request, "authorization"), "Bearer of the operator");
    assert_eq!(header(&build_with_header("Content-Type", "text/plain").unwrap(), "content-type"), "text/plain");
    for (name, value) in [
        ("webhook-id", "msg_1"),
        ("Host", "evil.example"),
        ("content-length", "0"),
        ("Transfer-Encoding", "chunked"),
        ("authorization", "Bearer mine"),
        ("Idempotency-Key", "1"),
        ("x y", "v"),
        ("x-a", "a\r\nx-b: c"),
        ("x-a", "\n"),
    ] {
        let refused = build_with_header(name, value).map(|_| ()).unwrap_err();
        assert!(matches!(refused, InvalidRequest::Header(..)), "{name}: {value:?}: {refused}");
        assert!(!refused.to_string().contains(['\r', '\n']));
    }
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let connection = connection("http://127.0.0.1/hook");
    let refused = |change: fn(&mut RequestWork)| {
        let mut work = work();
        change(&mut work);
        build(&connection, &work, now()).map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(|work| work.spec.method = "CONNECT".into()), InvalidRequest::Method("CONNECT".into()));
    assert_eq!(refused(|work| work.spec.method = "get".into()), InvalidRequest::Method("get".into()));
    assert_eq!(refused(|work| work.spec.body = Some("x".repeat(262_145))), InvalidRequest::Body(262_145));
    assert!(matches!(refused(|work| work.spec.path = Some("/../x".into())), InvalidRequest::Path(_)));
}

#[test]
fn a_message_keeps_its_id_and_shares_it_with_none() {
    let runs = ["run_00000000000000000000000001", "run_00000000000000000000000002"].map(|run| run.parse().unwrap());
    let keys = ["3", "3.0", "30"].map(|key| StepKey(key.into()));
    let mut ids = std::collections::BTreeSet::new();
    for run in &runs {
        for key in &keys {
            for connection in ["chat", "firewall"] {
                let id = message_id(run, key, connection);
                assert_eq!(id, message_id(run, key, connection));
                assert!(ids.insert(id.to_string()));
            }
        }
    }
    assert_eq!(ids.len(), 12);
    assert_eq!(message_id(&runs[0], &keys[0], "chat").as_str(), "msg_0n4yy9kdbzck6608xjfvb30zq2");
}
