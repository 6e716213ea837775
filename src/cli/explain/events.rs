//! Alerts of files: put to the rules in place, without a daemon.

use super::{Args, draw};
use crate::alert::Alert;
use crate::cli::options::Format;
use crate::cli::show::fields::Page;
use crate::cli::{Context, Exit, Failure, sets};
use crate::clock::Timestamp;
use crate::config;
use crate::diag::visible;
use crate::ruleset::{AlertExplanation, Ruleset, Verdict};
use crate::simulate::{SimulateFault, read_events};
use serde::Serialize;
use serde_json::json;

/// Alerts that are explained; nobody reads on.
const MOST_ALERTS: usize = 100;

/// One alert explained.
#[derive(Debug, Serialize)]
struct Explained {
    source_id: String,
    alert_type: String,
    title: String,
    severity: String,
    verdict: Verdict,
    #[serde(flatten)]
    explanation: AlertExplanation,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let folders = config::rule_folders(&args.config.flags(), &context.around)?.settings;
    let set = sets::in_place(&folders, context)?;
    let now = context.clock.now();
    if let Some(id) = args.filter.as_ref().filter(|id| !set.rules.filters().iter().any(|filter| filter.id == **id)) {
        return Err(Failure::Usage(format!("there is no filter {id} in {}", set.name)));
    }
    let (mut explained, mut more, mut unread) = (Vec::new(), 0_usize, Vec::new());
    read_events(&args.events, now, |event| match event {
        Ok(event) if explained.len() < MOST_ALERTS => explained.push(one(&set.rules, &event.alert, now, args)),
        Ok(_) => more += 1,
        Err(fault) => unread.push(fault),
    })
    .map_err(|(file, fault)| SimulateFault::File(file, fault))?;
    for fault in &unread {
        context.terminal.say(&format!("{}: not read: {}", visible(&fault.place), visible(&fault.why)));
    }
    if explained.is_empty() {
        return Err(Failure::Usage("there is no alert to explain in these files".to_owned()));
    }
    match args.format {
        Format::Text => context.terminal.data(&text(&explained, args.filter.is_some()))?,
        Format::Json => {
            let report = json!({"items": explained, "unreadable": unread.len(), "not_explained": more});
            context.terminal.verbatim(&format!("{report:#}"))?;
        }
    }
    if more > 0 {
        context.terminal.say(&format!("the first {MOST_ALERTS} alerts are explained, {more} more are not"));
    }
    Ok(Exit::Fine)
}

fn one(rules: &Ruleset, alert: &Alert, now: Timestamp, args: &Args) -> Explained {
    let explanation = rules.explain(alert, now, args.filter.as_ref(), &|_| false).expect("the set has the filter");
    Explained {
        source_id: alert.source_id.clone(),
        alert_type: alert.alert_type.clone(),
        title: alert.title.clone(),
        severity: alert.severity.to_string(),
        verdict: rules.decide(alert, now).verdict,
        explanation,
    }
}

fn text(all: &[Explained], only_one: bool) -> String {
    let mut page = Page::default();
    for (number, explained) in all.iter().enumerate() {
        if number > 0 {
            page.line("\n");
        }
        page.field("alert", &format!("{}  {}", explained.source_id, explained.title));
        page.field("severity", &explained.severity);
        draw::in_place(&mut page, &explained.verdict, &explained.explanation, only_one);
    }
    page.finish()
}
