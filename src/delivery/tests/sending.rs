//! A whole attempt over real sockets: what a receiver sees, and what is made of its answer.

use super::receiver::{Receiver, header};
use super::world::{now, sender, settings, work};
use crate::delivery::signature::{Key, SignatureHeaders, TOLERANCE, verify};
use crate::delivery::{Class, ConnectionSpec, Fault, HeaderText, Purpose, RetryAfter, UrlText};
use crate::secret::Secret;
use crate::store::StepEnd;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_receiver_gets_the_stored_bytes_signed_and_the_playbook_its_answer() {
    let receiver = Receiver::answering(
        "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nX-Request-Id: 7\r\nSet-Cookie: s=1\r\n\r\n{\"key\": \"SEC-1\"}",
    )
    .await;
    let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into());
    let sender = sender(ConnectionSpec { sign: vec![secret.clone()], ..settings(&receiver.url()) });
    let work = work();
    let attempted = sender.attempt(&work, now()).await;

    assert_eq!((attempted.class, attempted.status, attempted.error.clone()), (Class::Success, Some(201), None));
    let value = json!({
        "status": 201,
        "headers": {"content-type": "application/json", "x-request-id": "7"},
        "body": {"key": "SEC-1"},
    });
    assert_eq!(attempted.value, value);
    assert_eq!(sender.schedule(&work, now(), &attempted), StepEnd::Done(value));

    let [request] = &receiver.requests()[..] else { panic!("one request") };
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook HTTP/1.1\r\n"), "{head}");
    assert_eq!(body, work.spec.body.as_deref().unwrap());
    let headers = SignatureHeaders {
        id: header(request, "webhook-id").unwrap(),
        timestamp: header(request, "webhook-timestamp").unwrap(),
        signature: header(request, "webhook-signature").unwrap(),
    };
    assert_eq!(headers.id, work.message.as_str());
    assert_eq!(verify(&Key::parse(&secret).unwrap(), headers, body.as_bytes(), now(), TOLERANCE), Ok(()));
    assert_eq!(header(request, "accept-encoding"), None, "no compressed answer is asked for");
}

#[tokio::test]
async fn every_try_carries_the_same_id_and_bytes() {
    let receiver = Receiver::answering("HTTP/1.1 503 Nope\r\n\r\n").await;
    let sender = sender(settings(&receiver.url()));
    let mut work = work();
    let mut now = now();
    for attempt in 1..=3 {
        let attempted = sender.attempt(&work, now).await;
        assert_eq!(
            (attempted.class, attempted.error.as_deref()),
            (Class::Transient, Some("http 503 Service Unavailable"))
        );
        let StepEnd::Retry(at) = sender.schedule(&work, now, &attempted) else { panic!("{attempted:?}") };
        (work.attempts, now) = (attempt, at);
    }
    let requests = receiver.requests();
    for (request, attempt) in requests.iter().zip(["1", "2", "3"]) {
        assert_eq!(header(request, "webhook-attempt"), Some(attempt));
        assert_eq!(header(request, "webhook-id"), header(&requests[0], "webhook-id"));
        assert_eq!(request.split_once("\r\n\r\n").unwrap().1, requests[0].split_once("\r\n\r\n").unwrap().1);
    }
    assert_ne!(header(&requests[0], "webhook-timestamp"), header(&requests[2], "webhook-timestamp"));
}

#[tokio::test]
async fn retry_after_is_read_and_garbage_is_noted() {
    let answer = |retry_after: &str| format!("HTTP/1.1 429 Slow down\r\nRetry-After: {retry_after}\r\n\r\n");
    let attempt = async |retry_after: &str| {
        let receiver = Receiver::answering(answer(retry_after)).await;
        sender(settings(&receiver.url())).attempt(&work(), now()).await
    };
    let attempted = attempt("120").await;
    assert_eq!(attempted.retry_after, Some(RetryAfter::Delay(SignedDuration::from_secs(120))));
    assert_eq!(attempted.error.as_deref(), Some("http 429 Too Many Requests"));
    let attempted = attempt("Thu, 01 Jan 2026 00:05:00 GMT").await;
    assert_eq!(attempted.retry_after.unwrap().from(now()), SignedDuration::from_secs(300));
    let attempted = attempt("in a while").await;
    assert_eq!(attempted.retry_after, None);
    let said = r#"http 429 Too Many Requests; its Retry-After "in a while" is not understood"#;
    assert_eq!(attempted.error.as_deref(), Some(said));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let metadata = "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest/meta-data\r\n\r\n";
    let receiver = Receiver::answering(metadata).await;
    let attempted = sender(settings(&receiver.url())).attempt(&work(), now()).await;
    assert_eq!((attempted.class, attempted.status), (Class::LikelyPermanent, Some(302)));
    let said = "redirect_not_followed: 302 to \"http://169.254.169.254/latest/meta-data\"; put the final address in the connection's url";
    assert_eq!(attempted.error.as_deref(), Some(said));
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn a_receiver_that_is_gone_ends_the_step_at_once() {
    let receiver = Receiver::answering("HTTP/1.1 410 Gone\r\n\r\nmoved out").await;
    let sender = sender(settings(&receiver.url()));
    let attempted = sender.attempt(&work(), now()).await;
    let StepEnd::Failed(error) = sender.schedule(&work(), now(), &attempted) else { panic!("{attempted:?}") };
    assert_eq!((error.status, error.body, error.attempts), (Some(410), json!("moved out"), 1));
}

#[tokio::test]
async fn secrets_echoed_by_the_receiver_are_not_recorded() {
    let echo = "HTTP/1.1 400 Bad Request\r\nX-Echo: Bearer hunter2hunter2\r\nLocation: /services/T000/B000/0123456789\r\n\r\n\
                {\"got\": \"hunter2hunter2\", \"path\": \"/services/T000/B000/0123456789\", \"key\": \"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"}";
    let receiver = Receiver::answering(echo).await;
    let url = format!("http://127.0.0.1:{}/services/T000/B000/0123456789", receiver.port());
    let attempted = sender(ConnectionSpec {
        url: UrlText::Secret(Secret::new(url)),
        headers: vec![
            ("authorization".into(), HeaderText::Secret(Secret::new("Bearer hunter2hunter2".into()))),
            ("accept".into(), HeaderText::Plain("application/json".into())),
        ],
        sign: vec![Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into())],
        ..settings("")
    })
    .attempt(&work(), now())
    .await;
    assert_eq!(header(&receiver.requests()[0], "authorization"), Some("Bearer hunter2hunter2"));
    assert_eq!(attempted.value["headers"], json!({"x-echo": "***", "location": "***"}));
    assert_eq!(attempted.value["body"], json!({"got": "***", "path": "***", "key": "***"}));
}

#[tokio::test]
async fn what_is_expired_or_unknown_or_invalid_is_never_sent() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let spec = ConnectionSpec { expires_after: Some(Duration::from_secs(3600)), ..settings(&receiver.url()) };
    let sender = sender(spec);
    let mut unknown = work();
    unknown.spec.connection = "pager".into();
    let mut invalid = work();
    invalid.spec.path = Some("/../admin".into());
    let late = now() + SignedDuration::from_secs(3600);
    for (work, at, fault, said) in [
        (work(), late, Fault::Expired, "expired: its turn came too late; nothing was sent"),
        (unknown, now(), Fault::Configuration, "connection_unknown: `pager` is not in the daemon's config"),
        (
            invalid,
            now(),
            Fault::Configuration,
            "request_invalid: path must not climb with `..`, nor stand still with `.`",
        ),
    ] {
        let attempted = sender.attempt(&work, at).await;
        assert_eq!((attempted.fault, attempted.class), (Some(fault), Class::Permanent));
        assert_eq!(attempted.error.as_deref(), Some(said));
        assert!(matches!(sender.schedule(&work, at, &attempted), StepEnd::Failed(error) if error.kind == fault.kind()));
    }
    assert!(receiver.requests().is_empty());
}

#[tokio::test]
async fn a_change_whose_turn_comes_after_an_hour_is_not_sent() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let late = now() + SignedDuration::from_secs(3600);
    for (purpose, class) in [(Purpose::Respond, Class::Permanent), (Purpose::Notify, Class::Success)] {
        let sender = sender(ConnectionSpec { purpose, ..settings(&receiver.url()) });
        assert_eq!(sender.expiry(&work().spec, work().recorded), (purpose == Purpose::Respond).then_some(late));
        let attempted = sender.attempt(&work(), late).await;
        assert_eq!(
            (attempted.class, attempted.kind()),
            (class, if class == Class::Permanent { "expired" } else { "http" })
        );
    }
    assert_eq!(receiver.requests().len(), 1);
}
