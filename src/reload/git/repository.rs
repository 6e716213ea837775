//! Finds the repository a folder lies in, and where its head stands.

use crate::reload::read::read_text;
use std::fs::Metadata;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Largest of the small files that say where things are.
const SMALL: u64 = 4096;
/// Largest file of packed references.
const PACKED_REFS: u64 = 64 * 1024 * 1024;
/// References that name references.
const MOST_HOPS: usize = 5;

/// A working tree and its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::reload) struct Repository {
    /// The working tree's top folder.
    pub top: PathBuf,
    /// What is this working tree's own: head and index.
    pub own: PathBuf,
    /// What all working trees share: objects and references.
    pub common: PathBuf,
}

/// Where a working tree's head stands.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(in crate::reload) struct Head {
    /// The references on the way, such as `refs/heads/main`; none for a detached head.
    pub references: Vec<String>,
    /// The commit's id; none before the first commit.
    pub commit: Option<String>,
}

impl Repository {
    /// The repository in whose working tree `folder` lies.
    pub fn around(folder: &Path) -> Option<Self> {
        let folder = folder.canonicalize().ok()?;
        folder.ancestors().find_map(Self::at)
    }

    fn at(top: &Path) -> Option<Self> {
        let dot_git = top.join(".git");
        let own = if dot_git.is_dir() {
            dot_git
        } else {
            // A linked working tree or a submodule: a file that says where.
            let text = read_text(&dot_git, SMALL)?;
            top.join(text.strip_prefix("gitdir:")?.trim())
        };
        let own = own.canonicalize().ok().filter(|own| own.join("HEAD").is_file())?;
        let common = match read_text(&own.join("commondir"), SMALL) {
            Some(text) => own.join(text.trim()).canonicalize().ok()?,
            None => own.clone(),
        };
        Some(Self { top: top.to_owned(), own, common })
    }

    /// The path of `folder` below the top of the working tree.
    pub fn below_top(&self, folder: &Path) -> Option<PathBuf> {
        Some(folder.canonicalize().ok()?.strip_prefix(&self.top).ok()?.to_owned())
    }

    /// The path of a folder below the top of the working tree, also of one that does not exist now.
    pub fn would_be_below_top(&self, folder: &Path) -> Option<PathBuf> {
        let folder = std::path::absolute(folder).ok()?;
        let there = folder.ancestors().find(|ancestor| ancestor.exists())?;
        let missing = folder.strip_prefix(there).ok()?;
        Some(self.below_top(there)?.join(missing))
    }

    /// The repository in whose working tree `folder` lies, or would lie.
    pub fn around_or_above(folder: &Path) -> Option<Self> {
        let folder = std::path::absolute(folder).ok()?;
        Self::around(folder.ancestors().find(|ancestor| ancestor.exists())?)
    }

    /// What a reference names, found where git looks for a short name.
    pub fn find_reference(&self, name: &str) -> Option<String> {
        let full = [
            name.to_owned(),
            format!("refs/{name}"),
            format!("refs/tags/{name}"),
            format!("refs/heads/{name}"),
            format!("refs/remotes/{name}"),
            format!("refs/remotes/{name}/HEAD"),
        ];
        full.iter().filter(|name| is_reference(name)).find_map(|name| self.follow(name.clone()).commit)
    }

    /// The index's lock, if git holds one: it may be changing the working tree, and what lies there is half of each
    /// commit.
    pub fn lock(&self) -> Option<Metadata> {
        std::fs::metadata(self.own.join("index.lock")).ok()
    }

    /// Where the head stands.
    pub fn head(&self) -> Head {
        self.follow_text(read_text(&self.own.join("HEAD"), SMALL))
    }

    fn follow(&self, reference: String) -> Head {
        self.follow_text(self.reference(&reference))
    }

    fn follow_text(&self, mut text: Option<String>) -> Head {
        let mut head = Head::default();
        for _ in 0..MOST_HOPS {
            let Some(value) = text.take() else { break };
            match value.trim_end().strip_prefix("ref:").map(str::trim) {
                Some(name) if is_reference(name) => {
                    text = self.reference(name);
                    head.references.push(name.to_owned());
                }
                Some(_) => break,
                None => head.commit = Some(value.trim_end().to_ascii_lowercase()).filter(|id| is_object_id(id)),
            }
        }
        head
    }

    fn reference(&self, name: &str) -> Option<String> {
        let is_own = ["refs/worktree/", "refs/bisect/", "refs/rewritten/"].iter().any(|own| name.starts_with(own));
        let folder = if is_own { &self.own } else { &self.common };
        read_text(&folder.join(name), SMALL).or_else(|| self.packed_reference(name))
    }

    fn packed_reference(&self, name: &str) -> Option<String> {
        let path = self.common.join("packed-refs");
        let file = path.is_file().then(|| std::fs::File::open(path).ok())??;
        let mut lines = BufReader::new(file.take(PACKED_REFS)).lines().map_while(Result::ok);
        lines.find_map(|line| {
            let (id, reference) = line.split_once(' ')?;
            (reference == name).then(|| id.to_owned())
        })
    }
}

/// A name that stays below the repository's folder.
fn is_reference(name: &str) -> bool {
    name.starts_with("refs/") && !name.contains(char::is_control) && name.split('/').all(|part| !part.starts_with('.'))
}

/// The id of an object, in SHA-1 or SHA-256.
fn is_object_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
