//! Fields of what steps give: an answer to a request or to a question has a few, and a slip in one reads `()`.

use super::Script;
use super::walk::{self, Link};
use crate::diag::{Diagnostics, closest};
use crate::playbook::codes;
use crate::playbook::host::{Gives, Receiver};
use rhai::{ASTNode, Expr, Position, Stmt};
use std::collections::{BTreeMap, BTreeSet};

/// Checks the fields that are read of the results of steps.
pub fn check(script: &Script<'_>, found: &mut Diagnostics) {
    let (held, set) = (variables(script), assigned(script));
    let mut slips: Vec<(Gives, String, Position)> = Vec::new();
    walk::chains(script.ast, |start, links| {
        let direct = result(start, links);
        let (gives, rest) = match (direct, variable(start)) {
            (Some((gives, length)), _) => (gives, &links[length..]),
            (None, Some(name)) => match held.get(name) {
                Some(gives) => (*gives, links),
                None => return,
            },
            _ => return,
        };
        if let Some(Link::Field { name, at, .. }) = rest.first()
            && !fields(gives).contains(name)
            && !set.contains(*name)
        {
            slips.push((gives, (*name).to_owned(), *at));
        }
    });
    for (gives, name, at) in slips {
        let what = if gives == Gives::Approval { "the answer to a question" } else { "the answer to a request" };
        let fault = script.error(found, at, codes::UNKNOWN_RESULT_FIELD, format!("{what} has no field `{name}`"));
        let known = fields(gives);
        fault.help(match closest(&name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if gives == Gives::Response => {
                format!("it has {}; what was sent is at `body.{name}`", known.join(", "))
            }
            None => format!("it has {}", known.join(", ")),
        });
    }
}

/// Methods of maps that put something into them.
const CHANGING: [&str; 4] = ["set", "mixin", "fill_with", "append"];

fn fields(gives: Gives) -> &'static [&'static str] {
    match gives {
        Gives::Response => &["status", "headers", "body"],
        Gives::Approval => &["approved", "by", "at", "comment"],
        _ => &[],
    }
}

/// What the step at the start of a chain gives, and how many links belong to it.
fn result(start: &Expr, links: &[Link<'_>]) -> Option<(Gives, usize)> {
    if let Expr::FnCall(call, _) = start
        && !call.is_qualified()
    {
        if call.name == "wait_for_approval" {
            return Some((Gives::Approval, 0));
        }
        if let (Some(Receiver::Connection), Some(Link::Method(method, _))) =
            (super::calls::host_object(start), links.first())
        {
            let row = super::known::host(method.name.as_str(), Some(Receiver::Connection)).next()?;
            return (row.gives == Gives::Response).then_some((Gives::Response, 1));
        }
    }
    None
}

/// The variables that hold the result of a step of one kind wherever the script declares or assigns one by their name.
fn variables(script: &Script<'_>) -> BTreeMap<String, Gives> {
    let (mut held, mut other) = (BTreeMap::new(), BTreeSet::new());
    for function in script.ast.iter_fn_def() {
        other.extend(function.params.iter().map(ToString::to_string));
    }
    // What puts something into a map makes it another one.
    walk::chains(script.ast, |start, links| match (variable(start), links) {
        (Some(name), [Link::Method(call, _), ..]) if CHANGING.contains(&call.name.as_str()) => {
            other.insert(name.to_owned());
        }
        _ => {}
    });
    script.ast.walk(&mut |path| {
        let (name, value) = match path.last() {
            Some(ASTNode::Stmt(Stmt::Assignment(assignment)))
                if matches!(walk::chain(&assignment.1.lhs).1.as_slice(), [Link::Index, ..]) =>
            {
                other.extend(variable(walk::chain(&assignment.1.lhs).0).map(str::to_owned));
                return true;
            }
            Some(ASTNode::Stmt(Stmt::Var(declared, ..))) => (Some(declared.0.name.as_str()), &declared.1),
            Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => (variable(&assignment.1.lhs), &assignment.1.rhs),
            Some(ASTNode::Stmt(Stmt::For(each, _))) => {
                other.insert(each.0.name.to_string());
                return true;
            }
            Some(ASTNode::Stmt(Stmt::TryCatch(flow, _))) => {
                other.extend(variable(&flow.expr).map(str::to_owned));
                return true;
            }
            _ => return true,
        };
        let Some(name) = name else { return true };
        let (start, links) = walk::chain(value);
        match result(start, &links).filter(|(_, length)| links.len() == *length) {
            Some((gives, _)) => match held.insert(name.to_owned(), gives) {
                Some(before) if before != gives => _ = other.insert(name.to_owned()),
                _ => {}
            },
            None => _ = other.insert(name.to_owned()),
        }
        true
    });
    held.retain(|name, _| !other.contains(name));
    held
}

/// The names under which the script puts something into a map: those it may read again.
fn assigned(script: &Script<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Assignment(assignment))) = path.last()
            && let [Link::Field { name, .. }, ..] = walk::chain(&assignment.1.lhs).1.as_slice()
        {
            names.insert((*name).to_owned());
        }
        true
    });
    names
}

fn variable(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Variable(variable, ..) if variable.2.is_empty() => Some(variable.1.as_str()),
        _ => None,
    }
}
