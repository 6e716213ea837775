//! A connection's settings are refused with the offending key, or can be trusted.

use super::world::settings;
use crate::delivery::{Connection, ConnectionSpec, HeaderText, UrlText};
use crate::secret::Secret;
use std::time::Duration;

fn public(url: &str) -> ConnectionSpec {
    ConnectionSpec { allow_private: false, ..settings(url) }
}

fn refused(spec: ConnectionSpec) -> String {
    Connection::new(spec).map(|_| ()).unwrap_err()[0].to_string()
}

#[test]
fn defaults_are_those_of_the_policy() {
    let connection = Connection::new(public("https://hooks.example/services/T0")).unwrap();
    assert_eq!(connection.timeout, Duration::from_secs(20));
    assert_eq!(connection.connect_timeout, Duration::from_secs(5));
    assert_eq!(connection.concurrency, 8);
    assert_eq!(connection.retry.max_attempts, 14);
    assert_eq!((connection.retry.max_age, connection.retry.expires_after), (None, None));
    assert!(connection.sign.is_none());
}

#[test]
fn an_address_that_must_not_be_is_refused() {
    for (url, why) in [
        ("http://hooks.example/", "scheme not allowed: http needs `allow_private: true`"),
        ("file:///etc/passwd", "scheme not allowed: `file`"),
        ("gopher://127.0.0.1:70/", "scheme not allowed: `gopher`"),
        ("ftp://hooks.example/", "scheme not allowed: `ftp`"),
        ("data:text/plain,hi", "scheme not allowed: `data`"),
        ("unix:/run/docker.sock", "scheme not allowed: `unix`"),
        ("javascript:alert(1)", "scheme not allowed: `javascript`"),
        ("https://hooks.example:80@10.0.0.1/", "must not contain credentials"),
        ("https://user:hunter2@hooks.example/", "must not contain credentials"),
        ("https://user@hooks.example/", "must not contain credentials"),
        ("https://hooks.example:22/", "port not allowed: 22"),
        ("https://hooks.example:25/", "port not allowed: 25"),
        ("https://hooks.example:6379/", "port not allowed: 6379"),
        ("https://hooks.example/a\r\nx: y", "must not contain spaces or control characters"),
        ("https://hooks.example/#part", "must not contain a fragment"),
        ("hooks.example/path", "not a url"),
        ("", "not a url"),
    ] {
        let message = refused(public(url));
        assert!(message.starts_with("connections.chat.url: ") && message.contains(why), "{url}: {message}");
        assert!(!message.contains("hunter2"));
    }
}

#[test]
fn ports_are_open_where_the_operator_says_so() {
    for url in ["https://hooks.example/", "https://hooks.example:443/", "https://hooks.example:8443/"] {
        assert!(Connection::new(public(url)).is_ok(), "{url}");
    }
    let listed = ConnectionSpec { ports: vec![9443], ..public("https://hooks.example:9443/") };
    assert!(Connection::new(listed).is_ok());
    assert!(Connection::new(settings("http://localhost:3000/")).is_ok(), "allow_private opens http and any port");
}

#[test]
fn a_number_out_of_range_is_refused_by_its_key() {
    let spec = || public("https://hooks.example/");
    let seconds = |n| Some(Duration::from_secs(n));
    for (spec, key) in [
        (ConnectionSpec { name: "Chat Room".into(), ..spec() }, "connections.Chat Room.name: "),
        (ConnectionSpec { name: "email".into(), ..spec() }, "connections.email.name: "),
        (ConnectionSpec { timeout: seconds(61), ..spec() }, "connections.chat.timeout: "),
        (ConnectionSpec { timeout: seconds(0), ..spec() }, "connections.chat.timeout: "),
        (
            ConnectionSpec { timeout: seconds(3), connect_timeout: seconds(4), ..spec() },
            "connections.chat.connect_timeout: ",
        ),
        (ConnectionSpec { concurrency: Some(0), ..spec() }, "connections.chat.concurrency: "),
        (ConnectionSpec { concurrency: Some(65), ..spec() }, "connections.chat.concurrency: "),
        (ConnectionSpec { max_attempts: Some(0), ..spec() }, "connections.chat.retry.max_attempts: "),
        (ConnectionSpec { max_attempts: Some(15), ..spec() }, "connections.chat.retry.max_attempts: "),
        (ConnectionSpec { expires_after: seconds(0), ..spec() }, "connections.chat.expires_after: "),
        (ConnectionSpec { sign: vec![Secret::new("weak".into())], ..spec() }, "connections.chat.sign.secret: "),
    ] {
        let message = refused(spec);
        assert!(message.starts_with(key), "{message}");
    }
    let quick = Connection::new(ConnectionSpec { timeout: seconds(2), ..spec() }).unwrap();
    assert_eq!(quick.connect_timeout, Duration::from_secs(2), "connecting never takes longer than the whole");
}

#[test]
fn headers_that_are_quells_own_or_split_are_refused() {
    let with = |name: &str, value: &str| {
        let headers = vec![(name.to_owned(), HeaderText::Plain(value.to_owned()))];
        Connection::new(ConnectionSpec { headers, ..public("https://hooks.example/") }).map(|_| ())
    };
    for name in [
        "webhook-id",
        "Webhook-Signature",
        "webhook-anything",
        "Host",
        "Content-Length",
        "transfer-encoding",
        "Connection",
        "idempotency-key",
        "upgrade",
        "te",
    ] {
        let error = with(name, "x").unwrap_err();
        assert_eq!(error[0].key, format!("headers.{name}"));
        assert_eq!(error[0].message, "Quell sets this header itself");
    }
    for (name, value) in
        [("x y", "v"), ("", "v"), ("x\r\ny", "v"), ("x", "a\r\nb: c"), ("x", "a\nb"), ("x", "\0"), ("x", "")]
    {
        assert!(with(name, value).is_err(), "{name:?}: {value:?}");
    }
    assert!(with("Authorization", "Bearer x").is_ok());
    assert!(with("User-Agent", "other/1").is_ok());
}

#[test]
fn no_secret_shows_in_what_is_printed() {
    let spec = ConnectionSpec {
        url: UrlText::Secret(Secret::new("https://hooks.example/services/T000/B000/hunter2hunter2?sig=hunter2".into())),
        headers: vec![("authorization".into(), HeaderText::Secret(Secret::new("Bearer hunter2".into())))],
        sign: vec![Secret::new("hunter2-hunter2-hunter2-hunter2".into())],
        ..public("")
    };
    let shown = format!("{:?} {:?}", spec.clone(), Connection::new(spec).unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("https://hooks.example"), "{shown}");
}
