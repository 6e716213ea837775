//! What playbooks need and the operator has not set up: a call over a connection that is not there fails when it is made,
//! and so does a mail without a server.

use super::codes;
use crate::diag::{Diagnostic, Diagnostics, closest};
use crate::playbook::Playbook;
use std::sync::Arc;

/// What the operator has set up for playbooks to reach the outside by, as far as that is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outlets {
    /// The names of the connections; none if they are not known.
    pub connections: Option<Vec<String>>,
    /// Whether there is a mail server; none if that is not known.
    pub mail_server: Option<bool>,
}

/// Warns of every declared connection that is not configured, and of mails that no server takes.
pub fn unconfigured(playbooks: &[Arc<Playbook>], outlets: &Outlets) -> Vec<Diagnostic> {
    let mut found = Diagnostics::new();
    for playbook in playbooks {
        if let Some(names) = &outlets.connections {
            connections(playbook, names, &mut found);
        }
        if let (Some(span), Some(false)) = (playbook.first_mail, outlets.mail_server) {
            let message = "no mail server is configured, and this mail fails";
            let fault = found.warning(&playbook.file, span, codes::NO_MAIL_SERVER, message);
            fault.help("add `email` with `host` and `from` to the configuration");
        }
    }
    found.sorted()
}

fn connections(playbook: &Playbook, names: &[String], found: &mut Diagnostics) {
    let declared = playbook.connections.iter().zip(&playbook.connection_spans);
    for (name, span) in declared.filter(|(name, _)| !names.contains(name)) {
        let message = format!("the connection `{name}` is not configured, and calls over it fail");
        let near = closest(name, names.iter().map(String::as_str));
        found.warning(&playbook.file, *span, codes::UNCONFIGURED, message).help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => format!("add `{name}` to `connections` in the configuration"),
            None => format!("add `{name}` to `connections` in the configuration, which has {}", listed(names)),
        });
    }
}

/// The first few names.
fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    let more = if names.len() > MOST { ", …" } else { "" };
    let names: Vec<&str> = names.iter().take(MOST).map(String::as_str).collect();
    format!("{}{more}", names.join(", "))
}
