//! Connections: the outbound endpoints that playbooks call by name. What they may be is `delivery`'s to say; here they
//! are read, and each fault finds its place.

mod auth;
mod header;
mod read;
mod sign;

pub(super) use auth::{BASIC_KEYS, KEYS as AUTH_KEYS};
pub(super) use read::{KEYS, RETRY_KEYS, read};
pub(super) use sign::KEYS as SIGN_KEYS;
