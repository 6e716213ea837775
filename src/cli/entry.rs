//! From arguments to exit code.

use super::command::{Cli, Command};
use super::{
    Context, Exit, Failure, alerts, approvals, check, connections, dead_letters, demo, diff, explain, filters, fmt,
    import, init, playbooks, reload, rollback, runs, schema, serve, simulate, status, test,
};
use crate::sandbox;
use clap::Parser;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command that the arguments name; the first argument is the program's own name.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match Cli::try_parse_from(args) {
        Ok(cli) => cli.command,
        Err(answer) => {
            // Help and version are answers, not faults. If nobody reads them, nobody misses them.
            let _ = answer.print();
            return if answer.use_stderr() { Exit::Unusable } else { Exit::Fine }.into();
        }
    };
    if let Command::SandboxWorker = command {
        return sandbox::worker_main();
    }
    let context = Context::of_process();
    let ended = run(&command, &context).unwrap_or_else(|failure| {
        failure.report(&context.terminal);
        failure.exit()
    });
    ended.into()
}

fn run(command: &Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Serve(args) => serve::run(args, context),
        Command::Demo(args) => demo::run(args, context),
        Command::Check(args) => check::run(args, context),
        Command::Test(args) => test::run(args, context),
        Command::Simulate(args) => simulate::run(args, context),
        Command::Diff(args) => diff::run(args, context),
        Command::Explain(args) => explain::run(args, context),
        Command::Import(args) => import::run(args, context),
        Command::Fmt(args) => fmt::run(args, context),
        Command::Init(args) => init::run(args, context),
        Command::Schema(args) => schema::run(args, context),
        Command::Status(args) => status::run(args, context),
        Command::Reload(args) => reload::run(args, context),
        Command::Rollback(args) => rollback::run(args, context),
        Command::Alerts(command) => alerts::run(command, context),
        Command::Runs(command) => runs::run(command, context),
        Command::Approvals(command) => approvals::run(command, context),
        Command::Connections(command) => connections::run(command, context),
        Command::DeadLetters(command) => dead_letters::run(command, context),
        Command::Filters(command) => filters::run(command, context),
        Command::Playbooks(command) => playbooks::run(command, context),
        Command::SandboxWorker => unreachable!("a worker never comes this far: it does not even read the environment"),
    }
}
