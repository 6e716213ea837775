//! Which mail server, as the operator says it.

use crate::secret::Secret;
use lettre::message::Mailbox;

/// How the way to the mail server is kept private.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MailTls {
    /// The connection begins in the clear and must become TLS before anything is said (RFC 3207).
    #[default]
    Starttls,
    /// The connection is TLS from its first byte (RFC 8314).
    Implicit,
    /// It stays in the clear: for a relay on this machine or this network.
    None,
}

impl MailTls {
    /// Every way.
    pub const ALL: [Self; 3] = [Self::Starttls, Self::Implicit, Self::None];

    /// The word this is written as.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starttls => "starttls",
            Self::Implicit => "implicit",
            Self::None => "none",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tls| tls.as_str() == word)
    }

    /// The port such servers listen on.
    fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Implicit => 465,
            Self::None => 25,
        }
    }
}

/// A mail server and what to say to it, secrets already read.
#[derive(Debug, Clone)]
pub struct EmailSettings {
    /// Its name or address. The name is the one its certificate must have.
    pub host: String,
    /// Its port; default that of `tls`: 587, 465 or 25.
    pub port: Option<u16>,
    /// Whom emails come from: `quell@example.com` or `Quell <quell@example.com>`.
    pub from: String,
    /// Who Quell is to the server, if it asks.
    pub username: Option<String>,
    /// With which password.
    pub password: Option<Secret>,
    /// How the way there is kept private.
    pub tls: MailTls,
    /// Whether loopback and private addresses, and `tls: none`, are allowed.
    pub allow_private: bool,
}

impl EmailSettings {
    /// Every fault there is: the key, and what is wrong with it.
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if self.host.is_empty() || !self.host.chars().all(plain) {
            faults.push(("host", "not the name or address of a host; write one such as smtp.example.com".to_owned()));
        }
        if self.sender().is_none() {
            let message = "not an email address; write one such as quell@example.com or Quell <quell@example.com>";
            faults.push(("from", message.to_owned()));
        }
        match (&self.username, &self.password) {
            (Some(_), None) => faults.push(("username", "it needs a `password` too".to_owned())),
            (None, Some(_)) => faults.push(("password", "it needs a `username` too".to_owned())),
            _ => {}
        }
        if self.tls == MailTls::None && !self.allow_private {
            let message =
                "`none` sends everything in the clear, and needs `allow_private: true`; use starttls or implicit";
            faults.push(("tls", message.to_owned()));
        }
        faults
    }

    /// The port to dial.
    pub(super) fn dialled_port(&self) -> u16 {
        self.port.unwrap_or(self.tls.port())
    }

    /// Whom emails come from.
    pub(super) fn sender(&self) -> Option<Mailbox> {
        let one_line = !self.from.contains(char::is_control);
        self.from.parse().ok().filter(|_| one_line)
    }
}
