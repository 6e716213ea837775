//! What was simulated, in the words that every format begins with.

use crate::cli::sets::Set;
use crate::cli::show::text::count;
use crate::simulate::{Gate, Report};
use serde_json::{Value, json};

/// What was put beside what, and what came of it.
#[derive(Debug)]
pub(super) struct Subject<'s> {
    pub candidate: &'s Set,
    /// None: what was decided when the alerts came in.
    pub against: Option<&'s Set>,
    pub is_history: bool,
    pub report: &'s Report,
    pub gates: &'s [Gate],
}

impl Subject<'_> {
    /// The rules that are tried.
    pub fn candidate(&self) -> String {
        described(self.candidate)
    }

    /// What they are compared with.
    pub fn before(&self) -> String {
        match self.against {
            Some(set) => described(set),
            None if self.is_history => "what was decided when the alerts came in".to_owned(),
            None => "no rules: every alert is shown".to_owned(),
        }
    }

    /// The numbers by severity, those there are.
    pub fn by_severity(count: &crate::simulate::Count) -> String {
        let some: Vec<_> = count.by_word().iter().filter(|(_, n)| *n > 0).map(|(w, n)| format!("{n} {w}")).collect();
        if some.is_empty() { String::new() } else { format!(" ({})", some.join(", ")) }
    }

    /// A line for each gate.
    pub fn gate(gate: &Gate) -> String {
        let Gate { gate, limit, found, exceeded } = gate;
        let verdict = if *exceeded { "exceeded" } else { "kept" };
        match *gate {
            "--fail-on-high" => format!("{gate} {verdict}: {found} of severity high, critical or unknown would vanish"),
            _ => format!("{gate} {limit} {verdict}: {found}"),
        }
    }

    /// One object for programs.
    pub fn json(&self) -> Value {
        let before = match self.against {
            Some(set) => set.json(),
            None => Value::from(if self.is_history { "recorded" } else { "nothing" }),
        };
        json!({
            "same": self.report.is_same(),
            "candidate": self.candidate.json(),
            "against": before,
            "report": self.report,
            "gates": self.gates,
        })
    }
}

fn described(set: &Set) -> String {
    let commit = set.commit();
    let commit = if commit.is_empty() { String::new() } else { format!(" ({commit})") };
    let (filters, playbooks) = (set.rules.filters().len(), set.rules.playbooks().len());
    format!("{}{commit}: {}, {}", set.name, count(filters, "filter"), count(playbooks, "playbook"))
}
