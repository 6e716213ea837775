//! What most tests here begin with: a connection, a sender, a piece of work.

use crate::clock::Timestamp;
use crate::delivery::{Connection, ConnectionSpec, Sender, UrlText, message_id};
use crate::playbook::{RequestSpec, StepKey};
use crate::store::RequestWork;

/// The instant tests happen at: 2026-01-01T00:00:00Z.
pub fn now() -> Timestamp {
    Timestamp::from_second(1_767_225_600).unwrap()
}

/// The settings of a connection `chat` that may reach loopback.
pub fn settings(url: &str) -> ConnectionSpec {
    ConnectionSpec {
        name: "chat".into(),
        url: UrlText::Plain(url.into()),
        allow_private: true,
        ..ConnectionSpec::default()
    }
}

/// A connection `chat` that may reach loopback.
pub fn connection(url: &str) -> Connection {
    Connection::new(settings(url)).unwrap()
}

/// A sender with one connection.
pub fn sender(settings: ConnectionSpec) -> Sender {
    Sender::new(&[Connection::new(settings).unwrap()].into_iter().collect(), None).unwrap()
}

/// The first attempt at a POST over `chat`, which gives up after 2 s.
pub fn work() -> RequestWork {
    let run = "run_00000000000000000000000001".parse().unwrap();
    let key = StepKey("3".into());
    RequestWork {
        mail: None,
        message: message_id(&run, &key, "chat"),
        run,
        key,
        spec: RequestSpec {
            connection: "chat".into(),
            method: "POST".into(),
            path: None,
            headers: vec![],
            body: Some(r#"{"b": 1,  "a":"é"}"#.into()),
            timeout_ms: Some(2000),
            max_attempts: None,
            max_age_ms: None,
            expires_after_ms: None,
            hops: 0,
        },
        recorded: now(),
        expires: None,
        attempts: 0,
        claim: Default::default(),
    }
}
