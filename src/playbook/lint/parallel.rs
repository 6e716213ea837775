//! Branches of `parallel`: none changes a variable that it shares with the others.
//!
//! Branches go on in the order in which results come in, so what one leaves in a shared variable depends on that
//! order, and a replay would find something else there.

use super::Script;
use super::closures::{self, Closure, Function, Functions};
use super::scope;
use super::walk::{self, Link};
use crate::diag::Diagnostics;
use crate::playbook::codes;
use rhai::{ASTNode, Expr, Position, Stmt};
use std::collections::{BTreeMap, BTreeSet};

/// Methods that change what they are called on.
const CHANGING: [&str; 25] = [
    "append",
    "chop",
    "clear",
    "crop",
    "dedup",
    "drain",
    "fill_with",
    "insert",
    "make_lower",
    "make_upper",
    "mixin",
    "pad",
    "pop",
    "push",
    "remove",
    "replace",
    "retain",
    "reverse",
    "set",
    "shift",
    "sort",
    "splice",
    "trim",
    "truncate",
    "split_at",
];

/// How deep own functions are followed that call each other on `this`.
const OWN_CALLS: usize = 4;

/// Checks every branch that a `parallel` of the script is given.
pub fn check(script: &Script<'_>, functions: &Functions, found: &mut Diagnostics) {
    let mut branches = Branches { functions, lists: BTreeSet::new(), slips: BTreeMap::new(), asking: BTreeSet::new() };
    walk::calls(script.ast, |call| {
        if call.call.name == "parallel" && !call.call.is_qualified() {
            branches.lists.extend(call.call.args.iter().chain(call.receiver).filter_map(variable));
            call.call.args.iter().chain(call.receiver).for_each(|list| branches.look(list));
        }
    });
    // A list may be named, and so may a branch in it: two rounds reach both.
    for _ in 0..2 {
        if branches.lists.is_empty() {
            break;
        }
        branches.follow_names(script);
    }
    for at in branches.asking {
        let message = "a branch of `parallel` has no parameters";
        let fault = script.error(found, Position::new(at.0, at.1), codes::ARITY, message);
        fault.help("write it as `|| …`; it sees the variables of the function it stands in");
    }
    for (at, Slip { variable, how }) in branches.slips {
        let message = format!("a branch of `parallel` {how} `{variable}`, which it shares with the others");
        let at = Position::new(at.0, at.1);
        script
            .error(found, at, codes::SHARED_BY_BRANCHES, message)
            .help("let the branch give its value back: `parallel` returns those of all branches, in order");
    }
}

struct Slip {
    variable: String,
    how: String,
}

struct Branches<'a> {
    functions: &'a Functions,
    /// Variables that hold branches, or lists of them.
    lists: BTreeSet<String>,
    /// By line and column, each place once.
    slips: BTreeMap<(u16, u16), Slip>,
    /// Where branches stand that want parameters.
    asking: BTreeSet<(u16, u16)>,
}

impl Branches<'_> {
    /// Looks at an expression that gives a branch, or a list of them.
    fn look(&mut self, expression: &Expr) {
        if let Some(Closure { function, captured }) = closures::closure(self.functions, expression) {
            if function.params > captured.len() {
                self.asking.insert(place(expression.start_position()));
            }
            self.branch(function, &captured);
            return;
        }
        match expression {
            Expr::Array(items, _) => items.iter().for_each(|item| self.look(item)),
            Expr::Variable(..) => self.lists.extend(variable(expression)),
            Expr::Dot(..) => self.made_by_map(expression),
            _ => {}
        }
    }

    /// `hosts.map(|host| || …)`: each branch has the callback's own variables to itself.
    fn made_by_map(&mut self, chain: &Expr) {
        let (_, links) = walk::chain(chain);
        let Some(Link::Method(call, _)) = links.last() else { return };
        let callback = call.args.first().filter(|_| call.name == "map");
        let Some(callback) = callback.and_then(|callback| closures::closure(self.functions, callback)) else { return };
        let Some(made) = closures::tail(&callback.function.body) else { return };
        if let Some(Closure { function, captured }) = closures::closure(self.functions, made) {
            self.branch(function, &captured.intersection(&callback.captured).cloned().collect());
        }
    }

    /// Looks at what is put into the variables that hold branches.
    fn follow_names(&mut self, script: &Script<'_>) {
        let names = std::mem::take(&mut self.lists);
        script.ast.walk(&mut |path| {
            if let Some(ASTNode::Stmt(Stmt::Var(declared, ..))) = path.last()
                && names.contains(declared.0.name.as_str())
            {
                self.look(&declared.1);
            }
            true
        });
        walk::calls(script.ast, |call| {
            let pushed =
                call.call.name == "push" && call.receiver.and_then(variable).is_some_and(|on| names.contains(&on));
            if let Some(pushed) = call.call.args.first().filter(|_| pushed) {
                self.look(pushed);
            }
        });
    }

    /// Notes every place where a branch changes a captured variable; a variable of its own by that name is its own.
    fn branch(&mut self, function: &Function, captured: &BTreeSet<String>) {
        if captured.is_empty() {
            return;
        }
        for statement in &function.body {
            statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
                let is_shared = |name: &str| captured.contains(name) && !scope::declares(&function.body, path, name);
                for (changed, how) in path.last().map(|node| self.changes(node)).unwrap_or_default() {
                    if let Some((name, at)) = root(changed).filter(|(name, _)| is_shared(name)) {
                        self.slips.entry(place(at)).or_insert_with(|| Slip { variable: name.to_owned(), how });
                    }
                }
                if let Some(ASTNode::Expr(expression)) = path.last()
                    && let Some(inner) = closures::closure(self.functions, expression)
                {
                    self.branch(inner.function, &inner.captured.into_iter().filter(|name| is_shared(name)).collect());
                }
                true
            });
        }
    }

    /// What a node changes, and how that is called.
    fn changes<'n>(&self, node: &'n ASTNode<'_>) -> Vec<(&'n Expr, String)> {
        match node {
            ASTNode::Stmt(Stmt::Assignment(assignment)) => vec![(&assignment.1.lhs, "assigns to".to_owned())],
            ASTNode::Stmt(Stmt::FnCall(call, _)) | ASTNode::Expr(Expr::FnCall(call, _)) => {
                let is_own = self.functions.by_name(&call.name).is_some();
                let first = call.args.first().filter(|_| !is_own && CHANGING.contains(&call.name.as_str()));
                first.map(|first| (first, format!("changes by `{}`", call.name))).into_iter().collect()
            }
            ASTNode::Expr(head @ (Expr::Dot(..) | Expr::Index(..))) => {
                // What a method gives back is another value: only the first can change the variable.
                let (start, links) = walk::chain(head);
                let first =
                    links.iter().find_map(|link| if let Link::Method(call, _) = link { Some(*call) } else { None });
                let first = first.filter(|call| match self.functions.by_name(&call.name) {
                    // The script's own function, called as a method: what it does to `this` it does to the variable.
                    Some(own) => self.changes_this(own, OWN_CALLS),
                    None => CHANGING.contains(&call.name.as_str()),
                });
                first.map(|call| (start, format!("changes by `{}`", call.name))).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Branches<'_> {
    /// Whether a function changes what it is called on, itself or by the functions it calls on that.
    fn changes_this(&self, function: &Function, calls: usize) -> bool {
        let mut changes = false;
        let is_this = |expression: &Expr| matches!(walk::chain(expression).0, Expr::ThisPtr(..));
        for statement in &function.body {
            statement.walk(&mut Vec::new(), &mut |path: &[ASTNode<'_>]| {
                changes = changes
                    || match path.last() {
                        Some(ASTNode::Stmt(Stmt::Assignment(assignment))) => is_this(&assignment.1.lhs),
                        Some(ASTNode::Expr(chain @ (Expr::Dot(..) | Expr::Index(..)))) if is_this(chain) => {
                            let links = walk::chain(chain).1;
                            let mut methods = links.iter().filter_map(|link| match link {
                                Link::Method(call, _) => Some(call.name.as_str()),
                                _ => None,
                            });
                            methods.next().is_some_and(|name| match self.functions.by_name(name) {
                                Some(own) => calls > 0 && self.changes_this(own, calls - 1),
                                None => CHANGING.contains(&name),
                            })
                        }
                        _ => false,
                    };
                !changes
            });
        }
        changes
    }
}

/// A place that can be put in order.
fn place(at: Position) -> (u16, u16) {
    let number = |part: Option<usize>| part.and_then(|part| u16::try_from(part).ok()).unwrap_or(1);
    (number(at.line()), number(at.position()))
}

/// The variable at the start of a place such as `list[0].name`.
fn root(place: &Expr) -> Option<(&str, Position)> {
    match walk::chain(place).0 {
        Expr::Variable(variable, _, at) if variable.2.is_empty() => Some((variable.1.as_str(), *at)),
        _ => None,
    }
}

fn variable(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Variable(variable, ..) if variable.2.is_empty() => Some(variable.1.to_string()),
        _ => None,
    }
}
