//! What can go wrong between the command line and a daemon, each with what to do about it.

use serde_json::Value;

/// Why a request came to nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ClientError {
    /// The address given is none.
    #[error("`{given}` is not the address of a daemon: {why}; write it as http://127.0.0.1:8642")]
    Address {
        /// What was given.
        given: String,
        /// What is wrong with it.
        why: String,
    },
    /// The token cannot be sent.
    #[error("the token holds characters that no header can carry; is it the right file or variable?")]
    Token,
    /// The client itself cannot be made.
    #[error("cannot make connections: {0}")]
    Unusable(String),
    /// Nobody is there.
    #[error("no daemon at {base}: {why}\nstart one with `quell serve`, or name another with --url or QUELL_URL")]
    Unreachable {
        /// Where it was looked for.
        base: String,
        /// What the system says.
        why: String,
    },
    /// Somebody is there and does not answer in time.
    #[error("the daemon at {base} did not answer within {seconds} s; try again, or look at its log")]
    TimedOut {
        /// Where it is.
        base: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The daemon refused, and said why.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// Something sends elsewhere. It is not followed, since the token would go along.
    #[error("{base} sends elsewhere, to {location}; give that address with --url if you trust it")]
    Redirected {
        /// Where it was asked.
        base: String,
        /// Where it sends.
        location: String,
    },
    /// The answer is larger than any that Quell gives.
    #[error("the answer is larger than {limit} bytes; ask for less with --limit")]
    TooLarge {
        /// The most that is read.
        limit: usize,
    },
    /// Something else than Quell answered.
    #[error("the answer is not one of Quell's: {why}; is --url right, and the daemon of this version?")]
    NotQuell {
        /// What is odd.
        why: String,
    },
}

/// A refusal as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{detail}{}", self.hint())]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The stable code.
    pub code: String,
    /// What is wrong, for people.
    pub detail: String,
    /// The whole document, for what else it holds.
    pub document: Value,
}

impl Problem {
    /// Reads a refusal's body; none if it is no problem document.
    pub(super) fn read(status: u16, body: &str) -> Option<Self> {
        let document: Value = serde_json::from_str(body).ok()?;
        let word = |key: &str| document.get(key).and_then(Value::as_str).map(str::to_owned);
        let (code, detail) = (word("code")?, word("detail").or_else(|| word("title"))?);
        Some(Self { status, code, detail, document })
    }

    fn hint(&self) -> &'static str {
        match self.code.as_str() {
            "auth_missing" | "auth_invalid" => "\ngive a token with QUELL_TOKEN or --token-file",
            "host_not_allowed" => "\nuse the daemon's own address, or add the name to its `hosts`",
            _ => "",
        }
    }
}
