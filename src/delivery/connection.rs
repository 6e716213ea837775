//! Connections: the named outbound endpoints of the operator's config, checked once and unchanged from then on.

use super::authorization::{Auth, Authorization};
use super::purpose::Purpose;
use super::rate::Rate;
use super::redact::Redactor;
use super::request::is_reserved_header;
use super::schedule::MAX_ATTEMPTS;
use super::signature::Key;
use super::signing::{Scheme, Signing};
use crate::secret::Secret;
use crate::store::EMAIL_LANE;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Ports a connection may use without `ports` or `allow_private` saying so.
const STANDARD_PORTS: [u16; 2] = [443, 8443];

/// A path or query of a secret address shorter than this is `/api/v2` rather than a credential, and hiding it would
/// spoil answers that mention it.
const MIN_SECRET_PART: usize = 16;

/// A connection as the config describes it, secrets already read. `None` takes the default.
#[derive(Debug, Clone, Default)]
pub struct ConnectionSpec {
    /// What playbooks call it.
    pub name: String,
    /// The address.
    pub url: UrlText,
    /// Secrets to sign with, newest first; empty to not sign.
    pub sign: Vec<Secret>,
    /// By which scheme.
    pub scheme: Scheme,
    /// What to say in `authorization`, if anything.
    pub auth: Option<Auth>,
    /// Headers of every request.
    pub headers: Vec<(String, HeaderText)>,
    /// Total deadline of one attempt, 1 to 60 s; default 20 s.
    pub timeout: Option<Duration>,
    /// Deadline of its connecting, name resolution and TLS included, at most `timeout`; default 5 s.
    pub connect_timeout: Option<Duration>,
    /// Most attempts in flight at once, 1 to 64; default 8.
    pub concurrency: Option<usize>,
    /// Most attempts in a time; default as many as `concurrency` brings.
    pub rate: Option<Rate>,
    /// What it is for.
    pub purpose: Purpose,
    /// Whether http, any port, and loopback and private addresses are allowed.
    pub allow_private: bool,
    /// Ports allowed besides 443 and 8443.
    pub ports: Vec<u16>,
    /// Most attempts at a message, 1 to 14; default 14.
    pub max_attempts: Option<u32>,
    /// Longest time from when a message was recorded to its last attempt; default as long as the schedule.
    pub max_age: Option<Duration>,
    /// A message is not sent any more this long after it was recorded; default what `default_expiry` says.
    pub expires_after: Option<Duration>,
}

/// An address as the config has it.
#[derive(Debug, Clone)]
pub enum UrlText {
    /// Anybody may see it.
    Plain(String),
    /// It came from an environment variable or a file: only its host may be shown.
    Secret(Secret),
}

/// A header's value as the config has it.
#[derive(Debug, Clone)]
pub enum HeaderText {
    /// Anybody may see it.
    Plain(String),
    /// It came from an environment variable or a file.
    Secret(Secret),
}

impl Default for UrlText {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

/// A fault of a connection's settings.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("connections.{connection}.{key}: {message}")]
pub struct ConnectionError {
    /// The connection.
    pub connection: String,
    /// The offending key below it, such as `url` or `headers.host`.
    pub key: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// How long a message is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Most attempts.
    pub max_attempts: u32,
    /// Longest time from when the message was recorded to its last attempt, if shorter than the schedule.
    pub max_age: Option<Duration>,
    /// Not sent any more this long after it was recorded, if that was said.
    pub expires_after: Option<Duration>,
    /// What the connection is for, which decides where nothing was said.
    pub purpose: Purpose,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { max_attempts: MAX_ATTEMPTS, max_age: None, expires_after: None, purpose: Purpose::default() }
    }
}

/// A connection ready for use. Made only by [`Connection::new`], which is why its values can be trusted.
#[derive(Clone)]
#[non_exhaustive]
pub struct Connection {
    /// What playbooks call it.
    pub name: String,
    /// Where requests go; a step's path is appended.
    pub url: Url,
    /// How requests are signed, if they are.
    pub sign: Option<Signing>,
    /// Headers of every request, secret ones marked sensitive.
    pub(super) headers: HeaderMap,
    /// Total deadline of one attempt.
    pub timeout: Duration,
    /// Deadline of its connecting.
    pub connect_timeout: Duration,
    /// Most attempts in flight at once.
    pub concurrency: usize,
    /// Most attempts in a time, if that is bounded.
    pub rate: Option<Rate>,
    /// Whether http, and loopback and private addresses, are allowed.
    pub allow_private: bool,
    /// How long a message is tried.
    pub retry: RetryPolicy,
    pub(super) redactor: Redactor,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The path of an address is often its credential.
        f.debug_struct("Connection").field("name", &self.name).field("origin", &self.origin()).finish_non_exhaustive()
    }
}

impl Connection {
    /// Scheme, host and port of its address: all of it that may be shown.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// Every fault there is.
    pub fn new(spec: ConnectionSpec) -> Result<Self, Vec<ConnectionError>> {
        let mut faults = Vec::new();
        let mut fault = |key: &str, message: String| {
            faults.push(ConnectionError { connection: spec.name.clone(), key: key.to_owned(), message });
        };
        if !is_name(&spec.name) {
            let message = "a connection's name is 1 to 64 of a-z, 0-9, `_` and `-`, beginning with a letter or digit";
            fault("name", message.to_owned());
        }
        if spec.name == EMAIL_LANE {
            fault("name", "`email` is what mails go over; give the connection another name".to_owned());
        }
        let url = parse_url(&spec).map_err(|message| fault("url", message)).ok();
        let mut headers = HeaderMap::new();
        for (name, value) in &spec.headers {
            match parse_header(name, value) {
                Ok((name, value)) => drop(headers.append(name, value)),
                Err(message) => fault(&format!("headers.{name}"), message),
            }
        }
        let authorization = spec.auth.as_ref().map(|auth| (auth.key(), auth.authorization()));
        let authorization = authorization.and_then(|(key, made)| made.map_err(|why| fault(key, why.to_owned())).ok());
        if let Some(Authorization { header, .. }) = &authorization
            && headers.insert(AUTHORIZATION, header.clone()).is_some()
        {
            fault("auth", "`auth` and `headers.authorization` both set this header; keep one of them".to_owned());
        }
        let mut keys = Vec::new();
        let parse = match spec.scheme {
            Scheme::Standard => Key::parse,
            Scheme::Github => Key::plain,
        };
        for secret in &spec.sign {
            match parse(secret) {
                Ok(key) => keys.push(key),
                Err(error) => fault("sign.secret", error.to_string()),
            }
        }
        let timeout = spec.timeout.unwrap_or(Duration::from_secs(20));
        if !(Duration::from_secs(1)..=Duration::from_secs(60)).contains(&timeout) {
            fault("timeout", format!("{timeout:?} is not between 1s and 60s"));
        }
        let connect_timeout = spec.connect_timeout.unwrap_or(Duration::from_secs(5).min(timeout));
        if connect_timeout.is_zero() || connect_timeout > timeout {
            fault("connect_timeout", format!("{connect_timeout:?} is not between 0s and the timeout"));
        }
        let concurrency = spec.concurrency.unwrap_or(8);
        if !(1..=64).contains(&concurrency) {
            fault("concurrency", format!("{concurrency} is not between 1 and 64"));
        }
        let max_attempts = spec.max_attempts.unwrap_or(MAX_ATTEMPTS);
        if !(1..=MAX_ATTEMPTS).contains(&max_attempts) {
            fault("retry.max_attempts", format!("{max_attempts} is not between 1 and {MAX_ATTEMPTS}"));
        }
        if spec.expires_after.is_some_and(|after| after.is_zero()) {
            fault("expires_after", "nothing could ever be sent".to_owned());
        }
        let Some(url) = url.filter(|_| faults.is_empty()) else { return Err(faults) };
        let mut secrets = secrets(&spec, &url, &keys);
        secrets.extend(authorization.map(|made| made.secrets).into_iter().flatten());
        let (max_age, expires_after, purpose) = (spec.max_age, spec.expires_after, spec.purpose);
        Ok(Self {
            redactor: Redactor::new(secrets.iter().map(Secret::expose)),
            sign: (!keys.is_empty()).then_some(Signing { scheme: spec.scheme, keys }),
            retry: RetryPolicy { max_attempts, max_age, expires_after, purpose },
            rate: spec.rate,
            name: spec.name,
            allow_private: spec.allow_private,
            url,
            headers,
            timeout,
            connect_timeout,
            concurrency,
        })
    }
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = name.as_bytes();
    (1..=64).contains(&bytes.len()) && plain(bytes[0]) && bytes.iter().all(|&b| plain(b) || b == b'_' || b == b'-')
}

/// The address, if requests may go there at all. The addresses of its host are checked when a request is sent.
fn parse_url(spec: &ConnectionSpec) -> Result<Url, String> {
    let text = match &spec.url {
        UrlText::Plain(text) => text,
        UrlText::Secret(secret) => secret.expose(),
    };
    // A message never quotes the address: it may be a secret.
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("the url must not contain spaces or control characters".into());
    }
    let url = Url::parse(text).map_err(|error| format!("not a url: {error}"))?;
    match url.scheme() {
        "https" => {}
        "http" if spec.allow_private => {}
        "http" => return Err("scheme not allowed: http needs `allow_private: true`; use https".into()),
        other => return Err(format!("scheme not allowed: `{other}`; use https")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the url must not contain credentials; use `headers`".into());
    }
    if url.fragment().is_some() {
        return Err("the url must not contain a fragment: it is never sent".into());
    }
    let port = url.port_or_known_default().ok_or("the url has no port")?;
    if !spec.allow_private && !STANDARD_PORTS.contains(&port) && !spec.ports.contains(&port) {
        return Err(format!("port not allowed: {port}; list it in `ports` if it is meant"));
    }
    Ok(url)
}

fn parse_header(name: &str, text: &HeaderText) -> Result<(HeaderName, HeaderValue), String> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "not a header's name".to_owned())?;
    if is_reserved_header(&name) {
        return Err("Quell sets this header itself".into());
    }
    let value = match text {
        HeaderText::Plain(text) => text,
        HeaderText::Secret(secret) => secret.expose(),
    };
    if value.is_empty() {
        return Err("the value is empty".into());
    }
    let mut value = HeaderValue::from_str(value).map_err(|_| "a header's value is printable ASCII, in one line")?;
    value.set_sensitive(matches!(text, HeaderText::Secret(_)));
    Ok((name, value))
}

/// Everything of a connection that must not be seen in what is recorded.
fn secrets(spec: &ConnectionSpec, url: &Url, keys: &[Key]) -> Vec<Secret> {
    let mut secrets: Vec<Secret> = keys.iter().flat_map(Key::secrets).collect();
    secrets.extend(spec.headers.iter().filter_map(|(_, text)| match text {
        HeaderText::Secret(secret) => Some(secret.clone()),
        HeaderText::Plain(_) => None,
    }));
    if let UrlText::Secret(whole) = &spec.url {
        // The host may be shown: an error about a connection is of no use without it.
        let parts = [Some(url.path()), url.query()].into_iter().flatten();
        secrets.push(whole.clone());
        secrets.extend(parts.filter(|part| part.len() >= MIN_SECRET_PART).map(|part| Secret::new(part.to_owned())));
    }
    secrets
}

/// Every connection by name.
#[derive(Debug, Clone, Default)]
pub struct Connections(BTreeMap<String, Arc<Connection>>);

impl Connections {
    /// The connection of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Connection>> {
        self.0.get(name)
    }

    /// Every connection, by name: each is a lane of its own with its own `concurrency`.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.0.values()
    }
}

impl FromIterator<Connection> for Connections {
    fn from_iter<I: IntoIterator<Item = Connection>>(connections: I) -> Self {
        Self(connections.into_iter().map(|connection| (connection.name.clone(), Arc::new(connection))).collect())
    }
}
