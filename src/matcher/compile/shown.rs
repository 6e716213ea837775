//! A piece of a rule as a message shows it.

/// A text of any length: hostile ones are cut.
pub fn shown(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shown("ab"), "ab");
        assert_eq!(shown(&"é".repeat(500)).chars().count(), 81);
    }
}
