//! What a ruleset is made from: the bytes of every file, already read, and the commit they stood on.

use crate::clock::Timestamp;
use crate::digest::Digest;
use std::path::Path;
use std::sync::Arc;

/// Everything that was read for one generation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// The files, in the order of their names.
    pub files: Vec<SourceFile>,
    /// The commit they stood on, where that is known.
    pub revision: Option<Revision>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it was read, as shown in diagnostics.
    pub path: Arc<Path>,
    /// Its place in the set wherever the set lies, `/` between the parts: `rules/team/scanners.yaml`.
    pub name: String,
    /// What it is for.
    pub kind: SourceKind,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What a file is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKind {
    /// Filters.
    Rule,
    /// The values that `expand` puts into conditions.
    Placeholders,
    /// Tests beside a rule file.
    RuleTest,
    /// A playbook.
    Playbook,
    /// Tests beside a playbook.
    PlaybookTest,
    /// A script that playbooks import.
    Module {
        /// The path they import it by, such as `lib/reputation`.
        import: String,
    },
}

impl SourceKind {
    /// What a file in the rules folder is for, from its path below that folder; none if the set does not read it.
    pub fn in_rules(below: &str) -> Option<Self> {
        let stem = strip_yaml(below)?;
        if stem == PLACEHOLDERS {
            return Some(Self::Placeholders);
        }
        Some(if has_suffix(stem, ".test") { Self::RuleTest } else { Self::Rule })
    }

    /// What a file in the playbooks folder is for, from its path below that folder; none if the set does not read it.
    pub fn in_playbooks(below: &str) -> Option<Self> {
        if let Some(stem) = strip_suffix(below, ".rhai") {
            let is_module = below.starts_with("lib/");
            return Some(if is_module { Self::Module { import: stem.to_owned() } } else { Self::Playbook });
        }
        strip_yaml(below).filter(|stem| has_suffix(stem, ".test")).map(|_| Self::PlaybookTest)
    }

    /// Whether it has a say in decisions. Tests have none.
    pub fn decides(&self) -> bool {
        matches!(self, Self::Rule | Self::Placeholders | Self::Playbook | Self::Module { .. })
    }
}

/// The file in the rules folder itself that gives placeholders their values, without its suffix.
const PLACEHOLDERS: &str = "placeholders";

/// A file name's suffix counts in any case: `A.YAML` silently left out would be a filter silently not there.
fn strip_suffix<'a>(path: &'a str, suffix: &str) -> Option<&'a str> {
    let at = path.len().checked_sub(suffix.len())?;
    let (stem, end) = path.split_at_checked(at)?;
    (end.eq_ignore_ascii_case(suffix) && !stem.is_empty() && !stem.ends_with('/')).then_some(stem)
}

fn has_suffix(path: &str, suffix: &str) -> bool {
    strip_suffix(path, suffix).is_some()
}

/// The path without `.yaml` or `.yml`.
pub(super) fn strip_yaml(path: &str) -> Option<&str> {
    strip_suffix(path, ".yaml").or_else(|| strip_suffix(path, ".yml"))
}

/// The name of what a test file tests, without its suffix.
pub(super) fn tested(name: &str) -> Option<&str> {
    strip_yaml(name).and_then(|stem| strip_suffix(stem, ".test"))
}

/// The path of a script without `.rhai`.
pub(super) fn strip_rhai(path: &str) -> Option<&str> {
    strip_suffix(path, ".rhai")
}

impl Sources {
    /// The digest of every file, tests included: of all that a build looks at.
    pub fn digest(&self) -> Digest {
        self.digest_of(|_| true)
    }

    /// The generation: the digest of every file that has a say, names included.
    pub fn generation(&self) -> Digest {
        self.digest_of(|file| file.kind.decides())
    }

    fn digest_of(&self, counts: impl Fn(&SourceFile) -> bool) -> Digest {
        let mut files: Vec<_> = self.files.iter().filter(|file| counts(file)).collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Digest::of_parts(files.into_iter().flat_map(|file| [file.name.as_bytes(), &file.bytes]))
    }
}

/// A commit, and whether the files are that commit's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its id.
    pub commit: String,
    /// Who made it, as `Name <email>`.
    pub author: Option<String>,
    /// When it was committed.
    pub commit_time: Option<Timestamp>,
    /// Whether the files are something else than what the commit holds.
    pub dirty: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name() {
        let rule = |below| SourceKind::in_rules(below);
        assert_eq!(rule("a.yaml"), Some(SourceKind::Rule));
        assert_eq!(rule("team/a.YML"), Some(SourceKind::Rule));
        assert_eq!(rule("team/a.test.yaml"), Some(SourceKind::RuleTest));
        assert_eq!(rule("placeholders.yaml"), Some(SourceKind::Placeholders));
        assert_eq!(rule("team/placeholders.yaml"), Some(SourceKind::Rule));
        for ignored in ["README.md", "a.yaml.bak", "a.yaml~", "yaml", ".yaml", "a/.yaml"] {
            assert_eq!(rule(ignored), None, "{ignored}");
        }
        let playbook = |below| SourceKind::in_playbooks(below);
        assert_eq!(playbook("a.rhai"), Some(SourceKind::Playbook));
        assert_eq!(playbook("team/a.rhai"), Some(SourceKind::Playbook));
        assert_eq!(playbook("lib/net/ip.rhai"), Some(SourceKind::Module { import: "lib/net/ip".into() }));
        assert_eq!(playbook("a.test.yml"), Some(SourceKind::PlaybookTest));
        assert_eq!(playbook("a.yaml"), None);
    }
}
