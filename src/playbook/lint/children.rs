//! Playbooks that a script runs by a name that is written out.

use super::{Script, walk};
use crate::diag::Span;
use crate::playbook::source;
use rhai::Expr;

/// The playbooks the script itself names, and where.
pub fn named(script: &Script<'_>) -> Vec<(String, Span)> {
    let mut named = Vec::new();
    walk::calls(script.ast, |call| {
        if call.call.name == "run_playbook"
            && !call.call.is_qualified()
            && let Some(Expr::StringConstant(name, at)) = call.receiver.or(call.call.args.first())
        {
            let name = name.to_string();
            named.push((name, source::span(script.text, source::on_text(script.text, *at))));
        }
    });
    named
}
