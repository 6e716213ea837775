//! The list of bad inputs, 70 to 97: what nobody may send, and where nothing may go. Each is sent as a playbook would.
//!
//! | input | promise |
//! |---|---|
//! | 70–78 loopback and nowhere, spelled otherwise | `inputs_70_to_78_…` here; `guard::every_forbidden_range_…` |
//! | 79–83 an IPv4 address within an IPv6 one | `inputs_79_to_83_…` here; `guard::every_forbidden_range_…` |
//! | 84 a name with a good and a bad address | `input_84_…` here; `guard::one_bad_address_denies_the_name` |
//! | 85 a name that changes its mind | `guard::a_name_that_changes_its_mind_is_dialled_where_it_was_checked` |
//! | 86 a redirect to the metadata server | `sending::a_redirect_is_not_followed` |
//! | 87 credentials in the url | `connections::an_address_that_must_not_be_is_refused`, `input_87_…` here |
//! | 88 other schemes | `connections::an_address_that_must_not_be_is_refused`, `input_88_…` here |
//! | 89 other ports | `connections::an_address_that_must_not_be_is_refused`, `input_89_…` here |
//! | 90 line breaks from the text of an alert | `input_90_…` here; `requests::a_script_adds_headers_…` |
//! | 91 a proxy in the environment | `it::lanes::input_91_…` |
//! | 92 endless, slow, packed and vast answers | `receivers_behaving_badly` |
//! | 93 bad certificates | `input_93_…` here; `certificates::a_self_signed_certificate_…` |
//! | 94 the daemon's own address, and circles | `guard::the_daemons_own_listener_…`, `input_94_…` here, `http::hops`, `it::lanes` |
//! | 95 secrets that are not there, or open to all | `config::tests::secrets` |
//! | 96 secrets echoed by the receiver | `sending::secrets_echoed_…`, `authorizations::no_form_of_the_credentials_…` |
//! | 97 a secret in a path | `input_97_…` here |

use super::guard::Scripted;
use super::receiver::{Receiver, header};
use super::world::{now, sender, settings, work};
use crate::delivery::{
    Attempted, Auth, Class, Connection, ConnectionSpec, Fault, HeaderText, Lookup, Sender, UrlText, fault,
};
use crate::secret::Secret;
use std::sync::Arc;

/// An attempt over https at this host, on a port where a receiver listens, without `allow_private`.
async fn attempt(host: &str, port: u16, lookup: Arc<dyn Lookup>) -> Attempted {
    let spec = ConnectionSpec {
        url: UrlText::Plain(format!("https://{host}:{port}/")),
        ports: vec![port],
        allow_private: false,
        ..settings("")
    };
    let connections = [Connection::new(spec).unwrap()].into_iter().collect();
    Sender::with_lookup(&connections, None, lookup).unwrap().attempt(&work(), now()).await
}

async fn every_host_is_denied(hosts: &[&str], reasons: &[&str]) {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    for host in hosts {
        // Only `localhost.` is a name, and resolves to what it means; the others are addresses, which nobody looks up.
        let attempted = attempt(host, receiver.port(), Scripted::new(&[&["127.0.0.1"]])).await;
        assert_eq!((attempted.class, attempted.fault), (Class::Permanent, Some(Fault::Denied)), "{host}");
        let said = attempted.error.unwrap();
        assert!(reasons.iter().any(|reason| said.starts_with(&format!("egress_denied: {reason}"))), "{host}: {said}");
    }
    assert!(receiver.requests().is_empty());
}

#[tokio::test]
async fn inputs_70_to_78_loopback_and_nowhere_are_denied_however_they_are_spelled() {
    let spellings =
        ["0177.0.0.1", "2130706433", "0x7f.1", "127.1", "①②⑦.0.0.1", "127.0.0.1.", "0", "[::]", "localhost."];
    every_host_is_denied(&spellings, &["loopback address", "unspecified address"]).await;
}

#[tokio::test]
async fn inputs_79_to_83_an_address_within_an_address_is_denied() {
    let disguised = [
        "[::ffff:169.254.169.254]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:7f00:1::1]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[::127.0.0.1]",
    ];
    every_host_is_denied(&disguised, &["embedded IPv4 address"]).await;
}

#[tokio::test]
async fn input_84_a_name_with_one_bad_address_is_denied_whole() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let attempted = attempt("mixed.example", receiver.port(), Scripted::new(&[&["1.1.1.1", "::1"]])).await;
    assert_eq!((attempted.class, attempted.fault), (Class::Permanent, Some(Fault::Denied)));
    assert!(attempted.error.unwrap().starts_with("egress_denied: loopback address (::1)"));
}

fn refused(url: &str) -> String {
    let spec = ConnectionSpec { url: UrlText::Plain(url.into()), allow_private: false, ..settings("") };
    Connection::new(spec).map(|_| ()).unwrap_err()[0].message.clone()
}

#[test]
fn input_87_credentials_in_a_url_are_refused() {
    for url in ["https://example.com:80@10.0.0.1/", "https://user:hunter2@a.example/", "https://user@a.example/"] {
        assert_eq!(refused(url), "the url must not contain credentials; use `headers`", "{url}");
    }
}

#[test]
fn input_88_schemes_but_https_are_refused() {
    for url in ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://a.example/", "data:,x", "unix:/run/docker.sock"] {
        let scheme = url.split(':').next().unwrap();
        assert_eq!(refused(url), format!("scheme not allowed: `{scheme}`; use https"));
    }
}

#[test]
fn input_89_ports_of_other_services_are_refused() {
    for port in [22, 25, 6379] {
        let said = format!("port not allowed: {port}; list it in `ports` if it is meant");
        assert_eq!(refused(&format!("https://a.example:{port}/")), said);
    }
}

#[tokio::test]
async fn input_90_line_breaks_from_an_alert_are_refused_before_anything_is_sent() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let title = "Brute force\r\nx-admin: yes";
    let with = |path: Option<String>, headers: Vec<(String, String)>| {
        let mut work = work();
        (work.spec.path, work.spec.headers) = (path, headers);
        work
    };
    for (work, said) in [
        (with(Some(format!("/search/{title}")), vec![]), "path must not contain line breaks or control characters"),
        (with(Some(format!("/search?q={title}")), vec![]), "path must not contain line breaks or control characters"),
        (with(None, vec![("x-title".into(), title.into())]), "header `x-title` has a control character"),
        (with(None, vec![(title.into(), "v".into())]), "header `Brute force\\r\\nx-admin: yes` is not a header's name"),
    ] {
        let attempted = sender(settings(&receiver.url())).attempt(&work, now()).await;
        assert_eq!((attempted.class, attempted.fault), (Class::Permanent, Some(Fault::Configuration)));
        assert_eq!(attempted.error.unwrap(), format!("request_invalid: {said}"));
    }
    assert!(receiver.requests().is_empty());
}

#[test]
fn input_93_every_reason_to_refuse_a_certificate_is_said() {
    use rustls::CertificateError::{ApplicationVerificationFailure, Expired, NotValidForName, Revoked, UnknownIssuer};
    let said = |why| fault::of_tls(&rustls::Error::InvalidCertificate(why)).unwrap();
    for (why, words) in [
        (Expired, "Expired"),
        (UnknownIssuer, "UnknownIssuer"),
        (NotValidForName, "NotValidForName"),
        (Revoked, "Revoked"),
        (ApplicationVerificationFailure, "ApplicationVerificationFailure"),
    ] {
        let failure = said(why);
        assert_eq!(failure.fault, Fault::Certificate);
        assert!(failure.message.starts_with("tls_certificate_invalid: "), "{}", failure.message);
        assert!(failure.message.len() > "tls_certificate_invalid: ".len() + 5, "{words}: {}", failure.message);
    }
    assert_eq!(Class::of_fault(Fault::Certificate), Class::LikelyPermanent);
}

#[tokio::test]
async fn input_94_every_request_says_how_many_led_to_it() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let sender = sender(settings(&receiver.url()));
    for (brought_by, said) in [(0, "1"), (1, "2"), (2, "3"), (255, "256")] {
        let mut work = work();
        work.spec.hops = brought_by;
        assert_eq!(sender.attempt(&work, now()).await.class, Class::Success);
        assert_eq!(header(receiver.requests().last().unwrap(), "quell-hops"), Some(said));
    }
    let mut forged = work();
    forged.spec.headers = vec![("Quell-Hops".into(), "0".into())];
    let attempted = sender.attempt(&forged, now()).await;
    assert_eq!(attempted.error.as_deref(), Some("request_invalid: header `Quell-Hops` is set by Quell itself"));
}

#[tokio::test]
async fn input_97_a_secret_of_the_connection_does_not_leave_in_a_path() {
    let receiver = Receiver::answering("HTTP/1.1 200 OK\r\n\r\n").await;
    let spec = ConnectionSpec {
        auth: Some(Auth::Bearer(Secret::new("hunter2-hunter2".into()))),
        headers: vec![("x-pin".into(), HeaderText::Secret(Secret::new("1234".into())))],
        ..settings(&receiver.url())
    };
    let sender = sender(spec);
    let attempt = async |path: &str| {
        let mut work = work();
        work.spec.path = Some(path.into());
        sender.attempt(&work, now()).await
    };
    for path in
        ["/ip?token=hunter2-hunter2", "/hunter2-hunter2/ip", "/ip?t=hunter2%2Dhunter2", "/ip?t=%68unter2-hunter2"]
    {
        let attempted = attempt(path).await;
        assert_eq!((attempted.class, attempted.fault), (Class::Permanent, Some(Fault::Configuration)), "{path}");
        let said = "request_invalid: path must not contain a secret of the connection; its headers carry it";
        assert_eq!(attempted.error.as_deref(), Some(said));
    }
    assert!(receiver.requests().is_empty());
    assert_eq!(attempt("/ip/203.0.113.9?pin=1234").await.class, Class::Success, "a short one is in many a word");
}
