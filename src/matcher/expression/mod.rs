//! What a regular expression says by its structure, before it is put to any text.

mod literals;
mod sets;
mod states;
mod universal;

pub use literals::{looks_inside_alone, required};
pub use sets::set_operator;
pub use states::states;
pub use universal::{finds_in_every_line, finds_in_every_text};
