//! A diagnostic's stable code. Each module declares its own codes beside the checks that use them.

/// A stable name for one kind of fault, such as `M003`, with a line that says what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code {
    /// The code people search for.
    pub id: &'static str,
    /// What the code means, in one line.
    pub meaning: &'static str,
}

impl Code {
    /// Declares a code.
    pub const fn new(id: &'static str, meaning: &'static str) -> Self {
        Self { id, meaning }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}
