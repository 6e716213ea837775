//! Tells what the client's error was: a fault with a meaning, and a text without the address (it may be a secret).

use super::attempt::Failure;
use super::egress::Denied;
use super::outcome::Fault;
use std::error::Error;
use std::io;

/// What hyper calls a head over its own buffer. Its error type is not for this room; a test holds the text.
const HEAD_TOO_LARGE: &str = "message head is too large";
/// What hyper calls an end before an answer. As above.
const HUNG_UP: &str = "connection closed before message completed";

/// The fault behind an error of sending a request or of reading an answer's head.
pub(super) fn of(error: &reqwest::Error) -> Failure {
    let causes = || causes(error);
    let innermost = causes().last().map(ToString::to_string).unwrap_or_default();
    if let Some(denied) = causes().find_map(|cause| cause.downcast_ref::<Denied>()) {
        return Failure::new(Fault::Denied, denied.to_string());
    }
    if let Some(failure) = of_tls(error) {
        return failure;
    }
    if error.is_dns() {
        Failure::new(Fault::Connect, format!("dns_failed: {innermost}"))
    } else if error.is_timeout() {
        Failure::new(Fault::ConnectTimeout, "connect_timeout: the receiver did not take the connection in time".into())
    } else if error.is_connect() {
        Failure::new(Fault::Connect, format!("connect_failed: {innermost}"))
    } else if causes().any(|cause| cause.is::<io::Error>()) || innermost == HUNG_UP {
        Failure::new(Fault::Connect, format!("connection_broken: {innermost}"))
    } else if innermost == HEAD_TOO_LARGE {
        Failure::new(Fault::TooLarge, format!("response_too_large: {innermost}"))
    } else {
        Failure::new(Fault::Malformed, format!("malformed_response: {innermost}"))
    }
}

/// The fault of TLS behind an error, if it is one.
pub(super) fn of_tls(error: &(dyn Error + 'static)) -> Option<Failure> {
    match causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>())? {
        rustls::Error::InvalidCertificate(why) => {
            Some(Failure::new(Fault::Certificate, format!("tls_certificate_invalid: {why}")))
        }
        other => Some(Failure::new(Fault::Tls, format!("tls_failed: {other}"))),
    }
}

/// Every error from the outermost in. An `io::Error` made of another error hides it from `source`.
pub(super) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}
