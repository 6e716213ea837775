//! The outline of a script: its entry point, what stands outside functions, imports, names it must not take.

use super::Script;
use super::known;
use crate::diag::{Diagnostics, Span, closest};
use crate::playbook::codes;
use crate::playbook::imports::{self, Parsed};
use rhai::{ASTFlags, ASTNode, Expr, Position, Stmt};

/// `fn on_alert(alert)` is there.
pub fn entry(script: &Script<'_>, found: &mut Diagnostics) {
    let mut entries = script.ast.iter_fn_def().filter(|function| function.name == "on_alert").peekable();
    if entries.peek().is_none() {
        let message = "the playbook has no `fn on_alert(alert)`";
        let names = known::defined(script.ast);
        let near =
            closest("on_alert", names.keys().map(String::as_str)).map(|near| format!(", which is `{near}` here"));
        let fault = found.error(script.file, Span::START, codes::ENTRY, message);
        fault.help(format!("a run begins with this function{}", near.unwrap_or_default()));
        return;
    }
    for function in entries.filter(|function| function.params.len() != 1) {
        let message = format!("`on_alert` takes the alert and nothing else, not {} parameters", function.params.len());
        script.error(found, function.body.start_position(), codes::ENTRY, message).help("write `fn on_alert(alert)`");
    }
}

/// Only functions, constants and imports stand outside functions, and a constant is computed without calls: what is
/// outside functions runs anew with every activation, and in a module when it is loaded.
pub fn top_level(script: &Script<'_>, found: &mut Diagnostics) {
    for statement in script.ast.statements() {
        match statement {
            Stmt::Noop(_) | Stmt::Import(..) | Stmt::Export(..) => {}
            Stmt::Var(_, flags, _) if flags.contains(ASTFlags::CONSTANT) => constant(script, statement, found),
            Stmt::Var(_, _, at) => {
                let message = "a variable outside functions is seen by none of them";
                script.error(found, *at, codes::TOP_LEVEL, message).help("write `const`, or move it into a function");
            }
            other => {
                let message = "only functions, constants and imports stand outside functions";
                let fault = script.error(found, other.position(), codes::TOP_LEVEL, message);
                fault.help("move this into `fn on_alert(alert)`");
            }
        }
    }
}

fn constant(script: &Script<'_>, statement: &Stmt, found: &mut Diagnostics) {
    let mut offender = Position::NONE;
    statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
        let runs = match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, _))) => !call.is_operator_call(),
            Some(ASTNode::Expr(Expr::MethodCall(..) | Expr::Stmt(..))) => true,
            _ => false,
        };
        if runs && offender.is_none() {
            offender = path.last().map_or(Position::NONE, ASTNode::position);
        }
        true
    });
    if !offender.is_none() {
        let message = "a constant outside functions is written out or computed with operators";
        script.error(found, offender, codes::TOP_LEVEL, message).help("compute it inside a function");
    }
}

/// Imports are written out and lead somewhere; names taken from modules are names they export.
pub fn imports(script: &Script<'_>, found: &mut Diagnostics) {
    for import in imports::imports(script.ast) {
        let Some(path) = &import.path else {
            let message = "an import's path is written out as a text";
            let fault = script.error(found, import.at, codes::IMPORT, message);
            fault.help("a run is pinned to the modules it imports, so they must be known before it runs");
            continue;
        };
        if script.sources.contains_key(path) {
            continue;
        }
        let fault = script.error(found, import.at, codes::IMPORT, format!("there is no module `{path}`"));
        fault.help(match closest(path, script.sources.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "modules stand in `playbooks/lib` and are imported as `lib/name`".to_owned(),
        });
    }
    constants_of_modules(script, found);
}

/// `net::LIMIT` needs `export const LIMIT` in the module.
fn constants_of_modules(script: &Script<'_>, found: &mut Diagnostics) {
    let mut missing = Vec::new();
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::Variable(variable, _, at))) = path.last()
            && !variable.2.is_empty()
            && let Some(module) = imported(script, variable.2.root())
            && !exports(module, variable.1.as_str())
        {
            missing.push((variable.1.to_string(), module.path.clone(), *at));
        }
        true
    });
    for (name, path, at) in missing {
        let message = format!("`{path}` offers no constant `{name}`");
        script
            .error(found, at, codes::MODULE_MEMBER, message)
            .help(format!("write `export const {name}` in the module"));
    }
}

fn exports(module: &Parsed, name: &str) -> bool {
    module.ast.statements().iter().any(|statement| match statement {
        Stmt::Var(variable, flags, _) => flags.contains(ASTFlags::EXPORTED) && variable.0.name == name,
        Stmt::Export(export, _) => export.0.name == name || export.1.name == name,
        _ => false,
    })
}

/// The module that goes by a name in a script.
pub fn imported<'s>(script: &Script<'s>, alias: &str) -> Option<&'s Parsed> {
    let import = imports::imports(script.ast).into_iter().rfind(|import| import.alias == alias)?;
    script.modules.iter().find(|module| Some(&module.path) == import.path.as_ref())
}

/// A script's function would hide a built-in one, and readers would not know.
pub fn redefinitions(script: &Script<'_>, found: &mut Diagnostics) {
    for function in script.ast.iter_fn_def() {
        let name = function.name.as_str();
        if known::host(name, None).next().is_some() || name == "print" || name == "debug" {
            let at = function.body.start_position();
            let message = format!("`{name}` is a built-in function");
            script.error(found, at, codes::REDEFINED, message).help("give the function another name");
        }
    }
}
