//! Which variables a place in a function sees of its own.

use rhai::{ASTNode, Expr, Stmt, StmtBlock};

/// Whether a function declares a variable by this name where a path into its body ends: before it, in a block round it.
pub fn declares(body: &[Stmt], path: &[ASTNode<'_>], name: &str) -> bool {
    let outermost = path.first().is_some_and(|first| declared_before(body, first, name));
    outermost || path.windows(2).any(|pair| declared_in(&pair[0], &pair[1], name))
}

fn declared_in(around: &ASTNode<'_>, inside: &ASTNode<'_>, name: &str) -> bool {
    let before = |block: &StmtBlock| declared_before(block.statements(), inside, name);
    match around {
        ASTNode::Stmt(Stmt::Block(block)) | ASTNode::Expr(Expr::Stmt(block)) => before(block),
        ASTNode::Stmt(Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..)) => {
            before(&flow.body) || before(&flow.branch)
        }
        ASTNode::Stmt(Stmt::TryCatch(flow, _)) => {
            let caught = matches!(&flow.expr, Expr::Variable(variable, ..) if variable.1 == name);
            before(&flow.body) || before(&flow.branch) || (caught && holds(flow.branch.statements(), inside).is_some())
        }
        ASTNode::Stmt(Stmt::For(each, _)) => {
            let counts = each.0.name == name || each.1.as_ref().is_some_and(|counter| counter.name == name);
            before(&each.2.body) || (counts && holds(each.2.body.statements(), inside).is_some())
        }
        _ => false,
    }
}

fn declared_before(statements: &[Stmt], inside: &ASTNode<'_>, name: &str) -> bool {
    let Some(place) = holds(statements, inside) else { return false };
    statements[..place].iter().any(|before| matches!(before, Stmt::Var(variable, ..) if variable.0.name == name))
}

/// Which of these statements a node is.
fn holds(statements: &[Stmt], inside: &ASTNode<'_>) -> Option<usize> {
    let ASTNode::Stmt(inside) = inside else { return None };
    statements.iter().position(|statement| std::ptr::eq(statement, *inside))
}
