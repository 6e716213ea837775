//! The command line's grammar.

use super::{
    alerts, approvals, check, connections, dead_letters, demo, diff, explain, filters, fmt, import, init, playbooks,
    reload, rollback, runs, schema, serve, simulate, status, test,
};

/// The whole command line.
#[derive(Debug, clap::Parser)]
#[command(
    name = "quell",
    version,
    about = "A rules-as-code engine for security alerts: filters that dismiss, playbooks that answer, nothing lost.",
    after_help = "Examples:
  quell demo                         see it work, with nothing to set up
  quell check                        compile rules/ and playbooks/, report every fault
  quell test                         run the tests beside them
  quell simulate --since 30d         what the rules here would have done with stored alerts
  quell diff main .                  what the working folder changes
  quell init my-rules                write a repository of rules to start from
  quell serve --config quell.yaml    run the daemon
  quell alerts list --severity high  look at a running daemon's alerts

Exit status:
  0  fine
  1  findings, or failing tests
  2  rules that do not compile
  3  wrong usage or configuration, or the daemon cannot be reached",
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    Serve(serve::Args),
    Demo(demo::Args),
    Check(check::Args),
    Test(test::Args),
    Simulate(simulate::Args),
    Diff(diff::Args),
    Explain(explain::Args),
    Import(import::Args),
    Fmt(fmt::Args),
    Init(init::Args),
    Schema(schema::Args),
    Status(status::Args),
    Reload(reload::Args),
    Rollback(rollback::Args),
    #[command(subcommand)]
    Alerts(alerts::Command),
    #[command(subcommand)]
    Runs(runs::Command),
    #[command(subcommand)]
    Approvals(approvals::Command),
    #[command(subcommand)]
    Connections(connections::Command),
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    #[command(subcommand)]
    Filters(filters::Command),
    #[command(subcommand)]
    Playbooks(playbooks::Command),
    /// A worker that runs playbooks for the daemon, over its stdin and stdout.
    #[command(hide = true)]
    SandboxWorker,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_examples() {
        fn walk(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
                walk(inner, &path);
            }
            // Whoever owns a command writes its examples; those of the daemon are not this test's.
            if !path.ends_with(" serve") && !path.ends_with(" demo") {
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.starts_with("Examples:\n"), "{path}: {help}");
                // A paragraph is one line: the terminal's width breaks it, and nothing else.
                let lines: Vec<&str> = help.lines().collect();
                let is_prose = |line: &str| !line.is_empty() && !line.starts_with(' ');
                for pair in lines.windows(2).filter(|pair| is_prose(pair[0]) && is_prose(pair[1])) {
                    assert!(pair[0].ends_with(['.', ':']), "{path}: broken by hand: {pair:?}");
                }
            }
        }
        walk(&Cli::command(), "");
    }

    #[test]
    fn words_outside_the_grammar_are_refused() {
        for wrong in [
            &["quell"][..],
            &["quell", "chekc"],
            &["quell", "alerts"],
            &["quell", "alerts", "list", "--status", "open"],
            &["quell", "alerts", "list", "--limit", "0"],
            &["quell", "alerts", "show", "run_x"],
            &["quell", "check", "--format", "xml"],
            &["quell", "check", "--fail-level", "note"],
        ] {
            assert!(Cli::try_parse_from(wrong).is_err_and(|refused| refused.use_stderr()), "{wrong:?}");
        }
    }
}
