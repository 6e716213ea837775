//! What is wrong with bad conditions: the exact words, at the exact place, all at once.

use super::*;
use crate::matcher::{Placeholders, compile_with};

fn told(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(findings(text), [*expected], "{text}");
    }
}

#[test]
fn fields_that_do_not_exist_are_told_with_what_was_meant() {
    told(&[
        ("{sevrity: low}", "r.yaml:1:2: error[M001]: unknown field `sevrity` = did you mean `severity`?"),
        (
            "{entities.ip.adress: 10.0.0.1}",
            "r.yaml:1:14: error[M001]: unknown field `entities.ip.adress` = did you mean `entities.ip.address`?",
        ),
        (
            "{entities.ipp.address: 10.0.0.1}",
            "r.yaml:1:11: error[M002]: unknown entity type `ipp` = did you mean `entities.ip`?",
        ),
        (
            "{EventID: 4625}",
            "r.yaml:1:2: error[M001]: unknown field `EventID` = what the source itself sent is under `raw`: `raw.EventID`",
        ),
        (
            "{selection: {title: x}}",
            "r.yaml:1:2: error[M001]: unknown field `selection` = to name selections, add a `condition` beside them",
        ),
        (
            "{entities.ip.owner: a}",
            "r.yaml:1:14: error[M001]: unknown field `entities.ip.owner` = there are address, address_scope, location, threat_intelligence, count",
        ),
        ("{title.x: a}", "r.yaml:1:8: error[M007]: `title` holds text; it has no fields"),
        (
            "{entities.process: {comand_line: a}}",
            "r.yaml:1:21: error[M001]: unknown field `comand_line` = did you mean `command_line`?",
        ),
        (
            "{'raw.\"a': x}",
            "r.yaml:1:7: error[M003]: the quote does not close = write the path with dots, and quote parts that hold dots or spaces: `raw.a.\"b.c\"`",
        ),
    ]);
}

#[test]
fn modifiers_that_do_not_exist_or_do_not_fit_are_told() {
    told(&[
        ("{title|contain: a}", "r.yaml:1:8: error[M004]: unknown modifier `contain` = did you mean `contains`?"),
        ("{severity|ge: low}", "r.yaml:1:11: error[M004]: unknown modifier `ge` = did you mean `gte`?"),
        ("{severity|le: low}", "r.yaml:1:11: error[M004]: unknown modifier `le` = did you mean `lte`?"),
        ("{title|regex: a}", "r.yaml:1:8: error[M004]: unknown modifier `regex` = did you mean `re`?"),
        (
            "{title|beginswith: a}",
            "r.yaml:1:8: error[M004]: unknown modifier `beginswith` = did you mean `startswith`?",
        ),
        (
            "{title|fuzzy: a}",
            "r.yaml:1:8: error[M004]: unknown modifier `fuzzy` = such as `contains`, `startswith`, `endswith`, `re`, `cidr`, `gte`, `neq`",
        ),
        (
            "{title|contains|base64: ab}",
            "r.yaml:1:17: error[M006]: `base64` belongs before `contains` = modifiers are applied from left to right",
        ),
        (
            "{title|base64|windash: ab}",
            "r.yaml:1:15: error[M006]: `windash` belongs before `base64` = modifiers are applied from left to right",
        ),
        (
            "{title|wide|base64offset|re: ab}",
            "r.yaml:1:26: error[M006]: `re` and `utf16le` do not go together = dashes and encodings are for plain values, `contains`, `startswith` and `endswith`",
        ),
        (
            "{title|base64offset|wide|contains: ab}",
            "r.yaml:1:21: error[M006]: `wide` belongs before `base64offset` = modifiers are applied from left to right",
        ),
        (
            "{severity|base64: ab}",
            "r.yaml:1:11: error[M007]: `base64` cannot hold for `severity`, which holds a severity = only text can be encoded",
        ),
        (
            "{title|hour: 3}",
            "r.yaml:1:8: error[M007]: `hour` cannot hold for `title`, which holds text = only times have minutes, hours, days…",
        ),
        (
            "{start_time|hour|contains: 3}",
            "r.yaml:1:18: error[M007]: `hour` cannot hold for `start_time`, which holds a time = a part of a time is compared with a number: `=` or `lt lte gt gte`",
        ),
        (
            "{start_time|hour|cased: 3}",
            "r.yaml:1:13: error[M006]: `hour` and `cased` do not go together = leave `cased` out; only text is compared with case",
        ),
        ("{start_time|hour|day: 3}", "r.yaml:1:18: error[M006]: `hour` and `day` do not go together"),
        ("{title|fieldref|expand: vendor}", "r.yaml:1:8: error[M006]: `fieldref` and `expand` do not go together"),
        (
            "{title|contains|endswith: a}",
            "r.yaml:1:17: error[M006]: `contains` and `endswith` do not go together = each of them says how values are compared",
        ),
        ("{title|all|all: [a]}", "r.yaml:1:12: error[M006]: the modifier `all` stands twice"),
        ("{title|i: a}", "r.yaml:1:8: error[M006]: `i` belongs after `re`"),
        (
            "{title|re|cased: a}",
            "r.yaml:1:8: error[M006]: `re` and `cased` do not go together = `re` is case-sensitive unless `i` follows it",
        ),
        (
            "{title|cidr: 10.0.0.0/8}",
            "r.yaml:1:8: error[M007]: `cidr` cannot hold for `title`, which holds text = use it on addresses, such as `entities.ip.address`",
        ),
        (
            "{title|lt: 5}",
            "r.yaml:1:8: error[M007]: `lt` cannot hold for `title`, which holds text = numbers, times and severities have an order",
        ),
        (
            "{severity|contains: hi}",
            "r.yaml:1:11: error[M007]: `contains` cannot hold for `severity`, which holds a severity = compare it with plain values",
        ),
        (
            "{status|gte: active}",
            "r.yaml:1:9: error[M007]: `gte` cannot hold for `status`, which holds a status = numbers, times and severities have an order",
        ),
        (
            "{resources.id|cased: a}",
            "r.yaml:1:2: error[M007]: `cased` cannot hold for `resources.id`, which holds an id = only text is compared with case",
        ),
        (
            "{title|every: a}",
            "r.yaml:1:2: error[M006]: `every` is for a map of lines about one element = such as `entities.file|every: {directory|startswith: /usr}`",
        ),
        ("{title: {a: b}}", "r.yaml:1:2: error[M007]: `title` holds text; it cannot be compared with a map"),
        (
            "{entities: {ip: a}}",
            "r.yaml:1:2: error[M007]: `entities` holds fields of its own; it cannot be compared with a map = name the entity type: `entities.process: {...}`",
        ),
        (
            "{entities.file|contains: {name: a}}",
            "r.yaml:1:16: error[M006]: a map takes no modifiers but `every`, `none` and `neq` = put them on the lines inside the map",
        ),
        (
            "{raw.n|gt: abc}",
            "r.yaml:1:12: error[M008]: `raw.n` is compared with a number here; `abc` is not one = write a number",
        ),
        ("{title|exists: yes}", "r.yaml:1:16: error[M008]: `exists` takes true or false, not a text"),
        (
            "{title|exists|neq: true}",
            "r.yaml:1:8: error[M006]: `exists` takes no other modifier = write `exists: false`",
        ),
    ]);
}

#[test]
fn values_that_do_not_fit_are_told() {
    told(&[
        ("{severity: hihg}", "r.yaml:1:12: error[M009]: `hihg` is not a severity = did you mean `high`?"),
        (
            "{severity: warning}",
            "r.yaml:1:12: error[M009]: `warning` is not a severity = there are informational, low, medium, high, critical",
        ),
        ("{severity|gt: critical}", "r.yaml:1:15: error[M007]: no severity is above `critical`"),
        ("{status: actve}", "r.yaml:1:10: error[M009]: `actve` is not a status = did you mean `active`?"),
        (
            "{is_incident: yes}",
            "r.yaml:1:15: error[M008]: `is_incident` holds true or false; `yes` is not one = write `true` or `false`",
        ),
        (
            "{start_time|gt: soon}",
            "r.yaml:1:17: error[M008]: `start_time` holds a time; `soon` is not one = write a date like `2027-03-31`, or a time like `2027-03-31T12:00:00Z`",
        ),
        (
            "{start_time: '2026-*'}",
            "r.yaml:1:14: error[M008]: `start_time` holds a time; `2026-*` is not one = write a date like `2027-03-31`, or a time like `2027-03-31T12:00:00Z`",
        ),
        (
            "{entities.ip.location.asn: '65*'}",
            "r.yaml:1:28: error[M007]: a wildcard cannot hold for `entities.ip.location.asn`, which holds a number = compare with `lt lte gt gte`",
        ),
        (
            "{raw.x|gt: '1*'}",
            "r.yaml:1:12: error[M007]: a wildcard cannot hold for `raw.x`, which is compared with a number = compare with `lt lte gt gte`",
        ),
        (
            "{entities.ip.address: 10.0.0.0/8}",
            "r.yaml:1:23: error[M008]: `10.0.0.0/8` is not an address = it is a network: write `entities.ip.address|cidr`",
        ),
        (
            "{entities.ip.address|cidr: 10.0.0.0/33}",
            "r.yaml:1:28: error[M010]: `10.0.0.0/33` is not a network = write it like `10.20.0.0/16` or `2001:db8::/32`",
        ),
        (
            "{entities.ip.address|cidr: 10.1.2.3/8}",
            "r.yaml:1:28: warning[M011]: `10.1.2.3/8` has bits set beyond its prefix; it means `10.0.0.0/8` = write `10.0.0.0/8`, or `10.1.2.3` if one address is meant",
        ),
        (
            "{entities.ip: 10.0.0.1}",
            "r.yaml:1:15: error[M007]: `entities.ip` has fields of its own; it equals no value = compare one of its fields, or bind a map to it: `entities.ip: {...}`",
        ),
        (
            "{title: []}",
            "r.yaml:1:9: error[M014]: the list for `title` is empty = an empty list matches nothing; remove the line",
        ),
        (
            "{title|contains|all: a}",
            "r.yaml:1:8: error[M015]: `all` needs a list of values = remove `all`, or write the values as a list",
        ),
        (
            "{vendor: [a, null]}",
            "r.yaml:1:14: error[M008]: null cannot stand in a list of values = write `null` alone, and combine it with a list of maps: `[{a: null}, {a: x}]`",
        ),
        (
            "{title: [a, [b]]}",
            "r.yaml:1:13: error[M008]: `title` holds text, and cannot be compared with a list = write a text",
        ),
        (
            "{title: ^adm.*$}",
            "r.yaml:1:9: warning[M026]: `^adm.*$` is compared as plain text, and looks like a regular expression = add `|re` to the key if it is one",
        ),
    ]);
}

#[test]
fn numbers_that_are_not_read_as_they_are_written_are_told_where_texts_are_compared() {
    told(&[
        (
            "{alert_type: 1.10}",
            "r.yaml:1:14: warning[M028]: `1.10` is read as the number 1.1, and matches it in any spelling = quote this value to compare the text: `'1.10'`",
        ),
        (
            "{title: [a, 1e3]}",
            "r.yaml:1:13: warning[M028]: `1e3` is read as the number 1000.0, and matches it in any spelling = quote this value to compare the text: `'1e3'`",
        ),
        (
            "{raw.n: +5}",
            "r.yaml:1:9: warning[M028]: `+5` is read as the number 5, and matches it in any spelling = quote this value to compare the text: `'+5'`",
        ),
    ]);
    for text in [
        "{title: '1.10'}",
        "{title: [1.5, 7, -3]}",
        "{title: 012}",
        "{raw.n: 12:30}",
        "{title|contains: 1.10}",
        "{raw.n|gt: 1.10}",
        "{entities.ip.location.longitude: 1.10}",
    ] {
        assert_eq!(findings(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn maps_that_ask_nothing_are_told() {
    told(&[
        (
            "{title: x, raw.y: {}}",
            "r.yaml:1:19: error[M025]: nothing is asked of an element of `raw.y` = say what it must hold, or `raw.y|exists: true` if it need only be there",
        ),
        (
            "{entities: x}",
            "r.yaml:1:12: error[M007]: `entities` has fields of its own; it equals no value = name the entity type and its field, such as `entities.ip.address`",
        ),
    ]);
    // A source mostly sends an object, which is no text.
    assert!(findings("{raw: '*'}").iter().all(|found| !found.contains("M021")));
}

#[test]
fn regular_expressions_that_do_not_compile_are_told_why() {
    told(&[
        (
            "{title|re: 'x[a~~b]'}",
            "r.yaml:1:15: error[M012]: `~~` in a class is an operator on sets here, and letters in other engines = write the letter itself as `\\~`",
        ),
        ("{title|re: 'a('}", "r.yaml:1:14: error[M012]: the regular expression does not compile: unclosed group"),
        (
            "{title|re: '*.exe'}",
            "r.yaml:1:13: error[M012]: the regular expression does not compile: repetition operator missing expression = `*` and `?` alone are wildcards; leave `re` out",
        ),
        (
            r"{title|re: '(a)\1'}",
            "r.yaml:1:16: error[M012]: a backreference is not supported by this regex engine = compare two fields, or write the alternatives out",
        ),
        (
            "{title|re: '(?!a)b'}",
            "r.yaml:1:13: error[M012]: look-around is not supported by this regex engine = say it with two lines, one of them in a selection after `not`",
        ),
        (
            "{title|re: '(?:a{1000}){1000}'}",
            "r.yaml:1:12: error[M013]: the regular expression is too large (limit 256 KiB) = shorten counted repetitions such as `{1000}`, or use plain values",
        ),
        (
            r"{title|re: '\w{500}'}",
            "r.yaml:1:12: error[M013]: the regular expression is too large (limit 256 KiB) = shorten counted repetitions such as `{1000}`, or use plain values",
        ),
    ]);
    let nested = format!("{{title|re: '{}a{}'}}", "(".repeat(100), ")".repeat(100));
    assert_eq!(findings(&nested), ["r.yaml:1:12: error[M013]: the regular expression is nested deeper than 64 levels"]);
}

#[test]
fn conditions_over_selections_are_told_where_they_break() {
    told(&[
        (
            "a: {title: x}\nb: {title: y}\ncondition: >-\n  a and\n    b and\n\n    sle or b\n",
            "r.yaml:7:5: error[M017]: the condition names the selection `sle`, which does not exist = there are `a`, `b`",
        ),
        ("a: {title: x}\ncondition: |\n  a and\n  (a\n", "r.yaml:4:3: error[M016]: this parenthesis is not closed"),
        (
            "{title: x, \"raw.\\\"a.b\\\"|contians\": y}",
            "r.yaml:1:25: error[M004]: unknown modifier `contians` = did you mean `contains`?",
        ),
        (
            "{sel: {title: x}, condition: sle}",
            "r.yaml:1:30: error[M017]: the condition names the selection `sle`, which does not exist = did you mean `sel`?",
        ),
        (
            "{sel: {title: x}, b: {title: y}, condition: sel and b and other}",
            "r.yaml:1:59: error[M017]: the condition names the selection `other`, which does not exist = there are `sel`, `b`",
        ),
        (
            "{condition: other}",
            "r.yaml:1:13: error[M017]: the condition names the selection `other`, which does not exist = write it beside `condition`, as a map of fields",
        ),
        ("{sel: {title: x}, condition: 'sel and (sel'}", "r.yaml:1:39: error[M016]: this parenthesis is not closed"),
        (
            "{sel: {title: x}, condition: sel and}",
            "r.yaml:1:37: error[M016]: the condition ends where a selection is expected",
        ),
        (
            "{sel: {title: x}, condition: ''}",
            "r.yaml:1:31: error[M016]: the condition ends where a selection is expected",
        ),
        (
            "{sel: {title: x}, condition: 1}",
            "r.yaml:1:30: error[M016]: a condition is a text, not a number = such as `selection and not 1 of filter_*`",
        ),
        ("{sel: {title: x}, condition: []}", "r.yaml:1:30: error[M014]: the list of conditions is empty"),
        (
            "{a: {title: x}, b: {title: y}, condition: a}",
            "r.yaml:1:17: warning[M018]: nothing uses the selection `b` = name it in the `condition`, or remove it",
        ),
        (
            "{a b: {title: x}, c: {title: y}, condition: c}",
            "r.yaml:1:2: error[M016]: `a b` cannot name a selection = beside `condition`, every key names a selection: letters, digits, `_` and `-`, not a keyword",
        ),
        (
            "{title: [x, {title: y}], condition: title}",
            "r.yaml:1:10: error[M024]: `title` names a field and holds keywords = put the field into a selection, such as `a: {title: [x, y]}`, or give the keywords another name",
        ),
        (
            "{a: {entities.process: [{command_line: x}, y]}, condition: a}",
            "r.yaml:1:44: error[M024]: keywords are looked for in the whole alert, not in one element = name a field of the element",
        ),
        (
            "{entities.process: {'|all': [x, y]}}",
            "r.yaml:1:21: error[M024]: keywords are looked for in the whole alert, not in one element = name a field of the element",
        ),
        (
            "{'|startswith': [x, y]}",
            "r.yaml:1:4: error[M007]: `startswith` cannot hold for `anywhere`, which holds text = keywords are plain values or regular expressions",
        ),
        (
            "{a: x, condition: a}",
            "r.yaml:1:5: error[M025]: `a` is a map of fields, not a text = beside `condition`, every key names a selection: put fields into one, such as `a: {title: x}`",
        ),
        (
            "{alert_type: x, condition: alert_type}",
            "r.yaml:1:14: error[M025]: `alert_type` is a map of fields, not a text = beside `condition`, every key names a selection: put fields into one, such as `a: {title: x}`",
        ),
        (
            "{a: {title: x}, title|contains: y, condition: a}",
            "r.yaml:1:17: error[M016]: `title|contains` cannot name a selection = beside `condition`, every key names a selection: letters, digits, `_` and `-`, not a keyword",
        ),
        (
            "{a: {title: x}, entities.ip.address: [y, z], condition: a}",
            "r.yaml:1:17: error[M016]: `entities.ip.address` cannot name a selection = beside `condition`, every key names a selection: letters, digits, `_` and `-`, not a keyword",
        ),
        (
            "{a: [[x]], condition: a}",
            "r.yaml:1:6: error[M025]: the list under `a` holds maps, not a list = such as `- title: x`",
        ),
        ("x", "r.yaml:1:1: error[M025]: `match` is a map of fields, not a text = such as `alert_type: ...`"),
        ("[]", "r.yaml:1:1: error[M014]: the list under `match` is empty"),
    ]);
}

#[test]
fn all_faults_are_told_at_once() {
    let text =
        "sevrity: low\ntitle|contain: x\nentities.ip.address|cidr: [10.0.0.0/33, 10.0.0.0/8, bad]\nstatus: actve\n";
    let found = findings(text);
    let places: Vec<&str> = found.iter().map(|line| line.split(": error").next().unwrap()).collect();
    assert_eq!(places, ["r.yaml:1:1", "r.yaml:2:7", "r.yaml:3:28", "r.yaml:3:53", "r.yaml:4:9"]);
}

#[test]
fn pieces_of_base64_are_looked_for_inside_of_texts() {
    told(&[(
        "{raw.a|base64offset: /bin/sh}",
        "r.yaml:1:8: warning[M033]: `base64offset` makes pieces of a longer text, which a whole value never equals = add `|contains` after it",
    )]);
    for fine in
        ["{raw.a|base64offset|contains: /bin/sh}", "{raw.a|base64: /bin/sh}", "{raw.a|base64offset|endswith: /bin/sh}"]
    {
        assert_eq!(findings(fine), [""; 0], "{fine}");
    }
}

#[test]
fn what_is_wrong_with_a_placeholders_value_is_told_where_it_is_named() {
    let mut found = Diagnostics::new();
    // As long as what stands for it.
    let values = "broken: ['fine', 'abcdef\\<']\n";
    let placeholders = Placeholders::read(values, &Path::new("placeholders.yaml").into(), &mut found);
    let file: Arc<Path> = Path::new("r.yaml").into();
    let text = "raw.x|re|expand: '%broken%'\nraw.y|re|expand: '^%broken%'\n";
    let nodes = yaml::parse(text, &file, Limits::RULE_FILE, &mut found);
    assert!(compile_with(&nodes[0], &placeholders, &file, &mut found).is_none());
    let told: Vec<String> = found.sorted().iter().map(Diagnostic::headline).collect();
    let fault = "error[M012]: `\\<` is the edge of a word here, and a letter in other engines";
    assert_eq!(told, [format!("r.yaml:1:18: {fault}"), format!("r.yaml:2:18: {fault}")]);
}
