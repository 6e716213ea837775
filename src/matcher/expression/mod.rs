//! What a regular expression says by its structure, before it is put to any text.

mod faults;
mod literals;
mod states;
mod universal;

pub use faults::{Otherwise, broken_at, said_otherwise};
pub use literals::{looks_inside_alone, required};
pub use states::states;
pub use universal::{finds_in_every_line, finds_in_every_text};
