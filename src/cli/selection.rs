//! What a check or a test is about: all of the set, or the paths that were asked for.

use crate::cli::Failure;
use crate::reload;
use std::path::{Path, PathBuf};

/// The paths asked for, made comparable; empty for everything.
#[derive(Debug, Default)]
pub(in crate::cli) struct Selection(Vec<PathBuf>);

impl Selection {
    /// Takes paths inside the folders, or around them.
    ///
    /// # Errors
    /// A path that does not exist, or that the set has nothing of: a check that looks at nothing would pass.
    pub fn new(paths: &[PathBuf], folders: &reload::Settings) -> Result<Self, Failure> {
        let mut selected = Vec::new();
        for path in paths {
            let shown = path.display();
            let real = path.canonicalize().map_err(|fault| Failure::Usage(format!("{shown}: {fault}")))?;
            let (rules, playbooks) = (comparable(&folders.rules), comparable(&folders.playbooks));
            let concerns = |folder: &PathBuf| real.starts_with(folder) || folder.starts_with(&real);
            if !concerns(&rules) && !concerns(&playbooks) {
                let (rules, playbooks) = (folders.rules.display(), folders.playbooks.display());
                return Err(Failure::Usage(format!(
                    "{shown} is neither in {rules} nor in {playbooks}; name the folders with --rules and --playbooks"
                )));
            }
            selected.push(real);
        }
        Ok(Self(selected))
    }

    /// Whether a file is asked for.
    pub fn takes(&self, file: &Path) -> bool {
        self.0.is_empty() || {
            let file = comparable(file);
            self.0.iter().any(|path| file.starts_with(path))
        }
    }
}

/// The path without links; as far as it can be told for one that does not exist.
fn comparable(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}
