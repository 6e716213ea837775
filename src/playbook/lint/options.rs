//! Options: the maps that some functions take, written out, have only keys that the function knows, with values it takes.

use super::Script;
use super::walk::{self, Call};
use crate::diag::{Diagnostics, closest};
use crate::playbook::host::{self, Written};
use crate::playbook::{codes, duration};
use rhai::{Expr, Position};

/// Checks written-out option maps, and other written-out arguments after the first.
pub fn check(script: &Script<'_>, found: &mut Diagnostics) {
    let mut unknown: Vec<Unknown> = Vec::new();
    let mut refused: Vec<(String, Position)> = Vec::new();
    walk::calls(script.ast, |call| {
        let name = call.call.name.as_str();
        if call.call.is_qualified() {
            return;
        }
        refused.extend(argument(call));
        let Some(options) = host::options(name) else { return };
        if let [Expr::Map(map, _)] = call.call.args.as_slice() {
            look(name, &map.0, options, &mut unknown, &mut refused);
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
    for (complaint, at) in refused {
        let is_span = complaint.contains(duration::SHAPE);
        let fault = script.error(found, at, codes::BAD_LITERAL, complaint);
        if is_span {
            fault.help("one number and unit, or several from large to small: `1h30m`");
        }
    }
}

struct Unknown {
    function: String,
    key: String,
    at: Position,
    options: &'static [&'static str],
}

fn look(
    function: &str,
    entries: &[(rhai::Ident, Expr)],
    options: &'static [&'static str],
    unknown: &mut Vec<Unknown>,
    refused: &mut Vec<(String, Position)>,
) {
    for (key, value) in entries {
        let name = key.name.as_str();
        if !options.contains(&name) {
            unknown.push(Unknown { function: function.to_owned(), key: name.to_owned(), at: key.pos, options });
        } else if let (Some(inner), Expr::Map(map, _)) = (host::options(name), value) {
            look(name, &map.0, inner, unknown, refused);
        } else if let Some(Err(complaint)) = written(value).map(|value| host::check_option(function, name, value)) {
            refused.push((complaint, value.start_position()));
        }
    }
}

/// What is wrong with an argument that is no map of options.
fn argument(call: Call<'_>) -> Option<(String, Position)> {
    let args = call.call.args.as_slice();
    let (checked, at) = match (call.call.name.as_str(), args) {
        ("state_put", [.., ttl]) if args.len() + usize::from(call.is_method) == 3 => {
            (host::check_ttl(written(ttl)?), ttl)
        }
        ("sleep", [Expr::StringConstant(text, _)]) => (host::check_sleep(text), &args[0]),
        ("get", [Expr::StringConstant(path, _)])
            if call.receiver.and_then(super::calls::host_object) == Some(host::Receiver::Connection) =>
        {
            (host::check_path(path).map_err(|bad| bad.to_string()), &args[0])
        }
        _ => return None,
    };
    checked.err().map(|complaint| (complaint, at.start_position()))
}

/// A value that is written out; none where only a run will know it. `()` leaves an option out.
fn written(value: &Expr) -> Option<Written<'_>> {
    Some(match value {
        Expr::StringConstant(text, _) => Written::Text(text),
        Expr::IntegerConstant(number, _) => Written::Integer(*number),
        Expr::FloatConstant(..) | Expr::BoolConstant(..) => Written::Other,
        _ => return None,
    })
}
