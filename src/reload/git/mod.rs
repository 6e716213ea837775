//! What a repository says about the files in its working tree, read from `.git` without running anything.
//!
//! Nothing here fails: what cannot be read is not known. No configuration and no hook of the repository is looked at.

mod name;
mod objects;
mod repository;

pub use name::NameFault;
pub(super) use name::resolve;
pub(super) use objects::{Commit, EntryOf, Objects, blob_id};
pub(super) use repository::Repository;
