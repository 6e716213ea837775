//! Which filters and playbooks are tested: those whose id fits a pattern, and that stand in some files.

use crate::id::RuleId;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// A pattern of ids: `*` stands for any characters, `?` for one.
    pattern: Option<String>,
    files: Option<HashSet<Arc<Path>>>,
}

impl Selection {
    /// Every filter and playbook.
    pub fn all() -> Self {
        Self::default()
    }

    /// Those that fit a pattern.
    pub fn of(pattern: &str) -> Self {
        Self { pattern: Some(pattern.to_owned()), files: None }
    }

    /// Those of them that stand in these files.
    #[must_use]
    pub fn within(self, files: HashSet<Arc<Path>>) -> Self {
        Self { files: Some(files), ..self }
    }

    /// Whether a filter or playbook with this id in this file is asked for.
    pub fn takes(&self, id: &RuleId, file: &Path) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| fits(pattern.as_bytes(), id.as_str().as_bytes()))
            && self.files.as_ref().is_none_or(|files| files.contains(file))
    }
}

/// One pass that goes back to the last `*` only, so that no pattern takes long.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut place, mut star) = (0, 0, None);
    while place < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(&wanted) if wanted == b'?' || wanted == text[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((back, from)) = star else { return false };
                star = Some((back, from + 1));
                at = back + 1;
                place = from + 1;
            }
        }
    }
    pattern[at..].iter().all(|left| *left == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_ids_that_fit_whole() {
        let id = RuleId::new("qualys-nightly-scan").unwrap();
        let file = Path::new("rules/a.yaml");
        for pattern in ["qualys-nightly-scan", "*", "qualys-*", "*-scan", "q*nightly*n", "?ualys-nightly-sca?", "**"] {
            assert!(Selection::of(pattern).takes(&id, file), "{pattern}");
        }
        for pattern in ["", "qualys", "nightly", "qualys-*x", "?", "*-scan?", "qualys-nightly-scan-2"] {
            assert!(!Selection::of(pattern).takes(&id, file), "{pattern}");
        }
        assert!(Selection::all().takes(&id, file));
        let within = |name: &str| Selection::of("q*").within(HashSet::from([Path::new(name).into()]));
        assert!(within("rules/a.yaml").takes(&id, file) && !within("rules/b.yaml").takes(&id, file));
    }
}
