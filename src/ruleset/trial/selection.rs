//! Which filters and playbooks are tested: those whose id fits a pattern.

use crate::id::RuleId;

/// A pattern of ids: `*` stands for any characters, `?` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection(Option<String>);

impl Selection {
    /// Every filter and playbook.
    pub fn all() -> Self {
        Self(None)
    }

    /// Those that fit a pattern.
    pub fn of(pattern: &str) -> Self {
        Self(Some(pattern.to_owned()))
    }

    /// Whether an id fits.
    pub fn takes(&self, id: &RuleId) -> bool {
        self.0.as_ref().is_none_or(|pattern| fits(pattern.as_bytes(), id.as_str().as_bytes()))
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
        for pattern in ["qualys-nightly-scan", "*", "qualys-*", "*-scan", "q*nightly*n", "?ualys-nightly-sca?", "**"] {
            assert!(Selection::of(pattern).takes(&id), "{pattern}");
        }
        for pattern in ["", "qualys", "nightly", "qualys-*x", "?", "*-scan?", "qualys-nightly-scan-2"] {
            assert!(!Selection::of(pattern).takes(&id), "{pattern}");
        }
        assert!(Selection::all().takes(&id));
    }
}
