//! Every fault is found at once, at its place, and says what to do.

use super::World;
use crate::config::{Flags, rule_folders};

#[track_caller]
fn expect(text: &str, faults: &[&str]) {
    assert_eq!(World::new().file(text).faults(), faults);
}

#[test]
fn unknown_keys_are_named_with_the_nearest() {
    expect("lisen: 127.0.0.1:1\n", &["quell.yaml:1:1: error[C002]: unknown key `lisen` (did you mean `listen`?)"]);
    expect(
        "limits: {alerts: 5, colour: 1}\nconnections: {c: {url: 'https://a.example', timout: 1s, retry: {attempts: 3}, sign: {key: 1}}}\n",
        &[
            "quell.yaml:1:21: error[C002]: unknown key `colour` in `limits` (known keys: alert_bytes, request_bytes, alerts, workers)",
            "quell.yaml:2:45: error[C002]: unknown key `timout` in `connections.c` (did you mean `timeout`?)",
            "quell.yaml:2:65: error[C002]: unknown key `attempts` in `connections.c.retry` (known keys: max_attempts, max_age)",
            "quell.yaml:2:85: error[C009]: `connections.c.sign.secret` is missing",
            "quell.yaml:2:86: error[C002]: unknown key `key` in `connections.c.sign` (known keys: scheme, secret)",
        ],
    );
}

#[test]
fn settings_of_later_versions_are_not_silently_ignored() {
    expect(
        "store: {postgres: {url: x}}\nexport: {}\nretention: 30d\n",
        &[
            "quell.yaml:1:1: error[C005]: `store` is not available yet (remove it; this version keeps everything in SQLite under `data`)",
            "quell.yaml:2:1: error[C005]: `export` is not available yet (remove it; this version exports nothing)",
            "quell.yaml:3:1: error[C005]: `retention` is not available yet (remove it; this version keeps everything)",
        ],
    );
}

#[test]
fn what_a_policy_asks_is_checked() {
    let keys = "id, title, description, reason, owner, ticket, starts, expires, tests";
    expect(
        "policy:\n  level: fatal\n  longest_life: 5m\n  required: [expire, colour]\n  banned_values: {level: warning}\n  lifetime: 1d\n",
        &[
            "quell.yaml:2:10: error[C004]: `policy.level`: `fatal` is not one of error, warning",
            "quell.yaml:3:17: error[C004]: `policy.longest_life`: 5m is not between 1h and 3660d",
            "quell.yaml:4:14: error[C004]: `policy.required`: a filter has no key `expire` to ask for (did you mean `expires`?)",
            &format!(
                "quell.yaml:4:22: error[C004]: `policy.required`: a filter has no key `colour` to ask for (there are {keys})"
            ),
            "quell.yaml:5:18: error[C009]: `policy.banned_values.value` is missing",
            "quell.yaml:6:3: error[C002]: unknown key `lifetime` in `policy` (known keys: level, longest_life, required, banned_values, budget, expiry_alerts, change_alerts)",
        ],
    );
}

#[test]
fn a_budget_is_checked() {
    expect(
        "policy:\n  budget: {filter: 500, total: 0/h, jump: 1, all: 5/h}\n  expiry_alerts: perhaps\n",
        &[
            "quell.yaml:2:20: error[C004]: `policy.budget.filter`: `500` is not a number an hour (write it like `500/h`)",
            "quell.yaml:2:32: error[C004]: `policy.budget.total`: `0/h` is not a number an hour (write it like `500/h`)",
            "quell.yaml:2:43: error[C004]: `policy.budget.jump`: 1 is not between 2 and 1000",
            "quell.yaml:2:46: error[C002]: unknown key `all` in `policy.budget` (known keys: filter, total, jump)",
            "quell.yaml:3:18: error[C003]: `policy.expiry_alerts` must be true or false, not a text",
        ],
    );
    expect("policy: 5\n", &["quell.yaml:1:9: error[C003]: `policy` must be a map, not a number"]);
    let world = World::new().file("policy: {budget: {filter: 500}}\n");
    assert!(rule_folders(&Flags::default(), &world.around).is_err(), "a check finds it too");
    let config = World::new()
        .file("policy: {budget: {filter: 500/h, jump: 5}, expiry_alerts: true, change_alerts: true}\n")
        .config();
    let budget = crate::pipeline::Budget { filter: Some(500), total: None, jump: Some(5) };
    assert_eq!(config.guard, crate::pipeline::GuardSettings { budget, expiry_alerts: true, change_alerts: true });
}

#[test]
fn kinds_and_ranges_are_checked() {
    expect("- a\n", &["quell.yaml:1:1: error[C003]: the configuration must be a map, not a list"]);
    expect(
        "listen: [a]\ndata: ''\nlimits: 5\nconnections: x\ntokens: {}\nhosts: [https://a.example, {a: 1}]\n",
        &[
            "quell.yaml:1:9: error[C003]: `listen` must be a text, not a list",
            "quell.yaml:2:7: error[C004]: `data` is empty",
            "quell.yaml:3:9: error[C003]: `limits` must be a map, not a number",
            "quell.yaml:4:14: error[C003]: `connections` must be a map, not a text",
            "quell.yaml:5:9: error[C003]: `tokens` must be a list, not a map",
            "quell.yaml:6:9: error[C004]: `hosts`: `https://a.example` is not a host name (write a name as in quell.example.com, without https://)",
            "quell.yaml:6:28: error[C003]: `hosts` must be a list of texts, not a map",
        ],
    );
    expect(
        "listen: localhost:80\nlimits:\n  alert_bytes: 3 tons\n  request_bytes: 5\n  alerts: -1\n  workers: 0\n",
        &[
            "quell.yaml:1:9: error[C004]: `listen`: `localhost:80` is not an address and port (write an IP address and a port, such as 127.0.0.1:8642 or [::1]:8642)",
            "quell.yaml:3:16: error[C004]: `limits.alert_bytes`: `3 tons` is not a size (write a number of bytes, or one such as `4 MiB`)",
            "quell.yaml:4:18: error[C004]: `limits.request_bytes`: 5 is not between 1 KiB and 1 GiB",
            "quell.yaml:5:11: error[C003]: `limits.alerts` must be a whole number of 0 or more, not a number",
            "quell.yaml:6:12: error[C004]: `limits.workers`: 0 is not between 1 and 1024",
        ],
    );
}

#[test]
fn connections_are_checked_key_by_key() {
    expect(
        "connections:\n  Bad Name: {url: 'https://a.example'}\n  b: {}\n  c:\n    url: https://a.example\n    timeout: 5 minutes ago\n    \
         concurrency: 1000\n    allow_private: 1\n    retry: {max_attempts: 99, max_age: 9d}\n    expires_after: 10\n    ports: [443, 0]\n",
        &[
            "quell.yaml:2:3: error[C004]: connections.Bad Name.name: a connection's name is 1 to 64 of a-z, 0-9, `_` and `-`, beginning with a letter or digit",
            "quell.yaml:3:3: error[C009]: `connections.b` has no `url`",
            "quell.yaml:6:14: error[C004]: `connections.c.timeout`: `5 minutes ago` is not a time span (write a number and a unit, such as 500ms, 20s, 10m, 4h or 3d)",
            "quell.yaml:7:18: error[C004]: `connections.c.concurrency`: 1000 is not between 1 and 64",
            "quell.yaml:8:20: error[C003]: `connections.c.allow_private` must be true or false, not a number",
            "quell.yaml:9:27: error[C004]: `connections.c.retry.max_attempts`: 99 is not between 1 and 14",
            "quell.yaml:9:40: error[C004]: `connections.c.retry.max_age`: 9d is not between 1s and 3d",
            "quell.yaml:10:20: error[C004]: `connections.c.expires_after`: `10` is not a time span (write a number and a unit, such as 500ms, 20s, 10m, 4h or 3d)",
            "quell.yaml:11:18: error[C004]: `connections.c.ports`: 0 is not between 1 and 65535",
        ],
    );
}

#[test]
fn addresses_are_https_and_hold_no_credentials() {
    expect(
        "connections:\n  a: {url: 'http://a.example'}\n  b: {url: 'ftp://a.example'}\n  c: {url: '/path'}\n  d: {url: 'https://user:pw@a.example'}\n  e: {url: 'https://a.example/#x'}\n  f: {url: [1]}\n  g: {url: 'https://a.example:25'}\n  h: {url: 'https://a.example:9000', ports: [9000]}\n",
        &[
            "quell.yaml:2:12: error[C004]: connections.a.url: scheme not allowed: http needs `allow_private: true`; use https",
            "quell.yaml:3:12: error[C004]: connections.b.url: scheme not allowed: `ftp`; use https",
            "quell.yaml:4:12: error[C004]: connections.c.url: not a url: relative URL without a base",
            "quell.yaml:5:12: error[C006]: `connections.d.url` must not hold credentials (put them into `headers`, as {authorization: {env: NAME}})",
            "quell.yaml:6:12: error[C004]: connections.e.url: the url must not contain a fragment: it is never sent",
            "quell.yaml:7:12: error[C003]: `connections.f.url` must be a text, not a list",
            "quell.yaml:8:12: error[C004]: connections.g.url: port not allowed: 25; list it in `ports` if it is meant",
        ],
    );
}

#[test]
fn headers_cannot_break_the_request() {
    expect(
        "connections:\n  a:\n    url: https://a.example\n    headers:\n      webhook-id: x\n      Host: x\n      'a b': x\n      x-team: \"a\\r\\nb\"\n      accept: a\n      Accept: b\n      x-list: [1]\n      x-empty: ''\n",
        &[
            "quell.yaml:5:19: error[C004]: connections.a.headers.webhook-id: Quell sets this header itself",
            "quell.yaml:6:13: error[C004]: connections.a.headers.host: Quell sets this header itself",
            "quell.yaml:7:14: error[C004]: connections.a.headers.a b: not a header's name",
            "quell.yaml:8:15: error[C004]: connections.a.headers.x-team: a header's value is printable ASCII, in one line",
            "quell.yaml:10:7: error[C010]: `connections.a.headers.Accept` is set twice; case does not count",
            "quell.yaml:11:15: error[C003]: `connections.a.headers.x-list` must be a text, {env: NAME} or {file: PATH}, not a list",
            "quell.yaml:12:16: error[C004]: connections.a.headers.x-empty: the value is empty",
        ],
    );
}

#[test]
fn tokens_are_digests_with_scopes_and_each_its_own() {
    let digest = "ab".repeat(32);
    expect(
        &format!(
            "tokens:\n  - {{name: a b, sha256: {digest}, scopes: [raed]}}\n  - {{name: x, sha256: qk_live_123, scopes: []}}\n  - {{}}\n  - 5\n  - {{name: y, sha256: {digest}, scopes: [root]}}\n  - {{name: y, sha256: {digest}, scopes: [read]}}\n"
        ),
        &[
            "quell.yaml:2:12: error[C004]: `tokens[0].name`: `a b` is not a name (at most 64 letters, digits, `-`, `_`, `.` and `@`)",
            "quell.yaml:2:100: error[C004]: `tokens[0].scopes`: unknown scope `raed` (did you mean `read`?)",
            "quell.yaml:3:5: error[C009]: `tokens[1].scopes` is missing: the token could do nothing (one or more of ingest, read, respond, admin)",
            "quell.yaml:3:23: error[C006]: `tokens[1].sha256` is not a SHA-256 digest: 64 hexadecimal digits (write the digest, never the token: printf %s \"$TOKEN\" | sha256sum)",
            "quell.yaml:4:5: error[C009]: `tokens[2].name` is missing",
            "quell.yaml:4:5: error[C009]: `tokens[2].sha256` is missing",
            "quell.yaml:4:5: error[C009]: `tokens[2].scopes` is missing: the token could do nothing (one or more of ingest, read, respond, admin)",
            "quell.yaml:5:5: error[C003]: `tokens[3]` must be a map, not a number",
            "quell.yaml:6:98: error[C004]: `tokens[4].scopes`: unknown scope `root` (scopes are ingest, read, respond, admin)",
            "quell.yaml:7:5: error[C010]: `tokens[5]` has the name of `tokens[4]`: `y` (activity is recorded under the name: give each its own)",
            "quell.yaml:7:5: error[C010]: `tokens[5]` is the same token as `tokens[4]` (make a token of its own for each holder)",
        ],
    );
}

#[test]
fn nobody_listens_to_the_network_without_tokens() {
    expect(
        "listen: 0.0.0.0:8642\n",
        &[
            "quell.yaml:1:9: error[C012]: listening on 0.0.0.0:8642 needs tokens, since others can reach it (add `tokens`, or listen on 127.0.0.1)",
        ],
    );
    let token = format!("tokens: [{{name: x, sha256: {}, scopes: [read]}}]\n", "ab".repeat(32));
    expect(&format!("listen: 0.0.0.0:8642\n{token}"), &[]);
    expect("listen: '[::ffff:127.0.0.1]:8642'\n", &[]);
    let flags = Flags { listen: Some("[::]:1".into()), ..Flags::default() };
    let world = World::new();
    let refused = crate::config::load(&flags, &world.around).unwrap_err();
    assert_eq!(
        super::shown(&refused, world.folder.path()),
        [
            "--listen:1:1: error[C012]: listening on [::]:1 needs tokens, since others can reach it (add `tokens`, or listen on 127.0.0.1)"
        ]
    );
}

#[test]
fn variables_that_set_nothing_are_warned_of_and_no_more() {
    let world = World::new()
        .variable("QUELL_LISTN", "x")
        .variable("QUELL_PORT", "tcp://10.0.0.1:80")
        .variable("QUELL_LIMITS__WORKRES", "3")
        .variable("QUELL_A____B", "1")
        .variable("QUELL_TOKEN", "t")
        .variable("QUELL_LOG", "debug")
        .variable("QUELL_URL", "u");
    assert_eq!(
        world.faults(),
        [
            "QUELL_A____B:1:1: warning[C011]: the variable's name is not that of a setting (settings are named like QUELL_CONNECTIONS__CHAT__TIMEOUT)",
            "QUELL_LIMITS__WORKRES:1:1: warning[C011]: the variable sets `limits.workres`, which is not a setting (did you mean `limits.workers`?)",
            "QUELL_LISTN:1:1: warning[C011]: the variable sets `listn`, which is not a setting (did you mean `listen`?)",
            "QUELL_PORT:1:1: warning[C011]: the variable sets `port`, which is not a setting",
        ]
    );
    assert!(world.load().is_ok());
    let world = World::new().variable("QUELL_LIMITS__WORKERS", "many").variable("QUELL_HOSTS", "[a");
    let faults = world.faults();
    assert!(faults[0].starts_with("QUELL_HOSTS:1:"), "{faults:?}");
    assert_eq!(
        faults.last().unwrap(),
        "QUELL_LIMITS__WORKERS:1:1: error[C003]: `limits.workers` must be a whole number of 0 or more, not a text"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault() {
    let world = World::new().variable("QUELL_CONFIG", "nowhere.yaml");
    assert_eq!(
        world.faults(),
        ["nowhere.yaml:1:1: error[C001]: the configuration cannot be read: No such file or directory (os error 2)"]
    );
    let world = World::new();
    std::fs::create_dir(world.path("quell.yaml")).unwrap();
    assert_eq!(
        world.faults(),
        ["quell.yaml:1:1: error[C001]: the configuration cannot be read: it is not a regular file"]
    );
    let world = World::new();
    std::fs::write(world.path("quell.yaml"), b"a: \xff").unwrap();
    assert_eq!(world.faults(), ["quell.yaml:1:1: error[Y009]: the file is not UTF-8 text"]);
}

#[test]
fn yaml_faults_come_with_all_others() {
    expect(
        "listn: a\ndata: &x b\n---\n{}\n",
        &[
            "quell.yaml:1:1: error[C002]: unknown key `listn` (did you mean `listen`?)",
            "quell.yaml:2:10: error[Y003]: anchors and aliases are not allowed (put a text that begins with `*` or `&` in quotes, or write the value out where it is used)",
            "quell.yaml:4:1: error[Y007]: more than 1 documents in one file",
        ],
    );
    let world = World::new().file("rules: [\n");
    assert!(rule_folders(&Flags::default(), &world.around).is_err());
    expect("# nothing but a comment\n", &[]);
}

#[test]
fn keys_of_sending_are_checked_one_by_one() {
    let help = "(name a variable, {env: NAME}, or a file, {file: PATH})";
    expect(
        "connections:\n  a:\n    url: https://a.example\n    auth: {bearer: abc}\n    rate: 5/d\n    purpose: notfy\n    \
         sign: {scheme: git, secret: []}\n  b: {url: 'https://a.example', auth: {basic: {username: a}}}\n  \
         c: {url: 'https://a.example', auth: {bearer: {env: A}, basic: {}}}\n  d: {url: 'https://a.example', auth: {}}\n",
        &[
            &format!(
                "quell.yaml:4:20: error[C006]: `connections.a.auth.bearer` holds a secret, so it must not be written out here {help}"
            ),
            "quell.yaml:5:11: error[C004]: `connections.a.rate`: a rate is a whole number from 1 to 10000 and a unit, such as 10/s, 90/m or 500/h",
            "quell.yaml:6:14: error[C004]: `connections.a.purpose`: `notfy` is not one of notify, respond (did you mean `notify`?)",
            "quell.yaml:7:20: error[C004]: `connections.a.sign.scheme`: `git` is not one of standard, github",
            "quell.yaml:7:33: error[C004]: `connections.a.sign.secret` has 0 keys, and takes 1 to 8, newest first",
            "quell.yaml:8:47: error[C009]: `connections.b.auth.basic.password` is missing",
            "quell.yaml:9:39: error[C003]: `connections.c.auth.bearer` and `connections.c.auth.basic`: exactly one is needed",
            "quell.yaml:10:39: error[C003]: `connections.d.auth.bearer` and `connections.d.auth.basic`: exactly one is needed",
        ],
    );
}

#[test]
fn two_ways_to_set_the_same_header_are_one_too_many() {
    let world = World::new().variable("A", "abc").file(
        "connections:\n  a:\n    url: https://a.example\n    auth: {bearer: {env: A}}\n    headers: {Authorization: {env: A}}\n",
    );
    assert_eq!(
        world.faults(),
        [
            "quell.yaml:4:11: error[C004]: connections.a.auth: `auth` and `headers.authorization` both set this header; keep one of them"
        ]
    );
}

#[test]
fn a_mail_server_is_checked_key_by_key() {
    expect(
        "email: {host: 'smtp://a', from: me, port: 0, username: a, tls: ssl, pasword: x}\n",
        &[
            "quell.yaml:1:15: error[C004]: `email.host`: not the name or address of a host; write one such as smtp.example.com",
            "quell.yaml:1:33: error[C004]: `email.from`: not an email address; write one such as quell@example.com or Quell <quell@example.com>",
            "quell.yaml:1:43: error[C004]: `email.port`: 0 is not between 1 and 65535",
            "quell.yaml:1:56: error[C004]: `email.username`: it needs a `password` too",
            "quell.yaml:1:64: error[C004]: `email.tls`: `ssl` is not one of starttls, implicit, none",
            "quell.yaml:1:69: error[C002]: unknown key `pasword` in `email` (did you mean `password`?)",
        ],
    );
    expect(
        "email: {host: localhost, from: a@b.example, tls: none}\n",
        &[
            "quell.yaml:1:50: error[C004]: `email.tls`: `none` sends everything in the clear, and needs `allow_private: true`; use starttls or implicit",
        ],
    );
    expect(
        "email: {}\n",
        &[
            "quell.yaml:1:8: error[C009]: `email.host` is missing",
            "quell.yaml:1:8: error[C009]: `email.from` is missing",
        ],
    );
    expect("email: {host: localhost, from: a@b.example, tls: none, allow_private: true}\n", &[]);
}
