//! The `quell` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    quell::cli::main(std::env::args_os())
}
