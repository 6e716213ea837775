//! What a connection is for, and how long a request over it stays worth sending: one rule, in one place.

use std::time::Duration;

/// A change that comes later than this may hit what has long been mended, so it is not made any more.
const CHANGE: Duration = Duration::from_secs(3600);

/// What a connection is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// To tell somebody: better late than never.
    #[default]
    Notify,
    /// To change something, such as to isolate a machine: late is wrong.
    Respond,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Notify, Self::Respond];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Notify => "notify",
            Self::Respond => "respond",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }
}

/// How long after it was recorded a request is still sent if neither step nor connection says: an hour where it
/// changes something, else as long as the schedule lasts.
pub fn default_expiry(method: &str, purpose: Purpose) -> Option<Duration> {
    let changes = match method {
        "PUT" | "PATCH" | "DELETE" => true,
        "POST" => purpose == Purpose::Respond,
        _ => false,
    };
    changes.then_some(CHANGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_is_worth_an_hour_and_the_rest_the_schedule() {
        use Purpose::{Notify, Respond};
        let hour = Some(Duration::from_secs(3600));
        let table = [
            ("GET", None, None),
            ("POST", None, hour),
            ("PUT", hour, hour),
            ("PATCH", hour, hour),
            ("DELETE", hour, hour),
        ];
        for (method, notify, respond) in table {
            assert_eq!(default_expiry(method, Notify), notify, "{method} to notify");
            assert_eq!(default_expiry(method, Respond), respond, "{method} to respond");
        }
        assert_eq!(Purpose::default(), Notify);
    }
}
