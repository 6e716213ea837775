//! Signatures: Standard Webhooks 1.0, `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; and GitHub's, over
//! the body alone.

use crate::clock::Timestamp;
use crate::secret::Secret;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::time::Duration;
use zeroize::Zeroizing;

/// Fewest bytes of a key.
pub const MIN_KEY_BYTES: usize = 24;
/// Most bytes of a key written as `whsec_…`.
pub const MAX_KEY_BYTES: usize = 64;

/// How far a sender's clock may be off, by the specification's advice.
pub const TOLERANCE: Duration = Duration::from_secs(300);

/// What a secret in the standard's own form begins with.
const PREFIX: &str = "whsec_";

/// Secrets are copied by hand, and their padding gets lost.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key to sign with, ready for use.
#[derive(Clone)]
pub struct Key {
    secret: Secret,
    key: hmac::Key,
}

/// A secret that does not make a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// What follows `whsec_` is not base64.
    #[error("a secret beginning with `whsec_` goes on in base64, and this one does not")]
    NotBase64,
    /// Too easily guessed.
    #[error("the secret has {0} bytes, and a signing key needs at least {MIN_KEY_BYTES}")]
    TooShort(usize),
    /// Longer than the standard allows.
    #[error("the secret has {0} bytes, and a `whsec_` key has at most {MAX_KEY_BYTES}")]
    TooLong(usize),
}

impl Key {
    /// Reads `whsec_` and base64, or takes any other text's bytes as they are.
    pub fn parse(secret: &Secret) -> Result<Self, InvalidKey> {
        let text = secret.expose();
        let bytes = match text.strip_prefix(PREFIX) {
            Some(encoded) => Zeroizing::new(LENIENT.decode(encoded).map_err(|_| InvalidKey::NotBase64)?),
            None => Zeroizing::new(text.as_bytes().to_vec()),
        };
        if bytes.len() < MIN_KEY_BYTES {
            return Err(InvalidKey::TooShort(bytes.len()));
        }
        if text.starts_with(PREFIX) && bytes.len() > MAX_KEY_BYTES {
            return Err(InvalidKey::TooLong(bytes.len()));
        }
        Ok(Self { secret: secret.clone(), key: hmac::Key::new(hmac::HMAC_SHA256, &bytes) })
    }

    /// Takes a text's bytes as they are, as GitHub does.
    pub fn plain(secret: &Secret) -> Result<Self, InvalidKey> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < MIN_KEY_BYTES {
            return Err(InvalidKey::TooShort(bytes.len()));
        }
        Ok(Self { secret: secret.clone(), key: hmac::Key::new(hmac::HMAC_SHA256, bytes) })
    }

    /// The secret it was read from, whole and without its prefix, so that it can be kept out of what is shown.
    pub(super) fn secrets(&self) -> [Secret; 2] {
        let text = self.secret.expose();
        [self.secret.clone(), Secret::new(text.strip_prefix(PREFIX).unwrap_or(text).to_owned())]
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

/// The value of `webhook-signature`: one signature a key, in the order given (newest first), for rotation.
pub fn sign(keys: &[Key], id: &str, timestamp: i64, body: &[u8]) -> String {
    let content = signed_content(id, &timestamp.to_string(), body);
    let signatures: Vec<String> =
        keys.iter().map(|key| format!("v1,{}", STANDARD.encode(hmac::sign(&key.key, &content)))).collect();
    signatures.join(" ")
}

/// The value of `x-hub-signature-256`: HMAC-SHA256 over the body alone, in hexadecimal.
pub fn sign_body(key: &Key, body: &[u8]) -> String {
    let tag = hmac::sign(&key.key, body);
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

/// The three headers of a received message.
#[derive(Debug, Clone, Copy)]
pub struct SignatureHeaders<'a> {
    /// `webhook-id`
    pub id: &'a str,
    /// `webhook-timestamp`
    pub timestamp: &'a str,
    /// `webhook-signature`
    pub signature: &'a str,
}

/// A message that is not from whom it claims to be, or not from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    /// The timestamp is not a whole number of seconds.
    #[error("webhook-timestamp is not a number of seconds")]
    BadTimestamp,
    /// The message is older, or newer, than the tolerance.
    #[error("webhook-timestamp is too far from now")]
    Stale,
    /// No signature fits.
    #[error("no signature fits")]
    NoMatch,
}

/// Checks a received message. Every `v1` signature is tried; each comparison takes constant time.
pub fn verify(
    key: &Key,
    headers: SignatureHeaders<'_>,
    body: &[u8],
    now: Timestamp,
    tolerance: Duration,
) -> Result<(), Unverified> {
    let sent: i64 = headers.timestamp.parse().map_err(|_| Unverified::BadTimestamp)?;
    if now.as_second().abs_diff(sent) > tolerance.as_secs() {
        return Err(Unverified::Stale);
    }
    let content = signed_content(headers.id, headers.timestamp, body);
    let fits = |given: &str| {
        given
            .strip_prefix("v1,")
            .and_then(|encoded| STANDARD.decode(encoded).ok())
            .is_some_and(|tag| hmac::verify(&key.key, &content, &tag).is_ok())
    };
    if headers.signature.split(' ').any(fits) { Ok(()) } else { Err(Unverified::NoMatch) }
}

fn signed_content(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}
