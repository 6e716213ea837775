//! Why a command could not do its work: what is said, and how it exits. The only place where errors become either.

use super::show::style;
use super::{Exit, Terminal};
use crate::client::ClientError;
use crate::config::Findings;
use crate::diag::{Diagnostic, render_coloured, visible};
use crate::ruleset::Sources;
use crate::simulate::SimulateFault;
use std::collections::HashMap;

/// What kept a command from its work.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// The configuration has faults.
    #[error("the configuration has faults:\n{0}")]
    Config(#[from] Findings),
    /// The rules do not compile.
    #[error("the rules do not compile: {} findings", .0.len())]
    Rules(Vec<Diagnostic>),
    /// Rules that stand in no file, or may stand there otherwise now, do not compile.
    #[error("the rules do not compile: {} findings", .diagnostics.len())]
    RulesOf {
        /// Every finding.
        diagnostics: Vec<Diagnostic>,
        /// What was compiled.
        sources: Box<Sources>,
    },
    /// The daemon could not be asked, or refused.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The daemon cannot start or go on.
    #[error("{0}")]
    Daemon(String),
    /// The past cannot be replayed.
    #[error(transparent)]
    Simulate(#[from] SimulateFault),
    /// Output cannot be written.
    #[error("cannot write the output: {0}")]
    Output(std::io::Error),
}

impl Failure {
    /// How the command exits.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Rules(_) | Self::RulesOf { .. } => Exit::Uncompiled,
            Self::Usage(_)
            | Self::Config(_)
            | Self::Client(_)
            | Self::Daemon(_)
            | Self::Simulate(_)
            | Self::Output(_) => Exit::Unusable,
        }
    }

    /// Says what is wrong, on stderr.
    pub fn report(&self, terminal: &Terminal) {
        match self {
            Self::Config(findings) => report_findings(findings, terminal),
            Self::Rules(diagnostics) => {
                for diagnostic in diagnostics {
                    // The file may have changed since; a line that does not fit is better than none to look at.
                    let source = std::fs::read_to_string(&diagnostic.file).ok();
                    terminal.say(&render_coloured(diagnostic, source.as_deref()));
                }
            }
            Self::RulesOf { diagnostics, sources } => say_findings(diagnostics, sources, terminal),
            Self::Usage(_) | Self::Client(_) | Self::Daemon(_) | Self::Simulate(_) | Self::Output(_) => {
                // A daemon's words may repeat an alert's, which are hostile.
                let text: Vec<_> = self.to_string().lines().map(|line| visible(line).into_owned()).collect();
                let error = style::ERROR;
                terminal.say(&format!("{error}error:{error:#} {}", text.join("\n  ")));
            }
        }
    }
}

/// Says what was found in these sources, with the lines it was found in.
pub(super) fn say_findings(diagnostics: &[Diagnostic], sources: &Sources, terminal: &Terminal) {
    let texts: HashMap<_, _> = sources.files.iter().map(|file| (&file.path, &file.bytes)).collect();
    for diagnostic in diagnostics {
        let source = texts.get(&diagnostic.file).and_then(|bytes| std::str::from_utf8(bytes).ok());
        terminal.say(&format!("{}\n", render_coloured(diagnostic, source)));
    }
}

/// Says what was found in a configuration.
pub(super) fn report_findings(findings: &Findings, terminal: &Terminal) {
    for diagnostic in &findings.diagnostics {
        terminal.say(&render_coloured(diagnostic, findings.source(diagnostic)));
    }
}
