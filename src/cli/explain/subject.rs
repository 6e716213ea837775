//! What is to be explained: an alert, or a code.

use crate::diag::{PAGES, Page, closest};
use crate::id::AlertId;

/// What is to be explained.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// An alert.
    Alert(AlertId),
    /// A diagnostic's code.
    Code(Page),
}

impl Subject {
    /// Reads an alert's id or a code.
    ///
    /// # Errors
    /// What is neither; with the code that was probably meant.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(page) = Page::of(text.trim()) {
            return Ok(Self::Code(page));
        }
        if let Ok(id) = text.parse() {
            return Ok(Self::Alert(id));
        }
        // What begins with a letter and a digit was meant as a code.
        let upper = text.trim().to_uppercase();
        let (letter, rest) = upper.split_at_checked(1).unwrap_or(("", ""));
        if !rest.starts_with(|c: char| c.is_ascii_digit()) || rest.len() > 6 {
            return Err(
                "neither an alert's id, such as al_06dvzq1jm8q3x9k2n4r5t6v7w8, nor a code such as M001".to_owned()
            );
        }
        if let Some(near) = closest(&upper, PAGES.iter().map(|page| page.id)) {
            return Err(format!("there is no code {upper}; did you mean {near}?"));
        }
        let ids = || PAGES.iter().map(|page| page.id).filter(|id| id.starts_with(letter));
        match (ids().next(), ids().next_back()) {
            (Some(first), Some(last)) => {
                Err(format!("there is no code {upper}; those with {letter} go from {first} to {last}"))
            }
            _ => Err(format!("there is no code {upper}; codes begin with C, F, I, L, M, P, R, T or Y")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known_in_any_case_and_slips_are_told() {
        assert!(matches!(Subject::parse(" m001"), Ok(Subject::Code(page)) if page.id == "M001"));
        assert!(matches!(Subject::parse("al_00000000000000000000000000"), Ok(Subject::Alert(_))));
        let told = |text| Subject::parse(text).unwrap_err();
        assert_eq!(told("M01"), "there is no code M01; did you mean M001?");
        assert_eq!(told("f999"), "there is no code F999; those with F go from F001 to F019");
        assert_eq!(told("x999"), "there is no code X999; codes begin with C, F, I, L, M, P, R, T or Y");
        for odd in ["", "é", "nonsense", "1", "al_x", "M00000000000000001"] {
            assert!(told(odd).starts_with("neither an alert's id"), "{odd}");
        }
    }
}
