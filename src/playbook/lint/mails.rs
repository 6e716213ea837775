//! Whether a playbook sends mail, which takes a mail server.

use super::{Script, walk};
use crate::diag::Span;
use crate::playbook::source;
use rhai::{AST, Position};

/// Where the script, or a module it imports, first sends a mail: of a module, where the script imports it.
pub fn first(script: &Script<'_>) -> Option<Span> {
    let own = sent(script.ast);
    let reached = || script.modules.iter().find(|module| sent(&module.ast).is_some()).map(|module| module.reached_at);
    own.or_else(reached).map(|at| source::span(script.text, at))
}

fn sent(ast: &AST) -> Option<Position> {
    let mut first = None;
    walk::calls(ast, |call| {
        if call.call.name == "email" && !call.call.is_qualified() && first.is_none() {
            first = Some(call.at);
        }
    });
    first
}
