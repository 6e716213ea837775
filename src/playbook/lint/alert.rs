//! The alert's own fields, and severities: fields that exist, words that are severities, no `switch`.

use super::Script;
use super::walk::{self, Link};
use crate::alert::field::Column;
use crate::diag::{Diagnostics, closest};
use crate::playbook::codes;
use crate::playbook::value::Rank;
use rhai::{ASTNode, Expr, Position, Stmt};
use std::collections::BTreeSet;

/// Checks fields of `alert` and comparisons with its severity.
pub fn check(script: &Script<'_>, found: &mut Diagnostics) {
    let mut unknown: Vec<(String, Position)> = Vec::new();
    walk::chains(script.ast, |start, links| {
        if let (true, Some(Link::Field { name, at, .. })) = (is_alert(script, start), links.first())
            && Column::from_name(name).is_none()
        {
            unknown.push(((*name).to_owned(), *at));
        }
    });
    for (name, at) in unknown {
        let fault = script.error(found, at, codes::UNKNOWN_FIELD, format!("an alert has no field `{name}`"));
        fault.help(match closest(&name, Column::ALL.iter().map(|column| column.name())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a field of the source's own payload is at `alert.raw.{name}`"),
        });
    }
    words(script, found);
    switches(script, found);
    assignments(script, found);
}

/// The alert is frozen, since a replay must find it as it was: `alert.severity = "low"` would raise.
fn assignments(script: &Script<'_>, found: &mut Diagnostics) {
    let mut places = Vec::new();
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Assignment(assignment))) = path.last() {
            let (start, links) = walk::chain(&assignment.1.lhs);
            if let (true, Some(Link::Field { name, at, .. })) = (is_alert(script, start), links.first()) {
                places.push(((*name).to_owned(), *at));
            }
        }
        true
    });
    for (name, at) in places {
        let message = format!("`alert.{name}` cannot be assigned to: the alert is read-only");
        script.error(found, at, codes::READ_ONLY_ALERT, message).help(match name.as_str() {
            "severity" => "use `set_severity(severity, why)`",
            "status" => "use `set_status(status, why)`",
            "tags" => "use `tag(text)`",
            "assignee" => "use `assign(who)`",
            _ => "put what you need into a variable of your own",
        });
    }
}

/// `alert.severity >= "hihg"` would raise only while an alert is being handled.
fn words(script: &Script<'_>, found: &mut Diagnostics) {
    let mut slips = Vec::new();
    let mut compared = |one: &Expr, other: &Expr| {
        for (side, against) in [(one, other), (other, one)] {
            let listed = if let Expr::Array(items, _) = side { items.as_slice() } else { std::slice::from_ref(side) };
            for word in listed.iter().filter(|_| is_severity(script, against)) {
                if let Expr::StringConstant(word, at) = word
                    && let Err(complaint) = Rank::from_word(word)
                {
                    slips.push((complaint, *at));
                }
            }
        }
    };
    walk::operators(script.ast, |call| {
        if let [one, other] = call.args.as_slice() {
            compared(one, other);
        }
    });
    walk::calls(script.ast, |call| {
        // `severity in list` is a call of `contains`.
        let operands: Vec<&Expr> = call.receiver.into_iter().chain(&call.call.args).collect();
        if let ("max" | "min" | "contains", [one, other]) = (call.call.name.as_str(), operands.as_slice()) {
            compared(one, other);
        }
    });
    for (complaint, at) in slips {
        script.error(found, at, codes::BAD_LITERAL, complaint);
    }
}

fn switches(script: &Script<'_>, found: &mut Diagnostics) {
    let held = variables_of_severities(script);
    let mut places = Vec::new();
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Switch(switch, at))) = path.last()
            && (is_severity(script, &switch.0) || variable(&switch.0).is_some_and(|name| held.contains(name)))
        {
            places.push(*at);
        }
        true
    });
    for at in places {
        let message = "`switch` never matches a severity, and always takes the `_` arm";
        script.error(found, at, codes::SWITCH_SEVERITY, message).help("switch on `alert.severity.name`, or use `if`");
    }
}

/// The variable that a run's alert is in.
pub fn is_alert(script: &Script<'_>, start: &Expr) -> bool {
    let Expr::Variable(variable, ..) = start else { return false };
    let name = variable.1.as_str();
    let named_by_entry = || {
        let mut entries = script.ast.iter_fn_def().filter(|function| function.name == "on_alert");
        entries.any(|entry| matches!(entry.params.as_slice(), [only] if only == name))
    };
    variable.2.is_empty() && (name == "alert" || named_by_entry())
}

/// The variables that hold the alert's severity wherever the script declares or assigns one by their name.
fn variables_of_severities(script: &Script<'_>) -> BTreeSet<String> {
    let (mut held, mut other) = (BTreeSet::new(), BTreeSet::new());
    for function in script.ast.iter_fn_def() {
        other.extend(function.params.iter().map(ToString::to_string));
    }
    script.ast.walk(&mut |path| {
        let (name, value) = match path.last() {
            Some(ASTNode::Stmt(Stmt::Var(declared, ..))) => (Some(declared.0.name.as_str()), &declared.1),
            Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => (variable(&assignment.1.lhs), &assignment.1.rhs),
            _ => return true,
        };
        if let Some(name) = name {
            let set = if is_severity(script, value) { &mut held } else { &mut other };
            set.insert(name.to_owned());
        }
        true
    });
    &held - &other
}

fn variable(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Variable(variable, ..) if variable.2.is_empty() => Some(variable.1.as_str()),
        _ => None,
    }
}

/// `alert.severity` itself, not something made of it.
fn is_severity(script: &Script<'_>, expression: &Expr) -> bool {
    let (start, links) = walk::chain(expression);
    matches!(links.as_slice(), [Link::Field { name: "severity", .. }]) && is_alert(script, start)
}
