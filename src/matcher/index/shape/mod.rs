//! Texts of shapes met before are walked by comparing: what one source sends is mostly alike but for its values.
//!
//! While a text is walked, a [`Trace`] is kept of the places where its values stand, of what the walk does between them,
//! and of the stretches of text that made it do so. The traces are put together as a tree, [`Shapes`]. The next text is
//! walked along it: as long as the stretches between its values are those of a text that was walked, the walk would
//! do the same. Where they are not, the text is walked as any other. Values that are always the same count as part of a
//! stretch, with what they tell. All that changes what a walk costs, never what it tells.

mod replay;
mod steady;
mod trace;
mod tree;
mod usual;

use super::atoms::{AtomId, FieldId};
use crate::matcher::value::Value;

pub use replay::{Root, walk};
pub use steady::LONGEST_STEADY;
pub use trace::Trace;
pub use tree::Shapes;

/// A place of a text where what stands there decides nothing about the way on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// The rest of a string, behind its quote, and the field it is put to.
    Text(Option<FieldId>),
    /// A number, and the field it is put to.
    Number(Option<FieldId>),
    /// The rest of an object or a list at this depth that nobody asks about.
    Rest(u32),
    /// The payload of an alert.
    Payload,
    /// The end of the text.
    End,
}

impl Stop {
    /// Whether anything is done with what stands there.
    pub fn is_asked(self) -> bool {
        !matches!(self, Self::Text(None) | Self::Number(None) | Self::Rest(_))
    }
}

/// What a walk does because of what stands between values, or of a value that is always the same.
#[derive(Debug, Clone, Copy)]
pub enum Effect {
    /// It marks an atom.
    Mark(AtomId),
    /// It puts a value to a field.
    Put(FieldId, Word),
    /// It gathers a value in which a keyword may stand.
    Gather(Word),
}

/// A value that is always the same.
#[derive(Debug, Clone, Copy)]
pub enum Word {
    /// `null`.
    Null,
    /// `false`.
    False,
    /// `true`.
    True,
}

impl Word {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Null, Self::False, Self::True];

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::False => "false",
            Self::True => "true",
        }
    }

    /// What it stands for.
    pub fn value(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::False => Value::Bool(false),
            Self::True => Value::Bool(true),
        }
    }
}
