//! What a person calls a commit, found: a hash whole or short, a branch, a tag, `HEAD`, and steps back from there.

use super::objects::Peeled;
use super::{Objects, Repository};
use gix_hash::ObjectId;

/// Steps back from a name.
const MOST_STEPS: usize = 100_000;
/// The fewest digits that name an object.
const FEWEST_DIGITS: usize = 4;

/// Why no commit was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// Nothing has that name.
    #[error("there is no commit, branch or tag `{0}`")]
    Unknown(String),
    /// Several objects begin like this.
    #[error("several objects of the repository begin with `{0}`; write more of the hash")]
    Ambiguous(String),
    /// Git knows more ways to name a commit than are read here.
    #[error("`{0}` is not read; write a hash, a branch, a tag or HEAD, with ~N or ^N after it")]
    Unreadable(String),
    /// It names something else.
    #[error("`{0}` names something that is no commit")]
    NotACommit(String),
    /// A clone need not have everything.
    #[error("the commit {0} is not in this clone; if it is a shallow one, fetch the rest with `git fetch --unshallow`")]
    Missing(ObjectId),
    /// A step to a parent that is not there.
    #[error("`{0}` leads beyond the first commit")]
    NoParent(String),
}

/// The commit of that name.
///
/// # Errors
/// If nothing has it, or it cannot be told what has.
pub(in crate::reload) fn resolve(
    repository: &Repository,
    objects: &Objects,
    name: &str,
) -> Result<ObjectId, NameFault> {
    let steps_at = name.find(['~', '^']).unwrap_or(name.len());
    let (base, steps) = name.split_at(steps_at);
    let mut commit = peeled(objects, &named(repository, objects, base)?, base)?;
    let mut rest = steps;
    while let Some(step) = rest.chars().next() {
        rest = &rest[1..];
        if step == '^' {
            // They name what is a commit here already.
            if let Some(after) = ["{}", "{commit}"].into_iter().find_map(|same| rest.strip_prefix(same)) {
                rest = after;
                continue;
            }
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let unreadable = || NameFault::Unreadable(name.to_owned());
        let number = if number.is_empty() { 1 } else { number.parse().map_err(|_| unreadable())? };
        rest = after;
        let parents = match step {
            '~' if number <= MOST_STEPS => vec![1; number],
            '^' if number == 0 => vec![],
            '^' => vec![number],
            _ => return Err(unreadable()),
        };
        for parent in parents {
            let all = objects.parents(&commit).ok_or(NameFault::Missing(commit))?;
            commit = *all.get(parent - 1).ok_or_else(|| NameFault::NoParent(name.to_owned()))?;
        }
    }
    if objects.parents(&commit).is_some() { Ok(commit) } else { Err(NameFault::Missing(commit)) }
}

/// The object a name stands for, in the order git looks.
fn named(repository: &Repository, objects: &Objects, name: &str) -> Result<ObjectId, NameFault> {
    let is_hash = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if name.contains("@{") || name.contains(':') || name.contains("..") || name.starts_with('-') {
        return Err(NameFault::Unreadable(name.to_owned()));
    }
    if name.len() == 40 && is_hash(name) {
        return ObjectId::from_hex(name.as_bytes()).map_err(|_| NameFault::Unknown(name.to_owned()));
    }
    let id = if matches!(name, "HEAD" | "@") { repository.head().commit } else { repository.find_reference(name) };
    if let Some(id) = id {
        return ObjectId::from_hex(id.as_bytes()).map_err(|_| NameFault::Unknown(name.to_owned()));
    }
    if name.len() < FEWEST_DIGITS || name.len() > 40 || !is_hash(name) {
        return Err(NameFault::Unknown(name.to_owned()));
    }
    match objects.beginning_with(&name.to_ascii_lowercase()).as_slice() {
        [] => Err(NameFault::Unknown(name.to_owned())),
        [one] => Ok(*one),
        _ => Err(NameFault::Ambiguous(name.to_owned())),
    }
}

/// The commit an object is, or that a tag of it leads to.
fn peeled(objects: &Objects, id: &ObjectId, name: &str) -> Result<ObjectId, NameFault> {
    match objects.peel(id) {
        Peeled::Commit(commit) => Ok(commit),
        Peeled::Other => Err(NameFault::NotACommit(name.to_owned())),
        Peeled::Missing(id) => Err(NameFault::Missing(id)),
    }
}
