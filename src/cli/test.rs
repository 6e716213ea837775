//! `quell test`: runs the tests that stand beside filters and playbooks.

use super::explain::draw;
use super::options::{ConfigArgs, Format};
use super::process::with_stack;
use super::show::style;
use super::{Context, Exit, Failure};
use crate::config;
use crate::diag::{Diagnostic, Diagnostics, visible};
use crate::reload;
use crate::ruleset::trial::{self, Trial};
use crate::ruleset::{self, Sources};
use serde_json::json;

/// Run the tests beside filters and playbooks; playbooks get the answers their tests list, and send nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quell test
  quell test --rules my/rules --playbooks my/playbooks
  quell test --format json | jq '.tests[] | select(.fault)'

A test of a filter that does not hold is shown with the filter's condition, line by line, and what each saw.

Exit status: 0 if every test holds, 1 if one does not, 2 if the set does not compile.")]
pub struct Args {
    #[command(flatten)]
    config: ConfigArgs,
    /// How the outcome is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Runs the tests.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let folders = config::rule_folders(&args.config.flags(), &context.around)?.settings;
    let mut found = Diagnostics::new();
    let sources = reload::read_sources(&folders, &mut found);
    if found.has_errors() {
        return Err(Failure::Rules(found.sorted()));
    }
    let trials = with_stack(move || trials(&sources))?.map_err(Failure::Rules)?;
    let failed = trials.iter().filter(|trial| trial.fault.is_some()).count();
    match args.format {
        Format::Text => text(&trials, failed, context)?,
        Format::Json => {
            let tests = trials.iter().map(|Trial { name, file, place, fault, explained }| {
                json!({
                    "name": name, "file": file.display().to_string(), "line": place.line, "fault": fault,
                    "explanation": explained,
                })
            });
            let tests: Vec<_> = tests.collect();
            context
                .terminal
                .verbatim(&json!({"passed": trials.len() - failed, "failed": failed, "tests": tests}).to_string())?;
        }
    }
    Ok(if failed == 0 { Exit::Fine } else { Exit::Findings })
}

fn trials(sources: &Sources) -> Result<Vec<Trial>, Vec<Diagnostic>> {
    let set = ruleset::build(sources).map_err(|refusal| refusal.diagnostics)?;
    // What cannot be read has been refused by the build.
    Ok(trial::run(&set, sources, &mut Diagnostics::new()))
}

fn text(trials: &[Trial], failed: usize, context: &Context) -> Result<(), Failure> {
    for Trial { name, file, place, fault, explained } in trials {
        let Some(fault) = fault else { continue };
        let (error, file, line) = (style::ERROR, file.display(), place.line);
        let lines: Vec<_> = fault.lines().map(visible).collect();
        let fault = lines.join("\n  ");
        context.terminal.say(&format!("{file}:{line}: {error}failed{error:#}: {}: {fault}", visible(name)));
        for filter in explained {
            let drawn = draw::filter(filter);
            context.terminal.say(&drawn.lines().map(|line| format!("  {line}\n")).collect::<String>());
        }
    }
    let color = if failed == 0 { style::GOOD } else { style::ERROR };
    context.terminal.data(&format!("{color}{} passed, {failed} failed{color:#}", trials.len() - failed))
}
