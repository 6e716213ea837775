//! A flag wins over a variable, a variable over the file, the file over the default.

use super::World;
use crate::config::{Flags, Surroundings, load, rule_folders};
use crate::decode::Limits;
use crate::delivery::{MailTls, Purpose, Scheme};
use crate::http::Scope;
use std::time::Duration;

#[test]
fn a_policy_is_read_in_its_short_and_its_long_form() {
    use crate::diag::Level;
    use crate::filter::Demand;
    assert!(World::new().config().policy.is_empty(), "nothing is asked unless said");
    let file = "policy:\n  level: warning\n  longest_life: 90d\n  required: {value: [owner, ticket], level: error}\n  \
                banned_values: '*'\n";
    let policy = World::new().file(file).config().policy;
    let day = std::time::Duration::from_secs(24 * 3600);
    assert_eq!(policy.longest_life, Some(Demand { what: 90 * day, level: Level::Warning }));
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(policy.required, Some(Demand { what: texts(&["owner", "ticket"]), level: Level::Error }));
    assert_eq!(policy.banned_values, Some(Demand { what: texts(&["*"]), level: Level::Warning }));
}

#[test]
fn nothing_said_gives_the_defaults() {
    let world = World::new();
    let config = world.config();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8642");
    assert_eq!(config.rules, world.path("rules"));
    assert_eq!(config.playbooks, world.path("playbooks"));
    assert_eq!(config.data, world.path("quell-data"));
    assert!(config.connections.iter().next().is_none() && config.tokens.is_empty() && config.hosts.is_empty());
    assert_eq!((config.limits, config.workers), (Limits::default(), None));
}

#[test]
fn without_a_working_folder_paths_stay_as_they_are() {
    let around = Surroundings::default();
    let flags = Flags { config: Some("/dev/null/nowhere.yaml".into()), ..Flags::default() };
    assert!(load(&flags, &around).is_err());
    let flags = Flags { rules: Some("my-rules".into()), ..Flags::default() };
    assert_eq!(rule_folders(&flags, &around).unwrap().settings.rules.to_str(), Some("my-rules"));
}

#[test]
fn each_layer_wins_over_the_one_below() {
    let world = World::new().file("listen: 127.0.0.1:1\ndata: from-file\nrules: from-file\nplaybooks: from-file\n");
    assert_eq!(world.config().listen.port(), 1);
    let world = world.variable("QUELL_LISTEN", "127.0.0.1:2").variable("QUELL_DATA", "from-variable");
    let world = world.variable("QUELL_RULES", "from-variable");
    let flags = Flags { rules: Some("from-flag".into()), listen: Some("127.0.0.1:3".into()), ..Flags::default() };
    let config = load(&flags, &world.around).unwrap().settings;
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.rules, world.path("from-flag"));
    assert_eq!(config.data, world.path("from-variable"));
    assert_eq!(config.playbooks, world.path("from-file"));
}

#[test]
fn a_named_file_wins_over_the_one_in_the_working_folder() {
    let world = World::new().file("listen: 127.0.0.1:1\n").named("etc/other.yaml", "data: state\n", 0o644);
    let by_variable = World { around: world.around.clone(), folder: world.folder };
    let by_variable = by_variable.variable("QUELL_CONFIG", "etc/other.yaml");
    let config = by_variable.config();
    assert_eq!(config.listen.port(), 8642);
    // Its relative paths hang on its own folder, and so do the defaults.
    assert_eq!(config.data, by_variable.path("etc/state"));
    assert_eq!(config.rules, by_variable.path("etc/rules"));
    let flags = Flags { config: Some("quell.yaml".into()), ..Flags::default() };
    assert_eq!(load(&flags, &by_variable.around).unwrap().settings.listen.port(), 1);
}

#[test]
fn paths_of_variables_hang_on_the_working_folder() {
    let world = World::new().named("etc/q.yaml", "rules: r\n", 0o644).variable("QUELL_CONFIG", "etc/q.yaml");
    let config = world.variable("QUELL_DATA", "d").variable("QUELL_PLAYBOOKS", "/p").config();
    assert!(config.rules.ends_with("etc/r"));
    assert!(config.data.ends_with("d") && !config.data.ends_with("etc/d"));
    assert_eq!(config.playbooks.to_str(), Some("/p"));
}

#[test]
fn variables_reach_every_setting() {
    let file = "connections:\n  my-chat: {url: 'https://a.example', timeout: 5s}\n";
    let world = World::new()
        .file(file)
        .variable("QUELL_CONNECTIONS__MY_CHAT__TIMEOUT", "7s")
        .variable("QUELL_CONNECTIONS__MY_CHAT__CONCURRENCY", "3")
        .variable("QUELL_CONNECTIONS__MY_CHAT__ALLOW_PRIVATE", "true")
        .variable("QUELL_CONNECTIONS__MY_CHAT__PORTS", "[8443, 9000]")
        .variable("QUELL_CONNECTIONS__PAGER__URL", "https://b.example/x")
        .variable("QUELL_HOSTS", "quell.example.com")
        .variable("QUELL_LIMITS__WORKERS", "4")
        .variable("QUELL_LIMITS__ALERT_BYTES", "2 MiB")
        .variable("QUELL_TOKENS", &format!("[{{name: siem, sha256: {}, scopes: [ingest, read]}}]", "ab".repeat(32)))
        .variable("QUELL_LISTEN", "")
        .variable("OTHER", "x");
    let config = world.config();
    let chat = config.connections.get("my-chat").unwrap();
    assert_eq!((chat.timeout, chat.concurrency), (Duration::from_secs(7), 3));
    assert!(chat.allow_private);
    assert_eq!(config.connections.get("pager").unwrap().url.as_str(), "https://b.example/x");
    assert_eq!(config.hosts, ["quell.example.com"]);
    assert_eq!(config.workers, Some(4));
    assert_eq!(config.limits.alert_bytes, 2 << 20);
    assert_eq!(config.tokens[0].scopes, [Scope::Ingest, Scope::Read]);
    assert_eq!(world.faults(), Vec::<String>::new());
}

#[test]
fn a_whole_file_reads_as_written() {
    let world = World::new()
        .file(
            "listen: '[::1]:9000'\nconnections:\n  chat:\n    url: {env: CHAT_URL}\n    sign: {secret: {env: CHAT_SECRET}}\n    \
             timeout: 20s\n    concurrency: 8\n    retry: {max_attempts: 4, max_age: 1h}\n    expires_after: 1h 30m\n  \
             firewall:\n    url: http://10.0.0.1:8080/api\n    headers: {Authorization: {file: fw}, accept: application/json}\n    \
             allow_private: true\n    ports: 8080\nlimits: {alert_bytes: 65536, request_bytes: 1MiB, alerts: 100}\nhosts: [Quell.Example]\n",
        )
        .named("fw", "Bearer abc\n", 0o600)
        .variable("CHAT_URL", "https://chat.example/hook/T0\n")
        .variable("CHAT_SECRET", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    let config = world.config();
    assert_eq!(config.listen.to_string(), "[::1]:9000");
    let chat = config.connections.get("chat").unwrap();
    assert_eq!(chat.url.as_str(), "https://chat.example/hook/T0");
    assert!(chat.sign.is_some());
    assert_eq!(chat.retry.max_attempts, 4);
    assert_eq!(chat.retry.max_age, Some(Duration::from_secs(3600)));
    assert_eq!(chat.retry.expires_after, Some(Duration::from_secs(5400)));
    let firewall = config.connections.get("firewall").unwrap();
    assert_eq!(firewall.url.as_str(), "http://10.0.0.1:8080/api");
    let limits = Limits { alert_bytes: 65_536, request_bytes: 1 << 20, alerts: 100, ..Limits::default() };
    assert_eq!(config.limits, limits);
    assert_eq!(config.hosts, ["quell.example"]);
}

#[test]
fn every_way_to_sign_and_to_say_who_one_is_reads_as_written() {
    let world = World::new()
        .file(
            "connections:\n  a:\n    url: https://a.example\n    sign: {scheme: github, secret: [{env: NEW}, {file: old}]}\n    \
             auth: {bearer: {env: NEW}}\n    rate: 90/m\n    purpose: respond\n  \
             b: {url: 'https://b.example', auth: {basic: {username: quell, password: {file: old}}}}\n\
             email: {host: mail.example, from: Quell <quell@corp.example>, username: quell, password: {env: NEW}, tls: implicit}\n",
        )
        .named("old", "the older one of two secrets\n", 0o600)
        .variable("NEW", "the-newer-one-of-two-secrets");
    let config = world.config();
    let a = config.connections.get("a").unwrap();
    let sign = a.sign.as_ref().unwrap();
    assert_eq!((sign.scheme, sign.keys.len()), (Scheme::Github, 2));
    assert_eq!((a.rate.unwrap().to_string(), a.retry.purpose), ("90/m".to_owned(), Purpose::Respond));
    assert_eq!(config.connections.get("b").unwrap().retry.purpose, Purpose::Notify);
    let email = config.email.unwrap();
    assert_eq!((email.host.as_str(), email.from.as_str()), ("mail.example", "Quell <quell@corp.example>"));
    assert_eq!((email.port, email.tls, email.allow_private), (None, MailTls::Implicit, false));
    assert_eq!(
        (email.username.as_deref(), email.password.unwrap().expose()),
        (Some("quell"), "the-newer-one-of-two-secrets")
    );
    assert!(World::new().config().email.is_none());
}

#[test]
fn rules_can_be_found_where_the_secrets_are_not() {
    let world = World::new().file("rules: r\nconnections: {chat: {url: {env: NOT_SET}}}\n");
    let folders = rule_folders(&Flags::default(), &world.around).unwrap().settings;
    assert_eq!(folders.rules, world.path("r"));
    assert_eq!(folders.outlets.connections, Some(vec!["chat".to_owned()]));
    assert!(world.load().is_err());
}

#[test]
fn connections_of_which_nothing_is_said_are_not_known() {
    let known = |world: World| rule_folders(&Flags::default(), &world.around).unwrap().settings.outlets.connections;
    assert_eq!(known(World::new()), None);
    assert_eq!(known(World::new().file("rules: r\n")), None);
    assert_eq!(known(World::new().file("connections: {}\n")), Some(Vec::new()));
}
