//! "Did you mean": the known word nearest to one that is not.

/// The candidate nearest to `word`, if one is near enough that a slip of the hand explains it.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word_lower = word.to_lowercase();
    let letters = word.chars().count();
    let limit = (letters / 3).clamp(1, 3);
    // Of letters left out behind the first, as those that stand twice, more are forgiven.
    let limit_left_out = if letters > 3 { limit.max(2) } else { limit };
    let begins_alike = |candidate: &str| candidate.chars().next() == word_lower.chars().next();
    let is_cut = |candidate: &str| begins_alike(candidate) && is_left_of(&word_lower, candidate);
    let limit = |candidate: &str| if is_cut(candidate) { limit_left_out } else { limit };
    candidates
        .into_iter()
        .map(|candidate| (distance(&word_lower, &candidate.to_lowercase()), candidate))
        .filter(|(far, candidate)| *far <= limit(candidate) && *candidate != word)
        // A letter too few is likelier than another one.
        .min_by_key(|(far, candidate)| (*far, !is_left_of(&word_lower, candidate)))
        .map(|(_, candidate)| candidate)
}

/// Whether a word is what is left of another without some of its letters.
fn is_left_of(word: &str, other: &str) -> bool {
    let mut letters = other.chars();
    word.chars().all(|letter| letters.any(|other| other == letter))
}

/// Edit distance in which swapping two neighbours counts once (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().take(64).collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let substituted = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let best = substituted.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if swapped { best.min(rows[i - 2][j - 2] + 1) } else { best }
            };
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_nothing_else() {
        let words = ["severity", "status", "title"];
        assert_eq!(closest("sevrity", words), Some("severity"));
        assert_eq!(closest("stauts", words), Some("status"));
        assert_eq!(closest("colour", words), None);
        assert_eq!(closest("adres", ["address", "asset"]), Some("address"));
        for (word, other) in [("adr", "address"), ("adrus", "address"), ("port", "export")] {
            assert_eq!(closest(word, [other]), None, "{word}");
        }
    }
}
