//! One folder of a commit, and where links in it lead: the same places as in a checkout, and never out of the folder.

use super::git::{EntryOf, Objects};
use gix_hash::ObjectId;
use gix_object::tree::EntryKind;
use std::collections::VecDeque;

/// Links that lead to links.
const MOST_HOPS: usize = 40;
/// The longest target of a link.
const LONGEST_TARGET: u64 = 4096;

/// A folder of a commit.
pub(super) struct Tree<'t> {
    pub objects: &'t Objects,
    pub root: ObjectId,
}

/// What a link leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A file.
    File(ObjectId),
    /// A folder, and where it is below the root.
    Folder(ObjectId, Vec<String>),
}

/// Why a link leads to nothing of the folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LinkFault {
    /// It leads out of it.
    Outside,
    /// It leads nowhere, or in a circle.
    Broken,
}

impl Tree<'_> {
    /// Follows a link that stands in the folder `from`.
    pub fn follow(&self, from: &[String], link: &ObjectId) -> Result<Found, LinkFault> {
        let mut at = from.to_vec();
        let mut ahead = self.target(link)?;
        let mut hops = 0;
        while let Some(part) = ahead.pop_front() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    at.pop().ok_or(LinkFault::Outside)?;
                    continue;
                }
                _ => {}
            }
            let entry = self.entry(&at, &part)?;
            match entry.kind {
                EntryKind::Tree => at.push(part),
                EntryKind::Link if hops < MOST_HOPS => {
                    hops += 1;
                    let mut target = self.target(&entry.id)?;
                    target.extend(ahead);
                    ahead = target;
                }
                EntryKind::Blob | EntryKind::BlobExecutable if ahead.is_empty() => return Ok(Found::File(entry.id)),
                _ => return Err(LinkFault::Broken),
            }
        }
        Ok(Found::Folder(self.at(&at)?, at))
    }

    fn target(&self, link: &ObjectId) -> Result<VecDeque<String>, LinkFault> {
        let is_short = self.objects.size(link).is_some_and(|size| size <= LONGEST_TARGET);
        let text = is_short.then(|| self.objects.blob(link)).flatten().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or(LinkFault::Broken)?;
        if text.starts_with('/') {
            return Err(LinkFault::Outside);
        }
        Ok(text.split('/').map(str::to_owned).collect())
    }

    fn at(&self, path: &[String]) -> Result<ObjectId, LinkFault> {
        let mut tree = self.root;
        for part in path {
            let entry = self.in_tree(&tree, part)?;
            tree = if entry.kind == EntryKind::Tree { entry.id } else { return Err(LinkFault::Broken) };
        }
        Ok(tree)
    }

    fn entry(&self, folder: &[String], name: &str) -> Result<EntryOf, LinkFault> {
        self.in_tree(&self.at(folder)?, name)
    }

    fn in_tree(&self, tree: &ObjectId, name: &str) -> Result<EntryOf, LinkFault> {
        let entries = self.objects.entries(tree).ok_or(LinkFault::Broken)?;
        entries.into_iter().find(|entry| entry.name == name.as_bytes()).ok_or(LinkFault::Broken)
    }
}
