//! Functions handed to others: named ones exist, and a closure leaves alone what it is called on.

use super::closures::{self, Functions};
use super::walk::{self, Call};
use super::{Script, known};
use crate::diag::{Diagnostics, closest};
use crate::playbook::codes;
use rhai::{Expr, Position};

/// Methods of lists that take a function, which may be a name.
const TAKING: [&str; 11] =
    ["all", "filter", "find_map", "for_each", "map", "order", "reduce", "reduce_rev", "some", "sort", "zip"];

/// Checks what calls are handed.
pub fn check(script: &Script<'_>, functions: &Functions, found: &mut Diagnostics) {
    let own = known::defined(script.ast);
    let mut names: Vec<(String, Position)> = Vec::new();
    let mut races: Vec<(String, Position)> = Vec::new();
    walk::calls(script.ast, |call| {
        names.extend(named(call));
        races.extend(captured_receiver(call, functions));
    });
    for (name, at) in names {
        if name == "connection" {
            let fault = script.error(found, at, codes::CONNECTION_NAME, "a connection's name is written out as a text");
            fault.help("call `connection(\"name\")` itself, so that a review sees every system a playbook can reach");
        } else if !known::BUILT_IN.contains_key(&name) && !own.contains_key(&name) {
            let fault = script.error(found, at, codes::UNKNOWN_FUNCTION, format!("unknown function `{name}`"));
            let near = closest(&name, known::BUILT_IN.keys().chain(own.keys()).map(String::as_str));
            fault.help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("define `fn {name}` in this file"),
            });
        }
    }
    for (name, at) in races {
        let message = format!("the closure uses `{name}`, the very value it is called on");
        let fault = script.error(found, at, codes::CAPTURED_RECEIVER, message);
        fault.help(format!("put what it needs of `{name}` into a variable before"));
    }
}

/// The function that a call names by a written-out text: `Fn("name")`, `list.map("name")`.
fn named(call: Call<'_>) -> Option<(String, Position)> {
    let name = call.call.name.as_str();
    let takes = if call.is_method { TAKING.contains(&name) } else { name == "Fn" };
    match call.call.args.last() {
        Some(Expr::StringConstant(named, at)) if takes && !call.call.is_qualified() => Some((named.to_string(), *at)),
        _ => None,
    }
}

/// A variable that is captured by a closure given to one of its own methods: the engine refuses every such call, since
/// the method holds the value while the closure would read it.
fn captured_receiver(call: Call<'_>, functions: &Functions) -> Option<(String, Position)> {
    let Some(Expr::Variable(on, ..)) = call.receiver.filter(|_| call.is_method) else { return None };
    let captures = |argument: &Expr| {
        closures::closure(functions, argument).is_some_and(|closure| closure.captured.contains(on.1.as_str()))
    };
    call.call.args.iter().any(captures).then(|| (on.1.to_string(), call.at))
}
