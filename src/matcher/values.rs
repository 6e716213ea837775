//! A field's values, read off an alert as texts: for what is counted or grouped by a field rather than compared.

use super::expr::{Place, each_value};
use super::fold::fold_text;
use super::value::Value;
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

    /// The path, as it was written.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Every value of the field that is a text, number, flag or time: folded, sorted, each once.
    pub fn texts(&self, view: &AlertView<'_>) -> Vec<String> {
        let mut texts = Vec::new();
        each_value(Place { view, element: None }, &self.0, &mut |value| match value {
            Value::Text(text) => texts.push(fold_text(text).into_owned()),
            Value::Number(number) => texts.push(number.to_string()),
            Value::Bool(flag) => texts.push(flag.to_string()),
            Value::Time(time) => texts.push(time.to_string()),
            Value::Null | Value::List(_) | Value::Map(_) => {}
        });
        texts.sort_unstable();
        texts.dedup();
        texts
    }
}
