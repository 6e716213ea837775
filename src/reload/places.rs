//! Where a change would matter: the folders themselves, the links on the way to them, the repository's head.

use super::Settings;
use super::git::Repository;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// Links that lead to links.
const MOST_HOPS: usize = 40;

/// Folders to watch, by their real paths, and what in them counts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Places {
    /// Folders of the set: everything in them counts.
    whole: BTreeSet<PathBuf>,
    /// Other folders: only these names count. Such a folder may be busy with other things.
    names: BTreeMap<PathBuf, BTreeSet<OsString>>,
}

impl Places {
    /// The places to watch for a set whose own folders are `folders`.
    pub fn around(settings: &Settings, folders: &BTreeSet<PathBuf>) -> Self {
        let mut places = Self::default();
        places.whole.extend(folders.iter().filter_map(|folder| folder.canonicalize().ok()));
        for folder in [&settings.rules, &settings.playbooks] {
            places.add_way_to(folder);
            if let Some(repository) = Repository::around(folder) {
                places.add_head_of(&repository);
            }
        }
        places
    }

    /// Every folder to watch.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.whole.iter().chain(self.names.keys().filter(|folder| !self.whole.contains(*folder))).map(PathBuf::as_path)
    }

    /// Whether a change of `path` may change the set or its commit.
    pub fn concern(&self, path: &Path) -> bool {
        if self.whole.contains(path) || self.names.contains_key(path) {
            return true;
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return false };
        (self.whole.contains(folder) && is_read(name)) || self.names.get(folder).is_some_and(|of| of.contains(name))
    }

    fn add(&mut self, folder: &Path, name: &OsStr) {
        self.names.entry(folder.to_owned()).or_default().insert(name.to_owned());
    }

    /// A folder is swapped by renaming it, or any link on the way to it: watching only what it was would go blind.
    fn add_way_to(&mut self, folder: &Path) {
        let Ok(folder) = std::path::absolute(folder) else { return };
        let mut ahead: VecDeque<OsString> = parts(&folder);
        let (mut at, mut hops) = (PathBuf::from("/"), 0);
        while let Some(part) = ahead.pop_front() {
            if part == ".." {
                at.pop();
                continue;
            }
            let next = at.join(&part);
            let target = std::fs::read_link(&next);
            if target.is_ok() || !next.exists() || ahead.is_empty() {
                self.add(&at, &part);
            }
            if ahead.is_empty() {
                self.add(&at, OsStr::new("REVISION"));
            }
            match target {
                Ok(target) if hops < MOST_HOPS => {
                    hops += 1;
                    if target.is_absolute() {
                        at = PathBuf::from("/");
                    }
                    let rest = std::mem::take(&mut ahead);
                    ahead = parts(&target);
                    ahead.extend(rest);
                }
                Ok(_) => return,
                Err(_) if !next.exists() => return,
                Err(_) => at = next,
            }
        }
    }

    /// A commit or a checkout that leaves the files alone still moves the head.
    fn add_head_of(&mut self, repository: &Repository) {
        self.add(&repository.own, OsStr::new("HEAD"));
        self.add(&repository.common, OsStr::new("packed-refs"));
        for reference in repository.head().references {
            // While a reference is packed, its file and even its folder may not be there yet.
            let mut path = repository.common.join(reference);
            while let (Some(folder), Some(name)) = (path.parent().map(Path::to_owned), path.file_name()) {
                if folder.is_dir() {
                    self.add(&folder, name);
                    break;
                }
                path = folder;
            }
        }
    }
}

fn parts(path: &Path) -> VecDeque<OsString> {
    let part = |component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    };
    path.components().filter_map(part).collect()
}

/// Hidden files are not read, so what editors keep in them does not count; `..data` is how a mounted volume swaps.
fn is_read(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    !name.starts_with(b".") || name.starts_with(b"..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_set_does_not_read_wakes_nobody() {
        let mut places = Places::default();
        places.whole.insert("/srv/rules".into());
        places.add(Path::new("/srv"), OsStr::new("rules"));
        let concern = |path: &str| places.concern(Path::new(path));
        assert!(["/srv/rules", "/srv/rules/a.yaml", "/srv/rules/..data"].into_iter().all(concern));
        assert!(!["/srv/rules/.a.yaml.swp", "/srv/quell.db-wal", "/srv/rules/x/a.yaml"].into_iter().any(concern));
    }

    #[test]
    fn every_link_on_the_way_is_a_place() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("trees/one/rules")).unwrap();
        std::os::unix::fs::symlink("trees/one", root.join("current")).unwrap();
        let mut places = Places::default();
        places.add_way_to(&root.join("current/rules"));
        assert!(places.concern(&root.join("current")));
        assert!(places.concern(&root.join("trees/one/rules")));
        assert!(!places.concern(&root.join("trees/one/other")));
    }
}
