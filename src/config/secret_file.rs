//! Reading a secret from a file that only its owner, and at most the owner's group, can read.

use crate::secret::Secret;
use std::io::Read;
use std::path::Path;

/// Larger than any key or token.
const LARGEST: u64 = 64 * 1024;

/// Access that makes a secret none: the group may change it, or everybody may do anything with it. That the group may
/// read is allowed, since that is how a cluster hands a secret to a process without privileges.
#[cfg(unix)]
const EXPOSED: u32 = 0o027;

/// Why a file gives no secret.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Others have access to it.
    #[error("it can be read or changed by others (mode {mode:04o}); chmod 600 it")]
    Exposed {
        /// Its permission bits.
        mode: u32,
    },
    /// It cannot be read.
    #[error("{0}")]
    Unreadable(String),
}

/// The file's whole content.
pub fn read(path: &Path) -> Result<Secret, Unusable> {
    let unreadable = |fault: std::io::Error| Unusable::Unreadable(fault.to_string());
    // Asked before opening: opening a pipe nobody writes to would wait for ever.
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if !about.is_file() {
        return Err(Unusable::Unreadable("it is not a regular file".to_owned()));
    }
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o777;
        if mode & EXPOSED != 0 {
            return Err(Unusable::Exposed { mode });
        }
    }
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LARGEST {
        return Err(Unusable::Unreadable(format!("it is larger than {LARGEST} bytes")));
    }
    Ok(Secret::new(text))
}
