//! The seal on a record: a digest by which damage is told. It is there against bad disks and slips, not against whoever
//! writes to the database and could write a seal as well; so what it costs decides which digest it is.

use crate::digest::Digest;
use crate::store::StoreError;
use twox_hash::XxHash3_64;

/// The seal of a record.
pub(super) fn seal(parts: &[&str]) -> i64 {
    // Each part's digest is the seed of the next one's: the same bytes cut otherwise have another seal.
    parts.iter().fold(0_u64, |seed, part| XxHash3_64::oneshot_with_seed(seed, part.as_bytes())).cast_signed()
}

/// As records of databases up to version 7 were sealed.
fn former_seal(parts: &[&str]) -> i64 {
    let digest = Digest::of_parts(parts.iter().map(|part| part.as_bytes())).half();
    i64::from_be_bytes(digest[..8].try_into().expect("8 of 16 bytes"))
}

/// Checks a seal; `what` names the record for the one who has to look into it.
pub(super) fn unseal(parts: &[&str], sealed: i64, what: impl FnOnce() -> String) -> Result<(), StoreError> {
    let is_whole = seal(parts) == sealed || former_seal(parts) == sealed;
    if is_whole { Ok(()) } else { Err(StoreError::Corrupt(what())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_whole(parts: &[&str], sealed: i64) -> bool {
        unseal(parts, sealed, || "it".to_owned()).is_ok()
    }

    /// What is on disk stays readable: these numbers, worked out by other implementations, never change.
    #[test]
    fn seals_of_today_and_of_before_are_what_they_were() {
        let long = "an alert ".repeat(1_000);
        for (parts, today, before) in [
            (&["body", "verdict"][..], 2_487_064_456_170_451_097, -1_479_333_193_151_892_642),
            (&[&*long, "verdict"], -1_087_682_741_810_440_940, -8_764_188_037_259_745_192),
            (&["", "x"], -541_254_251_401_713_072, -2_970_298_499_206_598_559),
        ] {
            assert_eq!((seal(parts), former_seal(parts)), (today, before), "{parts:?}");
            assert!(is_whole(parts, today) && is_whole(parts, before));
        }
    }

    #[test]
    fn any_bit_and_any_cut_counts() {
        for length in [1, 3, 8, 16, 17, 128, 129, 240, 241, 1_024, 6_000] {
            let text = "abcdefg ".repeat(length / 8 + 1)[..length].to_owned();
            let sealed = seal(&[&text, "verdict"]);
            for at in (0..length).step_by(1 + length / 97) {
                let mut other = text.clone().into_bytes();
                other[at] ^= 1;
                let other = String::from_utf8(other).unwrap();
                assert!(!is_whole(&[&other, "verdict"], sealed), "{length} {at}");
            }
            assert!(!is_whole(&[&text, "verdicT"], sealed));
            assert!(!is_whole(&[&format!("{text}v"), "erdict"], sealed) && !is_whole(&["verdict", &text], sealed));
        }
    }
}
