//! Going through a syntax tree: every call with what it is called on, every chain of fields.

use rhai::{AST, ASTFlags, ASTNode, Expr, FnCallExpr, Position, Stmt};

/// A call as it stands in the script.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The call.
    pub call: &'a FnCallExpr,
    /// Where its name stands.
    pub at: Position,
    /// Whether it is written `receiver.name(…)`.
    pub is_method: bool,
    /// What it is called on, if that is known: the start of the chain it follows directly.
    pub receiver: Option<&'a Expr>,
}

/// One link of a chain such as `start.field[index].method()`.
#[derive(Debug, Clone, Copy)]
pub enum Link<'a> {
    /// `.name` or `?.name`.
    Field {
        /// The name.
        name: &'a str,
        /// Where the name stands.
        at: Position,
        /// Whether it is `?.name`, which a missing value has too.
        safe: bool,
    },
    /// `.name(…)`, and where the name stands.
    Method(&'a FnCallExpr, Position),
    /// `[expression]`.
    Index,
}

/// Every call that is not an operator and not one the compiler put in.
pub fn calls(ast: &AST, mut look: impl FnMut(Call<'_>)) {
    ast.walk(&mut |path| {
        calls_at(path, &mut look);
        true
    });
}

/// The calls at the end of a path: one, or those of the chain that begins there.
pub fn calls_at(path: &[ASTNode<'_>], look: &mut impl FnMut(Call<'_>)) {
    let mut visit = |call: Call<'_>| {
        // A closure that captures is compiled into a call of `curry`, which nobody can write.
        if !call.call.is_operator_call() && call.call.name != "curry" {
            look(call);
        }
    };
    match path.last() {
        Some(ASTNode::Stmt(Stmt::FnCall(call, at)) | ASTNode::Expr(Expr::FnCall(call, at))) => {
            visit(Call { call, at: *at, is_method: false, receiver: None });
        }
        _ => {
            let Some((start, links)) = chain_at(path) else { return };
            for (place, link) in links.into_iter().enumerate() {
                if let Link::Method(call, at) = link {
                    visit(Call { call, at, is_method: true, receiver: (place == 0).then_some(start) });
                }
            }
        }
    }
}

/// Every chain of a script: its start and its links.
pub fn chains(ast: &AST, mut look: impl FnMut(&Expr, &[Link<'_>])) {
    ast.walk(&mut |path| {
        if let Some((start, links)) = chain_at(path) {
            look(start, &links);
        }
        true
    });
}

/// The chain that begins at the end of a path: its start and its links.
pub fn chain_at<'p>(path: &'p [ASTNode<'_>]) -> Option<(&'p Expr, Vec<Link<'p>>)> {
    match path.last() {
        Some(ASTNode::Expr(head)) if is_head(head, path) => Some(chain(head)),
        _ => None,
    }
}

/// Every operator call, such as `a >= b`.
pub fn operators(ast: &AST, mut look: impl FnMut(&FnCallExpr)) {
    ast.walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::FnCall(call, _))) = path.last()
            && call.is_operator_call()
        {
            look(call);
        }
        true
    });
}

/// The start of a chain and its links.
///
/// The tree nests to the right: `a.b.c` is `a.(b.c)`, and `a[i].c` is `a[(i.c)]` unless the index is the last link.
pub fn chain(head: &Expr) -> (&Expr, Vec<Link<'_>>) {
    let (mut start, mut links, mut rest) = (None, Vec::new(), head);
    while let Expr::Dot(pair, flags, _) | Expr::Index(pair, flags, _) = rest {
        start = start.or(Some(&pair.lhs));
        let goes_on = is_chain(&pair.rhs) && !flags.contains(ASTFlags::BREAK);
        let link = match &pair.rhs {
            Expr::Dot(next, ..) | Expr::Index(next, ..) if goes_on => &next.lhs,
            last => last,
        };
        links.push(match (rest, link) {
            (Expr::Dot(..), Expr::Property(names, at)) => {
                Link::Field { name: names.2.as_str(), at: *at, safe: flags.contains(ASTFlags::NEGATED) }
            }
            (Expr::Dot(..), Expr::MethodCall(call, at)) => Link::Method(call, *at),
            _ => Link::Index,
        });
        if !goes_on {
            break;
        }
        rest = &pair.rhs;
    }
    (start.unwrap_or(head), links)
}

fn is_chain(expression: &Expr) -> bool {
    matches!(expression, Expr::Dot(..) | Expr::Index(..))
}

/// Whether the last node of a path begins a chain rather than going on with the one before it.
fn is_head(last: &Expr, path: &[ASTNode<'_>]) -> bool {
    let goes_on = match path {
        [.., ASTNode::Expr(Expr::Dot(pair, flags, _) | Expr::Index(pair, flags, _)), _] => {
            std::ptr::eq(&pair.rhs, last) && !flags.contains(ASTFlags::BREAK)
        }
        _ => false,
    };
    is_chain(last) && !goes_on
}
