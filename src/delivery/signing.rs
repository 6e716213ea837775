//! By which scheme a connection's requests are signed, and the header that says so.

use super::signature::{self, Key};
use reqwest::header::{HeaderName, HeaderValue};

/// How a signature is made and where it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scheme {
    /// `webhook-signature`, over id, timestamp and body (Standard Webhooks 1.0). Every key signs.
    #[default]
    Standard,
    /// `x-hub-signature-256`, over the body alone, as GitHub signs. The header takes one signature: the newest key's.
    Github,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 2] = [Self::Standard, Self::Github];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Github => "github",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scheme| scheme.as_str() == word)
    }
}

/// How requests are signed.
#[derive(Debug, Clone)]
pub struct Signing {
    /// The scheme.
    pub scheme: Scheme,
    /// The keys, newest first, so that a receiver may change over.
    pub keys: Vec<Key>,
}

impl Signing {
    /// The header of one attempt.
    pub(super) fn header(&self, id: &str, timestamp: i64, body: &[u8]) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self.scheme {
            Scheme::Standard => ("webhook-signature", signature::sign(&self.keys, id, timestamp, body)),
            Scheme::Github => ("x-hub-signature-256", signature::sign_body(self.keys.first()?, body)),
        };
        let value = HeaderValue::from_str(&value).expect("base64, hexadecimal and commas are printable ASCII");
        Some((HeaderName::from_static(name), value))
    }
}
