//! What a check of a playbook says, word for word.

mod authoring;
mod hostile;

use crate::diag::Diagnostics;
use crate::playbook::{Playbook, check_module, compile};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const FRONT: &str = "//! title: Test\n//! owner: soc@example.com\n";

fn modules() -> BTreeMap<String, Arc<str>> {
    let net = "export const LIMIT = 3;\nconst HIDDEN = 4;\nfn score(ip) { ip.len() }\nfn ask(ip) { connection(\"rep\").get(ip) }";
    let broken = "fn x( {";
    let one = "import \"lib/two\" as two;\nfn f() { 1 }";
    let two = "import \"lib/one\" as one;\nfn f() { 1 }";
    let all = [("lib/net", net), ("lib/broken", broken), ("lib/one", one), ("lib/two", two)];
    all.into_iter().map(|(path, text)| (path.to_owned(), text.into())).collect()
}

fn check(text: &str) -> (Option<Playbook>, Vec<String>) {
    let mut found = Diagnostics::new();
    let placeholders = crate::matcher::Placeholders::default();
    let playbook = compile(text, &Path::new("p/test.rhai").into(), &modules(), &placeholders, &mut found);
    let said = found.sorted().into_iter().map(|fault| match &fault.help {
        Some(help) => format!("{} ({help})", fault.headline()),
        None => fault.headline(),
    });
    (playbook, said.collect())
}

/// What is said about a script whose front matter takes the first two lines.
fn said(script: &str) -> Vec<String> {
    check(&format!("{FRONT}{script}")).1
}

/// What is said about a body of `on_alert`, which begins in line 4.
fn said_of(body: &str) -> Vec<String> {
    said(&format!("fn on_alert(alert) {{\n{body}\n}}"))
}

#[test]
fn a_good_playbook_says_nothing() {
    let text = r#"//! title: Contain a brute-force source
//! description: Asks for a reputation and opens a ticket.
//! trigger: alert                 # alert (default) | dismissed | updated | manual
//! match: {alert_type|startswith: VM_LoginBruteForce, severity|gte: medium}
//! connections: [rep, ticketing]
//! limits: {runs: 20/h, per: entities.ip.address}
//! timeout: 24h
//! owner: soc@example.com
//! mode: enforce
import "lib/net" as net;
const WORST = 70;
fn worse(a, b) { if a > b { a } else { b } }
fn on_alert(alert) {
    let ips = alert.entities.filter(|e| e.type == "ip").map(|e| e.address);
    let worst = 0;
    for ip in ips {
        try { worst = worse(worst, net::ask(ip).body.score); }
        catch (e) { if e.status != 404 { throw e; } }
    }
    log.info("asked", #{ ips: ips.len() });
    let held = #{ call_me: |x| x + 1 };
    if worst < net::LIMIT && alert.severity < "high" { return held.call_me(1); }
    let ticket = connection("ticketing").post(#{ title: alert.title, severity: alert.severity, run: run.id });
    sleep("1h");
    set_status("resolved", `handled in ${ticket.body.key}`);
}
"#;
    let (playbook, faults) = check(text);
    assert_eq!(faults, Vec::<String>::new());
    let playbook = playbook.unwrap();
    assert_eq!(playbook.id.as_str(), "test");
    assert_eq!(playbook.connections, ["rep", "ticketing"]);
    assert_eq!(playbook.program.modules.keys().collect::<Vec<_>>(), ["lib/net"], "only what is imported is pinned");
    assert_eq!(playbook.limits.as_ref().unwrap().window.as_secs(), 3600);
    assert_eq!(playbook.timeout.as_secs(), 24 * 3600);
    assert!(playbook.condition.is_some() && !playbook.program.audit);
}

#[test]
fn calls_are_checked_against_everything_there_is() {
    let cases = [
        ("conection(\"a\")", "4:1: error[P008]: unknown function `conection` (did you mean `connection`?)"),
        (
            "timestamp()",
            "4:1: error[P008]: unknown function `timestamp` (use `now()`, which is the same on every replay)",
        ),
        (
            "let f = |x| { nope(x) };",
            "4:15: error[P008]: unknown function `nope` (define `fn nope` in this file; a function of a module is called as `module::nope`)",
        ),
        (
            "if false { nope() }",
            "4:12: error[P008]: unknown function `nope` (define `fn nope` in this file; a function of a module is called as `module::nope`)",
        ),
        ("alert.title.lenn()", "4:13: error[P008]: unknown method `lenn` (did you mean `len`?)"),
        (
            "let x = alert.entities.fliter(|e| true);",
            "4:24: error[P008]: unknown method `fliter` (did you mean `filter`?)",
        ),
        (
            "`${nope()}`",
            "4:4: error[P008]: unknown function `nope` (define `fn nope` in this file; a function of a module is called as `module::nope`)",
        ),
        ("sleep()", "4:1: error[P009]: `sleep` takes 1 argument, not 0 (`sleep(duration)`)"),
        (
            "set_status(\"resolved\")",
            "4:1: error[P009]: `set_status` takes 2 arguments, not 1 (`set_status(status, why)`)",
        ),
        ("log.inof(\"x\")", "4:5: error[P008]: `log` has no method `inof` (did you mean `info`?)"),
        ("log.trace(\"x\")", "4:5: error[P008]: `log` has no method `trace` (it has error, info, warn)"),
        (
            "log.info()",
            "4:5: error[P009]: `info` takes 1 or 2 arguments, not 0 (`log.info(message)` or `log.info(message, fields)`)",
        ),
        ("run.stop()", "4:5: error[P008]: `run` has no method `stop` (it has id, input)"),
        ("[1].push()", "4:5: error[P009]: `push` takes 1 argument, not 0"),
        ("alert.title.replace(\"a\")", "4:13: error[P009]: `replace` takes 2 arguments, not 1"),
        ("sleep(5)", "4:7: error[P016]: a duration is a text: a number and a unit, such as `90s`, `10m`, `4h` or `7d`"),
        (
            "sleep(\"10x\")",
            "4:7: error[P016]: `10x` is not a duration: write a number and a unit, such as `90s`, `10m`, `4h` or `7d`",
        ),
        (
            "set_status(\"done\", \"x\")",
            "4:12: error[P016]: `done` is not a status: use active, in_progress, resolved, dismissed",
        ),
        (
            "set_severity(\"hihg\", \"x\")",
            "4:14: error[P016]: `hihg` is not a severity: use informational, low, medium, high or critical; did you mean `high`?",
        ),
        ("regex_test(\"(\", \"x\")", "4:12: error[P016]: not a pattern: unclosed group"),
        (
            "cidr_contains(\"10.0.0.0/33\", \"10.1.1.1\")",
            "4:15: error[P016]: `10.0.0.0/33` is not an address range such as `10.0.0.0/8`",
        ),
    ];
    for (body, message) in cases {
        assert_eq!(said_of(body), [format!("p/test.rhai:{message}")], "{body}");
    }
}

#[test]
fn the_scripts_own_functions_are_known_by_name_and_arity() {
    assert_eq!(
        said(
            "fn own(a, b) { a + b }\nfn shout() { this + \"!\" }\nfn on_alert(alert) { own(1, 2); alert.title.shout() }"
        ),
        [""; 0]
    );
    assert_eq!(
        said("fn own(a, b) { a + b }\nfn on_alert(alert) { own(1) }"),
        ["p/test.rhai:4:22: error[P009]: `own` takes 2 arguments, not 1 (it is defined as `own(a, b)`)"]
    );
    assert_eq!(
        said("fn owned(a) { a }\nfn on_alert(alert) { ownd(1) }"),
        ["p/test.rhai:4:22: error[P008]: unknown function `ownd` (did you mean `owned`?)"]
    );
    assert_eq!(
        said("fn sleep(x) { x }\nfn on_alert(alert) { sleep(\"x\") }"),
        ["p/test.rhai:3:13: error[P020]: `sleep` is a built-in function (give the function another name)"]
    );
}

#[test]
fn connections_are_declared_named_and_used() {
    let front = "//! title: T\n//! owner: o\n//! connections: [chat, rep]\n";
    let said = |body: &str| check(&format!("{front}fn on_alert(alert) {{\n{body}\n}}")).1;
    let unused = |name: &str, column: u32| {
        format!(
            "p/test.rhai:3:{column}: warning[P011]: connection `{name}` is declared and not used (remove it: it widens what a review must allow)"
        )
    };
    assert_eq!(said("connection(\"chat\").post(1); connection(\"rep\").get(\"/\");"), [""; 0]);
    assert_eq!(said("connection(\"chat\").post(1);"), [unused("rep", 25)]);
    assert_eq!(
        said("connection(\"chta\").post(1); connection(\"rep\").get(\"/\");"),
        [
            unused("chat", 19),
            "p/test.rhai:5:12: error[P010]: connection `chta` is not declared (did you mean `chat`?)".to_owned(),
        ]
    );
    assert_eq!(
        said_of("connection(\"firewall\").post(1);"),
        [
            "p/test.rhai:4:12: error[P010]: connection `firewall` is not declared (add it to the front matter: `connections: [firewall]`)"
        ]
    );
    assert_eq!(
        said_of("let n = \"chat\"; connection(n).post(1);"),
        [
            "p/test.rhai:4:28: error[P012]: a connection's name is written out as a text (so that a review sees every system a playbook can reach)"
        ]
    );
    assert_eq!(
        said("connection(\"chat\").psot(1); connection(\"rep\").get();"),
        [
            "p/test.rhai:5:20: error[P008]: a connection has no method `psot` (did you mean `post`?)",
            "p/test.rhai:5:47: error[P009]: `get` takes 1 argument, not 0 (`connection(…).get(path)`)",
        ]
    );
}

#[test]
fn modules_are_followed() {
    let import = |rest: &str| said(&format!("import {rest}\nfn on_alert(alert) {{ 1 }}"));
    assert_eq!(
        import("\"lib/nte\" as net;"),
        ["p/test.rhai:3:8: error[P014]: there is no module `lib/nte` (did you mean `lib/net`?)"]
    );
    assert_eq!(
        import("\"lib/\" + \"net\" as net;"),
        [
            "p/test.rhai:3:15: error[P014]: an import's path is written out as a text (a run is pinned to the modules it imports, so they must be known before it runs)"
        ]
    );
    assert_eq!(
        import("\"/etc/passwd\" as p;"),
        [
            "p/test.rhai:3:8: error[P014]: there is no module `/etc/passwd` (modules stand in `playbooks/lib` and are imported as `lib/name`)"
        ]
    );
    for broken in ["lib/broken", "lib/one"] {
        assert_eq!(import(&format!("\"{broken}\" as b;")), [""; 0], "the module's own check says it");
        let text = format!("{FRONT}import \"{broken}\" as b;\nfn on_alert(alert) {{ 1 }}");
        assert!(check(&text).0.is_none());
    }
    assert_eq!(
        import("\"lib/net\" as net;"),
        [
            "p/test.rhai:3:8: error[P010]: `lib/net` uses connection `rep`, which is not declared (add it to the front matter: `connections: [rep]`)"
        ]
    );
    let front = "//! title: T\n//! owner: o\n//! connections: [rep]\nimport \"lib/net\" as net;\n";
    let said = |body: &str| check(&format!("{front}fn on_alert(alert) {{\n{body}\n}}")).1;
    assert_eq!(
        said("net::scoer(1)"),
        ["p/test.rhai:6:6: error[P021]: `lib/net` offers no function `scoer` (did you mean `score`?)"]
    );
    assert_eq!(
        said("net::score(1, 2)"),
        ["p/test.rhai:6:6: error[P009]: `score` takes 1 argument, not 2 (it is defined as `score(ip)`)"]
    );
    assert_eq!(
        said("net::HIDDEN"),
        [
            "p/test.rhai:6:6: error[P021]: `lib/net` offers no constant `HIDDEN` (write `export const HIDDEN` in the module)"
        ]
    );
}

#[test]
fn a_module_is_checked_for_itself() {
    let mut found = Diagnostics::new();
    let text = "fn f(x) { nope(x) }\nlet y = 1;\nexport const Z = now();";
    assert!(!check_module(text, &Path::new("p/lib/m.rhai").into(), &modules(), &mut found));
    let said: Vec<String> = found.sorted().iter().map(|fault| fault.headline()).collect();
    assert_eq!(
        said,
        [
            "p/lib/m.rhai:1:11: error[P008]: unknown function `nope`",
            "p/lib/m.rhai:2:1: error[P007]: a variable outside functions is seen by none of them",
            "p/lib/m.rhai:3:18: error[P007]: a constant outside functions is written out or computed with operators",
        ]
    );
}

#[test]
fn a_modules_fault_is_told_where_it_is() {
    let said = |path: &str| {
        let (mut found, modules) = (Diagnostics::new(), modules());
        let text = modules.get(path).map_or("import \"lib/broken\" as b;\nfn f() { 1 }", |text| text);
        check_module(text, &Path::new("p/lib/m.rhai").into(), &modules, &mut found);
        found.sorted().iter().map(|fault| fault.headline()).collect::<Vec<_>>()
    };
    assert_eq!(said("lib/broken"), ["p/lib/m.rhai:1:7: error[P001]: this `{` is never closed"]);
    assert_eq!(
        said("lib/one"),
        [
            "p/lib/m.rhai:1:8: error[P014]: the module `lib/two` is broken: modules import each other: lib/two → lib/one → lib/two"
        ]
    );
    assert_eq!(said("that imports a broken one"), [""; 0]);
}

#[test]
fn connections_are_checked_whatever_else_is_wrong_with_the_front_matter() {
    let codes = |front: &str| {
        let text =
            format!("//! title: T\n//! owner: o\n{front}fn on_alert(alert) {{ connection(\"firewall\").post(1); }}");
        let faults = check(&text).1;
        faults.iter().filter_map(|fault| Some(fault.split(['[', ']']).nth(1)?.to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(codes("//! mode: dry\n//! connections: [chat]\n"), ["P005", "P011", "P010"]);
    assert_eq!(codes("//! mode: dry\n"), ["P005", "P010"]);
    assert_eq!(codes("//! conections: [firewall]\n"), ["P003"], "one fault, said once");
    assert_eq!(codes("//! connections: firewall\n"), ["P005"]);
}

#[test]
fn severities_and_fields_are_checked() {
    let cases = [
        ("alert.sevrity", "4:7: error[P015]: an alert has no field `sevrity` (did you mean `severity`?)"),
        (
            "alert.custom.x",
            "4:7: error[P015]: an alert has no field `custom` (a field of the source's own payload is at `alert.raw.custom`)",
        ),
        (
            "alert.severity >= \"hihg\"",
            "4:19: error[P016]: `hihg` is not a severity: use informational, low, medium, high or critical; did you mean `high`?",
        ),
        (
            "if \"hgih\" == alert.severity { 1 }",
            "4:4: error[P016]: `hgih` is not a severity: use informational, low, medium, high or critical; did you mean `high`?",
        ),
        (
            "switch alert.severity { \"high\" => 1, _ => 2 }",
            "4:1: error[P013]: `switch` never matches a severity, and always takes the `_` arm (switch on `alert.severity.name`, or use `if`)",
        ),
    ];
    for (body, message) in cases {
        assert_eq!(said_of(body), [format!("p/test.rhai:{message}")], "{body}");
    }
    assert_eq!(
        said_of("switch alert.severity.name { \"high\" => alert.raw.anything?.x, _ => alert.entities[0].x }"),
        [""; 0]
    );
}

#[test]
fn the_outline_is_checked() {
    assert_eq!(
        said("fn on_alret(alert) { 1 }"),
        [
            "p/test.rhai:1:1: error[P006]: the playbook has no `fn on_alert(alert)` (a run begins with this function, which is `on_alret` here)"
        ]
    );
    assert_eq!(
        said("fn on_alert() { 1 }"),
        [
            "p/test.rhai:3:15: error[P006]: `on_alert` takes the alert and nothing else, not 0 parameters (write `fn on_alert(alert)`)"
        ]
    );
    assert_eq!(
        said("fn on_alert(alert) { 1 }\nprint(\"x\");\nlet y = 2;\nconst Z = 3;"),
        [
            "p/test.rhai:4:1: error[P007]: only functions, constants and imports stand outside functions (move this into `fn on_alert(alert)`)",
            "p/test.rhai:5:1: error[P007]: a variable outside functions is seen by none of them (write `const`, or move it into a function)",
        ]
    );
}

#[test]
fn syntax_errors_are_placed() {
    let cases = [
        ("let x = ;", "4:9: error[P001]: Unexpected ';' (look at this word and what stands just before it)"),
        (
            "if x = 1 { }",
            "4:4: error[P001]: Undefined variable: x (a function sees its parameters and its own variables only)",
        ),
        (
            "let x = 1\nlet y = 2;",
            "5:1: error[P001]: Expecting ';' to terminate this statement (end the statement before with `;`)",
        ),
        (
            "let x = #{ thread: 1 };",
            "4:12: error[P001]: 'thread' is a reserved keyword (`thread` is a reserved word: write `\"thread\"` as a key of a map, and `[\"thread\"]` for `.thread`)",
        ),
        (
            "eval(\"1\")",
            "4:1: error[P001]: reserved keyword 'eval' is disabled (a script runs only what a review can read)",
        ),
        (
            "let x = 'high';",
            "4:9: error[P001]: Invalid character: 'high' (a text stands in double quotes; single quotes hold one character)",
        ),
        (
            "other",
            "4:1: error[P001]: Undefined variable: other (a function sees its parameters and its own variables only)",
        ),
        ("let s = \"abc", "4:9: error[P001]: Open string is not terminated (close the text with its quote)"),
        (
            "let x = \"a\u{202e}b\";",
            "4:11: error[P018]: invisible character U+202E (remove it, or write it as an escape in a text)",
        ),
    ];
    for (body, message) in cases {
        assert_eq!(said_of(body), [format!("p/test.rhai:{message}")], "{body}");
    }
    let eof = said("fn on_alert(alert) {\n  let x = 1;\n\n\n");
    assert!(
        eof[0].starts_with("p/test.rhai:3:20: error[P001]: this `{` is never closed (the script ends, or"),
        "{eof:?}"
    );
    assert!(said(&"//".repeat(40_000))[0].starts_with("p/test.rhai:1:1: error[P017]: the script is 80"));
    let deep = said_of(&format!("{}1{}", "(".repeat(500), ")".repeat(500)));
    assert!(deep[0].contains("error[P017]: Expression exceeds maximum complexity"), "{deep:?}");
}

#[test]
fn front_matter_is_read_whole() {
    let said = |front: &str| check(&format!("{front}fn on_alert(alert) {{ 1 }}")).1;
    let cases: [(&str, &[&str]); 14] = [
        ("//! title: T\n//! owner: o\n//! trigger: updated\n", &[]),
        (
            "",
            &[
                "1:1: error[P002]: the playbook has no front matter (begin the file with `//! title: …`, `//! match: …` and `//! owner: …`)",
            ],
        ),
        ("//! # nothing\n", &["1:1: error[P002]: the front matter is empty"]),
        ("//! [a]\n", &["1:5: error[P002]: the front matter is a map of keys, not a list"]),
        ("//! owner: o\n", &["1:5: error[P004]: the front matter has no `title` (say what the playbook does)"]),
        (
            "//! title: T\n",
            &[
                "1:5: warning[P019]: the playbook names no `owner` (name somebody to ask, such as `owner: soc@example.com`)",
            ],
        ),
        (
            "//! title: T\n//! owner: o\n//! conections: []\n",
            &["3:5: error[P003]: the front matter has no key `conections` (did you mean `connections`?)"],
        ),
        (
            "//! title: T\n//! owner: o\n//! trigger: alerts\n",
            &[
                "3:14: error[P005]: `trigger` is one of alert, dismissed, updated, manual, not `alerts` (did you mean `alert`?)",
            ],
        ),
        (
            "//! title: T\n//! owner: o\n//! timeout: 60d\n//! mode: dry\n",
            &[
                "3:14: error[P005]: `timeout` is at most `30d` (leave it out for `7d`)",
                "4:11: error[P005]: `mode` is one of enforce, audit, not `dry` (leave `mode` out for `enforce`)",
            ],
        ),
        (
            "//! title: T\n//! owner: o\n//! limits: {runs: lots, pre: x}\n",
            &[
                "3:20: error[P005]: `runs` is a number of runs in a time (such as `20/h` or `5/10m`)",
                "3:26: error[P003]: `limits` has no key `pre` (did you mean `per`?)",
            ],
        ),
        (
            "//! title: T\n//! owner: o\n//! connections: chat\n",
            &["3:18: error[P005]: `connections` is a list of names, not a text"],
        ),
        (
            "//! title: T\n//! owner: o\n//! id: Not An Id\n",
            &[
                "3:9: error[P005]: `Not An Id` is not an id: 2 to 64 of a-z, 0-9, `_` and `-`, beginning with a letter or digit",
            ],
        ),
        (
            "//! title: T\n//! owner: o\n//! title: U\n",
            &["3:5: error[Y002]: `title` stands twice in this map, first in line 1"],
        ),
        ("//! title: [unclosed\n//! owner: o\n", &["2:10: error[Y001]"]),
    ];
    for (front, expected) in cases {
        let said = said(front);
        assert_eq!(said.len(), expected.len(), "{front}: {said:?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with(&format!("p/test.rhai:{expected}")), "{front}: {said}");
        }
    }
}

#[test]
fn faults_of_both_languages_are_reported_at_once() {
    let faults = check("//! titel: T\n//! owner: o\nfn on_alert(alert) { nope(); alert.sevrity }").1;
    let codes: Vec<&str> = faults.iter().filter_map(|fault| fault.split(['[', ']']).nth(1)).collect();
    assert_eq!(codes, ["P003", "P004", "P008", "P015"]);
}

#[test]
fn a_byte_order_mark_is_no_fault_and_ids_may_be_written() {
    let (playbook, faults) = check(&format!("\u{feff}{FRONT}//! id: other-name\nfn on_alert(alert) {{ 1 }}"));
    assert_eq!(faults, [""; 0]);
    assert_eq!(playbook.unwrap().id.as_str(), "other-name");
}
