//! Traps of the language: a `try` that looks as if it gave a value, a field read from one that may be missing.

use super::Script;
use super::closures::Functions;
use super::walk::{self, Link};
use crate::diag::Diagnostics;
use crate::playbook::{Gives, codes};
use rhai::{ASTNode, Expr, FnCallExpr, Position, Stmt, StmtBlock};
use std::collections::BTreeSet;

/// Warns of both.
pub fn check(script: &Script<'_>, functions: &Functions, found: &mut Diagnostics) {
    tail_tries(script, functions, found);
    missing_fields(script, found);
}

/// A `try` has no value, whatever its last line looks like.
fn tail_tries(script: &Script<'_>, functions: &Functions, found: &mut Diagnostics) {
    let mut places = Vec::new();
    for function in functions.iter() {
        if let Some(Stmt::TryCatch(flow, _)) = function.body.last() {
            let blocks = [&flow.body, &flow.branch].into_iter().filter(|block| !ends_in_semicolon(script, block));
            places.extend(blocks.filter_map(|block| valued(block.statements().last()?)));
        }
    }
    for at in places {
        let message = "a `try` has no value, so what this function gives is `()`";
        let fault = script.warning(found, at, codes::TRY_WITHOUT_VALUE, message);
        fault.help("write `return` before this value");
    }
}

/// Whether the last statement of a block is ended as one that has no value; the tree does not tell.
fn ends_in_semicolon(script: &Script<'_>, block: &StmtBlock) -> bool {
    let close = script.span(block.end_position()).start.offset;
    script.text.get(..close).is_some_and(|before| before.trim_end().ends_with(';'))
}

/// Where a statement stands that looks like the value of its block; none for a call that is made for its effect.
fn valued(last: &Stmt) -> Option<Position> {
    match last {
        Stmt::Expr(expression) => {
            if let Expr::FnCall(call, at) = &**expression
                && !call.is_operator_call()
            {
                return called_for_its_value(call).then_some(*at);
            }
            let (start, links) = walk::chain(expression);
            let effect = links.iter().any(|link| matches!(link, Link::Method(..)));
            (!effect && !matches!(start, Expr::Unit(_))).then(|| leftmost(expression))
        }
        Stmt::FnCall(call, at) => called_for_its_value(call).then_some(*at),
        _ => None,
    }
}

/// Whether a function of the host gives something; of the script's own, who knows.
fn called_for_its_value(call: &FnCallExpr) -> bool {
    let host = super::known::host(call.name.as_str(), None).next();
    host.is_some_and(|row| !matches!(row.gives, Gives::Nothing | Gives::Never))
}

/// Where an expression begins: an operator stands after its first operand.
fn leftmost(expression: &Expr) -> Position {
    match expression {
        Expr::FnCall(call, _) if call.is_operator_call() && call.args.len() == 2 => leftmost(&call.args[0]),
        other => other.start_position(),
    }
}

/// What a source sends may lack any field, and reading on from a missing one raises.
fn missing_fields(script: &Script<'_>, found: &mut Diagnostics) {
    let compared = compared_with_nothing(script);
    let mut slips: Vec<(String, String, Position)> = Vec::new();
    script.ast.walk(&mut |path| {
        // Inside a `try` it is caught.
        let caught = path.iter().any(|node| matches!(node, ASTNode::Stmt(Stmt::TryCatch(..))));
        let Some((start, links)) = walk::chain_at(path).filter(|_| !caught) else { return true };
        let [Link::Field { name: "raw" | "extended_properties", .. }, rest @ ..] = links.as_slice() else {
            return true;
        };
        if !super::alert::is_alert(script, start) {
            return true;
        }
        for (place, pair) in rest.windows(2).enumerate() {
            if let [Link::Field { name: from, .. }, Link::Field { name, at, safe: false }] = pair
                && !compared.contains(&written(&links[..place + 2]))
            {
                slips.push(((*from).to_owned(), (*name).to_owned(), *at));
                break;
            }
        }
        true
    });
    for (from, name, at) in slips {
        let message = format!("`{from}` may be missing, and reading `{name}` of it would then raise");
        let fault = script.warning(found, at, codes::MAYBE_MISSING, message);
        fault.help(format!("write `?.{name}`, and a default with `??` where one is needed"));
    }
}

/// The chains of `alert` that the script compares with `()` anywhere: it knows that they may be missing.
fn compared_with_nothing(script: &Script<'_>) -> BTreeSet<String> {
    let mut compared = BTreeSet::new();
    walk::operators(script.ast, |call| {
        if let [one, other] = call.args.as_slice() {
            for (side, against) in [(one, other), (other, one)] {
                let (start, links) = walk::chain(side);
                if matches!(against, Expr::Unit(_)) && super::alert::is_alert(script, start) {
                    compared.insert(written(&links));
                }
            }
        }
    });
    compared
}

fn written(links: &[Link<'_>]) -> String {
    let mut text = String::new();
    for link in links {
        text.push('.');
        text.push_str(match link {
            Link::Field { name, .. } => name,
            Link::Method(call, _) => call.name.as_str(),
            Link::Index => "[]",
        });
    }
    text
}
