//! Words, colours, times and tables: how values are shown to people.

pub(super) mod fields;
pub(super) mod page;
pub(super) mod style;
pub(super) mod table;
pub(super) mod text;
pub(super) mod time;
