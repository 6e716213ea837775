//! Metrics, in OpenMetrics text. One typed method an event, so that no caller spells a metric's name.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Most texts of one label whose texts come from outside. Each is kept, and shown at every scrape, for ever.
const MOST_TEXTS: usize = 64;

/// Most bytes of such a text.
const MAX_TEXT: usize = 64;

/// The text that all further ones count under.
const OTHER: &str = "other";

/// Keeps a label's texts few: the first ones it is given stand for themselves, later ones for nobody in particular.
#[derive(Debug, Default)]
struct Texts(Mutex<BTreeSet<String>>);

impl Texts {
    fn label(&self, text: &str) -> String {
        let text = &text[..text.floor_char_boundary(MAX_TEXT)];
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.contains(text) {
            if known.len() == MOST_TEXTS {
                return OTHER.to_owned();
            }
            known.insert(text.to_owned());
        }
        text.to_owned()
    }
}

/// Whether something worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Outcome {
    /// It did.
    #[expect(non_camel_case_types, reason = "the label's text is the variant's name")]
    ok,
    /// It did not.
    #[expect(non_camel_case_types, reason = "the label's text is the variant's name")]
    failed,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Verdict {
    source: String,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    connection: String,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Status {
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByConnection {
    connection: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConnectionState {
    connection: String,
    state: &'static str,
}

/// Which rules run, as labels of a gauge that is 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RulesetLabels {
    generation: String,
    commit: String,
    dirty: String,
    author: String,
    commit_time: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: &'static str,
    status: u16,
}

/// The rules that run.
#[derive(Debug, Clone, Copy)]
pub struct Running<'a> {
    /// Their generation.
    pub generation: &'a str,
    /// The commit they stood on, where that is known.
    pub commit: Option<&'a str>,
    /// Whether the folder held something else than that commit.
    pub dirty: bool,
    /// Who made the commit.
    pub author: Option<&'a str>,
    /// When it was committed.
    pub commit_time: Option<&'a str>,
}

/// Every metric of the daemon.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    sources: Texts,
    connections: Texts,
    alerts: Family<Verdict, Counter>,
    duplicates: Counter,
    rejected: Counter,
    attempts: Family<Attempt, Counter>,
    attempt_seconds: Histogram,
    steps: Family<Status, Counter>,
    http_requests: Family<Request, Counter>,
    http_seconds: Histogram,
    reload_successful: Gauge,
    filters: Gauge,
    playbooks: Gauge,
    ruleset: Family<RulesetLabels, Gauge>,
    stored_alerts: Family<Status, Gauge>,
    stored_runs: Family<Status, Gauge>,
    queued_requests: Family<ByConnection, Gauge>,
    open_approvals: Gauge,
    dead_letters: Gauge,
    connection_states: Family<ConnectionState, Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All metrics, at zero.
    pub fn new() -> Self {
        let seconds =
            || Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0]);
        let mut registry = Registry::with_prefix("quell");
        let (alerts, duplicates, rejected) = (Family::default(), Counter::default(), Counter::default());
        registry.register("alerts", "Alerts stored, by source and first status", alerts.clone());
        registry.register("alerts_duplicate", "Alerts that were stored before", duplicates.clone());
        registry.register("alerts_rejected", "Alerts refused as unreadable", rejected.clone());
        let (attempts, attempt_seconds) = (Family::default(), seconds());
        registry.register("delivery_attempts", "Attempts to deliver a request", attempts.clone());
        let name = "delivery_attempt_duration";
        registry.register_with_unit(name, "How long an attempt took", Unit::Seconds, attempt_seconds.clone());
        let steps = Family::default();
        registry.register("run_activations", "Activations of a playbook, by where the run stood after", steps.clone());
        let (http_requests, http_seconds) = (Family::default(), seconds());
        registry.register("http_requests", "Requests answered", http_requests.clone());
        let name = "http_request_duration";
        registry.register_with_unit(name, "How long a request took", Unit::Seconds, http_seconds.clone());
        let reload_successful = Gauge::default();
        let help = "1 if the last reload was accepted, 0 if it was refused";
        registry.register("config_last_reload_successful", help, reload_successful.clone());
        let (filters, playbooks) = (Gauge::default(), Gauge::default());
        registry.register("filters", "Filters in the running set", filters.clone());
        registry.register("playbooks", "Playbooks in the running set", playbooks.clone());
        let ruleset = Family::default();
        registry.register(
            "ruleset_info",
            "The running set: its generation, and the commit with its author and time",
            ruleset.clone(),
        );
        let (stored_alerts, stored_runs, queued_requests) = (Family::default(), Family::default(), Family::default());
        registry.register("stored_alerts", "Alerts in the store, by status", stored_alerts.clone());
        registry.register("stored_runs", "Runs in the store, by status", stored_runs.clone());
        registry.register("queued_requests", "Requests waiting to be sent", queued_requests.clone());
        let (open_approvals, dead_letters) = (Gauge::default(), Gauge::default());
        registry.register("open_approvals", "Questions nobody has answered yet", open_approvals.clone());
        registry.register("dead_letters", "Requests given up that wait for a person", dead_letters.clone());
        let connection_states = Family::default();
        let help = "1 for the state a connection is in, 0 for the others";
        registry.register("connection_state", help, connection_states.clone());
        Self {
            registry,
            sources: Texts::default(),
            connections: Texts::default(),
            alerts,
            duplicates,
            rejected,
            attempts,
            attempt_seconds,
            steps,
            http_requests,
            http_seconds,
            reload_successful,
            filters,
            playbooks,
            ruleset,
            stored_alerts,
            stored_runs,
            queued_requests,
            open_approvals,
            dead_letters,
            connection_states,
        }
    }

    /// An alert was stored for the first time. Only the first 64 sources are told apart: senders choose them.
    pub fn alert_stored(&self, source: &str, status: &'static str) {
        self.alerts.get_or_create(&Verdict { source: self.sources.label(source), status }).inc();
    }

    /// An alert was stored before.
    pub fn alert_repeated(&self) {
        self.duplicates.inc();
    }

    /// An alert could not be read.
    pub fn alert_rejected(&self) {
        self.rejected.inc();
    }

    /// An attempt at a delivery ended. Only the first 64 connections are told apart: playbooks choose them.
    pub fn attempt(&self, connection: &str, outcome: Outcome, took: Duration) {
        self.attempts.get_or_create(&Attempt { connection: self.connections.label(connection), outcome }).inc();
        self.attempt_seconds.observe(took.as_secs_f64());
    }

    /// How a connection stands: every state there is, and whether it is in it.
    pub fn connection_state(&self, connection: &str, states: impl IntoIterator<Item = (&'static str, bool)>) {
        for (state, is_it) in states {
            let connection = self.connections.label(connection);
            self.connection_states.get_or_create(&ConnectionState { connection, state }).set(i64::from(is_it));
        }
    }

    /// A playbook was stepped, and its run now stands so.
    pub fn activation(&self, status: &'static str) {
        self.steps.get_or_create(&Status { status }).inc();
    }

    /// A request was answered. `route` is the template, never the path, so that labels stay few.
    pub fn http_request(&self, route: &'static str, status: u16, seconds: f64) {
        self.http_requests.get_or_create(&Request { route, status }).inc();
        self.http_seconds.observe(seconds);
    }

    /// The running set, and whether the last reload was accepted.
    pub fn ruleset(&self, running: &Running<'_>, filters: usize, playbooks: usize, accepted: bool) {
        let Running { generation, commit, dirty, author, commit_time } = running;
        let labels = RulesetLabels {
            generation: (*generation).to_owned(),
            commit: commit.unwrap_or_default().to_owned(),
            dirty: dirty.to_string(),
            author: author.unwrap_or_default().to_owned(),
            commit_time: commit_time.unwrap_or_default().to_owned(),
        };
        // The set that ran before is not one of now.
        self.ruleset.clear();
        self.ruleset.get_or_create(&labels).set(1);
        self.filters.set(i64::try_from(filters).unwrap_or(i64::MAX));
        self.playbooks.set(i64::try_from(playbooks).unwrap_or(i64::MAX));
        self.reload_successful.set(i64::from(accepted));
    }

    /// How many alerts, runs and waiting requests the store holds.
    pub fn stored(
        &self,
        alerts: impl IntoIterator<Item = (&'static str, u64)>,
        runs: impl IntoIterator<Item = (&'static str, u64)>,
        requests: impl IntoIterator<Item = (String, u64)>,
    ) {
        let gauge = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        for (status, count) in alerts {
            self.stored_alerts.get_or_create(&Status { status }).set(gauge(count));
        }
        for (status, count) in runs {
            self.stored_runs.get_or_create(&Status { status }).set(gauge(count));
        }
        // A connection whose queue has emptied is not listed any more, and must not keep its last number.
        self.queued_requests.clear();
        let mut queued: BTreeMap<String, u64> = BTreeMap::new();
        for (connection, count) in requests {
            *queued.entry(self.connections.label(&connection)).or_default() += count;
        }
        for (connection, count) in queued {
            self.queued_requests.get_or_create(&ByConnection { connection }).set(gauge(count));
        }
    }

    /// How much waits for people.
    pub fn waiting_for_people(&self, approvals: u64, dead_letters: u64) {
        for (gauge, count) in [(&self.open_approvals, approvals), (&self.dead_letters, dead_letters)] {
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
    }

    /// Everything, as OpenMetrics text.
    pub fn render(&self) -> String {
        let mut out = String::new();
        text::encode(&mut out, &self.registry).expect("writing to a string does not fail");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_what_was_counted() {
        let metrics = Metrics::new();
        metrics.alert_stored("falco", "dismissed");
        metrics.attempt("chat", Outcome::failed, Duration::from_millis(3));
        let (author, commit_time) = (Some("Ada <a@example.com>"), Some("2026-11-20T08:00:00Z"));
        let running = Running { generation: "g", commit: Some("c"), dirty: true, author, commit_time };
        metrics.ruleset(&Running { generation: "old", commit: None, ..running }, 7, 4, true);
        metrics.ruleset(&running, 8, 4, false);
        let text = metrics.render();
        assert!(text.contains("quell_alerts_total{source=\"falco\",status=\"dismissed\"} 1"), "{text}");
        assert!(text.contains("quell_delivery_attempts_total{connection=\"chat\",outcome=\"failed\"} 1"), "{text}");
        assert!(text.contains("quell_config_last_reload_successful 0"), "{text}");
        let labels = "{generation=\"g\",commit=\"c\",dirty=\"true\",author=\"Ada <a@example.com>\",\
                      commit_time=\"2026-11-20T08:00:00Z\"}";
        assert!(text.contains(&format!("quell_ruleset_info{labels} 1")), "{text}");
        assert!(!text.contains("generation=\"old\""), "{text}");
    }

    #[test]
    fn whoever_chooses_labels_cannot_make_them_many() {
        let metrics = Metrics::new();
        for n in 0..1000 {
            metrics.alert_stored(&format!("sensor-{n}"), "active");
            metrics.attempt(&format!("lane-{n}"), Outcome::ok, Duration::ZERO);
        }
        metrics.alert_stored("sensor-0", "active");
        metrics.stored([], [], (0..1000).map(|n| (format!("lane-{n}"), 2)));
        let text = metrics.render();
        for line in [
            "quell_alerts_total{source=\"sensor-0\",status=\"active\"} 2",
            "quell_alerts_total{source=\"sensor-63\",status=\"active\"} 1",
            "quell_alerts_total{source=\"other\",status=\"active\"} 936",
            "quell_delivery_attempts_total{connection=\"other\",outcome=\"ok\"} 936",
            "quell_queued_requests{connection=\"lane-0\"} 2",
            "quell_queued_requests{connection=\"other\"} 1872",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
        }
        assert!(text.lines().count() < 300, "{text}");
    }

    #[test]
    fn a_long_label_is_cut() {
        let metrics = Metrics::new();
        metrics.alert_stored(&"é".repeat(5000), "active");
        assert!(metrics.render().contains(&format!("source=\"{}\"", "é".repeat(MAX_TEXT / 2))));
    }
}
