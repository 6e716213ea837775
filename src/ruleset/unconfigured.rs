//! Connections that playbooks declare and the operator has not set up: a call over one fails when it is made.

use super::codes;
use crate::diag::{Diagnostic, Diagnostics, closest};
use crate::playbook::Playbook;
use std::sync::Arc;

/// Warns of every declared connection that is not among `names`, those of the configuration.
pub fn unconfigured(playbooks: &[Arc<Playbook>], names: &[String]) -> Vec<Diagnostic> {
    let mut found = Diagnostics::new();
    for playbook in playbooks {
        let declared = playbook.connections.iter().zip(&playbook.connection_spans);
        for (name, span) in declared.filter(|(name, _)| !names.contains(name)) {
            let message = format!("the connection `{name}` is not configured, and calls over it fail");
            let near = closest(name, names.iter().map(String::as_str));
            found.warning(&playbook.file, *span, codes::UNCONFIGURED, message).help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add `{name}` to `connections` in the configuration"),
            });
        }
    }
    found.sorted()
}
