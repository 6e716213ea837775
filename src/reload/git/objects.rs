//! Reads commits and trees out of a repository's object store, loose or packed.

use super::Repository;
use crate::clock::Timestamp;
use crate::diag::is_hidden;
use gix_hash::ObjectId;
use gix_object::tree::EntryKind;
use gix_object::{FindExt, Kind};
use gix_odb::HeaderExt;
use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path};

/// No object of a repository is unpacked beyond this.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Files of one tree that are looked at.
const MOST_FILES: usize = 200_000;
/// Folders inside each other.
const MOST_LEVELS: usize = 16;

/// A repository's objects.
pub(in crate::reload) struct Objects(gix_odb::Handle);

/// What a commit says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::reload) struct Commit {
    /// `Name <email>`.
    pub author: String,
    /// When it was committed.
    pub time: Option<Timestamp>,
    tree: ObjectId,
}

/// What an object leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peeled {
    /// A commit.
    Commit(ObjectId),
    /// A tree or a file.
    Other,
    /// Nowhere: this object is not there.
    Missing(ObjectId),
}

/// One entry of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reload) struct EntryOf {
    /// Its name as git has it.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
    /// Where its content is.
    pub id: ObjectId,
}

/// Tags that tag tags.
const MOST_TAGS: usize = 10;

/// The id git gives a file of this content.
pub(in crate::reload) fn blob_id(content: &[u8]) -> Option<ObjectId> {
    gix_object::compute_hash(gix_hash::Kind::Sha1, gix_object::Kind::Blob, content).ok()
}

impl Objects {
    /// Opens the object store.
    pub fn of(repository: &Repository) -> Option<Self> {
        let options = gix_odb::store::init::Options { alloc_limit_bytes: Some(MOST_BYTES), ..Default::default() };
        gix_odb::at_opts(repository.common.join("objects"), gix_hash::Kind::Sha1, [], options).ok().map(Self)
    }

    /// Reads a commit; none if it is not there or is one of SHA-256.
    pub fn commit(&self, id: &str) -> Option<Commit> {
        let id = ObjectId::from_hex(id.as_bytes()).ok().filter(|id| id.kind() == gix_hash::Kind::Sha1)?;
        self.commit_at(&id)
    }

    /// Reads a commit.
    pub fn commit_at(&self, id: &ObjectId) -> Option<Commit> {
        let mut buffer = Vec::new();
        let commit = self.0.find_commit(id, &mut buffer).ok()?;
        let author = commit.author().ok()?;
        let time = commit.time().ok().and_then(|time| Timestamp::from_second(time.seconds).ok());
        let author = shown(&format!("{} <{}>", author.name, author.email));
        Some(Commit { author, time, tree: commit.tree() })
    }

    /// The commits a commit was made from; none if it is not there.
    pub fn parents(&self, id: &ObjectId) -> Option<Vec<ObjectId>> {
        let mut buffer = Vec::new();
        Some(self.0.find_commit(id, &mut buffer).ok()?.parents().collect())
    }

    /// What an object leads to, through the tags on the way.
    pub(super) fn peel(&self, id: &ObjectId) -> Peeled {
        let mut id = *id;
        for _ in 0..MOST_TAGS {
            let mut buffer = Vec::new();
            match self.0.header(id).map(|header| header.kind()) {
                Err(_) => return Peeled::Missing(id),
                Ok(Kind::Commit) => return Peeled::Commit(id),
                Ok(Kind::Tag) => match self.0.find_tag(&id, &mut buffer) {
                    Ok(tag) => id = tag.target(),
                    Err(_) => return Peeled::Missing(id),
                },
                Ok(Kind::Tree | Kind::Blob) => return Peeled::Other,
            }
        }
        Peeled::Other
    }

    /// The commits, and tags of commits, whose ids begin like this; if there are none, any other object.
    pub(super) fn beginning_with(&self, digits: &str) -> Vec<ObjectId> {
        let Ok(prefix) = gix_hash::Prefix::from_hex(digits) else { return Vec::new() };
        let mut found = HashSet::new();
        if self.0.lookup_prefix(prefix, Some(&mut found)).is_err() {
            return Vec::new();
        }
        let is_commit = |id: &ObjectId| matches!(self.peel(id), Peeled::Commit(_));
        let commits: Vec<ObjectId> = found.iter().copied().filter(is_commit).collect();
        if commits.is_empty() { found.into_iter().collect() } else { commits }
    }

    /// The tree of a folder of a commit; none if the commit has no such folder.
    pub fn folder(&self, commit: &Commit, folder: &Path) -> Option<ObjectId> {
        let mut tree = commit.tree;
        for part in folder.components() {
            let Component::Normal(part) = part else { return None };
            let entries = self.entries(&tree)?;
            let below = entries.into_iter().find(|entry| entry.name == part.as_encoded_bytes())?;
            tree = (below.kind == EntryKind::Tree).then_some(below.id)?;
        }
        Some(tree)
    }

    /// What a tree holds; none if it cannot be read.
    pub fn entries(&self, tree: &ObjectId) -> Option<Vec<EntryOf>> {
        let mut buffer = Vec::new();
        let entries = self.0.find_tree(tree, &mut buffer).ok()?.entries;
        let entry = |entry: &gix_object::tree::EntryRef<'_>| EntryOf {
            name: entry.filename.to_vec(),
            kind: entry.mode.kind(),
            id: entry.oid.to_owned(),
        };
        Some(entries.iter().map(entry).collect())
    }

    /// How large an object is, told without unpacking it.
    pub fn size(&self, id: &ObjectId) -> Option<u64> {
        self.0.header(id).ok().map(|header| header.size())
    }

    /// A file's content.
    pub fn blob(&self, id: &ObjectId) -> Option<Vec<u8>> {
        let mut buffer = Vec::new();
        Some(self.0.find_blob(id, &mut buffer).ok()?.data.to_vec())
    }

    /// The files a commit holds below `folder`, with their paths from there; none if that cannot be told.
    /// A folder the commit does not have holds nothing.
    pub fn files_below(&self, commit: &Commit, folder: &Path) -> Option<BTreeMap<String, ObjectId>> {
        let mut tree = commit.tree;
        for part in folder.components() {
            let Component::Normal(part) = part else { return None };
            let mut buffer = Vec::new();
            let entries = self.0.find_tree(&tree, &mut buffer).ok()?.entries;
            let below = entries.iter().find(|entry| entry.filename == part.as_encoded_bytes());
            match below.filter(|entry| entry.mode.is_tree()) {
                Some(entry) => tree = entry.oid.to_owned(),
                None => return Some(BTreeMap::new()),
            }
        }
        let mut files = BTreeMap::new();
        self.collect(tree, "", MOST_LEVELS, &mut files)?;
        Some(files)
    }

    fn collect(&self, tree: ObjectId, at: &str, levels: usize, files: &mut BTreeMap<String, ObjectId>) -> Option<()> {
        let levels = levels.checked_sub(1)?;
        let mut buffer = Vec::new();
        for entry in self.0.find_tree(&tree, &mut buffer).ok()?.entries {
            let Ok(name) = std::str::from_utf8(entry.filename) else { continue };
            // Reading the folder leaves hidden entries out too.
            if name.starts_with('.') {
                continue;
            }
            let path = if at.is_empty() { name.to_owned() } else { format!("{at}/{name}") };
            match entry.mode.kind() {
                EntryKind::Tree => self.collect(entry.oid.to_owned(), &path, levels, files)?,
                EntryKind::Commit => {}
                EntryKind::Blob | EntryKind::BlobExecutable | EntryKind::Link => {
                    files.insert(path, entry.oid.to_owned());
                }
            }
            if files.len() > MOST_FILES {
                return None;
            }
        }
        Some(())
    }
}

/// A commit's author is whoever can push: what would move the cursor is shown, not sent, and there is an end.
fn shown(text: &str) -> String {
    text.chars().take(200).map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect()
}
