//! What a daemon answered: its bytes as they came, and as a value.

use super::fault::ClientError;
use serde::de::DeserializeOwned;

/// The body of a successful answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer(pub(super) String);

impl Answer {
    /// The body exactly as it came: numbers and order untouched.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The body as a value.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        serde_json::from_str(&self.0).map_err(|fault| ClientError::NotQuell { why: fault.to_string() })
    }
}
