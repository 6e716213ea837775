//! Which commit a set stands on, and whether it is that commit's.

use super::Settings;
use super::git::{Objects, Repository, blob_id};
use super::read::read_text;
use crate::ruleset::{Revision, SourceFile, SourceKind};
use gix_hash::ObjectId;
use std::collections::BTreeMap;
use std::path::Path;

/// Longest id taken from a `REVISION` file.
const LONGEST_ID: usize = 200;

/// The commit of the checkout the folders lie in; or what a `REVISION` file says, where deployments have no `.git`.
///
/// The set is dirty if the files that have a say are not exactly those of the commit. Line ends that git changes on
/// checkout, and links, make it dirty too: what decides is then not, byte for byte, what was committed.
pub(super) fn of(settings: &Settings, files: &[SourceFile]) -> Option<Revision> {
    let folders = [&settings.rules, &settings.playbooks];
    let checkout = folders.into_iter().find_map(|folder| Repository::around(folder));
    checkout
        .and_then(|repository| of_checkout(&repository, settings, files))
        .or_else(|| folders.into_iter().find_map(|folder| named_beside(folder)))
}

fn of_checkout(repository: &Repository, settings: &Settings, files: &[SourceFile]) -> Option<Revision> {
    let id = repository.head().commit?;
    let objects = Objects::of(repository);
    let commit = objects.as_ref().and_then(|objects| objects.commit(&id));
    let (Some(objects), Some(commit)) = (objects, commit) else {
        return Some(Revision { commit: id, author: None, commit_time: None, dirty: false });
    };
    let committed = committed(repository, settings, |folder| objects.files_below(&commit, folder));
    let dirty = committed.is_some_and(|committed| committed != loaded(files));
    Some(Revision { commit: id, author: Some(commit.author), commit_time: commit.time, dirty })
}

/// The files of the commit that would have a say, by their names in a set.
fn committed(
    repository: &Repository,
    settings: &Settings,
    files_below: impl Fn(&Path) -> Option<BTreeMap<String, ObjectId>>,
) -> Option<BTreeMap<String, ObjectId>> {
    let mut committed = BTreeMap::new();
    let mut add = |side: &str, folder: &Path, kind_of: fn(&str) -> Option<SourceKind>| {
        // A folder outside this repository has nothing in its commits.
        let Some(folder) = repository.below_top(folder) else { return Some(()) };
        let decides = |name: &str| kind_of(name).is_some_and(|kind| kind.decides());
        let files = files_below(&folder)?.into_iter().filter(|(name, _)| decides(name));
        committed.extend(files.map(|(name, id)| (format!("{side}/{name}"), id)));
        Some(())
    };
    add("rules", &settings.rules, SourceKind::in_rules)?;
    add("playbooks", &settings.playbooks, SourceKind::in_playbooks)?;
    Some(committed)
}

fn loaded(files: &[SourceFile]) -> BTreeMap<String, ObjectId> {
    let deciding = files.iter().filter(|file| file.kind.decides());
    deciding.filter_map(|file| Some((file.name.clone(), blob_id(&file.bytes)?))).collect()
}

/// What tools that deploy a checkout without its repository leave behind: a file `REVISION` in the folder or beside it.
fn named_beside(folder: &Path) -> Option<Revision> {
    let folder = folder.canonicalize().ok()?;
    let text = [Some(&*folder), folder.parent()]
        .into_iter()
        .flatten()
        .find_map(|place| read_text(&place.join("REVISION"), 4096))?;
    let id = text.lines().next()?.trim();
    let is_plain = !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain.then(|| Revision { commit: id.to_owned(), author: None, commit_time: None, dirty: false })
}
