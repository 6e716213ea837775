//! Connections: the front matter declares exactly those that the script and its modules name.

use super::{Script, walk};
use crate::diag::{Diagnostics, Span, closest};
use crate::playbook::codes;
use rhai::{AST, Expr, Position};
use std::collections::BTreeSet;

/// Checks the connections of a playbook against those it declares.
pub fn check(script: &Script<'_>, declared: &[(String, Span)], found: &mut Diagnostics) {
    let mut used = BTreeSet::new();
    let names = || declared.iter().map(|(name, _)| name.as_str());
    for (name, at) in check_written_out(script, found) {
        if !names().any(|known| known == name) {
            let message = format!("connection `{name}` is not declared");
            let fault = script.error(found, at, codes::UNDECLARED_CONNECTION, message);
            fault.help(match closest(&name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => add(&name, declared),
            });
        }
        used.insert(name);
    }
    for module in script.modules {
        for (name, _) in written_out(&module.ast).0 {
            if !names().any(|known| known == name) && !used.contains(&name) {
                let message = format!("`{}` uses connection `{name}`, which is not declared", module.path);
                let fault = script.error(found, module.reached_at, codes::UNDECLARED_CONNECTION, message);
                fault.help(add(&name, declared));
            }
            used.insert(name);
        }
    }
    for (name, span) in declared.iter().filter(|(name, _)| !used.contains(name)) {
        let message = format!("connection `{name}` is declared and not used");
        found
            .warning(script.file, *span, codes::UNUSED_CONNECTION, message)
            .help("remove it: it widens what a review must allow");
    }
}

/// What to write for a connection that is not declared; those that are show what names look like here.
fn add(name: &str, declared: &[(String, Span)]) -> String {
    let known: Vec<&str> = declared.iter().map(|(name, _)| name.as_str()).collect();
    let all = known.iter().copied().chain([name]).collect::<Vec<_>>().join(", ");
    match known.as_slice() {
        [] => format!("add it to the front matter: `connections: [{all}]`"),
        known => format!("declared are {}; add it to the front matter: `connections: [{all}]`", known.join(", ")),
    }
}

/// Reports connections whose names are not written out; returns those that are.
pub fn check_written_out(script: &Script<'_>, found: &mut Diagnostics) -> Vec<(String, Position)> {
    let (named, computed) = written_out(script.ast);
    for at in computed {
        let message = "a connection's name is written out as a text";
        let fault = script.error(found, at, codes::CONNECTION_NAME, message);
        fault.help("so that a review sees every system a playbook can reach");
    }
    named
}

type Places = Vec<(String, Position)>;

fn written_out(ast: &AST) -> (Places, Vec<Position>) {
    let (mut named, mut computed) = (Vec::new(), Vec::new());
    walk::calls(ast, |call| {
        if call.call.name != "connection"
            || call.call.is_qualified()
            || call.call.args.len() + usize::from(call.is_method) != 1
        {
            return;
        }
        match call.call.args.first().or(call.receiver) {
            Some(Expr::StringConstant(name, at)) => named.push((name.to_string(), *at)),
            Some(other) => computed.push(other.start_position()),
            None => computed.push(call.at),
        }
    });
    (named, computed)
}
