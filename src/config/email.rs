//! The mail server that playbooks' emails leave by. What it may be is `delivery`'s to say.

use super::environment::Surroundings;
use super::section::Section;
use super::{codes, secret_reference};
use crate::delivery::{EmailSettings, MailTls};
use crate::diag::Diagnostics;

pub(super) const KEYS: [&str; 7] = ["host", "port", "from", "username", "password", "tls", "allow_private"];

/// Reads the section; `None` if it has faults.
pub(super) fn read(section: &Section<'_>, around: &Surroundings, found: &mut Diagnostics) -> Option<EmailSettings> {
    section.allow_only(&KEYS, found);
    for key in ["host", "from"] {
        if section.get(key).is_none() {
            section.place().error(found, codes::MISSING_KEY, format!("`{}` is missing", section.dotted(key)));
        }
    }
    let text = |key, found: &mut Diagnostics| section.text(key, found).map(|(text, _)| text.to_owned());
    let (host, from) = (text("host", found), text("from", found));
    let username = text("username", found);
    let tls = section.word("tls", &MailTls::ALL.map(MailTls::as_str), MailTls::from_word, found);
    let password = section
        .get("password")
        .and_then(|password| secret_reference::read(password, &section.dotted("password"), around, found));
    let settings = EmailSettings {
        port: section.whole("port", 1..=65_535, found).and_then(|port| u16::try_from(port).ok()),
        username,
        password,
        tls: tls.unwrap_or_default(),
        allow_private: section.boolean("allow_private", found).unwrap_or(false),
        host: host?,
        from: from?,
    };
    let mut faults = settings.faults();
    // A password that cannot be read is reported already; it is not missing.
    let unread = settings.password.is_none() && section.get("password").is_some();
    faults.retain(|(key, _)| !(unread && *key == "username"));
    for (key, message) in &faults {
        let place = section.place_of(key).unwrap_or(section.place());
        place.error(found, codes::INVALID, format!("`{}`: {message}", section.dotted(key)));
    }
    (faults.is_empty() && !unread).then_some(settings)
}
