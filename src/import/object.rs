//! Reading an object's parts: by any of their names, of the kind they must be, or a refusal that says what and where.

use super::codes;
use crate::diag::{Code, Span};
use crate::yaml::{Kind, Node};

/// Why a rule is not written.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub span: Span,
    pub code: Code,
    pub message: String,
    pub help: Option<String>,
}

impl Refusal {
    pub fn new(span: Span, code: Code, message: impl Into<String>) -> Self {
        Self { span, code, message: message.into(), help: None }
    }

    /// A rule that would dismiss more than it did.
    pub fn wider(span: Span, message: impl Into<String>) -> Self {
        Self::new(span, codes::WIDER, message)
    }

    /// A rule that dismisses nothing, so that there is nothing to write.
    pub fn nothing(span: Span, message: impl Into<String>) -> Self {
        Self::new(span, codes::NO_SUPPRESSION, message)
    }

    pub fn with(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// The first of these parts that is there and is not null.
pub(super) fn part<'n>(node: &'n Node, names: &[&str]) -> Option<&'n Node> {
    let found = names.iter().find_map(|name| node.get(name).filter(|entry| entry.value.kind != Kind::Null));
    found.map(|entry| &entry.value)
}

/// The first of these parts as a text without spaces around it; an empty one is as good as none.
pub(super) fn text<'n>(node: &'n Node, names: &[&str]) -> Option<&'n str> {
    part(node, names)?.written().map(str::trim).filter(|text| !text.is_empty())
}

/// Below several parts.
pub(super) fn below<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, name| part(node, &[name]))
}

/// The texts of a list, or of one text.
pub(super) fn texts(node: &Node, what: &str) -> Result<Vec<String>, Refusal> {
    let list = node.as_list().unwrap_or(std::slice::from_ref(node));
    let one = |node: &Node| match node.written() {
        Some(text) => expression(node, text).map(|()| text.to_owned()),
        None => Err(shape(node, what, "a text")),
    };
    let texts: Vec<String> = list.iter().map(one).collect::<Result<_, _>>()?;
    if texts.is_empty() {
        return Err(Refusal::new(node.span, codes::SHAPE, format!("`{what}` is an empty list")));
    }
    Ok(texts)
}

/// One text that must be there.
pub(super) fn required<'n>(node: &'n Node, name: &str) -> Result<&'n str, Refusal> {
    let missing = || Refusal::new(node.span, codes::SHAPE, format!("the rule has no `{name}`"));
    let value = part(node, &[name]).ok_or_else(missing)?;
    let text = value.written().ok_or_else(|| shape(value, name, "a text"))?;
    expression(value, text).map(|()| text)
}

/// A list that must be one if it is there.
pub(super) fn list<'n>(node: &'n Node, name: &str) -> Result<&'n [Node], Refusal> {
    match part(node, &[name]) {
        None => Ok(&[]),
        Some(value) => value.as_list().ok_or_else(|| shape(value, name, "a list")),
    }
}

/// True or false; also as a text, as templates write it.
pub(super) fn truth(node: &Node, name: &str) -> Result<Option<bool>, Refusal> {
    let Some(value) = part(node, &[name]) else { return Ok(None) };
    match value.written().map(str::to_ascii_lowercase).as_deref() {
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        _ => Err(shape(value, name, "true or false")),
    }
}

pub(super) fn shape(node: &Node, name: &str, wanted: &str) -> Refusal {
    Refusal::new(node.span, codes::SHAPE, format!("`{name}` is {wanted}, not {}", node.kind_name()))
}

/// An expression of a template has no value before it is deployed.
fn expression(node: &Node, text: &str) -> Result<(), Refusal> {
    if text.starts_with('[') && text.ends_with(']') && text.contains('(') && !text.starts_with("[[") {
        let fault = Refusal::wider(node.span, "a template's expression has no value here");
        return Err(fault.with("export the deployed rule instead of its template"));
    }
    Ok(())
}
