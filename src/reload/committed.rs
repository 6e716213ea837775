//! Reads a set as a commit has it, out of the repository's objects: the checkout is not looked at and no git is run.
//!
//! The same files count as on disk, within the same bounds, and what decides has the same digest as a clean checkout.

use super::git::{Commit, NameFault, Objects, Repository, resolve};
use super::listing::{self, Side};
use super::read::MOST_FILE_BYTES;
use super::tree::{Found, LinkFault, Tree};
use super::{Settings, codes};
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::ruleset::{Revision, SourceFile, Sources};
use gix_hash::ObjectId;
use gix_object::tree::EntryKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a commit's set cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitFault {
    /// There is no repository to look in.
    #[error("{} lies in no git working tree, so no commit can be read", .0.display())]
    NoRepository(PathBuf),
    /// The name leads to no commit.
    #[error(transparent)]
    Name(#[from] NameFault),
    /// The repository cannot be read.
    #[error("the objects of the repository at {} cannot be read", .0.display())]
    Unreadable(PathBuf),
}

/// Reads the set that a commit has in the places of `settings`. What cannot be read of it is reported to `found`, and the
/// rest returned. A folder the commit does not have is an empty one.
///
/// # Errors
/// If there is no such commit, or no repository.
pub fn read_commit(settings: &Settings, name: &str, found: &mut Diagnostics) -> Result<Sources, CommitFault> {
    let repository = [&settings.rules, &settings.playbooks]
        .into_iter()
        .find_map(|folder| Repository::around_or_above(folder))
        .ok_or_else(|| CommitFault::NoRepository(settings.rules.clone()))?;
    let unreadable = || CommitFault::Unreadable(repository.top.clone());
    let objects = Objects::of(&repository).ok_or_else(unreadable)?;
    let id = resolve(&repository, &objects, name)?;
    let commit = objects.commit_at(&id).ok_or_else(unreadable)?;
    let mut reader = Reader { objects: &objects, id, files: Vec::new(), bytes: 0, folders: 0, full: false, found };
    for (side, folder) in [(&listing::RULES, &settings.rules), (&listing::PLAYBOOKS, &settings.playbooks)] {
        reader.side(side, &commit, repository.would_be_below_top(folder), folder.exists());
    }
    let mut files = reader.files;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let revision =
        Revision { commit: id.to_string(), author: Some(commit.author), commit_time: commit.time, dirty: false };
    Ok(Sources { files, revision: Some(revision) })
}

struct Reader<'r> {
    objects: &'r Objects,
    id: ObjectId,
    files: Vec<SourceFile>,
    bytes: u64,
    /// Folders walked: a few links to each other's folders make very many.
    folders: usize,
    /// A limit was reached; the rest is not read.
    full: bool,
    found: &'r mut Diagnostics,
}

/// A place of one side while it is walked: the tree it hangs in, what it is called there, and as what it is seen.
struct Place<'p> {
    side: &'p Side,
    tree: &'p Tree<'p>,
    /// As `git show` takes it: the commit and the folder.
    shown: &'p str,
}

impl Reader<'_> {
    fn side(&mut self, side: &Side, commit: &Commit, folder: Option<PathBuf>, is_there_now: bool) {
        let below = folder.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default();
        // A name right behind the colon would not be the file's own name to whoever reads this as a path.
        let below = if below.is_empty() { ".".to_owned() } else { below };
        let shown = format!("{}:{below}", self.id.to_hex_with_len(12));
        let root = folder.and_then(|folder| self.objects.folder(commit, &folder));
        let Some(root) = root else {
            // Where nobody has such a folder, nobody misses it.
            if !is_there_now {
                return;
            }
            let message = format!("the commit has no {} folder", side.name);
            self.found.warning(&Path::new(&shown).into(), Span::START, codes::NO_FOLDER, message);
            return;
        };
        let tree = Tree { objects: self.objects, root };
        self.folder(&Place { side, tree: &tree, shown: &shown }, root, &[], "", 1);
    }

    fn error(&mut self, place: &Place<'_>, below: &str, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        self.found.error(&path(place, below), Span::START, code, message)
    }

    /// A folder at `real` in its tree, seen as `below`: a link may make them differ.
    fn folder(&mut self, place: &Place<'_>, tree: ObjectId, real: &[String], below: &str, level: usize) {
        self.folders += 1;
        if self.folders > listing::MOST_FILES {
            self.full(place);
            return;
        }
        let Some(entries) = self.objects.entries(&tree) else {
            self.error(place, below, codes::UNREADABLE, "the folder is not in this clone of the repository");
            return;
        };
        for entry in entries {
            if self.full {
                return;
            }
            // Hidden entries are left out on disk too.
            if entry.name.starts_with(b".") {
                continue;
            }
            let name = String::from_utf8(entry.name).ok().filter(|name| !name.contains(char::is_control));
            let Some(name) = name else {
                self.error(place, below, codes::NAME, "a name in this folder is not plain text").help("rename it");
                continue;
            };
            let seen = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
            let real: Vec<String> = real.iter().cloned().chain([name]).collect();
            match entry.kind {
                EntryKind::Tree => self.below(place, entry.id, &real, &seen, level),
                EntryKind::Blob | EntryKind::BlobExecutable => self.file(place, entry.id, &seen),
                EntryKind::Link => self.link(place, entry.id, &real, &seen, level),
                EntryKind::Commit => {
                    let message = "the files of a submodule are not in this commit; they are left out";
                    self.found.warning(&path(place, &seen), Span::START, codes::NOT_A_FILE, message);
                }
            }
        }
    }

    fn below(&mut self, place: &Place<'_>, tree: ObjectId, real: &[String], seen: &str, level: usize) {
        if (place.side.kind_of)(seen).is_some() {
            self.error(place, seen, codes::NOT_A_FILE, "a folder, not a regular file").help("rename the folder");
        }
        if level > listing::MOST_LEVELS {
            let message = format!("folders are nested deeper than {} levels", listing::MOST_LEVELS);
            self.error(place, seen, codes::TOO_DEEP, message);
            return;
        }
        self.folder(place, tree, real, seen, level + 1);
    }

    fn link(&mut self, place: &Place<'_>, id: ObjectId, real: &[String], seen: &str, level: usize) {
        let from = &real[..real.len() - 1];
        match place.tree.follow(from, &id) {
            Ok(Found::File(id)) => self.file(place, id, seen),
            Ok(Found::Folder(_, at)) if from.starts_with(&at) => {
                self.error(place, seen, codes::BROKEN_LINK, "the link leads in a circle");
            }
            Ok(Found::Folder(tree, at)) => self.below(place, tree, &at, seen, level),
            Err(LinkFault::Outside) => {
                let fault = self.error(place, seen, codes::LEADS_OUTSIDE, "the link leads out of the folder");
                fault.help("put the file itself here: what the set says must be what a review of the folder sees");
            }
            Err(LinkFault::Broken) if (place.side.kind_of)(seen).is_none() => {}
            Err(LinkFault::Broken) => {
                self.error(place, seen, codes::BROKEN_LINK, "the link leads nowhere");
            }
        }
    }

    fn file(&mut self, place: &Place<'_>, id: ObjectId, seen: &str) {
        let Some(kind) = (place.side.kind_of)(seen) else {
            if (place.side.belongs_elsewhere)(seen) {
                let message = format!("nothing reads this file in the {} folder", place.side.name);
                let warning = self.found.warning(&path(place, seen), Span::START, codes::MISPLACED, message);
                warning.help(place.side.elsewhere);
            }
            return;
        };
        let Some(size) = self.objects.size(&id) else { return self.unreadable(place, seen) };
        if size > MOST_FILE_BYTES {
            let message = format!("the file is larger than {MOST_FILE_BYTES} bytes");
            self.error(place, seen, codes::TOO_LARGE, message).help("split it into several files");
            return;
        }
        self.bytes += size;
        if self.bytes > listing::MOST_BYTES || self.files.len() == listing::MOST_FILES {
            return self.full(place);
        }
        let Some(bytes) = self.objects.blob(&id) else { return self.unreadable(place, seen) };
        let name = format!("{}/{seen}", place.side.name);
        self.files.push(SourceFile { path: path(place, seen), name, kind, bytes });
    }

    fn full(&mut self, place: &Place<'_>) {
        let (bytes, files) = (listing::MOST_BYTES, listing::MOST_FILES);
        self.error(place, "", codes::TOO_LARGE, format!("the set exceeds {bytes} bytes, {files} files or folders"));
        self.full = true;
    }

    fn unreadable(&mut self, place: &Place<'_>, seen: &str) {
        self.error(place, seen, codes::UNREADABLE, "the file is not in this clone of the repository");
    }
}

fn path(place: &Place<'_>, below: &str) -> Arc<Path> {
    if below.is_empty() { Path::new(place.shown).into() } else { Path::new(place.shown).join(below).into() }
}
