//! Slips of those who come from other languages and that Rhai takes for something else: `"${x}"` in double quotes, which
//! stays as it is, and `{}` for an empty map, which is an empty block.

use super::{Script, walk};
use crate::diag::Diagnostics;
use crate::playbook::codes;
use rhai::{ASTNode, Expr, Position};

/// Warns of both.
pub fn check(script: &Script<'_>, found: &mut Diagnostics) {
    let mut plain: Vec<Position> = Vec::new();
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Expr(Expr::StringConstant(text, at))) = path.last()
            && interpolates(text)
            && starts_with(script, *at, '"')
        {
            plain.push(*at);
        }
        true
    });
    for at in plain {
        let message = "a text in double quotes keeps `${…}` as it is written";
        script.warning(found, at, codes::PLAIN_QUOTES, message).help("write the text in backticks: `` `${name}` ``");
    }
    let mut blocks: Vec<Position> = Vec::new();
    walk::calls(script.ast, |call| {
        blocks.extend(call.call.args.iter().filter_map(|argument| empty_block(script, argument)))
    });
    script.ast.walk(&mut |path| {
        if let Some(ASTNode::Stmt(rhai::Stmt::Var(declared, ..))) = path.last() {
            blocks.extend(empty_block(script, &declared.1));
        }
        true
    });
    blocks.sort_unstable();
    blocks.dedup();
    for at in blocks {
        let message = "`{}` is an empty block, whose value is `()`";
        script.warning(found, at, codes::BLOCK_FOR_MAP, message).help("an empty map is `#{}`");
    }
}

/// Whether the text holds what would be filled in between backticks.
fn interpolates(text: &str) -> bool {
    text.split_once("${").is_some_and(|(_, rest)| rest.contains('}'))
}

fn starts_with(script: &Script<'_>, at: Position, quote: char) -> bool {
    script.text.get(script.span(at).start.offset..).is_some_and(|rest| rest.starts_with(quote))
}

fn empty_block(script: &Script<'_>, expression: &Expr) -> Option<Position> {
    match expression {
        Expr::Stmt(block) if block.is_empty() => Some(block.position()).filter(|at| starts_with(script, *at, '{')),
        _ => None,
    }
}
