//! The root of the configuration: its keys, their defaults, and what must hold between them.

use super::codes;
use super::connection;
use super::email;
use super::environment::Surroundings;
use super::guard;
use super::policy;
use super::section::Section;
use super::token;
use super::tree::Shape;
use crate::decode;
use crate::delivery::{Connections, EmailSettings};
use crate::diag::Diagnostics;
use crate::filter::Policy;
use crate::http::Token;
use crate::pipeline::GuardSettings;
use crate::reload;
use crate::ruleset::Outlets;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Everything a daemon is told, checked and with its secrets read.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to serve on.
    pub listen: SocketAddr,
    /// The folder of filters.
    pub rules: PathBuf,
    /// The folder of playbooks.
    pub playbooks: PathBuf,
    /// The folder of the daemon's own data.
    pub data: PathBuf,
    /// Outbound endpoints by name.
    pub connections: Connections,
    /// The mail server, if there is one.
    pub email: Option<EmailSettings>,
    /// Who may do what.
    pub tokens: Vec<Token>,
    /// Names besides the listening address that requests may call this host by.
    pub hosts: Vec<String>,
    /// What is asked of filters.
    pub policy: Policy,
    /// What keeps filters within bounds.
    pub guard: GuardSettings,
    /// Bounds on what comes in.
    pub limits: decode::Limits,
    /// Worker processes that run playbooks; `None` was not set.
    pub workers: Option<usize>,
}

pub(super) const KEYS: [&str; 10] =
    ["listen", "rules", "playbooks", "data", "connections", "email", "tokens", "hosts", "limits", "policy"];

/// The keys of `limits`.
pub(super) const LIMIT_KEYS: [&str; 4] = ["alert_bytes", "request_bytes", "alerts", "workers"];

/// Keys of later versions, and what is so today.
const LATER: [(&str, &str); 3] = [
    ("store", "this version keeps everything in SQLite under `data`"),
    ("export", "this version exports nothing"),
    ("retention", "this version keeps everything"),
];

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8642);

/// Reports keys that do not exist, and keys that do not exist yet.
pub(super) fn allow_only_known(root: &Section<'_>, found: &mut Diagnostics) {
    let known: Vec<&str> = KEYS.into_iter().chain(LATER.map(|(key, _)| key)).collect();
    root.allow_only(&known, found);
    for (key, today) in LATER {
        if let Some(entry) = root.entries().iter().find(|entry| entry.key == key) {
            let message = format!("`{key}` is not available yet");
            entry.key_place.error(found, codes::NOT_AVAILABLE, message).help(format!("remove it; {today}"));
        }
    }
}

/// Where the rules are, and what connections are called. `folder` is where defaults hang.
pub(super) fn rule_folders(root: &Section<'_>, folder: &Path, found: &mut Diagnostics) -> reload::Settings {
    let mut path = |key| root.path(key, found).unwrap_or_else(|| folder.join(key));
    let (rules, playbooks) = (path("rules"), path("playbooks"));
    // That there is no mail server is known only of a configuration that says something.
    let mail_server = (!root.entries().is_empty()).then(|| root.get("email").is_some());
    let outlets = Outlets { connections: connection_names(root), mail_server };
    let policy = root.section("policy", found).map(|section| policy::read(&section, found)).unwrap_or_default();
    reload::Settings { rules, playbooks, outlets, policy, ..reload::Settings::default() }
}

/// Where the daemon keeps its own data.
pub(super) fn data_folder(root: &Section<'_>, folder: &Path, found: &mut Diagnostics) -> PathBuf {
    root.path("data", found).unwrap_or_else(|| folder.join("quell-data"))
}

/// Their names alone, which need no secrets; none if nothing is said of connections.
fn connection_names(root: &Section<'_>) -> Option<Vec<String>> {
    match &root.get("connections")?.shape {
        Shape::Map(entries) => Some(entries.iter().map(|entry| entry.key.clone()).collect()),
        _ => None,
    }
}

/// Reads everything; faults go to `found`, and what is returned then is of no use.
pub(super) fn read(root: &Section<'_>, folder: &Path, around: &Surroundings, found: &mut Diagnostics) -> Config {
    allow_only_known(root, found);
    let reload::Settings { rules, playbooks, policy, .. } = rule_folders(root, folder, found);
    let limits = root.section("limits", found);
    let config = Config {
        listen: listen(root, found).unwrap_or(LISTEN),
        rules,
        playbooks,
        data: data_folder(root, folder, found),
        connections: connections(root, around, found),
        email: root.section("email", found).and_then(|section| email::read(&section, around, found)),
        tokens: tokens(root, found),
        hosts: hosts(root, found),
        guard: guard_settings(root, found),
        policy,
        limits: limits.as_ref().map(|section| intake_limits(section, found)).unwrap_or_default(),
        workers: limits.as_ref().and_then(|section| section.whole("workers", 1..=1024, found)).and_then(fitting),
    };
    refuse_open_to_all(root, &config, found);
    config
}

/// Those of `policy`; that it is no map was told when the rest of it was read.
pub(super) fn guard_settings(root: &Section<'_>, found: &mut Diagnostics) -> GuardSettings {
    let is_map = root.get("policy").is_some_and(|value| matches!(value.shape, Shape::Map(_)));
    let section = is_map.then(|| root.section("policy", found)).flatten();
    section.map(|section| guard::read(&section, found)).unwrap_or_default()
}

fn listen(root: &Section<'_>, found: &mut Diagnostics) -> Option<SocketAddr> {
    let (text, value) = root.text("listen", found)?;
    let address = text.parse().ok();
    if address.is_none() {
        let fault = value.place.error(found, codes::INVALID, format!("`listen`: `{text}` is not an address and port"));
        fault.help("write an IP address and a port, such as 127.0.0.1:8642 or [::1]:8642");
    }
    address
}

fn connections(root: &Section<'_>, around: &Surroundings, found: &mut Diagnostics) -> Connections {
    let section = root.section("connections", found);
    let entries = section.iter().flat_map(|section| section.entries());
    entries.filter_map(|entry| connection::read(entry, around, found)).collect()
}

fn tokens(root: &Section<'_>, found: &mut Diagnostics) -> Vec<Token> {
    let Some(value) = root.get("tokens") else { return Vec::new() };
    let Shape::List(list) = &value.shape else {
        super::section::wrong_kind(value, "tokens", "a list", found);
        return Vec::new();
    };
    token::read(list, found)
}

fn hosts(root: &Section<'_>, found: &mut Diagnostics) -> Vec<String> {
    let mut hosts = Vec::new();
    for (text, value) in root.texts("hosts", found) {
        let shaped = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
        if text.is_empty() || !text.chars().all(shaped) {
            let message = format!("`hosts`: `{text}` is not a host name");
            value
                .place
                .error(found, codes::INVALID, message)
                .help("write a name as in quell.example.com, without https://");
            continue;
        }
        hosts.push(text.to_ascii_lowercase());
    }
    hosts
}

fn intake_limits(section: &Section<'_>, found: &mut Diagnostics) -> decode::Limits {
    const MIB: u64 = 1 << 20;
    section.allow_only(&LIMIT_KEYS, found);
    let usual = decode::Limits::default();
    decode::Limits {
        alert_bytes: section
            .bytes("alert_bytes", 1024..=64 * MIB, found)
            .and_then(fitting)
            .unwrap_or(usual.alert_bytes),
        request_bytes: section
            .bytes("request_bytes", 1024..=1024 * MIB, found)
            .and_then(fitting)
            .unwrap_or(usual.request_bytes),
        alerts: section.whole("alerts", 1..=1_000_000, found).and_then(fitting).unwrap_or(usual.alerts),
        ..usual
    }
}

/// A number as this machine counts; none where it cannot, which leaves the default.
fn fitting(number: u64) -> Option<usize> {
    usize::try_from(number).ok()
}

/// Whoever can reach the port could read and change everything.
fn refuse_open_to_all(root: &Section<'_>, config: &Config, found: &mut Diagnostics) {
    if config.listen.ip().to_canonical().is_loopback() || !config.tokens.is_empty() || found.has_errors() {
        return;
    }
    let Some(value) = root.get("listen") else { return };
    let message = format!("listening on {} needs tokens, since others can reach it", config.listen);
    let fault = value.place.error(found, codes::OPEN_TO_ALL, message);
    fault.help("add `tokens`, or listen on 127.0.0.1");
}
