//! Ids as types: prefixed, so a log line says what it names; ordered by creation, so an index stays dense.

use jiff::Timestamp;
use std::fmt;

/// Crockford's base 32, lower case: no letter that reads as another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Writes 16 bytes as 26 base-32 characters; the order of the texts is the order of the bytes.
pub(crate) fn base32(bytes: [u8; 16]) -> String {
    let number = u128::from_be_bytes(bytes);
    (0..26).rev().map(|digit| ALPHABET[(number >> (digit * 5)) as usize & 31] as char).collect()
}

/// Whether a text is one that [`base32`] could write.
fn is_base32(text: &str) -> bool {
    // Asked for every record that is read: faster than looking each letter up.
    let is_letter = |b| matches!(b, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z');
    text.len() == 26 && text.bytes().all(is_letter)
}

fn ordered(at: Timestamp) -> String {
    static CONTEXT: std::sync::Mutex<uuid::timestamp::context::ContextV7> =
        std::sync::Mutex::new(uuid::timestamp::context::ContextV7::new());
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(at.subsec_nanosecond()).unwrap_or(0);
    base32(uuid::Uuid::new_v7(uuid::Timestamp::from_unix(&CONTEXT, seconds, nanoseconds)).into_bytes())
}

/// A text that is not an id of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not {article} id: expected `{prefix}` and 26 letters or digits")]
pub struct InvalidId {
    given: String,
    article: &'static str,
    prefix: &'static str,
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $article:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id; ids made later sort later.
            pub fn generate(at: Timestamp) -> Self {
                Self(format!("{}{}", $prefix, ordered(at)))
            }

            /// An id that is always the same for the same 16 bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(format!("{}{}", $prefix, base32(bytes)))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let body = text.strip_prefix($prefix).unwrap_or("");
                if is_base32(body) {
                    Ok(Self(text.to_owned()))
                } else {
                    let given = text.chars().take(64).collect();
                    Err(InvalidId { given, article: $article, prefix: $prefix })
                }
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                if text.strip_prefix($prefix).is_some_and(is_base32) {
                    return Ok(Self(text));
                }
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id_type!(
    /// One stored alert.
    AlertId, "al_", "an alert"
);
id_type!(
    /// One execution of a playbook for one alert.
    RunId, "run_", "a run"
);
id_type!(
    /// One outgoing message: the `webhook-id` every attempt at it carries.
    MessageId, "msg_", "a message"
);

id_type!(
    /// One question to a person.
    ApprovalId, "apr_", "an approval"
);

/// The name a filter or playbook goes by: `^[a-z0-9][a-z0-9_-]{1,63}$`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct RuleId(std::sync::Arc<str>);

impl RuleId {
    /// The rule every id keeps, in words for an error message.
    pub const SHAPE: &'static str = "2 to 64 of a-z, 0-9, `_` and `-`, beginning with a letter or digit";

    /// The same rule as a regular expression.
    pub const PATTERN: &'static str = "^[a-z0-9][a-z0-9_-]{1,63}$";

    /// The id, if `text` keeps the rule.
    pub fn new(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let bytes = text.as_bytes();
        let fits = (2..=64).contains(&bytes.len())
            && plain(bytes[0])
            && bytes.iter().all(|&b| plain(b) || b == b'_' || b == b'-');
        fits.then(|| Self(text.into()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> serde::Deserialize<'de> for RuleId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::new(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an id: {}", Self::SHAPE)))
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_creation_and_read_back() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let ids: Vec<AlertId> = (0..1000).map(|_| AlertId::generate(at)).collect();
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(ids[0].as_str().parse::<AlertId>().unwrap(), ids[0]);
        assert!("run_0".parse::<AlertId>().is_err());
    }

    #[test]
    fn an_id_has_the_letters_it_is_written_with_and_no_others() {
        for letter in 0..=127_u8 {
            let text = format!("al_{}{}", "0".repeat(25), char::from(letter));
            assert_eq!(text.parse::<AlertId>().is_ok(), ALPHABET.contains(&letter), "{text}");
            let read = serde_json::from_value::<AlertId>(text.clone().into());
            assert_eq!(read.is_ok(), ALPHABET.contains(&letter), "{text}");
        }
        let long = format!("al_{}", "0".repeat(27));
        assert!(long.parse::<AlertId>().is_err() && serde_json::from_value::<AlertId>(long.into()).is_err());
    }

    #[test]
    fn rule_ids_keep_their_shape() {
        assert!(RuleId::new("qualys-nightly_2").is_some());
        for bad in ["", "a", "-ab", "Ab", "a b", "a/b", &"a".repeat(65)] {
            assert!(RuleId::new(bad).is_none(), "{bad}");
        }
    }
}
