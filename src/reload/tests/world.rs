//! A folder with a set in it, and what a test does to one.

use crate::clock::{SharedClock, SystemClock};
use crate::diag::{Diagnostic, Diagnostics, Level};
use crate::filter::{Demand, Policy};
use crate::reload::checkout::Patience;
use crate::reload::read::read_watched;
use crate::reload::{Reloader, RulesetReport, Settings, read_sources};
use crate::ruleset::{Live, Ruleset, Sources};
use crate::shutdown::Shutdown;
use crate::store::{SqliteSettings, SqliteStore, Store};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A filter on one alert type.
pub fn filter(id: &str, alert_type: &str) -> String {
    format!(
        "id: {id}\ntitle: Nightly scan\nreason: noise\nowner: secops@example.com\nmatch: {{alert_type: {alert_type}}}\n"
    )
}

pub const PLAYBOOK: &str = "//! title: Tell somebody\n//! owner: soc@example.com\nfn on_alert(alert) { return 1; }\n";

/// A temporary folder holding `rules/` and `playbooks/`.
pub struct World {
    dir: tempfile::TempDir,
    settings: Settings,
    store: OnceLock<Arc<dyn Store>>,
}

impl World {
    /// Two empty folders. Nothing is looked at again without a reason.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (rules, playbooks) = (dir.path().join("rules"), dir.path().join("playbooks"));
        std::fs::create_dir_all(&rules).unwrap();
        std::fs::create_dir_all(&playbooks).unwrap();
        let settings = Settings { rules, playbooks, rescan: Duration::from_secs(3600), ..Settings::default() };
        Self { dir, settings, store: OnceLock::new() }
    }

    pub fn with(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// The set lies in another folder of this world.
    pub fn in_folder(mut self, folder: &str) -> Self {
        self.settings.rules = self.path(folder).join("rules");
        self.settings.playbooks = self.path(folder).join("playbooks");
        self
    }

    pub fn rescanning(mut self, every: Duration) -> Self {
        self.settings.rescan = every;
        self
    }

    pub fn connecting(mut self, names: &[&str]) -> Self {
        self.settings.outlets.connections = Some(names.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    /// The operator asks for a ticket, and warns of values that say nothing.
    pub fn asking(mut self) -> Self {
        let demand = |text: &str, level| Some(Demand { what: vec![text.to_owned()], level });
        let (required, banned_values) = (demand("ticket", Level::Error), demand("*", Level::Warning));
        self.settings.policy = Policy { required, banned_values, longest_life: None };
        self
    }

    /// The store of every daemon that starts in this world.
    pub fn store(&self) -> Arc<dyn Store> {
        let open = || Arc::new(SqliteStore::open(SqliteSettings::in_folder(self.path("data"))).unwrap()) as _;
        self.store.get_or_init(open).clone()
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.path(path)).unwrap();
    }

    pub fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// Makes `link` lead to `target` in one step, whatever it led to.
    pub fn link(&self, target: &str, link: &str) {
        let fresh = self.path(&format!("{link}.fresh"));
        std::os::unix::fs::symlink(target, &fresh).unwrap();
        std::fs::rename(fresh, self.path(link)).unwrap();
    }

    /// Reads the set; findings as headlines with paths relative to this world.
    pub fn read(&self) -> (Sources, Vec<String>) {
        let mut found = Diagnostics::new();
        let sources = read_sources(&self.settings, &mut found);
        (sources, self.headlines(&found.sorted()))
    }

    /// Reads the set while `disturb` is called between each listing of it and the reading of what was listed.
    pub fn read_disturbed(&self, disturb: &mut dyn FnMut()) -> (Sources, Vec<String>) {
        let mut found = Diagnostics::new();
        let mut patience = Patience::at_start(Shutdown::new());
        let sources = read_watched(&self.settings, &mut patience, &mut found, &mut |_| disturb());
        (sources, self.headlines(&found.sorted()))
    }

    pub fn headlines(&self, found: &[Diagnostic]) -> Vec<String> {
        let here = format!("{}/", self.dir.path().display());
        found.iter().map(|diagnostic| diagnostic.headline().replace(&here, "")).collect()
    }

    /// Runs git in this world's folder. Call `has_git` first.
    pub fn git(&self, line: &str) -> String {
        self.git_in(".", line)
    }

    pub fn git_in(&self, folder: &str, line: &str) -> String {
        let output = self.git_command(folder, line).output().unwrap();
        assert!(output.status.success(), "git {line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A git command in one of this world's folders, not yet run.
    pub fn git_command(&self, folder: &str, line: &str) -> Command {
        let mut command = Command::new("git");
        command
            .args(["-c", "user.name=Ada Lovelace", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main"])
            .args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"])
            .args(line.split(' '))
            .current_dir(self.path(folder))
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_COMMITTER_DATE", "2026-11-20T08:00:00Z");
        command
    }

    /// Commits everything and returns the commit's id.
    pub fn commit(&self) -> String {
        self.git("add -A");
        self.git("commit -q --allow-empty -m change");
        self.git("rev-parse HEAD")
    }

    pub async fn start(&self) -> Running<'_> {
        self.start_at(SystemClock::shared()).await
    }

    pub async fn start_at(&self, clock: SharedClock) -> Running<'_> {
        let (live, shutdown) = (Arc::new(Live::new(Ruleset::empty())), Shutdown::new());
        let started = Reloader::start(self.settings.clone(), live.clone(), self.store(), clock, &shutdown).await;
        let reloader = started.unwrap_or_else(|found| panic!("{:#?}", self.headlines(&found)));
        Running { world: self, reloader: Arc::new(reloader), live, shutdown }
    }
}

/// Whether there is a git to try things with. Quell itself needs none.
pub fn has_git() -> bool {
    let found = Command::new("git").arg("--version").output().is_ok();
    if !found {
        drop(writeln!(std::io::stderr(), "skipped: there is no git on this machine"));
    }
    found
}

/// A world with a reloader over it.
pub struct Running<'a> {
    world: &'a World,
    pub reloader: Arc<Reloader>,
    pub live: Arc<Live>,
    pub shutdown: Shutdown,
}

impl Running<'_> {
    /// Ids of the filters in force.
    pub fn filters(&self) -> Vec<String> {
        self.live.snapshot().filters().iter().map(|filter| filter.id.to_string()).collect()
    }

    pub fn commit(&self) -> Option<String> {
        self.live.snapshot().revision().map(|revision| revision.commit.clone())
    }

    /// Findings of the last look.
    pub fn findings(&self) -> Vec<String> {
        self.world.headlines(&self.reloader.report().last_reload.diagnostics)
    }

    /// Waits until something holds, for the two seconds within which a good change must be live.
    pub async fn within_two_seconds(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let wait = async {
            while !holds(self) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let report = || -> RulesetReport { self.reloader.report() };
        assert!(tokio::time::timeout(Duration::from_secs(2), wait).await.is_ok(), "not {what}: {:#?}", report());
    }

    pub async fn filters_become(&self, ids: &[&str]) {
        self.within_two_seconds(&format!("{ids:?}"), |running| running.filters() == ids).await;
    }

    pub async fn rejects(&self) {
        let is_rejected = |running: &Self| running.reloader.report().last_reload.outcome == "rejected";
        self.within_two_seconds("rejected", is_rejected).await;
    }

    /// Lets every change that was announced be looked at.
    pub async fn settles(&self) {
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.shutdown.stop();
    }
}

/// Creates a named pipe.
pub fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}
