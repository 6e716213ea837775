//! Checks of the syntax tree: what Rhai itself would only notice while an alert is being handled.

mod alert;
mod callbacks;
mod calls;
mod children;
mod closures;
mod comparers;
mod connections;
mod known;
mod mails;
mod options;
mod outline;
mod parallel;
mod results;
mod scope;
#[cfg(test)]
mod tests;
mod texts;
mod traps;
mod walk;

pub use children::named as children;
pub use mails::first as first_mail;

use super::imports::Parsed;
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::playbook::source;
use rhai::{AST, Position};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A parsed script with all that checking it needs.
#[derive(Debug, Clone, Copy)]
pub struct Script<'a> {
    /// Its text.
    pub text: &'a str,
    /// Its file, as diagnostics name it.
    pub file: &'a Arc<Path>,
    /// Its syntax tree.
    pub ast: &'a AST,
    /// Every module there is, by import path.
    pub sources: &'a BTreeMap<String, Arc<str>>,
    /// The modules it reaches, parsed.
    pub modules: &'a [Parsed],
}

impl Script<'_> {
    fn error<'d>(
        &self,
        found: &'d mut Diagnostics,
        at: Position,
        code: Code,
        message: impl Into<String>,
    ) -> &'d mut Diagnostic {
        found.error(self.file, self.span(at), code, message)
    }

    fn warning<'d>(
        &self,
        found: &'d mut Diagnostics,
        at: Position,
        code: Code,
        message: impl Into<String>,
    ) -> &'d mut Diagnostic {
        found.warning(self.file, self.span(at), code, message)
    }

    fn span(&self, at: Position) -> Span {
        source::span(self.text, at)
    }
}

/// Checks a playbook; its connections against those it declares, if they are known.
pub fn playbook(script: &Script<'_>, declared: Option<&[(String, Span)]>, found: &mut Diagnostics) {
    outline::entry(script, found);
    checks(script, found);
    match declared {
        Some(declared) => connections::check(script, declared, found),
        None => drop(connections::check_written_out(script, found)),
    }
}

/// Checks a module.
pub fn module(script: &Script<'_>, found: &mut Diagnostics) {
    checks(script, found);
    connections::check_written_out(script, found);
}

fn checks(script: &Script<'_>, found: &mut Diagnostics) {
    outline::top_level(script, found);
    outline::imports(script, found);
    outline::redefinitions(script, found);
    calls::check(script, found);
    alert::check(script, found);
    options::check(script, found);
    let functions = closures::Functions::of(script.ast);
    callbacks::check(script, &functions, found);
    parallel::check(script, &functions, found);
    comparers::check(script, &functions, found);
    traps::check(script, &functions, found);
    results::check(script, found);
    texts::check(script, found);
}
