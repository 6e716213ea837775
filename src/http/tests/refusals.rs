//! Every refusal has its status, its stable code and a document that says what to do.

use super::world::{World, fine};
use crate::decode::DecodeError;
use crate::http::auth::Access;
use crate::http::body::{self, Bodies, BodyLimits};
use crate::http::problem::Problem;
use crate::http::routes::Route;
use crate::http::server::ServerLimits;
use crate::http::settings::Settings;
use crate::intake::IntakeFault;
use crate::store::StoreError;
use axum::body::Body;
use axum::http::{HeaderMap, Method};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, on};
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// A route that takes bodies in as intake does, and says how long they were.
async fn taking_bodies(limits: BodyLimits) -> World {
    let bodies = Bodies::new(limits);
    let handler = on(MethodFilter::POST, async move |headers: HeaderMap, body: Body| {
        let format = body::format(&headers)?;
        let received = bodies.receive(body).await?;
        Ok::<_, Problem>(format!("{format:?} {}", received.len()))
    });
    let route = Route { method: Method::POST, path: "/bodies", access: Access::Open, handler };
    World::start(vec![route], Settings::default(), ServerLimits::default()).await
}

#[tokio::test]
async fn takes_json_and_ndjson_and_refuses_what_it_cannot_read() {
    let world = taking_bodies(BodyLimits::default()).await;
    let send = async |header: &str| world.send("POST", "/bodies", &[header], "{}").await;
    for json in [
        "application/json",
        "APPLICATION/JSON; charset=utf-8",
        "text/plain",
        "text/json",
        "application/cloudevents+json",
    ] {
        assert_eq!(send(&format!("content-type: {json}")).await.body, "Json 2", "{json}");
    }
    assert_eq!(send("x-nothing: said").await.body, "Json 2");
    for ndjson in ["application/x-ndjson", "application/ndjson", "application/jsonl"] {
        assert_eq!(send(&format!("content-type: {ndjson}")).await.body, "Ndjson 2", "{ndjson}");
    }
    for other in
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "image/png"]
    {
        let refused = send(&format!("content-type: {other}")).await;
        assert_eq!(refused.refusal(), (415, "content_type_unsupported".into()), "{other}");
        assert!(refused.head.contains("accept-post: application/json, application/x-ndjson"));
    }
    assert_eq!(send("content-encoding: identity").await.status, 200);
    for encoding in ["gzip", "deflate", "br", "zstd", "identity, gzip"] {
        let refused = send(&format!("content-encoding: {encoding}")).await;
        assert_eq!(refused.refusal(), (415, "content_encoding_unsupported".into()), "{encoding}");
        assert!(refused.head.contains("accept-encoding: identity"));
    }
}

#[tokio::test]
async fn a_body_is_refused_at_its_limit_said_or_not() {
    let world = taking_bodies(BodyLimits { bytes: 1000, ..BodyLimits::default() }).await;
    assert_eq!(world.send("POST", "/bodies", &[], &"x".repeat(1000)).await.body, "Json 1000");
    // Nothing of the body is sent: what the head declares is enough.
    let declared = world.send("POST", "/bodies", &["content-length: 1001"], "").await;
    assert_eq!(declared.refusal(), (413, "body_too_large".into()));
    assert_eq!(declared.problem()["limit"], 1000);
    let chunk = format!("1f4\r\n{}\r\n", "x".repeat(500));
    let chunked = format!("{chunk}{chunk}1\r\nx\r\n0\r\n\r\n");
    let streamed = world.send("POST", "/bodies", &["transfer-encoding: chunked"], &chunked).await;
    assert_eq!(streamed.refusal(), (413, "body_too_large".into()));
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let limits = BodyLimits { time: Duration::from_millis(150), ..BodyLimits::default() };
    let world = taking_bodies(limits).await;
    let stalled = world.send("POST", "/bodies", &["content-length: 10"], "12345").await;
    assert_eq!(stalled.refusal(), (408, "body_timeout".into()));
}

#[tokio::test]
async fn all_bodies_together_are_bounded_and_room_comes_back() {
    let limits = BodyLimits { bytes_at_once: 1000, ..BodyLimits::default() };
    let world = taking_bodies(limits).await;
    let mut first = world.connect().await;
    first.write_all(b"POST /bodies HTTP/1.1\r\nhost: localhost\r\ncontent-length: 900\r\n\r\n").await.unwrap();
    first.write_all(&[b'x'; 800]).await.unwrap();
    // Until the first body's bytes have been read there is room for this one too.
    let refused = world.send_until(503, "POST", "/bodies", &"x".repeat(300)).await;
    assert_eq!(refused.refusal(), (503, "overloaded".into()));
    assert!(refused.head.contains("retry-after: 1"));
    first.write_all(&[b'x'; 100]).await.unwrap();
    assert_eq!(world.send_until(200, "POST", "/bodies", &"x".repeat(300)).await.body, "Json 300");
}

#[tokio::test]
async fn what_is_not_there_is_said_so() {
    let world = World::fine().await;
    for path in ["/nothing", "/api/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/fine/", "//fine"] {
        assert_eq!(world.send("GET", path, &[], "").await.refusal(), (404, "not_found".into()), "{path}");
    }
    for method in ["POST", "DELETE", "OPTIONS", "TRACE", "BREW"] {
        let refused = world.send(method, "/fine", &[], "").await;
        assert_eq!(refused.refusal(), (405, "method_not_allowed".into()), "{method}");
        assert!(refused.head.contains("allow: get,head"), "{}", refused.head);
    }
}

#[tokio::test]
async fn a_fault_of_ours_is_a_problem_without_its_insides_and_harms_nobody_else() {
    let panics = on(MethodFilter::GET, async || -> &'static str { panic!("secret insides") });
    let route = Route { method: Method::GET, path: "/panics", access: Access::Open, handler: panics };
    let path = on(MethodFilter::GET, async |axum::extract::Path(id): axum::extract::Path<String>| id);
    let item = Route { method: Method::GET, path: "/items/{id}", access: Access::Open, handler: path };
    let world = World::start(vec![route, item, fine()], Settings::default(), ServerLimits::default()).await;
    let answer = world.send("GET", "/panics", &[], "").await;
    assert_eq!(answer.refusal(), (500, "internal".into()));
    assert!(!answer.body.contains("secret"));
    assert_eq!(world.send("GET", "/items/%ff", &[], "").await.refusal(), (400, "bad_request".into()));
    assert_eq!(world.send("GET", "/fine", &[], "").await.body, "fine");
    world.send("GET", "/nothing", &[], "").await;
    let counted = world.counted.lock().unwrap().clone();
    assert_eq!(counted, [("/panics", 500), ("/items/{id}", 400), ("/fine", 200), ("unmatched", 404)]);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let world = World::fine().await;
    let refused = world.send("POST", "/fine", &["origin: https://evil.example"], "").await;
    for answer in [world.send("GET", "/fine", &[], "").await, world.send("GET", "/", &[], "").await, refused] {
        for header in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "content-security-policy: default-src 'none'",
            "cross-origin-resource-policy: same-origin",
            "cache-control: no-store",
        ] {
            assert!(answer.head.contains(header), "{header} in {}", answer.head);
        }
        assert!(!answer.head.contains("access-control-allow"), "no other site is invited");
    }
}

#[test]
fn a_store_that_cannot_keep_never_answers_well() {
    let text = || "no space".to_owned();
    let retry = |problem: Problem| {
        let (status, code) = (problem.status().as_u16(), problem.code());
        let waits =
            problem.into_response().headers().get("retry-after").map(|seconds| seconds.to_str().unwrap().to_owned());
        (status, code, waits)
    };
    for (error, expected) in [
        (StoreError::Full(text()), (503, "storage_full", Some("30".to_owned()))),
        (StoreError::Failed(text()), (503, "storage_failed", Some("60".to_owned()))),
        (StoreError::Unavailable(text()), (503, "storage_unavailable", Some("5".to_owned()))),
        (StoreError::Busy, (503, "overloaded", Some("1".to_owned()))),
        (StoreError::Corrupt(text()), (500, "corrupt_record", None)),
        (StoreError::BadQuery(text()), (400, "bad_query", None)),
    ] {
        assert_eq!(retry(error.clone().into()), expected);
        assert_eq!(retry(IntakeFault::Store(error).into()), expected);
    }
}

#[test]
fn a_body_that_cannot_be_read_says_where() {
    let fault =
        DecodeError { code: "invalid_json", message: "expected a value".into(), line: Some(2), column: Some(7) };
    let problem = Problem::from(IntakeFault::Decode(fault));
    assert_eq!((problem.status().as_u16(), problem.code()), (400, "invalid_json"));
    let document = problem.document();
    assert_eq!((&document["line"], &document["column"]), (&2.into(), &7.into()));
    for (code, status) in [
        ("body_too_large", 413),
        ("too_many_alerts", 413),
        ("invalid_utf8", 400),
        ("json_too_deep", 400),
        ("unknown_source", 400),
    ] {
        let fault = DecodeError { code, message: String::new(), line: None, column: None };
        assert_eq!(Problem::of_alert(&fault).status().as_u16(), status, "{code}");
    }
}
