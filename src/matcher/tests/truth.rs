//! What is said of conditions before any alert is seen: that they match everything, nothing, or what they do not name.

use super::*;

#[test]
fn a_condition_that_matches_everything_is_an_error() {
    let everything = "error[M021]: this condition matches every alert";
    for text in [
        "{}",
        "~",
        "[{title: x}, {}]",
        "{title: '*'}",
        "{title: ['x', '**']}",
        "{title|contains: ''}",
        "{alert_type|re: '.*'}",
        "{alert_type|re|i: '^.+$'}",
        "{title: '*', source|exists: true}",
        "{severity: [informational, low, medium, high, critical]}",
        "{severity|gte: informational}",
        "[{severity|lte: low}, {severity: medium}, {severity|gt: medium}]",
        "{status: [active, in_progress, resolved, dismissed]}",
        "{simulated: [true, false]}",
        "{a: {simulated: true}, b: [{simulated: false}, {title: x}], condition: 1 of them}",
        "{received_time|hour|gte: 0}",
        "[{received_time|month|lt: 6}, {received_time|month: 6}, {received_time|month|gt: 6}]",
        "{a: {title: '*'}, b: {title: x}, condition: a or b}",
        "{a: {severity|lt: high}, b: {severity|gte: high}, condition: 1 of them}",
        "{a: {title: x}, b: {title: '*'}, condition: not a or b}",
        "{a: {title: x}, condition: a or not a}",
        "{a: {title: x}, condition: 'a or not (a and not not a)'}",
        "{a: {title: x}, b: {title|neq: x}, condition: 1 of them}",
        "{a: {title: [x, y]}, b: {title|neq: [y, x]}, condition: [a, b]}",
        "{a: {title: [x, y]}, b: {title|neq: x}, condition: a or b}",
        "{a: {title|re: x}, b: {vendor: y}, condition: a or (b or not a)}",
        "{a: {title: x, vendor: y}, b: [{title|neq: x}, {vendor|neq: y}], condition: a or b}",
        "[{entities.file: {name: x}}, {entities.file|none: {name: x}}]",
        "[{vendor|exists: true}, {vendor|exists: false}]",
        "{a: {title: x, title|neq: x}, condition: not a}",
    ] {
        let found = findings(text);
        assert!(found.len() == 1 && found[0].contains(everything), "{text}: {found:?}");
    }
    for text in [
        "{description: '*'}",
        "[{simulated: true}, {is_incident: false}]",
        "[{received_time|hour|lt: 12, title: x}, {received_time|hour|gt: 12, title: x}]",
        "{severity: [low, medium]}",
        "{description: '?'}",
        "{description|re: 'a*b'}",
        "{title|re: '^.{1,10}$', raw.x: 1}",
        "{a: {description|re: x}, b: {description|re|i: X}, condition: a and not b}",
        "{a: {title: x}, b: {vendor: x}, condition: a and not b}",
        "{a: {title: x, vendor: y}, b: {title|neq: x}, condition: a or (b and a)}",
    ] {
        assert_eq!(findings(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_differs_is_not_taken_for_an_opposite() {
    for (one, other) in [
        ("title|re: x", "title|re|i|neq: x"),
        ("title: x", "title|cased|neq: x"),
        ("title: x", "title|neq: y"),
        ("title: [x, y]", "title|all|neq: [x, z]"),
        ("raw.n|gt: 5", "raw.n|gte|neq: 5"),
        ("raw.n: 5", "raw.m|neq: 5"),
        ("raw.v: x", "raw.v|exists: false"),
        ("vendor: null", "vendor|exists: false"),
        ("entities.ip.address: 10.0.0.1", "entities.ip.address|neq: 10.0.0.2"),
        ("entities.file: {name: x}", "entities.file|neq: {directory: x}"),
        ("entities.file|every: {name: x}", "entities.file|none: {name: x}"),
    ] {
        let found = findings(&format!("[{{{one}}}, {{{other}}}]"));
        let both = findings(&format!("{{{one}, {other}}}"));
        assert!(
            found.iter().chain(&both).all(|line| line.contains("warning[M022]") || line.contains("warning[M031]")),
            "{one}, {other}: {found:?} {both:?}"
        );
    }
}

/// Where what is said of a whole condition stands: at the text that joins its selections, if it has one.
fn column(text: &str) -> usize {
    const KEY: &str = "condition: ";
    text.find(KEY).map_or(1, |at| at + KEY.len() + 1)
}

fn never(text: &str) -> String {
    let help = "a part of it excludes another one, or asks for what no alert has; a list is an `or`, lines beside each other are an `and`";
    format!("r.yaml:1:{}: warning[M023]: this condition can never match = {help}", column(text))
}

#[test]
fn a_condition_no_index_leads_to_is_a_warning_with_its_cost() {
    let help = "say also what must be there: a plain value, or a part of a text";
    for (text, cost) in [
        ("{title: '?'}", 40),
        (r"{title|re: '\d+'}", 200),
        (r"{a: {title|re: '\d+'}, b: {title: x}, condition: a or b}", 200),
        (r"[{title|re: ['\d+', '[a-f]+']}]", 400),
        // A look through the alert for all keywords, and each asked for.
        ("{a: [mimikatz, sekurlsa], b: {title: '?'}, condition: b and not a}", 1_100),
    ] {
        let message = "nothing in this condition narrows alerts down: it is tried on every one";
        let told = format!("r.yaml:1:{}: warning[M031]: {message}, {cost} ns each = {help}", column(text));
        assert_eq!(findings(text), [told], "{text}");
    }
    for text in [r"{title|re: '\d+', vendor: x}", "{title|re: 'abc\\d'}", "{entities.process.command_line|re: '[a-f]'}"]
    {
        assert_eq!(findings(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_condition_that_rests_on_negations_or_never_holds_is_a_warning() {
    let negation = "r.yaml:1:1: warning[M022]: this condition rests only on negations: an alert without these fields matches = say also what must be there, such as an `alert_type`";
    for text in [
        "{vendor|neq: x}",
        "{vendor: null}",
        "{vendor|exists: false}",
        "{entities.file|none: {name: x}}",
        "[{title: x}, {vendor|neq: y}]",
        // Beside what always holds.
        "{severity|gte: informational, vendor|neq: x}",
        "{is_incident: [true, false], alert_type|startswith|neq: VM}",
        "{title: '*', vendor|neq: x}",
    ] {
        assert_eq!(findings(text), [negation], "{text}");
    }
    assert_eq!(findings("{vendor|neq: x, title: y}"), Vec::<String>::new());
    for text in [
        "{title|exists: false}",
        "{title: x, title|neq: x}",
        "{a: {title: x}, condition: a and not a}",
        "{a: {title: x}, b: {title|neq: x, vendor: y}, condition: all of them}",
        "{a: {title: x}, b: {title: [x, y]}, condition: a and not b}",
        "{entities.file: {name: x, name|neq: x}}",
        "{title: x, start_time|hour|gt: 23}",
        "{title: x, start_time|month|lt: 1}",
        // A title is one text.
        "{title: foo, title|startswith: bar}",
        "{title: [foo, fob], title|contains|all: [f, x]}",
        "{a: {title: foo}, b: {title: [bar, baz]}, condition: a and b}",
        "{a: {title: Foo}, b: {title|contains: O, vendor: x}, condition: a and not (b or a)}",
        "{a: {title: Foo}, b: {title|startswith: f}, condition: a and not b}",
        r"{a: {title|cased: Foo}, b: {title|re: '^[a-z]'}, condition: a and b}",
        "{a: {vendor: x}, b: {vendor: null}, condition: a and b}",
        "{a: {severity: high}, b: {severity: [low, medium]}, condition: a and b}",
        "{a: {severity|gte: high}, b: {severity|lt: high}, condition: a and b}",
        "{a: {status|neq: active}, b: {status: active, vendor: y}, condition: b and not (not a)}",
    ] {
        assert_eq!(findings(text), [never(text)], "{text}");
    }
    for text in [
        "{title: [foo, bar], title|startswith: bar}",
        r"{a: {title: Foo}, b: {title|re: '^F'}, condition: a and b}",
        r"{a: {title: Foo}, b: {title|re: '^f'}, condition: a and b}",
        "{a: {title: foo}, b: {title|cased: FOO}, condition: a and b}",
        "{a: {title: foo}, b: {title: bar}, condition: a or b}",
        "{a: {tags: foo}, b: {tags: bar}, condition: a and b}",
        "{a: {raw.x: foo}, b: {raw.x: bar}, condition: a and b}",
        "{a: {severity|gte: high}, b: {severity|lte: high}, condition: a and b}",
        // Neither always nor never.
        "{a: {title|re: '^[^:]+$'}, b: {raw.x: 1}, condition: b and not a}",
        "{a: {severity|gte: informational}, b: {raw.x: 1}, condition: b and not a}",
        "{a: {title|re: '.+'}, b: {raw.x: 1}, condition: b and not a}",
    ] {
        assert_eq!(findings(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn lines_that_no_one_value_meets_are_told() {
    let help = "turn one of them round; for values outside of a range write a list of two maps";
    for (text, place, key) in [
        ("{title: x, raw.n|gt: 5, raw.n|lt: 3}", "25", "raw.n|gt"),
        ("{title: x, raw.n|gte: 5, raw.n: 3}", "26", "raw.n|gte"),
        ("{title: x, severity|gte: high, severity|lt: medium}", "32", "severity|gte"),
        ("{title: x, start_time|gt: 2026-01-02, start_time|lt: 2026-01-01}", "39", "start_time|gt"),
        ("{title: x, entities.file: {size_in_bytes: 1, size_in_bytes|gt: 1}}", "46", "size_in_bytes"),
    ] {
        let expected = format!("r.yaml:1:{place}: warning[M034]: no one value meets this line and `{key}` = {help}");
        // Nothing has two severities, the others may have several values.
        let never = Some(never(text)).filter(|_| key.starts_with("severity"));
        assert_eq!(findings(text), never.into_iter().chain([expected]).collect::<Vec<_>>(), "{text}");
    }
    for fine in [
        "{title: x, raw.n|gt: 3, raw.n|lt: 5}",
        "{title: x, raw.n|gte: 3, raw.n|lte: 3}",
        "{title: x, raw.n|gt: 5, raw.m|lt: 3}",
        "{title: x, raw.n|gt: 5, raw.n|lt|neq: 3}",
        "[{title: x, raw.n|gt: 5}, {title: x, raw.n|lt: 3}]",
        "{title: x, raw.n|gt: [1, 9], raw.n|lt: 5}",
    ] {
        assert!(findings(fine).iter().all(|said| !said.contains("M034")), "{fine}: {:?}", findings(fine));
    }
}
