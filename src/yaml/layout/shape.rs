//! What is written: values with the comments around them, but not yet lines.

/// One document of a text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Document {
    /// The comments above everything.
    pub head: Vec<Comment>,
    /// Whether a blank line follows them.
    pub gap: bool,
    /// What the document holds; none for one that holds comments only.
    pub value: Option<Shape>,
    /// Beside a document that is one plain value.
    pub beside: Option<String>,
    /// The comments below everything.
    pub tail: Vec<Comment>,
}

/// A comment on a line of its own, from its `#` on.
#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    /// Whether a blank line stands above it.
    pub gap: bool,
    /// Its text, `#` included.
    pub text: String,
}

impl Comment {
    /// A comment of this text. What would end its line, or hide something in it, is made visible.
    pub fn new(text: &str) -> Self {
        let one_line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { gap: false, text: format!("# {}", crate::diag::visible(&one_line)) }
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A text, a number, a truth value or nothing.
    Scalar(Scalar),
    /// A list.
    List {
        /// Its elements.
        items: Vec<Part>,
        /// Whether it stands in brackets, as long as it fits its line.
        flow: bool,
        /// Comments below its last element.
        tail: Vec<Comment>,
    },
    /// A map.
    Map {
        /// Its entries, in order.
        entries: Vec<Part>,
        /// Whether it stands in braces, as long as it fits its line.
        flow: bool,
        /// Comments below its last entry.
        tail: Vec<Comment>,
    },
}

/// An element of a list or an entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Comments above it.
    pub before: Vec<Comment>,
    /// Whether a blank line stands between those, or what is above, and itself.
    pub gap: bool,
    /// An entry's key; an element has none.
    pub key: Option<Scalar>,
    /// The value.
    pub value: Shape,
    /// The comment on its own line, `#` included.
    pub beside: Option<String>,
}

/// A scalar and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    /// What it says; for [`Style::Plain`] exactly what is written.
    pub text: String,
    /// How it was written.
    pub style: Style,
}

/// How a scalar was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In quotes of either kind.
    Quoted,
    /// A text whose lines stand as they are, after `|`.
    Literal,
    /// A text whose lines are joined, after `>`: the header's chomping sign and the lines, without their indent.
    Folded(String, Vec<String>),
}

impl Shape {
    /// A text, quoted if it must be.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Scalar(Scalar { text: text.into(), style: Style::Quoted })
    }

    /// Something written exactly like this: a word of the format, a number, a date.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::Scalar(Scalar { text: text.into(), style: Style::Plain })
    }

    /// A list in brackets while it fits.
    pub fn list(items: impl IntoIterator<Item = Shape>) -> Self {
        let items = items.into_iter().map(|value| Part::new(None, value)).collect();
        Self::List { items, flow: true, tail: Vec::new() }
    }

    /// A map, a line for each entry.
    pub fn map(entries: impl IntoIterator<Item = (String, Shape)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| Part::new(Some(&key), value)).collect();
        Self::Map { entries, flow: false, tail: Vec::new() }
    }
}

impl Part {
    /// A part without comments.
    pub fn new(key: Option<&str>, value: Shape) -> Self {
        let key = key.map(|key| Scalar { text: key.to_owned(), style: Style::Quoted });
        Self { before: Vec::new(), gap: false, key, value, beside: None }
    }
}
