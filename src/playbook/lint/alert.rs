//! The alert's own fields, and severities: fields that exist, words that are severities, no `switch`.

use super::Script;
use super::walk::{self, Link};
use crate::alert::field::Column;
use crate::diag::{Diagnostics, closest};
use crate::playbook::codes;
use crate::playbook::value::Rank;
use rhai::{ASTNode, Expr, Position, Stmt};

/// Checks fields of `alert` and comparisons with its severity.
pub fn check(script: &Script<'_>, found: &mut Diagnostics) {
    let mut unknown: Vec<(String, Position)> = Vec::new();
    walk::chains(script.ast, |start, links| {
        if let (true, Some(Link::Field { name, at, .. })) = (is_alert(start), links.first())
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
}

/// `alert.severity >= "hihg"` would raise only while an alert is being handled.
fn words(script: &Script<'_>, found: &mut Diagnostics) {
    let mut slips = Vec::new();
    walk::operators(script.ast, |call| {
        let [one, other] = call.args.as_slice() else { return };
        for (side, against) in [(one, other), (other, one)] {
            if let (true, Expr::StringConstant(word, at)) = (is_severity(against), side)
                && let Err(complaint) = Rank::from_word(word)
            {
                slips.push((complaint, *at));
            }
        }
    });
    for (complaint, at) in slips {
        script.error(found, at, codes::BAD_LITERAL, complaint);
    }
}

fn switches(script: &Script<'_>, found: &mut Diagnostics) {
    let mut places = Vec::new();
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Switch(switch, at))) = path.last()
            && is_severity(&switch.0)
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
pub fn is_alert(start: &Expr) -> bool {
    matches!(start, Expr::Variable(variable, ..) if variable.1 == "alert" && variable.2.is_empty())
}

/// `alert.severity` itself, not something made of it.
fn is_severity(expression: &Expr) -> bool {
    let (start, links) = walk::chain(expression);
    matches!(links.as_slice(), [Link::Field { name: "severity", .. }]) && is_alert(start)
}
