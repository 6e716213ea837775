//! Closures as the parser leaves them: which function of the script each is, and what it captures.

use rhai::{AST, ASTNode, Expr, FnPtr, Module, Stmt};
use std::collections::BTreeSet;

/// One function of a script.
#[derive(Debug)]
pub struct Function {
    /// Its name; one that nobody can write, if it is a closure's.
    pub name: String,
    /// How many parameters it has; a closure's captured variables come first.
    pub params: usize,
    /// Its body.
    pub body: Vec<Stmt>,
}

/// Every function of a script, those of closures included.
#[derive(Debug)]
pub struct Functions(Vec<Function>);

impl Functions {
    /// The functions of a script. The parser keeps their bodies to itself, but for whoever walks a tree that has one only.
    pub fn of(ast: &AST) -> Self {
        let functions = ast.iter_fn_def().map(|function| {
            let mut alone = Module::new();
            alone.set_script_fn(function.clone());
            let mut body = Vec::new();
            AST::new([], alone).walk(&mut |path| {
                if let [ASTNode::Stmt(statement)] = path {
                    body.push((*statement).clone());
                }
                true
            });
            Function { name: function.name.to_string(), params: function.params.len(), body }
        });
        Self(functions.collect())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Function> {
        self.0.iter()
    }

    /// The first by a name.
    pub fn by_name(&self, name: &str) -> Option<&Function> {
        self.0.iter().find(|function| function.name == name)
    }
}

/// A closure.
#[derive(Debug)]
pub struct Closure<'a> {
    /// Its body.
    pub function: &'a Function,
    /// The variables it captures: it shares them with the function it stands in.
    pub captured: BTreeSet<String>,
}

/// The closure that an expression writes out; none if it is something else.
///
/// One that captures is a block of two statements: which variables become shared, and the function curried with them.
pub fn closure<'a>(functions: &'a Functions, expression: &Expr) -> Option<Closure<'a>> {
    let (pointer, captured) = match expression {
        Expr::DynamicConstant(..) => (expression, BTreeSet::new()),
        Expr::Stmt(block) => match block.statements() {
            [Stmt::Share(variables), Stmt::Expr(call)] => match &**call {
                Expr::FnCall(call, _) if call.name == "curry" => {
                    let captured = variables.iter().map(|(variable, _)| variable.name.to_string()).collect();
                    (call.args.first()?, captured)
                }
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    let Expr::DynamicConstant(value, _) = pointer else { return None };
    let name = value.read_lock::<FnPtr>().map(|pointer| pointer.fn_name().to_owned())?;
    let function = functions.by_name(&name).filter(|_| name.starts_with("anon$"))?;
    Some(Closure { function, captured })
}

/// The expression whose value a function gives back when its last statement is one.
pub fn tail(body: &[Stmt]) -> Option<&Expr> {
    match body.last()? {
        Stmt::Expr(expression) => Some(expression),
        Stmt::Return(Some(expression), ..) => Some(expression),
        _ => None,
    }
}
