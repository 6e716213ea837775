//! The `authorization` header of a connection: a bearer token, or a user and a password.

use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

/// How a connection says who it is.
#[derive(Debug, Clone)]
pub enum Auth {
    /// `authorization: Bearer TOKEN` (RFC 6750).
    Bearer(Secret),
    /// `authorization: Basic …` (RFC 7617).
    Basic {
        /// The user, which anybody may see.
        username: String,
        /// The password.
        password: Secret,
    },
}

/// The header, and everything in it that must not be seen.
pub(super) struct Authorization {
    pub(super) header: HeaderValue,
    pub(super) secrets: Vec<Secret>,
}

impl Auth {
    /// The key of the config that holds it.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Bearer(_) => "auth.bearer",
            Self::Basic { .. } => "auth.basic",
        }
    }

    /// The header, or why there can be none.
    pub(super) fn authorization(&self) -> Result<Authorization, &'static str> {
        let (scheme, credentials, mut secrets) = match self {
            Self::Bearer(token) => {
                let text = token.expose();
                if text.to_ascii_lowercase().starts_with("bearer ") {
                    return Err("the token begins with the word `Bearer`, which Quell adds itself; leave it out");
                }
                if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                    return Err("a bearer token is printable ASCII without spaces");
                }
                ("Bearer", token.clone(), vec![token.clone()])
            }
            Self::Basic { username, password } => {
                if username.contains(':') {
                    return Err("a username must not contain `:`, which ends it");
                }
                if username.chars().chain(password.expose().chars()).any(char::is_control) {
                    return Err("username and password must not contain control characters");
                }
                let encoded = Secret::new(STANDARD.encode(format!("{username}:{}", password.expose())));
                ("Basic", encoded.clone(), vec![password.clone(), encoded])
            }
        };
        let whole = Secret::new(format!("{scheme} {}", credentials.expose()));
        let mut header = HeaderValue::from_str(whole.expose()).map_err(|_| "it does not fit into a header")?;
        header.set_sensitive(true);
        secrets.push(whole);
        Ok(Authorization { header, secrets })
    }
}
