//! How a command ends: four codes, and no other.

use std::process::ExitCode;

/// The end of a command, as scripts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: all is well.
    Fine,
    /// 1: something was found, or a test fails.
    Findings,
    /// 2: the rules do not compile.
    Uncompiled,
    /// 3: the command line or configuration is wrong, or the daemon cannot be reached or refuses what is wished.
    Unusable,
}

impl Exit {
    /// The number scripts see.
    pub fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Findings => 1,
            Self::Uncompiled => 2,
            Self::Unusable => 3,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
