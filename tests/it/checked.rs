//! A folder with files in it, and what checking them finds.

use crate::world::quell;
use quell::config::{Flags, Surroundings, load};
use std::path::Path;

/// A finding: its code, where it is, how bad it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub code: String,
    pub line: u64,
    pub column: u64,
    pub level: String,
    pub message: String,
}

/// Writes files into a fresh folder that has both of a set's folders.
pub fn folder(files: &[(String, String)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["rules", "playbooks"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// What `quell check` finds in a folder: of all files, or of one.
pub fn check(folder: &Path, only: Option<&str>) -> Vec<Finding> {
    let output = quell(folder).args(["check", "--format", "json"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text)
        .unwrap_or_else(|_| panic!("no report: {text}{}", String::from_utf8_lossy(&output.stderr)));
    let mut found: Vec<Finding> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| only.is_none_or(|only| finding["file"] == only))
        .map(|finding| Finding {
            code: finding["code"].as_str().unwrap().to_owned(),
            line: finding["line"].as_u64().unwrap(),
            column: finding["column"].as_u64().unwrap(),
            level: finding["level"].as_str().unwrap().to_owned(),
            message: finding["message"].as_str().unwrap().to_owned(),
        })
        .collect();
    found.sort();
    found
}

/// What reading `quell.yaml` as a daemon does finds; no variable is set.
pub fn check_config(folder: &Path) -> Vec<Finding> {
    let around = Surroundings { folder: folder.to_owned(), ..Surroundings::default() };
    let findings = match load(&Flags::default(), &around) {
        Ok(loaded) => loaded.warnings,
        Err(findings) => findings,
    };
    let mut found: Vec<Finding> = findings
        .diagnostics
        .iter()
        .map(|finding| Finding {
            code: finding.code.id.to_owned(),
            line: finding.span.start.line.into(),
            column: finding.span.start.column.into(),
            level: finding.level.word().to_owned(),
            message: finding.message.clone(),
        })
        .collect();
    found.sort();
    found
}

/// What `work` gives for each item, with as many at a time as there are cores: each starts a process.
pub fn for_each<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(item) = items.get(at) else { return };
                    let result = work(item);
                    results.lock().unwrap().push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
