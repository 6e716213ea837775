//! Loading: a pinned program into something that can be activated many times.

use super::coverage;
use super::prepared::Prepared;
use crate::playbook::engine::{self, Library};
use crate::playbook::imports::{self, Parsed};
use crate::playbook::source::line_and_column;
use crate::playbook::{Program, RunError};
use rhai::{AST, ASTNode, Dynamic, Engine, EvalAltResult, Expr, Module, Position, Scope, Stmt};
use std::sync::{Arc, Mutex, PoisonError};

/// The variable a run's alert is handed in by, before it is bound to the parameter of `on_alert`.
pub(super) const ALERT: &str = "alert__handed_in";

/// Most arguments of a call. A function that is not there is looked for by the types of its arguments in tens of thousands of
/// ways, each as long as they are many, and nothing counts that work.
const ARGUMENTS: usize = 64;

/// A program ready to run: syntax trees, and what the run may do. It holds no value that a script has made: those
/// can share what they captured, and one run would see what another left there.
#[derive(Debug)]
pub struct Compiled {
    /// The script's own statements, then the body of `on_alert`.
    pub(super) entry: AST,
    pub(super) connections: Arc<[String]>,
    pub(super) audit: bool,
    /// The modules it reaches, each after those it imports itself.
    pub(super) modules: Vec<Parsed>,
    /// Whether its blocks tell that they are reached.
    pub(super) traced: bool,
    /// What the last activation leaves to the next one, if that can be left.
    pub(super) prepared: Mutex<Option<Prepared>>,
}

/// Compiles a program. It was checked before it was pinned, so a failure here means it was pinned by another
/// version of Quell.
///
/// # Errors
/// A `script` error with its place.
pub fn load(program: &Program) -> Result<Compiled, RunError> {
    let engine = engine::engine(Library::default());
    let parsed =
        imports::parse_all(&engine, &program.source, &program.modules).map_err(|broken| broken.into_fault())?;
    for ast in parsed.modules.iter().map(|module| &module.ast).chain([&parsed.main]) {
        bounded(ast)?;
    }
    let entry = entry(&engine, &parsed.main)?;
    let connections = program.connections.clone().into();
    Ok(Compiled {
        entry,
        connections,
        audit: program.audit,
        modules: parsed.modules,
        traced: false,
        prepared: Mutex::default(),
    })
}

/// Refuses calls with too many arguments, whichever functions they are of.
fn bounded(ast: &AST) -> Result<(), RunError> {
    let mut fault = None;
    ast.walk(&mut |path| {
        let (call, at) = match path.last() {
            Some(ASTNode::Stmt(Stmt::FnCall(call, at))) => (call, *at),
            Some(ASTNode::Expr(Expr::FnCall(call, at) | Expr::MethodCall(call, at))) => (call, *at),
            _ => return true,
        };
        let count = call.args.len();
        if count > ARGUMENTS {
            let message =
                format!("`{}` is called with {count} arguments; no call has more than {ARGUMENTS}", call.name);
            let (line, column) = line_and_column(at);
            fault = Some(RunError { kind: "script".into(), limit: None, message, line, column });
        }
        fault.is_none()
    });
    fault.map_or(Ok(()), Err)
}

impl Compiled {
    /// Runs the whole script in a scope. The meter must be armed.
    pub(super) fn evaluate(&self, scope: &mut Scope<'_>) -> Result<Dynamic, Box<EvalAltResult>> {
        let left = self.prepared.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut prepared = match left {
            Some(prepared) => prepared,
            None => Prepared::new(self.engine()?),
        };
        let result = prepared.evaluate(scope, &self.entry);
        // An engine whose modules a script has evaluated, or that somebody listens to, is for one activation.
        if self.modules.is_empty() && !self.traced {
            *self.prepared.lock().unwrap_or_else(PoisonError::into_inner) = Some(prepared);
        }
        result
    }

    /// An engine for one activation, with the modules evaluated for it alone. Their constants run script code, so
    /// the meter must be armed.
    fn engine(&self) -> Result<Engine, Box<EvalAltResult>> {
        let library = Library::default();
        let mut engine = engine::engine(library.clone());
        if self.traced {
            coverage::listen(&mut engine);
        }
        for module in &self.modules {
            let evaluated = Module::eval_ast_as_new(Scope::new(), &module.ast, &engine)
                .map_err(|error| EvalAltResult::ErrorInModule(module.path.clone(), error, Position::NONE))?;
            library.insert(&module.path, evaluated.into());
        }
        Ok(engine)
    }
}

/// The body of `on_alert` as statements outside any function, with its parameter bound before it.
///
/// The engine overwrites the place of a broken limit in every function it leaves, so that called in the ordinary
/// way an endless loop in `on_alert` would end without a place. Variables keep their addresses, as these count from
/// the innermost one and the parameter is the outermost here as it is there.
fn entry(engine: &Engine, main: &AST) -> Result<AST, RunError> {
    let mut parameter = None;
    for function in main.iter_functions().filter(|function| function.name == "on_alert") {
        parameter = function.params.first().map(|name| (*name).to_owned()).filter(|_| function.params.len() == 1);
    }
    let missing = || RunError {
        kind: "script".into(),
        limit: None,
        message: "the playbook has no `fn on_alert(alert)`".into(),
        line: 0,
        column: 0,
    };
    let parameter = parameter.ok_or_else(missing)?;
    let mut scope = Scope::new();
    scope.push(ALERT, ());
    let bind = engine.compile_with_scope(&scope, format!("let {parameter} = {ALERT};")).map_err(|_| missing())?;
    let mut body: Vec<Stmt> = Vec::new();
    let mut alone = main.clone_functions_only();
    alone.retain_functions(|_, _, name, params| name == "on_alert" && params == 1);
    alone.walk(&mut |path| {
        if let [ASTNode::Stmt(statement)] = path {
            body.push((*statement).clone());
        }
        true
    });
    let before = main.statements().iter().chain(bind.statements());
    Ok(AST::new(before.cloned().chain(body), main.shared_lib().clone()))
}
