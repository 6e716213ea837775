//! The configuration's promises: what wins, what each fault says, what is never shown.

mod faults;
mod precedence;
mod secrets;

use super::{Config, Findings, Flags, Loaded, Surroundings, load};
use std::path::Path;

/// A folder with a `quell.yaml`, and variables.
pub(super) struct World {
    pub folder: tempfile::TempDir,
    pub around: Surroundings,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let around = Surroundings { folder: folder.path().to_owned(), ..Surroundings::default() };
        Self { folder, around }
    }

    pub fn file(self, text: &str) -> Self {
        self.named("quell.yaml", text, 0o644)
    }

    pub fn named(self, name: &str, text: &str, mode: u32) -> Self {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.around.variables.insert(name.into(), value.into());
        self
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub fn load(&self) -> Result<Loaded<Config>, Findings> {
        load(&Flags::default(), &self.around)
    }

    pub fn config(&self) -> Config {
        self.load().unwrap_or_else(|findings| panic!("{findings}")).settings
    }

    /// Every finding as `headline (help)`, without the folder's own path.
    pub fn faults(&self) -> Vec<String> {
        let findings = match self.load() {
            Ok(loaded) => loaded.warnings,
            Err(findings) => findings,
        };
        shown(&findings, self.folder.path())
    }
}

pub(super) fn shown(findings: &Findings, folder: &Path) -> Vec<String> {
    let line = |d: &crate::diag::Diagnostic| match &d.help {
        Some(help) => format!("{} ({help})", d.headline()),
        None => d.headline(),
    };
    let prefix = format!("{}/", folder.display());
    findings.diagnostics.iter().map(|d| line(d).replace(&prefix, "")).collect()
}
