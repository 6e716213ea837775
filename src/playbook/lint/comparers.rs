//! Comparers: a sort asks them as often and in such order as it likes, so a step in one is hardly what is meant.

use super::closures::{self, Function, Functions};
use super::walk::{self, Call};
use super::{Script, known};
use crate::diag::Diagnostics;
use crate::playbook::codes;
use crate::playbook::host::Receiver;
use rhai::{ASTNode, Expr, Position};
use std::collections::{BTreeMap, BTreeSet};

/// Methods that take a comparer.
const SORTING: [&str; 4] = ["sort", "order", "sort_by", "order_by"];

/// Warns of steps in comparers.
pub fn check(script: &Script<'_>, functions: &Functions, found: &mut Diagnostics) {
    let mut comparers: BTreeMap<String, &'static str> = BTreeMap::new();
    walk::calls(script.ast, |call| {
        let name = SORTING.into_iter().find(|name| call.is_method && call.call.name == *name);
        let comparer = call.call.args.first().and_then(|comparer| match comparer {
            Expr::StringConstant(name, _) => Some(name.to_string()),
            other => Some(closures::closure(functions, other)?.function.name.clone()),
        });
        comparers.extend(comparer.zip(name));
    });
    if comparers.is_empty() {
        return;
    }
    let recording = recording(functions);
    for (comparer, sort) in comparers {
        let Some(function) = functions.by_name(&comparer) else { continue };
        for (name, at) in steps(function, &recording) {
            let message = format!("`{name}` is a step, and `{sort}` calls this comparer as often as it likes");
            let fault = script.warning(found, at, codes::STEP_IN_COMPARER, message);
            fault.help("take the steps first, with `map`, and sort what they gave");
        }
    }
}

/// The script's functions that come to a step, directly or by way of others.
fn recording(functions: &Functions) -> BTreeSet<String> {
    let mut recording = BTreeSet::new();
    // Each round finds those that call one of the round before.
    loop {
        let before = recording.len();
        for function in functions.iter() {
            if !recording.contains(&function.name) && !steps(function, &recording).is_empty() {
                recording.insert(function.name.clone());
            }
        }
        if recording.len() == before {
            break;
        }
    }
    recording
}

/// The recorded calls of a function's own body.
fn steps(function: &Function, recording: &BTreeSet<String>) -> Vec<(String, Position)> {
    let mut found = Vec::new();
    for statement in &function.body {
        statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
            walk::calls_at(path, &mut |call: Call<'_>| {
                let name = call.call.name.as_str();
                let on = call.receiver.and_then(super::calls::host_object).filter(|_| call.is_method);
                let is_step = known::host(name, on).any(|row| row.kind.is_recorded());
                let by_way_of = on.is_none() && recording.contains(name) && !call.call.is_qualified();
                if (is_step && (on == Some(Receiver::Connection) || !call.is_method)) || by_way_of {
                    found.push((name.to_owned(), call.at));
                }
            });
            true
        });
    }
    found
}
