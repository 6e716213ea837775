//! Connections: the outbound endpoints that playbooks call by name. What they may be is `delivery`'s to say; here they
//! are read, and each fault finds its place.

mod header;
mod read;

pub(super) use read::read;
