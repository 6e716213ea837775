//! Following imports: the main script and every module it reaches, parsed, each module after those it imports.

use crate::playbook::RunError;
use crate::playbook::source::line_and_column;
use rhai::{AST, ASTNode, Engine, Expr, ParseError, Position, Stmt};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most modules one playbook reaches; also bounds how deep imports nest.
const MODULES: usize = 32;

/// An `import` statement.
#[derive(Debug, Clone)]
pub struct Import {
    /// The path, if it is written out.
    pub path: Option<String>,
    /// The name it goes by in the script; empty for none.
    pub alias: String,
    /// Where the path stands.
    pub at: Position,
}

/// A parsed module.
#[derive(Debug)]
pub struct Parsed {
    /// The path it is imported by.
    pub path: String,
    /// Its syntax tree.
    pub ast: AST,
    /// The import statement of the main script through which it is reached first.
    pub reached_at: Position,
}

/// A script and all it imports.
#[derive(Debug)]
pub struct ParsedProgram {
    /// The main script.
    pub main: AST,
    /// The modules it reaches, each after those it imports itself.
    pub modules: Vec<Parsed>,
}

/// Why a script or what it imports does not parse.
#[derive(Debug)]
pub enum Broken {
    /// The main script.
    Main(ParseError),
    /// A module; `at` is the main script's import that leads to it.
    Module {
        /// The module's path.
        path: String,
        /// The main script's import.
        at: Position,
        /// What kind of fault it is.
        fault: ModuleFault,
        /// What is wrong.
        message: String,
    },
}

/// What can be wrong with a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleFault {
    /// It is not valid Rhai.
    Syntax,
    /// It imports itself by way of others.
    Cycle,
    /// It is one more than a playbook may reach.
    TooMany,
}

impl Broken {
    /// The error of a run whose pinned program does not parse.
    pub fn into_fault(self) -> RunError {
        let (at, message) = match self {
            Self::Main(error) => (error.1, error.0.to_string()),
            Self::Module { path, at, message, .. } => (at, format!("`{path}`: {message}")),
        };
        let (line, column) = line_and_column(at);
        RunError { kind: "script".into(), limit: None, message, line, column }
    }
}

/// Every import statement of a script.
pub fn imports(ast: &AST) -> Vec<Import> {
    let mut found = Vec::new();
    ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(Stmt::Import(import, ..))) = path.last() {
            let (path, alias) = (&import.0, import.1.name.to_string());
            let written = if let Expr::StringConstant(text, ..) = path { Some(text.to_string()) } else { None };
            found.push(Import { path: written, alias, at: path.start_position() });
        }
        true
    });
    found
}

/// Parses the main script and every module it reaches.
pub fn parse_all(engine: &Engine, main: &str, modules: &BTreeMap<String, Arc<str>>) -> Result<ParsedProgram, Broken> {
    let main = engine.compile_with_scope(&super::engine::compile_scope(), main).map_err(Broken::Main)?;
    let mut order = Order { engine, sources: modules, done: Vec::new(), open: Vec::new() };
    for import in imports(&main) {
        order.visit(&import, import.at)?;
    }
    Ok(ParsedProgram { main, modules: order.done })
}

struct Order<'a> {
    engine: &'a Engine,
    sources: &'a BTreeMap<String, Arc<str>>,
    done: Vec<Parsed>,
    open: Vec<String>,
}

impl Order<'_> {
    fn visit(&mut self, import: &Import, at: Position) -> Result<(), Broken> {
        // Imports that are not written out or lead nowhere are the lint's to report.
        let Some(path) = &import.path else { return Ok(()) };
        let Some(source) = self.sources.get(path) else { return Ok(()) };
        if self.done.iter().any(|module| module.path == *path) {
            return Ok(());
        }
        let broken = |fault, message| Broken::Module { path: path.clone(), at, fault, message };
        if let Some(first) = self.open.iter().position(|open| open == path) {
            let cycle = self.open[first..].iter().map(String::as_str).chain([path.as_str()]);
            let message = format!("modules import each other: {}", cycle.collect::<Vec<_>>().join(" → "));
            return Err(broken(ModuleFault::Cycle, message));
        }
        if self.done.len() + self.open.len() == MODULES {
            return Err(broken(ModuleFault::TooMany, format!("a playbook reaches at most {MODULES} modules")));
        }
        let mut ast = self
            .engine
            .compile_with_scope(&super::engine::compile_scope(), source)
            .map_err(|error| broken(ModuleFault::Syntax, format!("{} ({})", error.0, error.1)))?;
        ast.set_source(path.as_str());
        self.open.push(path.clone());
        for inner in imports(&ast) {
            self.visit(&inner, at)?;
        }
        self.open.pop();
        self.done.push(Parsed { path: path.clone(), ast, reached_at: at });
        Ok(())
    }
}
