//! Which blocks of a script are reached: the script is read with a mark put at the start of each, and stepped once
//! more. What a test is judged by is the script as it is; this only counts.

use super::load::{self, Compiled};
use super::stepper::{StepInput, StepLimits, step};
use crate::playbook::engine::{self, Library, meter};
use crate::playbook::{Program, RunError, imports, source};
use rhai::{AST, ASTNode, Engine, Expr, Stmt};
use serde::Serialize;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What a block calls. Scripts cannot: `check` knows no such function.
const MARK: &str = "block__reached";
/// Marks cost operations that the script itself does not have to pay.
const OPERATIONS: u64 = 1_000_000;

thread_local! {
    /// The blocks reached by the script that now runs on this thread.
    static REACHED: RefCell<BTreeSet<usize>> = const { RefCell::new(BTreeSet::new()) };
}

/// A block of statements: where its `{` stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Block {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

/// A program whose blocks tell that they are reached.
#[derive(Debug)]
pub struct Traced {
    pub(super) compiled: Compiled,
    blocks: Vec<Block>,
}

/// Marks the blocks of a program's main script: bodies of functions, closures, branches, loops and handlers.
///
/// # Errors
/// If the program does not load.
pub fn trace(program: &Program) -> Result<Traced, RunError> {
    let parsed = imports::parse_all(&engine::engine(Library::default()), &program.source, &program.modules)
        .map_err(imports::Broken::into_fault)?;
    let source = &*program.source;
    let mut starts = BTreeSet::new();
    blocks(&parsed.main, &mut |at| {
        let span = source::span(source, at).start;
        // Blocks that the reader of scripts makes up begin elsewhere, and what is put into a text is no branch.
        let (before, rest) = source.split_at(span.offset.min(source.len()));
        if !at.is_none() && rest.starts_with('{') && !before.ends_with('$') {
            starts.insert((span.offset, span.line, span.column));
        }
    });
    let mut marked = String::with_capacity(source.len() + starts.len() * 24);
    let mut done = 0;
    for (place, (offset, ..)) in starts.iter().enumerate() {
        marked.push_str(&source[done..=*offset]);
        marked.push_str(&format!("{MARK}({place});"));
        done = offset + 1;
    }
    marked.push_str(&source[done..]);
    let mut compiled = load::load(&Program { source: marked.into(), ..program.clone() })?;
    compiled.traced = true;
    let blocks = starts.into_iter().map(|(_, line, column)| Block { line, column }).collect();
    Ok(Traced { compiled, blocks })
}

impl Traced {
    /// The blocks, in the order of the script.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Which of them a run reaches that has got as far as its journal, by their places in [`Traced::blocks`].
    ///
    /// It needs the stack that [`step`] needs.
    pub fn reached(&self, input: StepInput) -> BTreeSet<usize> {
        REACHED.with(|reached| reached.borrow_mut().clear());
        step(&self.compiled, input, &StepLimits { operations: OPERATIONS, ..StepLimits::default() });
        REACHED.with(RefCell::take)
    }
}

/// Lets an engine take the marks.
pub(super) fn listen(engine: &mut Engine) {
    engine.register_fn(MARK, |place: i64| {
        // A script that is stopped reaches nothing more.
        if let (Ok(place), false) = (usize::try_from(place), meter::is_halted()) {
            REACHED.with(|reached| reached.borrow_mut().insert(place));
        }
    });
}

/// Where blocks begin.
fn blocks(ast: &AST, found: &mut impl FnMut(rhai::Position)) {
    for function in ast.iter_fn_def() {
        found(function.body.start_position());
    }
    ast.walk(&mut |path| {
        match path.last() {
            Some(ASTNode::Stmt(
                Stmt::If(flow, _) | Stmt::While(flow, _) | Stmt::Do(flow, ..) | Stmt::TryCatch(flow, _),
            )) => {
                found(flow.body.position());
                found(flow.branch.position());
            }
            Some(ASTNode::Stmt(Stmt::For(flow, _))) => found(flow.2.body.position()),
            Some(ASTNode::Stmt(Stmt::Block(block)) | ASTNode::Expr(Expr::Stmt(block))) => found(block.position()),
            _ => {}
        }
        true
    });
}
