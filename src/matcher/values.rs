//! A field's values, read off an alert as texts: for what is counted or grouped by a field rather than compared.

use super::expr::each_value;
use super::tree::Tree;
use super::view::AlertView;
use crate::alert::field::{Field, Path, resolve};

/// A field that the schema knows, named by its path.
#[derive(Debug, Clone)]
pub struct FieldPath(Field);

/// A path that names no field: what is wrong, and what was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPath {
    /// What is wrong.
    pub message: String,
    /// The path that was probably meant.
    pub meant: Option<String>,
}

impl FieldPath {
    /// Looks a path up, such as `entities.ip.address`.
    ///
    /// # Errors
    /// A path that is not one, or that the schema does not know.
    pub fn parse(text: &str) -> Result<Self, UnknownPath> {
        let path = Path::parse(text).map_err(|fault| UnknownPath { message: fault.to_string(), meant: None })?;
        let unknown = |fault: crate::alert::field::FieldError| UnknownPath {
            message: fault.to_string(),
            meant: fault.meant().map(str::to_owned),
        };
        resolve(&path).map(Self).map_err(unknown)
    }

    /// Every value of the field that is a text, number, flag or time: folded, sorted, each once.
    pub fn texts(&self, view: &AlertView<'_>) -> Vec<String> {
        let mut texts = Vec::new();
        each_value(view, &self.0, &mut |value| match value {
            Tree::Text(text) => texts.push(text.folded().to_owned()),
            Tree::Number(number) => texts.push(number.to_string()),
            Tree::Bool(flag) => texts.push(flag.to_string()),
            Tree::Time(time) => texts.push(time.to_string()),
            Tree::Null | Tree::List(_) | Tree::Map(_) => {}
        });
        texts.sort_unstable();
        texts.dedup();
        texts
    }
}
