//! What was found wrong with a configuration, and the text to show it in.

use super::codes;
use crate::diag::Diagnostic;
use std::path::Path;
use std::sync::Arc;

/// Faults or warnings, in the order of places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// The findings.
    pub diagnostics: Vec<Diagnostic>,
    pub(super) file: Option<SourceText>,
}

/// A file and what it says.
pub(super) type SourceText = (Arc<Path>, String);

impl Findings {
    /// The text a finding stands in, unless showing it would show a secret.
    pub fn source(&self, diagnostic: &Diagnostic) -> Option<&str> {
        let (path, text) = self.file.as_ref()?;
        (*path == diagnostic.file && diagnostic.code != codes::LITERAL_SECRET).then_some(text.as_str())
    }
}

impl std::fmt::Display for Findings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for diagnostic in &self.diagnostics {
            writeln!(f, "{}", diagnostic.headline())?;
        }
        Ok(())
    }
}

impl std::error::Error for Findings {}
