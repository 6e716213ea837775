//! Promise 5 over a long history: a real checkout follows random commits (good, broken, reverted, renamed) and is found
//! half-written in between, under load; each verdict belongs to exactly one committed set.
//!
//! `QUELL_COMMITS` (default 25) sets how many commits; `QUELL_SEED` repeats a run.

use crate::reloads::{Load, git, head, ruleset};
use crate::world::{Daemon, World, eventually};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The filters of one set: all of one number, and all met by the alerts that are posted.
type Ids = BTreeSet<String>;

/// The repository that commits are made in; the daemon's checkout fetches from it.
struct Origin {
    folder: PathBuf,
    random: fastrand::Rng,
    /// Which set is committed last.
    number: usize,
    /// What each good commit dismisses by.
    good: BTreeMap<String, Ids>,
}

/// What a commit was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Good,
    Broken,
}

fn filter(id: &str) -> String {
    format!("id: {id}\ntitle: {id}\nreason: test\nowner: a@example.com\nmatch: {{alert_type: A}}\n")
}

impl Origin {
    fn new(folder: &Path, seed: u64) -> Self {
        std::fs::create_dir_all(folder.join("rules")).unwrap();
        git(folder, &["init", "-q"]);
        let mut origin = Self {
            folder: folder.to_owned(),
            random: fastrand::Rng::with_seed(seed),
            number: 0,
            good: BTreeMap::new(),
        };
        origin.rewrite();
        origin.commit("first");
        origin.remember();
        origin
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.join("rules")).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    /// A new set in place of the old one: other filters, and mostly other files.
    fn rewrite(&mut self) {
        self.number += 1;
        self.files().iter().for_each(|file| std::fs::remove_file(file).unwrap());
        for place in 0..self.random.usize(2..6) {
            let file = self.folder.join(format!("rules/{}.yaml", (b'a' + place as u8) as char));
            std::fs::write(file, filter(&format!("set-{}-{place}", self.number))).unwrap();
        }
    }

    /// What breaks a set may be what broke it before: then there is nothing in it.
    fn commit(&self, message: &str) {
        git(&self.folder, &["add", "-A"]);
        git(&self.folder, &["commit", "-q", "--allow-empty", "-m", message]);
    }

    /// Notes what the commit just made dismisses by, as its files say.
    fn remember(&mut self) {
        let id = |file: &PathBuf| {
            let text = std::fs::read_to_string(file).unwrap();
            text.lines().next().unwrap().trim_start_matches("id: ").to_owned()
        };
        self.good.insert(head(&self.folder), self.files().iter().map(id).collect());
    }

    /// One commit more.
    fn advance(&mut self) -> Made {
        match self.random.u8(0..10) {
            0 | 1 => {
                let files = self.files();
                let broken = &files[self.random.usize(0..files.len())];
                let texts = ["id: [\n", "match: {sevrity: low}\n", "id: x\ntitle: x\nreason: test\nmatch: {}\n", "{"];
                std::fs::write(broken, texts[self.random.usize(0..texts.len())]).unwrap();
                self.commit("broken");
                return Made::Broken;
            }
            2 | 3 if self.number > 1 => {
                // Back to what some earlier good commit held, as a new commit.
                let commits: Vec<_> = self.good.keys().cloned().collect();
                let earlier = &commits[self.random.usize(0..commits.len())];
                git(&self.folder, &["rm", "-rqf", "--ignore-unmatch", "rules"]);
                git(&self.folder, &["checkout", "-q", earlier, "--", "rules"]);
                git(&self.folder, &["commit", "-q", "--allow-empty", "-m", "reverted"]);
            }
            4 | 5 => {
                let fresh = self.random.u32(..);
                let renamed: Vec<_> = self.files().into_iter().filter(|_| self.random.bool()).collect();
                for (place, file) in renamed.iter().enumerate() {
                    std::fs::rename(file, self.folder.join(format!("rules/moved-{fresh}-{place}.yaml"))).unwrap();
                }
                if self.is_broken() {
                    self.rewrite();
                }
                git(&self.folder, &["add", "-A"]);
                git(&self.folder, &["commit", "-q", "--allow-empty", "-m", "renamed"]);
            }
            _ => {
                self.rewrite();
                self.commit("good");
            }
        }
        self.remember();
        Made::Good
    }

    fn is_broken(&self) -> bool {
        self.files().iter().any(|file| !std::fs::read_to_string(file).unwrap().starts_with("id: set-"))
    }
}

/// Brings the daemon's checkout to the origin's commit, in one of the ways people and tools do.
fn follow(checkout: &Path, commit: &str, way: u8) {
    git(checkout, &["fetch", "-q", "origin"]);
    match way {
        0 => git(checkout, &["reset", "-q", "--hard", commit]),
        1 => git(checkout, &["checkout", "-q", "--detach", commit]),
        2 => git(checkout, &["checkout", "-q", "-B", "work", commit]),
        _ => git(checkout, &["rebase", "-q", commit]),
    }
}

async fn is_live(daemon: &Daemon, commit: &str) -> bool {
    let now = ruleset(daemon).await;
    now["commit"] == *commit && now["dirty"] == false && now["last_reload"]["outcome"] != "rejected"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_verdict_belongs_to_one_committed_set() {
    if Command::new("git").arg("--version").output().is_err() {
        drop(writeln!(std::io::stderr(), "skipped: git is not installed"));
        return;
    }
    let number = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (commits, seed) = (number("QUELL_COMMITS", 25), number("QUELL_SEED", fastrand::u64(..)));
    eprintln!("QUELL_SEED={seed}");
    let scratch = tempfile::tempdir().unwrap();
    let mut origin = Origin::new(&scratch.path().join("origin"), seed);
    let world = World::new();
    let checkout = world.path("checkout");
    git(scratch.path(), &["clone", "-q", origin.folder.to_str().unwrap(), checkout.to_str().unwrap()]);
    std::fs::remove_dir_all(world.path("rules")).unwrap();
    std::os::unix::fs::symlink("checkout/rules", world.path("rules")).unwrap();
    let daemon = world.start();
    eventually("the first commit is live", async || is_live(&daemon, &head(&checkout)).await).await;
    let load = Load::start(&daemon);
    let mut refused = 0;

    for _ in 0..commits {
        let made = origin.advance();
        let commit = head(&origin.folder);
        let way = origin.random.u8(0..4);
        follow(&checkout, &commit, way);
        match made {
            Made::Good => eventually("a good commit is live", async || is_live(&daemon, &commit).await).await,
            Made::Broken => {
                refused += 1;
                eventually("a broken commit is refused", async || {
                    ruleset(&daemon).await["last_reload"]["outcome"] == "rejected"
                })
                .await;
            }
        }
        if origin.random.u8(0..4) == 0 {
            // Found half-written: an editor that does not care, or a disk that filled up.
            let path = checkout.join("rules/half.yaml");
            let text = filter("half-written");
            std::fs::write(&path, &text[..origin.random.usize(1..text.len() - 20)]).unwrap();
            tokio::time::sleep(Duration::from_millis(origin.random.u64(0..400))).await;
            std::fs::remove_file(&path).unwrap();
        }
    }

    let (failures, ids) = load.finish().await;
    assert_eq!(failures, 0, "requests failed while commits came in");
    assert!(ids.len() > 100, "only {} alerts were posted: the test proves nothing", ids.len());
    let mut sets = BTreeMap::<String, Ids>::new();
    for id in ids.iter().step_by(1 + ids.len() / 1000) {
        let alert = daemon.get(&format!("/api/v1/alerts/{id}")).await;
        let verdict = &alert["verdict"];
        let by: Ids =
            verdict["dismissed_by"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        assert!(origin.good.values().any(|set| *set == by), "a verdict of no committed set: {alert:#}");
        if verdict["dirty"] == false {
            let commit = verdict["commit"].as_str().unwrap();
            assert_eq!(origin.good.get(commit), Some(&by), "a verdict of another commit than it says: {alert:#}");
            assert!(verdict["author"].is_string() && verdict["commit_time"].is_string(), "{verdict:#}");
        }
        let known = sets.entry(verdict["generation"].as_str().unwrap().to_owned()).or_insert_with(|| by.clone());
        assert_eq!(*known, by, "one generation decided in two ways: {alert:#}");
    }
    eprintln!("{} alerts, {} sets seen, {commits} commits, {refused} refused", ids.len(), sets.len());
}
