//! Decoding: the bytes of a request's body to canonical alerts, one file a source.
//!
//! A body is split into items (`envelope`), each item is read strictly (`strict`), its source told by its shape
//! (`shape`), and mapped by that source's file (`native`, `defender`, `falco`, `generic`) onto a `draft`.

pub mod codes;
mod defender;
mod draft;
mod entity;
mod envelope;
mod falco;
mod fault;
mod generic;
mod graph;
mod names;
mod native;
mod payload;
mod request;
mod shape;
mod strict;
mod tactic;
#[cfg(test)]
mod tests;
mod typed;

pub use fault::DecodeError;
pub use names::entity_path;
pub use request::{Decoded, Format, Limits, decode, decode_each};
pub use shape::sources;
