//! Calls: of something that exists, with a number of arguments it takes, and with written-out arguments it accepts.

use super::Script;
use super::known::{self, Arities};
use super::walk::{self, Call};
use crate::diag::{Diagnostic, Diagnostics, Level, closest};
use crate::playbook::host::{HostFn, Literal, Receiver};
use crate::playbook::value::Rank;
use crate::playbook::{codes, duration, host};
use rhai::{ASTNode, Expr};
use std::collections::BTreeSet;

/// Faults of one script after which calls are not checked any further: nobody reads more, and each costs time.
const FAULTS: usize = 100;

/// Checks every call of a script.
pub fn check(script: &Script<'_>, found: &mut Diagnostics) {
    let own = known::defined(script.ast);
    let held = closures_in_maps(script);
    walk::calls(script.ast, |call| {
        let name = call.call.name.as_str();
        if found.count(Level::Error) >= FAULTS {
            return;
        }
        if call.call.is_qualified() {
            qualified(script, call, found);
        } else if let Some(receiver) = call.receiver.and_then(host_object) {
            member(script, call, receiver, found);
        } else if !(call.is_method && held.contains(name)) {
            plain(script, call, &own, found);
        }
    });
}

/// What a receiver is known to be.
pub fn host_object(receiver: &Expr) -> Option<Receiver> {
    match receiver {
        Expr::FnCall(call, _) if call.name == "connection" && !call.is_qualified() => Some(Receiver::Connection),
        Expr::Variable(variable, None, _) if variable.0.is_none() && variable.2.is_empty() => match variable.1.as_str()
        {
            "log" => Some(Receiver::Log),
            "run" => Some(Receiver::Run),
            _ => None,
        },
        _ => None,
    }
}

/// A method of `connection(…)`, `log` or `run`.
fn member(script: &Script<'_>, call: Call<'_>, on: Receiver, found: &mut Diagnostics) {
    let name = call.call.name.as_str();
    let rows: Vec<&HostFn> = known::host(name, Some(on)).collect();
    if rows.is_empty() {
        let what = match on {
            Receiver::Connection => "a connection",
            Receiver::Log => "`log`",
            Receiver::Run => "`run`",
        };
        let fault = script.error(found, call.at, codes::UNKNOWN_FUNCTION, format!("{what} has no method `{name}`"));
        let names: BTreeSet<&str> = known::members(on).collect();
        let near = closest(name, names.iter().copied());
        let all = || format!("it has {}", names.iter().copied().collect::<Vec<_>>().join(", "));
        fault.help(near.map_or_else(all, |near| format!("did you mean `{near}`?")));
        return;
    }
    if !rows.iter().any(|row| row.params.len() == call.call.args.len()) {
        arity(script, call, &rows, &BTreeSet::new(), found);
    }
}

/// A call by its bare name.
fn plain(script: &Script<'_>, call: Call<'_>, own: &Arities, found: &mut Diagnostics) {
    let name = call.call.name.as_str();
    let given = call.call.args.len();
    let (built_in, defined) = (known::BUILT_IN.get(name), own.get(name));
    if built_in.is_none() && defined.is_none() {
        let word = if call.is_method { "method" } else { "function" };
        let fault = script.error(found, call.at, codes::UNKNOWN_FUNCTION, format!("unknown {word} `{name}`"));
        fault.help(instead_of(call, own));
        return;
    }
    // A function of the script called as a method has its receiver as `this`, not as a parameter.
    let counted = given + usize::from(call.is_method);
    let fits = built_in.is_some_and(|arities| arities.contains(&counted))
        || defined.is_some_and(|arities| arities.contains(&given) || arities.contains(&counted));
    if !fits {
        let rows: Vec<&HostFn> = known::host(name, None).collect();
        let methods = usize::from(call.is_method);
        let taken = built_in.into_iter().flatten().filter_map(|arity| arity.checked_sub(methods));
        let taken = taken.chain(defined.into_iter().flatten().copied()).collect();
        let fault = arity(script, call, &rows, &taken, found);
        if rows.is_empty() {
            fault.help = known::signatures(script.ast, name);
        }
        return;
    }
    let row = known::host(name, None).find(|row| row.literal.is_some());
    if let (Some(row), Some(first), None) = (row, call.call.args.first(), defined)
        && let Some(literal) = row.literal
        && let Err(complaint) = check_literal(literal, first)
    {
        script.error(found, first.start_position(), codes::BAD_LITERAL, complaint);
    }
}

fn arity<'d>(
    script: &Script<'_>,
    call: Call<'_>,
    rows: &[&HostFn],
    taken: &BTreeSet<usize>,
    found: &'d mut Diagnostics,
) -> &'d mut Diagnostic {
    let (name, given) = (call.call.name.as_str(), call.call.args.len());
    let taken: BTreeSet<usize> = rows.iter().map(|row| row.params.len()).chain(taken.iter().copied()).collect();
    let counts: Vec<String> = taken.iter().map(usize::to_string).collect();
    let plural = if counts == ["1"] { "argument" } else { "arguments" };
    let message = format!("`{name}` takes {} {plural}, not {given}", counts.join(" or "));
    let fault = script.error(found, call.at, codes::ARITY, message);
    if !rows.is_empty() {
        let forms: Vec<String> = rows.iter().map(|row| format!("`{}`", row.signature())).collect();
        fault.help(forms.join(" or "));
    }
    fault
}

/// What to call instead of something that does not exist.
fn instead_of(call: Call<'_>, own: &Arities) -> String {
    let name = call.call.name.as_str();
    match name {
        "timestamp" => return "use `now()`, which is the same on every replay".to_owned(),
        "parse_json" => return "use `json_decode(text)`".to_owned(),
        "and" | "or" | "not" => return "write `&&`, `||` and `!`".to_owned(),
        _ => {}
    }
    let known = known::BUILT_IN.keys().chain(own.keys()).map(String::as_str);
    match closest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("define `fn {name}` in this file; a function of a module is called as `module::{name}`"),
    }
}

/// A call into a module: `net::score(ip)`.
fn qualified(script: &Script<'_>, call: Call<'_>, found: &mut Diagnostics) {
    let namespace = &call.call.namespace;
    let (name, given) = (call.call.name.as_str(), call.call.args.len());
    let Some(module) = super::outline::imported(script, namespace.root()) else { return };
    let offered = known::defined(&module.ast);
    match offered.get(name) {
        None => {
            let message = format!("`{}` offers no function `{name}`", module.path);
            let fault = script.error(found, call.at, codes::MODULE_MEMBER, message);
            let near = closest(name, offered.keys().map(String::as_str));
            fault.help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("define `fn {name}` in the module"),
            });
        }
        Some(arities) if !arities.contains(&given) => {
            arity(script, call, &[], arities, found).help = known::signatures(&module.ast, name);
        }
        Some(_) => {}
    }
}

/// Names under which map literals hold closures: those are called like methods.
fn closures_in_maps(script: &Script<'_>) -> BTreeSet<String> {
    let mut held = BTreeSet::new();
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::Map(map, _))) = path.last() {
            held.extend(map.0.iter().map(|(key, _)| key.name.to_string()));
        }
        true
    });
    held
}

/// Whether a function will accept an argument that is written out.
fn check_literal(literal: Literal, argument: &Expr) -> Result<(), String> {
    let text = match argument {
        Expr::StringConstant(text, _) => text.as_str(),
        Expr::IntegerConstant(..) | Expr::FloatConstant(..) if literal == Literal::Duration => {
            return Err(format!("a duration is a text: {}", duration::SHAPE));
        }
        _ => return Ok(()),
    };
    match literal {
        Literal::Duration if duration::parse(text).is_none() => {
            Err(format!("`{text}` is not a duration: write {}", duration::SHAPE))
        }
        Literal::Duration => Ok(()),
        Literal::Status => host::read_status(text).map(drop),
        Literal::Severity => Rank::from_word(text).map(drop),
        Literal::Pattern => host::compile_pattern(text).map(drop),
        Literal::Range => host::read_range(text).map(drop),
    }
}
