//! Ids of imported filters: made of the name the original has, and no two alike.

use crate::id::RuleId;
use std::collections::HashSet;

/// Bytes of an id made from a name; the rest is room for a number.
const MOST_BYTES: usize = 56;

/// The ids given so far.
#[derive(Debug, Default)]
pub(super) struct Ids(HashSet<String>);

impl Ids {
    /// An id like this name.
    pub fn take(&mut self, name: &str) -> RuleId {
        let base = slug(name);
        let mut id = base.clone();
        let mut number = 1;
        while !self.0.insert(id.clone()) {
            number += 1;
            id = format!("{base}-{number}");
        }
        RuleId::new(&id).expect("a slug with a number keeps the rule of ids")
    }
}

/// Words in small letters with hyphens between them: `dismissIpAnomaly` is `dismiss-ip-anomaly`.
fn slug(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
                out.push('-');
            }
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') && c != '\'' {
            out.push('-');
        }
        before = c;
        if out.len() >= MOST_BYTES {
            // Whole words, where there are several.
            out.truncate(out.rfind('-').unwrap_or(out.len()));
            break;
        }
    }
    let out = out.trim_matches('-');
    if out.len() < 2 { format!("imported-{out}").trim_end_matches('-').to_owned() } else { out.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ids_and_no_two_alike() {
        let mut ids = Ids::default();
        let mut take = |name: &str| ids.take(name).as_str().to_owned();
        assert_eq!(take("dismissIpAnomalyAlerts"), "dismiss-ip-anomaly-alerts");
        assert_eq!(take("dismiss IP anomaly alerts!"), "dismiss-ip-anomaly-alerts-2");
        assert_eq!(take("Don't: été / 漢字"), "dont-t");
        assert_eq!(take(""), "imported");
        assert_eq!(take("é"), "imported-2");
        assert_eq!(take("X"), "imported-x");
        assert!(take(&"long name ".repeat(50)).len() <= 64);
        assert!(take(&"long name ".repeat(50)).len() <= 64);
    }
}
