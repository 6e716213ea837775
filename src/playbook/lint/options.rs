//! Options: the maps that some functions take, written out, have only keys that the function knows.

use super::Script;
use super::walk;
use crate::diag::{Diagnostics, closest};
use crate::playbook::{codes, host};
use rhai::{Expr, Position};

/// Checks the keys of written-out option maps.
pub fn check(script: &Script<'_>, found: &mut Diagnostics) {
    let mut unknown: Vec<Unknown> = Vec::new();
    walk::calls(script.ast, |call| {
        let name = call.call.name.as_str();
        let Some(options) = host::options(name).filter(|_| !call.call.is_qualified()) else { return };
        if let [Expr::Map(map, _)] = call.call.args.as_slice() {
            look(name, &map.0, options, &mut unknown);
        }
    });
    for Unknown { function, key, at, options } in unknown {
        let message = format!("`{function}` has no option `{key}`");
        let fault = script.error(found, at, codes::UNKNOWN_OPTION, message);
        fault.help(match closest(&key, options.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has {}", options.join(", ")),
        });
    }
}

struct Unknown {
    function: String,
    key: String,
    at: Position,
    options: &'static [&'static str],
}

fn look(function: &str, entries: &[(rhai::Ident, Expr)], options: &'static [&'static str], unknown: &mut Vec<Unknown>) {
    for (key, value) in entries {
        let name = key.name.as_str();
        if !options.contains(&name) {
            unknown.push(Unknown { function: function.to_owned(), key: name.to_owned(), at: key.pos, options });
        } else if let (Some(inner), Expr::Map(map, _)) = (host::options(name), value) {
            look(name, &map.0, inner, unknown);
        }
    }
}
