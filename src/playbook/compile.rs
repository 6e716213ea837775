//! A playbook file to a playbook that can be pinned to a run, or every fault found in it.

use super::front::{self, RunLimits, Trigger};
use super::imports::{self, Broken, ModuleFault, ParsedProgram};
use super::lint::{self, Script};
use super::{Program, codes, engine, source, syntax};
use crate::diag::{Diagnostics, Span};
use crate::digest::Digest;
use crate::id::RuleId;
use crate::matcher::{Condition, Placeholders};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A compiled playbook.
#[derive(Debug)]
pub struct Playbook {
    /// Its id.
    pub id: RuleId,
    /// Its title.
    pub title: String,
    /// What it does, at more length.
    pub description: Option<String>,
    /// What makes it run.
    pub trigger: Trigger,
    /// Which alerts it is for; none for all.
    pub condition: Option<Arc<Condition>>,
    /// How long a run may take in all.
    pub timeout: Duration,
    /// How often it may run.
    pub limits: Option<RunLimits>,
    /// Whom to ask about it.
    pub owner: Option<String>,
    /// The connections it declares.
    pub connections: Vec<String>,
    /// Where it declares each of them.
    pub connection_spans: Vec<Span>,
    /// Playbooks it runs by names that are written out, and where.
    pub children: Vec<(String, Span)>,
    /// Where it first sends a mail, if it does.
    pub first_mail: Option<Span>,
    /// What its runs are pinned to.
    pub program: Arc<Program>,
    /// The program's digest.
    pub digest: Digest,
    /// The file, as diagnostics name it.
    pub file: Arc<Path>,
}

/// Compiles and checks one playbook. `modules` are the texts of all modules by import path, such as `lib/net`;
/// `placeholders` are what `expand` puts into its `match`.
/// None if it pushed errors, or if it imports a module that [`check_module`] finds broken: that is said there, once.
pub fn compile(
    text: &str,
    file: &Arc<Path>,
    modules: &BTreeMap<String, Arc<str>>,
    placeholders: &Placeholders,
    found: &mut Diagnostics,
) -> Option<Playbook> {
    let mut own = Diagnostics::new();
    let playbook = compile_into(text, file, modules, placeholders, &mut own);
    let sound = !own.has_errors();
    found.extend(own);
    playbook.filter(|_| sound)
}

fn compile_into(
    text: &str,
    file: &Arc<Path>,
    modules: &BTreeMap<String, Arc<str>>,
    placeholders: &Placeholders,
    found: &mut Diagnostics,
) -> Option<Playbook> {
    let text = source::admit(text, file, found)?;
    let front = front::read(text, file, placeholders, found);
    // The front matter's own characters are checked by its parser.
    source::report_invisible(text, front::length(text), file, found);
    let told_elsewhere = [ModuleFault::Syntax, ModuleFault::Cycle];
    let parsed = parse(text, file, modules, &told_elsewhere, found)?;
    let script = Script { text, file, ast: &parsed.main, sources: modules, modules: &parsed.modules };
    lint::playbook(&script, front.connections.as_deref(), found);
    let (children, first_mail) = (lint::children(&script), lint::first_mail(&script));
    let header = front.header?;
    let (connections, connection_spans): (Vec<String>, Vec<Span>) = front.connections.into_iter().flatten().unzip();
    let reached = parsed.modules.iter().map(|module| (module.path.clone(), modules[&module.path].clone()));
    let program = Arc::new(Program {
        id: header.id.clone(),
        path: file.display().to_string(),
        source: text.into(),
        modules: reached.collect(),
        connections: connections.clone(),
        audit: header.audit,
    });
    Some(Playbook {
        id: header.id,
        title: header.title,
        description: header.description,
        trigger: header.trigger,
        condition: header.condition,
        timeout: header.timeout,
        limits: header.limits,
        owner: header.owner,
        connections,
        connection_spans,
        children,
        first_mail,
        digest: program.digest(),
        program,
        file: file.clone(),
    })
}

/// Checks one module of `playbooks/lib` for itself, whoever imports it. True if it pushed no errors.
pub fn check_module(
    text: &str,
    file: &Arc<Path>,
    modules: &BTreeMap<String, Arc<str>>,
    found: &mut Diagnostics,
) -> bool {
    let mut own = Diagnostics::new();
    if let Some(text) = source::admit(text, file, &mut own) {
        source::report_invisible(text, 0, file, &mut own);
        if let Some(parsed) = parse(text, file, modules, &[ModuleFault::Syntax], &mut own) {
            let script = Script { text, file, ast: &parsed.main, sources: modules, modules: &parsed.modules };
            lint::module(&script, &mut own);
        }
    }
    let sound = !own.has_errors();
    found.extend(own);
    sound
}

/// Parses a script and what it imports. Faults that are `told_elsewhere`, where the module itself is checked, are not
/// repeated here.
fn parse(
    text: &str,
    file: &Arc<Path>,
    modules: &BTreeMap<String, Arc<str>>,
    told_elsewhere: &[ModuleFault],
    found: &mut Diagnostics,
) -> Option<ParsedProgram> {
    // That is told where the module is checked, and it must not be parsed.
    if modules.values().any(|module| module.len() > source::SOURCE_BYTES) {
        return None;
    }
    let engine = engine::engine(engine::Library::default());
    match imports::parse_all(&engine, text, modules) {
        Ok(parsed) => Some(parsed),
        Err(Broken::Main(error)) => {
            syntax::report(text, file, &error, found);
            None
        }
        Err(Broken::Module { fault, .. }) if told_elsewhere.contains(&fault) => None,
        Err(Broken::Module { path, at, message, .. }) => {
            let message = format!("the module `{path}` is broken: {message}");
            found.error(file, source::span(text, at), codes::IMPORT, message);
            None
        }
    }
}
