//! The faults of reading a set from disk.

use crate::diag::Code;

/// The rules or playbooks folder is not there.
pub const NO_FOLDER: Code = Code::new("L001", "a folder of the set cannot be read");
/// A pipe, device, socket or folder where a file should be.
pub const NOT_A_FILE: Code = Code::new("L002", "not a regular file");
/// A link that leads out of the folder.
pub const LEADS_OUTSIDE: Code = Code::new("L003", "a link leads out of the folder");
/// A link that leads nowhere, or in a circle.
pub const BROKEN_LINK: Code = Code::new("L004", "a link leads nowhere");
/// Folders in folders beyond the limit.
pub const TOO_DEEP: Code = Code::new("L005", "folders are nested too deep");
/// Too many files, too large a file, too many bytes.
pub const TOO_LARGE: Code = Code::new("L006", "a file or the set exceeds a limit");
/// The system would not let a file be read.
pub const UNREADABLE: Code = Code::new("L007", "a file cannot be read");
/// The files kept changing while they were read.
pub const UNSTABLE: Code = Code::new("L008", "the files keep changing while they are read");
/// A file that would count in the other folder.
pub const MISPLACED: Code = Code::new("L009", "a file lies where nothing reads it");
/// A name that cannot be shown as it is.
pub const NAME: Code = Code::new("L010", "a file's name is not plain text");
/// A defect in Quell.
pub const INTERNAL: Code = Code::new("L011", "Quell failed while compiling the set");
/// The daemon is stopping.
pub const STOPPING: Code = Code::new("L012", "the daemon is stopping");

/// Every code of this module.
pub const ALL: &[Code] = &[
    NO_FOLDER,
    NOT_A_FILE,
    LEADS_OUTSIDE,
    BROKEN_LINK,
    TOO_DEEP,
    TOO_LARGE,
    UNREADABLE,
    UNSTABLE,
    MISPLACED,
    NAME,
    INTERNAL,
    STOPPING,
];
