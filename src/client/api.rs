//! The client itself: one daemon, one token, bounded in time and size.

use super::answer::Answer;
use super::fault::{ClientError, Problem};
use crate::secret::Secret;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, RequestBuilder, Response};
use std::error::Error;
use std::time::Duration;
use url::{Host, Url};

/// Longest wait for a whole answer. A reload compiles the whole set before it answers.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// Most bytes of an answer.
const LARGEST: usize = 64 * 1024 * 1024;

/// Speaks to one daemon.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Client {
    /// A client of the daemon at `base`, such as `http://127.0.0.1:8642`; `token` goes with every request.
    ///
    /// # Errors
    /// An address or token that cannot be used.
    pub fn new(base: &str, token: Option<&Secret>) -> Result<Self, ClientError> {
        let base = address(base)?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = token {
            let bearer = format!("Bearer {}", token.expose());
            let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| ClientError::Token)?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("quell/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            // A redirect would take the token to wherever it points.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(PATIENCE);
        if is_loopback(&base) {
            // A proxy's loopback is another machine's.
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|fault| ClientError::Unusable(deepest(&fault)))?;
        Ok(Self { http, base })
    }

    /// Where the daemon is, as messages name it.
    pub fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Asks for `path`, such as `/api/v1/alerts`.
    ///
    /// # Errors
    /// Whatever keeps an answer from coming, and every answer that is not a success.
    pub async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Answer, ClientError> {
        self.send(Method::GET, path, query).await
    }

    /// Orders what `path` stands for, such as `/-/reload`.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub async fn post(&self, path: &str) -> Result<Answer, ClientError> {
        self.send(Method::POST, path, &[]).await
    }

    /// Hands over a JSON document, such as an alert.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub async fn post_json(&self, path: &str, document: impl Into<String>) -> Result<Answer, ClientError> {
        let request = self.http.post(self.address(path)).header(CONTENT_TYPE, "application/json");
        self.answer(request.body(document.into())).await
    }

    fn address(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }

    async fn send(&self, method: Method, path: &str, query: &[(&str, String)]) -> Result<Answer, ClientError> {
        let mut url = self.address(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.answer(self.http.request(method, url)).await
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Answer, ClientError> {
        let response = request.send().await.map_err(|fault| self.transport(&fault))?;
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
            return Err(ClientError::Redirected { base: self.base().to_owned(), location: location.to_owned() });
        }
        let body = self.body(response).await?;
        if status.is_success() {
            return Ok(Answer(body));
        }
        Err(match Problem::read(status.as_u16(), &body) {
            Some(problem) => ClientError::Refused(problem),
            None => ClientError::NotQuell { why: format!("{} answered {status}", self.base()) },
        })
    }

    async fn body(&self, mut response: Response) -> Result<String, ClientError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|fault| self.transport(&fault))? {
            if body.len() + chunk.len() > LARGEST {
                return Err(ClientError::TooLarge { limit: LARGEST });
            }
            body.extend_from_slice(&chunk);
        }
        String::from_utf8(body).map_err(|_| ClientError::NotQuell { why: "it is not UTF-8 text".to_owned() })
    }

    fn transport(&self, fault: &reqwest::Error) -> ClientError {
        let base = self.base().to_owned();
        if fault.is_timeout() && !fault.is_connect() {
            return ClientError::TimedOut { base, seconds: PATIENCE.as_secs() };
        }
        ClientError::Unreachable { base, why: deepest(fault) }
    }
}

fn address(given: &str) -> Result<Url, ClientError> {
    let wrong = |why: &str| ClientError::Address { given: given.to_owned(), why: why.to_owned() };
    let url = Url::parse(given).map_err(|fault| wrong(&fault.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // The address is left out of the message, since it holds a password.
        let why = "credentials do not belong into it: use QUELL_TOKEN or --token-file".to_owned();
        return Err(ClientError::Address { given: "http://***@…".to_owned(), why });
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it must not have a `?` or `#` part"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// The last cause says what happened; those above it say what was being done.
fn deepest(fault: &reqwest::Error) -> String {
    let mut cause: &dyn Error = fault;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
