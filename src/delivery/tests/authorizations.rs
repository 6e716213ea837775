//! Who a connection says it is, and by what it can be recognised: set by the operator, seen by the receiver only.

use super::receiver::{Receiver, header};
use super::world::{now, sender, settings, work};
use crate::delivery::{Auth, Class, Connection, ConnectionSpec, HeaderText, Scheme};
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

fn bearer(token: &str) -> Option<Auth> {
    Some(Auth::Bearer(Secret::new(token.into())))
}

fn basic(username: &str, password: &str) -> Option<Auth> {
    Some(Auth::Basic { username: username.into(), password: Secret::new(password.into()) })
}

/// The `authorization` a receiver gets.
async fn received(auth: Option<Auth>) -> String {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let attempted = sender(ConnectionSpec { auth, ..settings(&receiver.url()) }).attempt(&work(), now()).await;
    assert_eq!(attempted.class, Class::Success);
    header(&receiver.requests()[0], "authorization").unwrap().to_owned()
}

#[tokio::test]
async fn a_receiver_gets_the_bearer_token_or_the_user_and_password() {
    assert_eq!(received(bearer("abc.DEF-123~+/=")).await, "Bearer abc.DEF-123~+/=");
    // RFC 7617's own examples.
    assert_eq!(received(basic("Aladdin", "open sesame")).await, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    assert_eq!(received(basic("test", "123£")).await, "Basic dGVzdDoxMjPCow==");
}

#[tokio::test]
async fn no_form_of_the_credentials_is_recorded_when_the_receiver_echoes_them() {
    let encoded = STANDARD.encode("quell:hunter2-hunter2");
    for (auth, sent) in [
        (basic("quell", "hunter2-hunter2"), format!("Basic {encoded}")),
        (bearer("hunter2-hunter2"), "Bearer hunter2-hunter2".to_owned()),
    ] {
        let answer = json!({"header": sent, "alone": encoded, "password": "hunter2-hunter2", "user": "quell"});
        let echo = format!("HTTP/1.1 401 No\r\nX-Echo: {sent}\r\nContent-Type: application/json\r\n\r\n{answer}");
        let receiver = Receiver::answering(echo).await;
        let spec = ConnectionSpec { auth, ..settings(&receiver.url()) };
        let shown = format!("{spec:?} {:?}", Connection::new(spec.clone()).unwrap());
        let attempted = sender(spec).attempt(&work(), now()).await;
        let recorded = attempted.value.to_string();
        for secret in ["hunter2", encoded.as_str()] {
            assert!(!recorded.contains(secret) && !shown.contains(secret), "{secret} in {recorded} or {shown}");
        }
        assert_eq!(attempted.value["headers"]["x-echo"], "***");
        assert_eq!(attempted.value["body"]["user"], "quell", "the user is no secret");
    }
}

fn refused(spec: ConnectionSpec) -> Vec<String> {
    Connection::new(spec).map(|_| ()).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn credentials_that_cannot_be_sent_or_contradict_each_other_are_named_and_not_shown() {
    let with = |auth| ConnectionSpec { auth, ..settings("http://127.0.0.1/") };
    let twice = ConnectionSpec {
        headers: vec![("Authorization".into(), HeaderText::Secret(Secret::new("Bearer hunter2".into())))],
        ..with(bearer("hunter2"))
    };
    for (spec, said) in [
        (twice, "auth: `auth` and `headers.authorization` both set this header; keep one of them"),
        (
            with(bearer("Bearer hunter2")),
            "auth.bearer: the token begins with the word `Bearer`, which Quell adds itself; leave it out",
        ),
        (with(bearer("hunter2 hunter2")), "auth.bearer: a bearer token is printable ASCII without spaces"),
        (with(bearer("hunter2\r\nx-a: b")), "auth.bearer: a bearer token is printable ASCII without spaces"),
        (with(bearer("")), "auth.bearer: a bearer token is printable ASCII without spaces"),
        (with(basic("a:b", "hunter2")), "auth.basic: a username must not contain `:`, which ends it"),
        (with(basic("a", "hunter2\n")), "auth.basic: username and password must not contain control characters"),
    ] {
        assert_eq!(refused(spec), [format!("connections.chat.{said}")]);
    }
}

#[tokio::test]
async fn a_script_cannot_set_the_authorization_of_a_connection_that_has_one() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let mut work = work();
    work.spec.headers = vec![("Authorization".into(), "Bearer mine".into())];
    let spec = ConnectionSpec { auth: bearer("of-the-operator"), ..settings(&receiver.url()) };
    let attempted = sender(spec).attempt(&work, now()).await;
    assert_eq!(attempted.error.as_deref(), Some("request_invalid: header `Authorization` is set by the connection"));
    assert!(receiver.requests().is_empty());
}

/// What a receiver of GitHub's scheme checks, with nothing of our own code: HMAC by its definition in RFC 2104.
fn github_signature(key: &[u8], body: &[u8]) -> String {
    use aws_lc_rs::digest::{SHA256, digest};
    let pad = |with: u8| {
        let mut block = [0; 64];
        block[..key.len()].copy_from_slice(key);
        block.map(|byte| byte ^ with)
    };
    let inner = digest(&SHA256, &[&pad(0x36)[..], body].concat());
    let outer = digest(&SHA256, &[&pad(0x5c)[..], inner.as_ref()].concat());
    format!("sha256={}", outer.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

#[tokio::test]
async fn github_s_scheme_signs_the_body_with_the_newest_key_as_it_is_written() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let keys = ["whsec_the newer of two keys", "the older one of two keys"];
    let spec = ConnectionSpec {
        sign: keys.map(|key| Secret::new(key.into())).to_vec(),
        scheme: Scheme::Github,
        ..settings(&receiver.url())
    };
    let work = work();
    assert_eq!(sender(spec).attempt(&work, now()).await.class, Class::Success);
    let request = &receiver.requests()[0];
    let expected = github_signature(keys[0].as_bytes(), work.spec.body.as_ref().unwrap().as_bytes());
    assert_eq!(header(request, "x-hub-signature-256"), Some(expected.as_str()));
    assert_eq!(header(request, "webhook-signature"), None);
    assert_eq!(header(request, "webhook-id"), Some(work.message.as_str()));
    assert_eq!(header(request, "webhook-timestamp"), Some("1767225600"));
}

#[test]
fn github_s_own_example_comes_out() {
    // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries; its secret is too short for a
    // connection, so it is checked against the definition that the test above relies on.
    let expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    assert_eq!(github_signature(b"It's a Secret to Everybody", b"Hello, World!"), expected);
    let key = crate::delivery::signature::Key::plain(&Secret::new("It's a Secret to Everybody".into())).unwrap();
    assert_eq!(crate::delivery::signature::sign_body(&key, b"Hello, World!"), expected);
}
