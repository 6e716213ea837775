//! What a repository says about the files in its working tree, read from `.git` without running anything.
//!
//! Nothing here fails: what cannot be read is not known. No configuration and no hook of the repository is looked at.

mod objects;
mod repository;

pub(super) use objects::{Objects, blob_id};
pub(super) use repository::Repository;
