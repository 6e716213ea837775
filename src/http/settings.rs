//! What an operator sets: the address, the tokens, and the names the daemon goes by.

use super::guard::Authority;
use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};

/// Settings of the HTTP interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Who may do what. None is allowed only on a loopback address, where everything is then permitted.
    pub tokens: Vec<Token>,
    /// Names besides loopback and the listen address that a `Host` header may carry, with or without a port.
    pub hosts: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { listen: (Ipv4Addr::LOCALHOST, 8642).into(), tokens: Vec::new(), hosts: Vec::new() }
    }
}

/// A bearer token. Only its digest is kept, so the config is worth nothing to a thief.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Who holds it.
    pub name: String,
    /// SHA-256 of the token's text, in hexadecimal.
    pub sha256: Digest,
    /// What its holder may do.
    pub scopes: Vec<Scope>,
}

/// What a token's holder may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Send alerts.
    Ingest,
    /// See everything.
    Read,
    /// Change alerts and runs.
    Respond,
    /// Steer the daemon. Includes every other scope.
    Admin,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Ingest, Self::Read, Self::Respond, Self::Admin];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Read => "read",
            Self::Respond => "respond",
            Self::Admin => "admin",
        }
    }
}

/// Settings nobody should run with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// Others could reach the daemon, and nothing would tell them apart.
    #[error(
        "refuses to start without tokens: {listen} can be reached from other machines; \
         configure `tokens`, or listen on a loopback address such as 127.0.0.1:8642"
    )]
    NoTokens {
        /// The address.
        listen: SocketAddr,
    },
    /// Two tokens go by one name.
    #[error("two tokens are named `{name}`; give each holder an own name")]
    DuplicateToken {
        /// The name.
        name: String,
    },
    /// A token that allows nothing.
    #[error("token `{name}` has no scopes; give it at least one of ingest, read, respond, admin")]
    NoScopes {
        /// The token's name.
        name: String,
    },
    /// An entry of `hosts` that no `Host` header can equal.
    #[error("`{given}` in `hosts` is not a host; write a name such as quell.example.com, with a port if it matters")]
    NotAHost {
        /// The entry.
        given: String,
    },
}

impl Settings {
    /// Checks what can be checked before a socket is opened.
    ///
    /// # Errors
    /// The first setting that is unsafe or cannot work.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let listen = self.listen;
        if self.tokens.is_empty() && !listen.ip().to_canonical().is_loopback() {
            return Err(SettingsError::NoTokens { listen });
        }
        let mut names = BTreeSet::new();
        for Token { name, scopes, .. } in &self.tokens {
            if !names.insert(name) {
                return Err(SettingsError::DuplicateToken { name: name.clone() });
            }
            if scopes.is_empty() {
                return Err(SettingsError::NoScopes { name: name.clone() });
            }
        }
        match self.hosts.iter().find(|host| Authority::parse(host).is_none()) {
            Some(given) => Err(SettingsError::NotAHost { given: given.clone() }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening(listen: &str) -> Settings {
        Settings { listen: listen.parse().unwrap(), ..Settings::default() }
    }

    fn token(name: &str, scopes: &[Scope]) -> Token {
        Token { name: name.into(), sha256: Digest::of(name.as_bytes()), scopes: scopes.to_vec() }
    }

    #[test]
    fn refuses_to_be_reachable_without_tokens() {
        for reachable in ["0.0.0.0:8642", "[::]:8642", "192.0.2.7:80", "[::ffff:192.0.2.7]:80"] {
            let refusal = listening(reachable).validate().unwrap_err().to_string();
            assert!(refusal.contains("refuses to start without tokens"), "{refusal}");
            let guarded = Settings { tokens: vec![token("siem", &[Scope::Ingest])], ..listening(reachable) };
            assert_eq!(guarded.validate(), Ok(()));
        }
        for own in ["127.0.0.1:8642", "127.9.9.9:1", "[::1]:8642"] {
            assert_eq!(listening(own).validate(), Ok(()), "{own}");
        }
    }

    #[test]
    fn refuses_tokens_and_hosts_that_cannot_be_meant() {
        let twice =
            Settings { tokens: vec![token("a", &[Scope::Read]), token("a", &[Scope::Admin])], ..Settings::default() };
        assert!(matches!(twice.validate(), Err(SettingsError::DuplicateToken { .. })));
        let idle = Settings { tokens: vec![token("a", &[])], ..Settings::default() };
        assert!(matches!(idle.validate(), Err(SettingsError::NoScopes { .. })));
        let url = Settings { hosts: vec!["https://quell.example.com/".into()], ..Settings::default() };
        assert!(matches!(url.validate(), Err(SettingsError::NotAHost { .. })));
    }

    #[test]
    fn a_token_reads_from_its_config() {
        let text = r#"{"name": "siem", "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "scopes": ["ingest"]}"#;
        let read: Token = serde_json::from_str(text).unwrap();
        assert_eq!(read, Token { name: "siem".into(), sha256: Digest::of(b"abc"), scopes: vec![Scope::Ingest] });
    }
}
