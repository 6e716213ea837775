//! What trips authors, found before a run does: options, branches, comparers, values that are none or may be missing.

use super::said_of;

/// What is said of a body, but for connections it does not declare.
fn told(body: &str) -> Vec<String> {
    let mut said = said_of(body);
    said.retain(|said| !said.contains("[P010]"));
    said
}

fn each(cases: &[(&str, &str)]) {
    for (body, message) in cases {
        assert_eq!(told(body), [format!("p/test.rhai:{message}")], "{body}");
    }
}

fn none(bodies: &[&str]) {
    for body in bodies {
        assert_eq!(told(body), [""; 0], "{body}");
    }
}

#[test]
fn options_that_are_written_out_are_known_ones() {
    each(&[
        (
            "connection(\"a\").send(#{ metod: \"PUT\" })",
            "4:25: error[P030]: `send` has no option `metod` (did you mean `method`?)",
        ),
        (
            "connection(\"a\").send(#{\n  method: \"PUT\",\n  retry: #{ max_atempts: 3 },\n})",
            "6:13: error[P030]: `retry` has no option `max_atempts` (did you mean `max_attempts`?)",
        ),
        (
            "let c = connection(\"a\"); c.send(#{ colour: 1 })",
            "4:36: error[P030]: `send` has no option `colour` (it has method, path, headers, body, timeout, retry, expires_after)",
        ),
        (
            "wait_for_approval(#{ ask: \"?\", witin: \"4h\" })",
            "4:32: error[P030]: `wait_for_approval` has no option `witin` (did you mean `within`?)",
        ),
        (
            "email(#{ to: \"a@b.c\", subjct: \"b\" })",
            "4:23: error[P030]: `email` has no option `subjct` (did you mean `subject`?)",
        ),
    ]);
    none(&[
        "connection(\"a\").send(#{ method: \"PUT\", body: #{ anything: 1, retry: #{ x: 1 } }, headers: #{ \"x-a\": \"b\" } })",
        "let options = #{ whatever: 1 }; options",
    ]);
}

const GIVE_BACK: &str = "(let the branch give its value back: `parallel` returns those of all branches, in order)";

#[test]
fn a_branch_changes_nothing_that_it_shares() {
    let cases = [
        ("let n = 0;\nparallel([|| { n = 1; }]);", "5:16", "assigns to `n`"),
        ("let n = 0; let m = 0; parallel([|| n, || { m += n; }]);", "4:44", "assigns to `m`"),
        ("let m = #{}; parallel([|| { m.x = 1; }]);", "4:29", "assigns to `m`"),
        ("let l = [0]; parallel([|| { l[0] = 1; }]);", "4:29", "assigns to `l`"),
        ("let l = []; parallel([|| { l.push(1); }]);", "4:28", "changes by `push` `l`"),
        ("let l = []; parallel([|| l.push(1)]);", "4:26", "changes by `push` `l`"),
        ("let l = []; parallel([|| { push(l, 1); }]);", "4:33", "changes by `push` `l`"),
        ("let m = #{ l: [] }; parallel([|| { m.l.push(1); }]);", "4:36", "changes by `push` `m`"),
        ("let n = 0; parallel([|| { if alert.simulated { let n = 1; } n = 2; }]);", "4:61", "assigns to `n`"),
        ("let n = 0; parallel([|| { [1].for_each(|x| { n += x; }); }]);", "4:46", "assigns to `n`"),
        ("let n = 0; let b = || { n = 1; }; parallel([b]);", "4:25", "assigns to `n`"),
        ("let n = 0; let all = [|| { n = 1; }]; parallel(all);", "4:28", "assigns to `n`"),
        ("let n = 0; let all = []; all.push(|| { n = 1; }); parallel(all);", "4:40", "assigns to `n`"),
        ("let n = 0; parallel([1, 2].map(|x| || { n += x; }));", "4:41", "assigns to `n`"),
        ("let n = 0; [|| { n = 1; }].parallel();", "4:18", "assigns to `n`"),
    ];
    for (body, place, slip) in cases {
        let message = format!(
            "p/test.rhai:{place}: error[P031]: a branch of `parallel` {slip}, which it shares with the others {GIVE_BACK}"
        );
        assert_eq!(told(body), [message], "{body}");
    }
    none(&[
        "let n = 0; parallel([|| n + 1, || n + 2]);",
        "parallel([|| { let n = 0; n = 1; n }]);",
        "let n = 0; parallel([|| { let n = n; n += 1; n }]);",
        "let n = 0; parallel([|| { for n in 0..3 { n += 1; } n }]);",
        "let n = 0; parallel([|| { try { n / 0; } catch (n) { n = 1; } }]);",
        "let l = [1]; parallel([|| { let m = l; m.push(2); m }]);",
        "let l = [1]; parallel([|| { l.map(|x| x + 1).push(3) }]);",
        "parallel([1, 2].map(|x| || { x += 1; x }));",
        "let n = 0; [1].for_each(|x| { n += x; }); n",
    ]);
}

#[test]
fn a_function_that_changes_what_it_is_called_on_changes_the_shared_variable() {
    let script = |own: &str| {
        format!("{own}\nfn on_alert(alert) {{ let c = #{{ n: 0 }}; parallel([|| c.bump(), || c.bump()]) }}")
    };
    let changing = [
        "fn bump() { this.n += 1; this.n }",
        "fn bump() { this.l.push(1); }",
        "fn more() { this.n = 2; } fn bump() { this.more() }",
    ];
    for own in changing {
        let said = super::said(&script(own));
        assert_eq!(said.len(), 2, "{own}: {said:?}");
        assert!(said[0].contains("P031") && said[0].contains("changes by `bump` `c`"), "{own}: {said:?}");
    }
    for own in ["fn bump() { this.n + 1 }", "fn bump() { let m = this.n; m += 1; m }"] {
        assert_eq!(super::said(&script(own)), [""; 0], "{own}");
    }
}

#[test]
fn a_function_of_the_script_gets_a_copy_of_what_is_shared() {
    let script =
        "fn push(list, item) { list += item; list }\nfn on_alert(alert) { let l = []; parallel([|| push(l, 1)]) }";
    assert_eq!(super::said(script), [""; 0]);
}

#[test]
fn the_alert_is_not_assigned_to() {
    for (body, place, field, help) in [
        ("alert.severity = \"low\";", "4:7", "severity", "use `set_severity(severity, why)`"),
        ("alert.tags += [\"x\"];", "4:7", "tags", "use `tag(text)`"),
        (
            "alert.extended_properties.x = 1;",
            "4:7",
            "extended_properties",
            "put what you need into a variable of your own",
        ),
    ] {
        let message = format!(
            "p/test.rhai:{place}: error[P036]: `alert.{field}` cannot be assigned to: the alert is read-only ({help})"
        );
        assert_eq!(told(body), [message], "{body}");
    }
    none(&["let severity = alert.severity; severity = \"low\";"]);
}

#[test]
fn a_comparer_takes_no_steps() {
    let said = |place: &str, name: &str, sort: &str| {
        format!(
            "p/test.rhai:{place}: warning[P032]: `{name}` is a step, and `{sort}` calls this comparer as often as it likes (take the steps first, with `map`, and sort what they gave)"
        )
    };
    assert_eq!(told("[2, 1].sort(|a, b| { tag(\"x\"); a - b })"), [said("4:22", "tag", "sort")]);
    assert_eq!(told("[2, 1].sort(|a, b| connection(\"a\").get(`/${a}`).body.n - b)"), [said("4:36", "get", "sort")]);
    assert_eq!(
        super::said(
            "fn rank(x) { sleep(\"1s\"); x }\nfn deeper(x) { rank(x) }\nfn on_alert(alert) { [1].order(|a, b| deeper(a) - b) }"
        ),
        [said("5:39", "deeper", "order")]
    );
    assert_eq!(
        super::said("fn by(a, b) { comment(\"x\"); a - b }\nfn on_alert(alert) { [1].sort(\"by\") }"),
        [said("3:15", "comment", "sort")]
    );
    none(&[
        "[2, 1].sort(|a, b| a - b)",
        "[2, 1].map(|a| tag(`${a}`))",
        "[#{ get: 1 }].sort(|a, b| a.get(\"get\") - 1)",
    ]);
}

#[test]
fn a_try_has_no_value() {
    let said = |place: &str| {
        format!(
            "p/test.rhai:{place}: warning[P033]: a `try` has no value, so what this function gives is `()` (write `return` before this value)"
        )
    };
    assert_eq!(told("try { 40 + 2 } catch { }"), [said("4:7")]);
    assert_eq!(told("let x = 1; try { x = 2; } catch (e) { x }"), [said("4:39")]);
    assert_eq!(told("try { x } catch { }\n").len(), 1, "a syntax error is one fault");
    assert_eq!(told("try { alert.title } catch { return 0; }"), [said("4:7")]);
    assert_eq!(told("try { now() } catch { }"), [said("4:7")]);
    assert_eq!(told("[1].map(|x| { try { x + 1 } catch { } })"), [said("4:21")]);
    none(&[
        "try { return 42; } catch { }",
        "try { 40 + 2; } catch { }\n5",
        "try { 40 + 2 } catch { }\n5",
        "try { comment(\"x\") } catch { }",
        "try { connection(\"a\").post(1) } catch { tag(\"failed\") }",
        "let x = 1; try { x = 2; } catch { x = 3; }",
    ]);
}

#[test]
fn what_a_source_sends_may_be_missing() {
    each(&[
        (
            "alert.raw.user.name",
            "4:16: warning[P034]: `user` may be missing, and reading `name` of it would then raise (write `?.name`, and a default with `??` where one is needed)",
        ),
        (
            "`${alert.extended_properties.host.id}`",
            "4:35: warning[P034]: `host` may be missing, and reading `id` of it would then raise (write `?.id`, and a default with `??` where one is needed)",
        ),
    ]);
    none(&[
        "alert.raw.user?.name ?? \"nobody\"",
        "alert.raw.user",
        "try { return alert.raw.user.name; } catch { }",
        "if alert.raw.user != () { alert.raw.user.name }",
        "alert.raw[\"user\"]",
    ]);
}

#[test]
fn words_of_other_languages_are_explained() {
    let hint = "Rhai has no `and`, `or` and `not`: write `&&`, `||` and `!`";
    for (body, place) in [
        ("if alert.simulated and true { }", "4:20"),
        ("if alert.simulated or true { }", "4:20"),
        ("if not alert.simulated { }", "4:4"),
        ("let x = true and false;", "4:14"),
        ("let x = not true;", "4:9"),
    ] {
        let said = told(body);
        assert_eq!(said.len(), 1, "{body}: {said:?}");
        assert!(said[0].starts_with(&format!("p/test.rhai:{place}: error[P001]: ")), "{body}: {said:?}");
        assert!(said[0].ends_with(&format!("({hint})")), "{body}: {said:?}");
    }
}

#[test]
fn reserved_words_are_written_in_quotes() {
    let said = told("let m = #{}; m.match.x");
    assert_eq!(
        said,
        [
            "p/test.rhai:4:16: error[P001]: 'match' is a reserved keyword (`match` is a reserved word: write `\"match\"` as a key of a map, and `[\"match\"]` for `.match`)"
        ]
    );
}

#[test]
fn functions_are_named_that_exist() {
    each(&[
        ("Fn(\"nope\").call()", "4:4: error[P008]: unknown function `nope` (define `fn nope` in this file)"),
        ("[\"x\"].map(\"tga\")", "4:11: error[P008]: unknown function `tga` (did you mean `tag`?)"),
        (
            "[\"chat\"].map(\"connection\")",
            "4:14: error[P012]: a connection's name is written out as a text (call `connection(\"name\")` itself, so that a review sees every system a playbook can reach)",
        ),
        (
            "Fn(\"connection\").call(\"chat\")",
            "4:4: error[P012]: a connection's name is written out as a text (call `connection(\"name\")` itself, so that a review sees every system a playbook can reach)",
        ),
    ]);
    none(&["[\"x\"].map(\"tag\")", "[\"x\"].contains(\"nope\")", "alert.title.index_of(\"nope\")"]);
}

#[test]
fn a_closure_leaves_alone_what_it_is_called_on() {
    let said = |place: &str, name: &str| {
        format!(
            "p/test.rhai:{place}: error[P035]: the closure uses `{name}`, the very value it is called on (put what it needs of `{name}` into a variable before)"
        )
    };
    assert_eq!(told("let a = [1]; a.map(|x| x + a.len())"), [said("4:16", "a")]);
    assert_eq!(told("let l = []; l.push(|| l);"), [said("4:15", "l")]);
    none(&["let a = [1]; let n = a.len(); a.map(|x| x + n)", "let a = [1]; let b = a; b.map(|x| x + a.len())"]);
}

#[test]
fn a_branch_has_no_parameters() {
    each(&[(
        "let n = 1; parallel([|| n, |x| n])",
        "4:28: error[P009]: a branch of `parallel` has no parameters (write it as `|| …`; it sees the variables of the function it stands in)",
    )]);
}

#[test]
fn severities_are_checked_wherever_they_are_compared() {
    let hint = "use informational, low, medium, high or critical";
    let slip = |place: &str, word: &str, near: &str| {
        format!("p/test.rhai:{place}: error[P016]: `{word}` is not a severity: {hint}{near}")
    };
    assert_eq!(told("alert.severity in [\"high\", \"hihg\"]"), [slip("4:28", "hihg", "; did you mean `high`?")]);
    assert_eq!(told("max(alert.severity, \"hihg\")"), [slip("4:21", "hihg", "; did you mean `high`?")]);
    assert_eq!(told("[\"hihg\"].contains(alert.severity)"), [slip("4:2", "hihg", "; did you mean `high`?")]);
    let renamed = super::said("fn on_alert(incident) { incident.severity >= \"hihg\" && incident.titel == 1 }");
    assert_eq!(renamed.len(), 2, "{renamed:?}");
    let switch = |at: &str| {
        [format!(
            "p/test.rhai:{at}: error[P013]: `switch` never matches a severity, and always takes the `_` arm (switch on `alert.severity.name`, or use `if`)"
        )]
    };
    assert_eq!(told("let s = alert.severity; switch s { \"high\" => 1, _ => 2 }"), switch("4:25"));
    none(&[
        "let s = alert.severity.name; switch s { \"high\" => 1, _ => 2 }",
        "let s = alert.severity; s = \"x\"; switch s { \"high\" => 1, _ => 2 }",
        "alert.severity in [\"high\", \"low\"]",
    ]);
}

#[test]
fn written_out_values_are_ones_that_a_run_would_accept() {
    let shape = "a number and a unit, such as `90s`, `10m`, `4h` or `7d`";
    let spans = "one number and unit, or several from large to small: `1h30m`";
    each(&[
        (
            "wait_for_approval(#{ ask: \"?\", within: \"1 hour\" })",
            &format!("4:40: error[P016]: `within` is {shape} ({spans})"),
        ),
        (
            "wait_for_approval(#{ ask: \"?\", within: \"31d\" })",
            "4:40: error[P016]: `within` is more than nothing and at most `30d`",
        ),
        (
            "wait_for_approval(#{ ask: \"?\", otherwise: \"denied\" })",
            "4:43: error[P016]: `otherwise` is `\"approve\"` or `\"deny\"`",
        ),
        ("wait_for_approval(#{ ask: \"\" })", "4:27: error[P016]: `ask` is empty"),
        (
            "state_put(\"k\", 1, \"400d\")",
            &format!("4:19: error[P016]: `state_put` keeps a value for {shape} up to `366d`, not `400d` ({spans})"),
        ),
        ("connection(\"a\").send(#{ timeout: 5 })", &format!("4:34: error[P016]: `timeout` is {shape} ({spans})")),
        ("connection(\"a\").get(\"../x\")", "4:21: error[P016]: a path does not climb with `..`"),
        ("sleep(\"31d\")", "4:7: error[P016]: `sleep` waits at most `30d`, as long as a run may take"),
    ]);
    none(&[
        "wait_for_approval(#{ ask: \"?\", within: \"1h30m\", otherwise: \"approve\", to: () })",
        "let span = \"x\"; wait_for_approval(#{ ask: \"?\", within: span })",
        "state_put(\"k\", 1, \"366d\"); state_put(\"k\", \"no duration\")",
        "connection(\"a\").send(#{ method: \"PUT\", path: \"/x\", timeout: \"5s\", retry: #{ max_attempts: 100, max_age: \"1h\" } })",
        "email(#{ to: [\"a@b.c\", alert.assignee], subject: alert.title, body: \"x\" })",
        "let map = #{ a: 1 }; map.get(\"../x\")",
    ]);
}

#[test]
fn results_of_steps_have_a_few_fields() {
    each(&[
        (
            "let a = wait_for_approval(#{ ask: \"?\" }); a.aproved",
            "4:45: error[P037]: the answer to a question has no field `aproved` (did you mean `approved`?)",
        ),
        (
            "wait_for_approval(#{ ask: \"?\" }).answer",
            "4:34: error[P037]: the answer to a question has no field `answer` (it has approved, by, at, comment)",
        ),
        (
            "let r = connection(\"a\").get(\"/x\"); r.score",
            "4:38: error[P037]: the answer to a request has no field `score` (it has status, headers, body; what was sent is at `body.score`)",
        ),
        (
            "connection(\"a\").post(1)?.satus",
            "4:26: error[P037]: the answer to a request has no field `satus` (did you mean `status`?)",
        ),
    ]);
    none(&[
        "let r = connection(\"a\").get(\"/x\"); `${r.status}${r.headers}${r.body.anything.at_all}`",
        "let r = connection(\"a\").get(\"/x\").body; r.score",
        "let r = connection(\"a\").get(\"/x\"); r = #{ score: 1 }; r.score",
        "let r = connection(\"a\").get(\"/x\"); r.seen = true; r.seen",
        "let r = connection(\"a\").get(\"/x\"); r.mixin(#{ score: 1 }); r.score",
        "let r = connection(\"a\").get(\"/x\"); r += #{ score: 1 }; r.score",
        "let r = connection(\"a\").get(\"/x\"); r[\"score\"] = 1; r.score",
        "let r = #{ x: 1 }; let f = |r| r.y; let r = connection(\"a\").get(\"/x\"); r.z",
        "let r = connection(\"a\").get(\"/x\"); for r in [#{ y: 1 }] { r.y; }",
        "try { let e = connection(\"a\").get(\"/x\"); e.status; } catch (e) { e.kind; }",
        "let r = connection(\"a\").get(\"/x\"); r.len()",
    ]);
}

#[test]
fn what_other_languages_write_is_told() {
    let of = |word: &str, help: &str| format!("error[P001]: `{word}` is not of this language ({help})");
    let cases: [(&str, &str, String); 6] = [
        ("if true { 1 } elif false { 2 }", "4:15", of("elif", "write `else if`")),
        ("# nothing", "4:1", of("#", "a comment begins with `//`, and a map with `#{`")),
        ("let x = null;", "4:9", of("null", "write `()`: that is the value of what is missing")),
        ("let x = None;", "4:9", of("None", "write `()`: that is the value of what is missing")),
        ("let x = 1; x++;", "4:13", of("++", "write `+= 1`")),
        ("var x = 1;", "4:1", of("var", "write `let`")),
    ];
    for (body, place, message) in cases {
        assert_eq!(told(body), [format!("p/test.rhai:{place}: {message}")], "{body}");
    }
    let map = "a map is written `#{ name: value }`; without the `#` this is a block";
    for body in ["comment({ text: 1 })", "let x = { \"a\": 1 };"] {
        let said = told(body);
        assert!(said.len() == 1 && said[0].ends_with(&format!("({map})")), "{body}: {said:?}");
    }
    none(&["let x = #{ def: 1 }; x.def", "let elif = 1; elif", "`${alert.raw?.elif}`"]);
}

#[test]
fn texts_and_braces_that_mean_something_else_are_told() {
    each(&[
        (
            "comment(\"seen: ${alert.title}\");",
            "4:9: warning[P038]: a text in double quotes keeps `${…}` as it is written (write the text in backticks: `` `${name}` ``)",
        ),
        (
            "connection(\"a\").post({});",
            "4:22: warning[P039]: `{}` is an empty block, whose value is `()` (an empty map is `#{}`)",
        ),
        ("let x = {}; x", "4:9: warning[P039]: `{}` is an empty block, whose value is `()` (an empty map is `#{}`)"),
    ]);
    none(&[
        "comment(`${alert.title}`);",
        "comment(\"${\");",
        "comment(\"$5 {a}\");",
        "connection(\"a\").post(#{});",
        "if true {}",
        "let f = || {}; f.call()",
    ]);
}

#[test]
fn the_bracket_that_is_not_closed_is_shown() {
    let said = super::said("fn on_alert(alert) {\n    if true {\n        comment(\"a\");\n}\n");
    assert!(
        said.len() == 1 && said[0].starts_with("p/test.rhai:4:13: error[P001]: this `{` is never closed"),
        "{said:?}"
    );
    let said = said_of("comment([1, 2);");
    assert!(said[0].starts_with("p/test.rhai:4:9: error[P001]: this `[` is never closed"), "{said:?}");
}
