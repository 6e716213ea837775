//! A git repository of rules, made with the real git.

use crate::world::quell;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// A folder that is a repository.
pub struct Repository(tempfile::TempDir);

/// A filter on one alert type.
pub fn filter(id: &str, alert_type: &str) -> String {
    format!("id: {id}\ntitle: {id}\nreason: noise\nowner: a@example.com\nmatch:\n  alert_type: {alert_type}\n")
}

impl Repository {
    /// An empty one; none, and a word about it, where there is no git.
    pub fn new() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            drop(writeln!(std::io::stderr(), "skipped: git is not installed"));
            return None;
        }
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git("init -q");
        Some(repository)
    }

    pub fn path(&self, inside: &str) -> PathBuf {
        self.0.path().join(inside)
    }

    pub fn write(&self, inside: &str, text: &str) {
        let path = self.path(inside);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn remove(&self, inside: &str) {
        std::fs::remove_file(self.path(inside)).unwrap();
    }

    pub fn git(&self, line: &str) -> String {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=Ada Lovelace", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"])
            .args(["-c", "commit.gpgsign=false"])
            .args(line.split(' '))
            .current_dir(self.0.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_AUTHOR_DATE", "2026-11-20T08:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-11-20T08:00:00Z");
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits everything and returns the commit's id.
    pub fn commit(&self) -> String {
        self.git("add -A");
        self.git("commit -q --allow-empty -m change");
        self.git("rev-parse HEAD")
    }

    /// Runs quell here; gives its exit code, stdout and stderr.
    pub fn quell(&self, args: &[&str]) -> (i32, String, String) {
        let output = quell(self.0.path()).args(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }
}
