//! YAML with a place for every value: text to a tree of nodes, or every fault with its position.
//!
//! The only room that knows the YAML parser. Anchors, aliases, tags and merge keys are refused; several
//! documents in one text are fine.

pub mod codes;
mod json;
pub mod layout;
mod node;
mod parse;
mod part;
mod scalar;
mod syntax;
mod tidy;

pub use json::to_json;
pub use node::{Kind, Map, MapEntry, Node};
pub use parse::{Limits, parse};
pub use tidy::tidy;
