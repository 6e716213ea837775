//! Which earlier set somebody means, and why there may be no going back to it.

use crate::diag::Diagnostic;
use crate::digest::Digest;
use crate::store::{RulesetChange, StoreError};

/// Fewer characters of a generation may mean anything.
const SHORTEST: usize = 6;

/// Why the set in force stays.
#[derive(Debug, thiserror::Error)]
pub enum RollbackFault {
    /// No such generation is kept.
    #[error("no generation that begins with `{0}` can be gone back to")]
    Unknown(String),
    /// Several are.
    #[error("`{0}` may mean several generations; name more of it")]
    Ambiguous(String),
    /// Not enough of a generation.
    #[error("a generation is named by at least 6 of its hexadecimal digits")]
    Short,
    /// There was none before.
    #[error("there is no earlier generation to go back to")]
    Nowhere,
    /// Somebody went back already: the one before is not what it seems.
    #[error("the rules were rolled back already; name the generation to go to")]
    RolledBack,
    /// It decides already.
    #[error("the generation {} is in force already", .0.short())]
    InForce(Digest),
    /// Its files do not make a set any more.
    #[error("the earlier rules do not compile")]
    Refused(Vec<Diagnostic>),
    /// It cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Quell failed.
    #[error("Quell failed while compiling the earlier rules; please report it")]
    Crashed,
}

/// The generation that is meant among those kept, newest first; without a wish the one before.
pub(super) fn target(
    wish: Option<&str>,
    kept: &[RulesetChange],
    in_force: &Digest,
    is_rolled_back: bool,
) -> Result<RulesetChange, RollbackFault> {
    let Some(wish) = wish else {
        if is_rolled_back {
            return Err(RollbackFault::RolledBack);
        }
        let before = kept.iter().find(|change| change.generation != *in_force);
        return before.cloned().ok_or(RollbackFault::Nowhere);
    };
    let wish = wish.trim().to_ascii_lowercase();
    if wish.len() < SHORTEST {
        return Err(RollbackFault::Short);
    }
    let mut meant = kept.iter().filter(|change| change.generation.to_string().starts_with(&wish));
    match (meant.next(), meant.next()) {
        (None, _) => Err(RollbackFault::Unknown(wish)),
        (Some(_), Some(_)) => Err(RollbackFault::Ambiguous(wish)),
        (Some(one), None) if one.generation == *in_force => Err(RollbackFault::InForce(one.generation)),
        (Some(one), None) => Ok(one.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::ruleset::ChangeCounts;
    use crate::store::Cause;

    fn kept(generation: Digest) -> RulesetChange {
        RulesetChange {
            at: Timestamp::UNIX_EPOCH,
            cause: Cause::Files,
            by: None,
            generation,
            revision: None,
            filters: 0,
            playbooks: 0,
            counts: ChangeCounts::default(),
            diff: String::new(),
        }
    }

    #[test]
    fn a_generation_is_meant_by_its_beginning_or_by_none() {
        let [one, two, three]: [Digest; 3] = ["1", "2", "3"].map(|text| Digest::of(text.as_bytes()));
        let list = [kept(three), kept(two), kept(one)];
        let go = |wish: Option<&str>, back| target(wish, &list, &three, back).map(|change| change.generation);
        assert_eq!(go(None, false).unwrap(), two);
        assert!(matches!(go(None, true), Err(RollbackFault::RolledBack)));
        assert_eq!(go(Some(&one.short().to_uppercase()), true).unwrap(), one);
        assert_eq!(go(Some(&one.to_string()), false).unwrap(), one);
        assert!(matches!(go(Some("abc"), false), Err(RollbackFault::Short)));
        assert!(matches!(go(Some("zzzzzzzz"), false), Err(RollbackFault::Unknown(_))));
        assert!(matches!(go(Some(&three.short()), false), Err(RollbackFault::InForce(_))));
        let twice = [kept(one), kept(one)];
        assert!(matches!(target(Some(&one.short()), &twice, &two, false), Err(RollbackFault::Ambiguous(_))));
        assert!(matches!(target(None, &[], &one, false), Err(RollbackFault::Nowhere)));
    }
}
