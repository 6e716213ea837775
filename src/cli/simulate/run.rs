//! The simulation itself: compile, replay, judge, report.

use super::args::{Args, Format};
use super::bar::Bar;
use super::subject::Subject;
use super::{draw, markdown};
use crate::cli::{Context, Exit, Failure, sets};
use crate::config::{self, Flags};
use crate::diag::visible;
use crate::simulate::{Before, Gates, Input, Report, Settings, SimulateFault, replay};
use crate::store::SqliteHistory;

/// Simulates.
pub(in crate::cli) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let flags = Flags { data: args.data.clone(), ..args.config.flags() };
    let folders = config::folders(&flags, &context.around)?.settings;
    let candidate = sets::in_place(&folders.rules, context)?;
    let against = args.against.as_ref().map(|name| sets::named(name, &folders.rules, context)).transpose()?;
    let now = context.clock.now();
    let input = match args.since {
        Some(since) => {
            let history = SqliteHistory::open(&folders.data, since.instant(now));
            Input::History(history.map_err(SimulateFault::from)?)
        }
        None => Input::Files(args.events.clone()),
    };
    let before = against.as_ref().map_or(Before::Recorded, |set| Before::Set(&set.rules));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let bar = Bar::new();
    let settings = Settings { at: args.at, now, threads };
    let report = replay(&input, before, &candidate.rules, settings, &mut |progress| bar.show(progress));
    bar.clear();
    let report = report?;
    say_unreadable(&report, context);
    refuse_nothing(&report)?;
    let gates = Gates {
        newly_dismissed: args.max_newly_dismissed,
        newly_shown: args.max_newly_shown,
        fail_on_high: args.fail_on_high,
    };
    let gates = gates.judge(&report);
    let subject = Subject {
        candidate: &candidate,
        against: against.as_ref(),
        is_history: matches!(input, Input::History(_)),
        report: &report,
        gates: &gates,
    };
    match args.format {
        Format::Text => context.terminal.data(&draw::text(&subject, context.terminal.width()))?,
        Format::Json => context.terminal.verbatim(&format!("{:#}", subject.json()))?,
        Format::Markdown => context.terminal.verbatim(&markdown::text(&subject))?,
    }
    let exceeded: Vec<_> = gates.iter().filter(|gate| gate.exceeded).collect();
    for gate in &exceeded {
        context.terminal.say(&format!("error: {}", Subject::gate(gate)));
    }
    Ok(if exceeded.is_empty() { Exit::Fine } else { Exit::Findings })
}

fn say_unreadable(report: &Report, context: &Context) {
    let unreadable = &report.unreadable;
    for alert in &unreadable.first {
        context.terminal.say(&format!("{}: not read: {}", visible(&alert.place), visible(&alert.why)));
    }
    let more = unreadable.count - unreadable.first.len() as u64;
    if more > 0 {
        context.terminal.say(&format!("{more} more could not be read"));
    }
}

/// A gate that has looked at nothing would let everything pass.
fn refuse_nothing(report: &Report) -> Result<(), Failure> {
    match (report.alerts.total(), report.unreadable.count) {
        (0, 0) => Err(Failure::Usage("there is no alert to replay; name others with --since or --events".to_owned())),
        (0, all) => Err(Failure::Usage(format!("none of the {all} alerts can be read"))),
        _ => Ok(()),
    }
}
