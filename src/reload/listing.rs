//! What lies in the two folders at one moment: every file that counts, with a stamp that a change would change.

use super::checkout::{self, Locks};
use super::git::Repository;
use super::{Settings, codes};
use crate::clock::{Clock, SystemClock};
use crate::diag::{Code, Diagnostics, Span};
use crate::ruleset::SourceKind;
use ignore::{DirEntry, WalkBuilder};
use std::collections::BTreeSet;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Folders inside each other, below the set's own.
pub(super) const MOST_LEVELS: usize = 8;
/// Files of one set.
pub(super) const MOST_FILES: usize = 100_000;
/// Bytes of one set.
pub(super) const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// No tick of a local file system's clock is longer, in nanoseconds.
const TICK: i128 = 20_000_000;

/// Both folders as they are at one moment. Two listings are equal if nothing changed in between.
#[derive(Debug, PartialEq)]
pub(super) struct Listing {
    /// The files that count.
    pub files: Vec<Listed>,
    /// Every folder in which a change would matter.
    pub folders: BTreeSet<PathBuf>,
    /// What is wrong with the folders.
    pub found: Diagnostics,
    /// The commits the folders stand on: a checkout that ends between two listings makes them differ.
    heads: [Option<String>; 2],
    /// The locks git held when the listing was made.
    pub locks: Locks,
    /// A folder that does not exist is an empty one.
    may_be_missing: bool,
}

/// One file.
#[derive(Debug, PartialEq)]
pub(super) struct Listed {
    pub path: Arc<Path>,
    pub name: String,
    pub kind: SourceKind,
    pub stamp: Stamp,
}

/// Changes whenever the file is written, replaced or linked elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    /// Nanoseconds since 1970.
    modified: i128,
    /// The same, of the last change of content or attributes, which nobody can set.
    changed: i128,
}

impl From<&Metadata> for Stamp {
    fn from(from: &Metadata) -> Self {
        Self {
            device: from.dev(),
            inode: from.ino(),
            size: from.size(),
            modified: nanoseconds(from.mtime(), from.mtime_nsec()),
            changed: nanoseconds(from.ctime(), from.ctime_nsec()),
        }
    }
}

fn nanoseconds(seconds: i64, rest: i64) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(rest)
}

impl Listing {
    /// Lists both folders.
    pub fn of(settings: &Settings) -> Self {
        let repositories = [Repository::around(&settings.rules), Repository::around(&settings.playbooks)];
        let heads = repositories.each_ref().map(|repository| repository.as_ref()?.head().commit);
        let (folders, found) = (BTreeSet::new(), Diagnostics::new());
        let (locks, may_be_missing) = (Locks::default(), settings.may_be_missing);
        let mut listing = Self { files: Vec::new(), folders, found, heads, locks, may_be_missing };
        listing.walk(&settings.rules, &RULES);
        listing.walk(&settings.playbooks, &PLAYBOOKS);
        // Asked last: a checkout that began during the walk must show.
        listing.locks = checkout::locks_of(&repositories);
        listing.files.sort_by(|a, b| a.name.cmp(&b.name));
        listing.report_size(settings);
        listing
    }

    /// Whether a file was changed so lately that another change would not show: file systems count time in ticks, and
    /// two changes within one tick can leave one stamp.
    pub fn is_fresh(&self) -> bool {
        let now = SystemClock.now().as_nanosecond();
        self.files.iter().any(|file| (0..TICK).contains(&(now - file.stamp.changed)))
    }

    fn report_size(&mut self, settings: &Settings) {
        let bytes: u64 = self.files.iter().map(|file| file.stamp.size).sum();
        if bytes > MOST_BYTES {
            let message = format!("the files of the set are {bytes} bytes; the limit is {MOST_BYTES}");
            self.fault(&settings.rules, codes::TOO_LARGE, message);
            self.files.clear();
        }
    }

    fn fault(&mut self, path: &Path, code: Code, message: impl Into<String>) -> &mut crate::diag::Diagnostic {
        self.found.error(&path.into(), Span::START, code, message)
    }

    fn walk(&mut self, root: &Path, side: &Side) {
        let real_root = match root.canonicalize() {
            Ok(real) if real.is_dir() => real,
            Ok(_) => {
                self.fault(root, codes::NO_FOLDER, format!("the {} folder is not a folder", side.name));
                return;
            }
            Err(error) if self.may_be_missing && error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                let message = format!("the {} folder cannot be read: {}", side.name, reason(&error));
                self.fault(root, codes::NO_FOLDER, message).help(side.help);
                return;
            }
        };
        let strays = Arc::new(Mutex::new(Vec::new()));
        for entry in walker(root, &real_root, &strays).build() {
            match entry {
                Ok(entry) => self.entry(&entry, root, &real_root, side),
                Err(error) => self.walk_fault(&error, root),
            }
            if self.files.len() > MOST_FILES {
                self.fault(root, codes::TOO_LARGE, format!("the set has more than {MOST_FILES} files"));
                break;
            }
        }
        let strays = std::mem::take(&mut *strays.lock().expect("the walk that shared it is over"));
        for stray in strays {
            self.leads_outside(&stray);
        }
    }

    fn entry(&mut self, entry: &DirEntry, root: &Path, real_root: &Path, side: &Side) {
        let path = entry.path();
        let below = path.strip_prefix(root).unwrap_or(path);
        let Some(below) = below.to_str().filter(|below| !below.contains(char::is_control)) else {
            let message = format!("the name {:?} is not plain text", below);
            self.fault(path.parent().unwrap_or(root), codes::NAME, message).help("rename it");
            return;
        };
        let kind = (side.kind_of)(below);
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            self.folder(entry, kind.is_some());
            return;
        }
        let Some(kind) = kind else {
            if (side.belongs_elsewhere)(below) {
                let message = format!("nothing reads this file in the {} folder", side.name);
                let warning = self.found.warning(&path.into(), Span::START, codes::MISPLACED, message);
                warning.help(side.elsewhere);
            }
            return;
        };
        if entry.path_is_symlink() {
            match path.canonicalize() {
                Ok(target) if !target.starts_with(real_root) => return self.leads_outside(path),
                Ok(target) => self.folders.extend(target.parent().map(Path::to_owned)),
                Err(error) => return self.unreadable(path, &error),
            }
        }
        // Asked of the path, not of the entry: a link's own metadata would be those of the link.
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => self.files.push(Listed {
                path: path.into(),
                name: format!("{}/{below}", side.name),
                kind,
                stamp: Stamp::from(&metadata),
            }),
            Ok(_) => {
                self.fault(path, codes::NOT_A_FILE, "not a regular file");
            }
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn folder(&mut self, entry: &DirEntry, looks_like_file: bool) {
        let path = entry.path();
        if looks_like_file {
            self.fault(path, codes::NOT_A_FILE, "a folder, not a regular file").help("rename the folder");
        }
        if entry.depth() > MOST_LEVELS {
            let message = format!("folders are nested deeper than {MOST_LEVELS} levels");
            self.fault(path, codes::TOO_DEEP, message);
        }
        self.folders.insert(path.to_owned());
    }

    fn leads_outside(&mut self, path: &Path) {
        let fault = self.fault(path, codes::LEADS_OUTSIDE, "the link leads out of the folder");
        fault.help("put the file itself here: what the set says must be what a review of the folder sees");
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let is_broken = error.kind() == io::ErrorKind::NotFound && path.is_symlink();
        let code = if is_broken { codes::BROKEN_LINK } else { codes::UNREADABLE };
        let message = if is_broken { "the link leads nowhere".to_owned() } else { reason(error) };
        self.fault(path, code, message);
    }

    fn walk_fault(&mut self, error: &ignore::Error, root: &Path) {
        match error {
            ignore::Error::WithDepth { err, .. } => self.walk_fault(err, root),
            ignore::Error::WithPath { path, err } if !is_hidden(path) => self.walk_fault(err, path),
            ignore::Error::WithPath { .. } => {}
            ignore::Error::Loop { child, .. } => {
                self.fault(child, codes::BROKEN_LINK, "the link leads in a circle");
            }
            ignore::Error::Io(error) => self.unreadable(root, error),
            other => {
                self.fault(root, codes::UNREADABLE, other.to_string());
            }
        }
    }
}

/// One of the two folders: what it is called and what it holds.
pub(super) struct Side {
    pub name: &'static str,
    help: &'static str,
    pub kind_of: fn(&str) -> Option<SourceKind>,
    pub belongs_elsewhere: fn(&str) -> bool,
    pub elsewhere: &'static str,
}

pub(super) const RULES: Side = Side {
    name: "rules",
    help: "create it, or name another one with `--rules DIR`",
    kind_of: SourceKind::in_rules,
    belongs_elsewhere: |below| matches!(SourceKind::in_playbooks(below), Some(SourceKind::Playbook)),
    elsewhere: "playbooks belong in the playbooks folder",
};

pub(super) const PLAYBOOKS: Side = Side {
    name: "playbooks",
    help: "create it, or name another one with `--playbooks DIR`",
    kind_of: SourceKind::in_playbooks,
    belongs_elsewhere: |below| matches!(SourceKind::in_rules(below), Some(SourceKind::Rule)),
    elsewhere: "filters belong in the rules folder, tests of NAME.rhai in NAME.test.yaml",
};

/// No ignore file has a say, or a line in `.gitignore` would silently drop a rule. Hidden entries are left out: `.git`,
/// editors' own files, and the `..data` of a mounted volume, whose files are seen through the links beside it.
fn walker(root: &Path, real_root: &Path, strays: &Arc<Mutex<Vec<PathBuf>>>) -> WalkBuilder {
    let (real_root, strays) = (real_root.to_owned(), strays.clone());
    let mut walker = WalkBuilder::new(root);
    walker
        .standard_filters(false)
        .hidden(true)
        .follow_links(true)
        .max_depth(Some(MOST_LEVELS + 1))
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |entry| {
            // A folder outside must not even be entered: it may be the whole disk.
            let is_linked_folder = entry.path_is_symlink() && entry.file_type().is_some_and(|kind| kind.is_dir());
            let stays = !is_linked_folder || entry.path().canonicalize().is_ok_and(|to| to.starts_with(&real_root));
            if !stays {
                strays.lock().expect("no holder of this lock panics").push(entry.path().to_owned());
            }
            stays
        });
    walker
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Why, in words for people.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}
