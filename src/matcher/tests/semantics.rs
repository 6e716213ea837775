//! What conditions mean: a table for every modifier, value and path.

use super::*;
use crate::matcher::Index;

/// Each line: a condition, alerts that meet it, alerts that do not.
fn table(lines: &[(&str, &[Value], &[Value])]) {
    for (condition, meeting, failing) in lines {
        for fields in *meeting {
            assert!(matches(condition, fields.clone()), "`{condition}` is met by {fields}");
        }
        for fields in *failing {
            assert!(!matches(condition, fields.clone()), "`{condition}` is not met by {fields}");
        }
    }
}

fn entities(list: Value) -> Value {
    json!({ "entities": list })
}

fn ips(addresses: &[&str]) -> Value {
    entities(addresses.iter().map(|address| json!({"type": "ip", "address": address})).collect())
}

#[test]
fn plain_values_compare_without_case_and_with_wildcards() {
    table(&[
        ("{title: 'hello'}", &[json!({"title": "HELLO"})], &[json!({"title": "hello!"}), json!({"title": ""})]),
        ("{title: 'h?l*'}", &[json!({"title": "HALLO"})], &[json!({"title": "hlo"})]),
        ("{title: 'ΣΊΣΥΦΟΣ'}", &[json!({"title": "σίσυφος"})], &[json!({"title": "σισυφος"})]),
        (r"{title: 'c:\users\'}", &[json!({"title": r"C:\Users\"})], &[json!({"title": r"C:\Users"})]),
        (r"{title: 'a\*'}", &[json!({"title": "A*"})], &[json!({"title": "ab"})]),
        ("{description: ''}", &[json!({"description": ""})], &[json!({}), json!({"description": " "})]),
        ("{description: '*'}", &[json!({"description": ""})], &[json!({})]),
        ("{title: [one, two]}", &[json!({"title": "Two"})], &[json!({"title": "three"})]),
        ("{title: one, vendor: x}", &[json!({"title": "one", "vendor": "X"})], &[json!({"title": "one"})]),
        ("[{title: one}, {vendor: x}]", &[json!({"vendor": "x"})], &[json!({"vendor": "y"})]),
    ]);
}

#[test]
fn substring_modifiers_know_wildcards_too() {
    table(&[
        ("{title|contains: 'b?d'}", &[json!({"title": "aBxDe"})], &[json!({"title": "abd"})]),
        ("{title|startswith: ab}", &[json!({"title": "ABc"})], &[json!({"title": "cab"})]),
        ("{title|endswith: 'b*c'}", &[json!({"title": "a-b-c"})], &[json!({"title": "bca"})]),
        ("{title|contains|cased: Ab}", &[json!({"title": "xAbx"})], &[json!({"title": "xabx"})]),
        (
            "{raw.x|cased: true}",
            &[json!({"raw": {"x": true}}), json!({"raw": {"x": "true"}})],
            &[json!({"raw": {"x": "True"}})],
        ),
        ("{title|cased: Ab}", &[json!({"title": "Ab"})], &[json!({"title": "ab"})]),
        ("{title|contains|all: [a, b]}", &[json!({"title": "BA"})], &[json!({"title": "a"})]),
        ("{title|contains: [a, b]}", &[json!({"title": "xb"})], &[json!({"title": "x"})]),
    ]);
}

#[test]
fn neq_is_the_negation_of_equality_and_a_negation_means_that_none_does() {
    table(&[
        ("{vendor|neq: x, title: '*t*'}", &[json!({"vendor": "y"}), json!({})], &[json!({"vendor": "X"})]),
        ("{vendor|neq: [x, y], title: '*t*'}", &[json!({"vendor": "z"})], &[json!({"vendor": "y"})]),
        ("{vendor|neq|all: [x, y], title: '*t*'}", &[json!({"vendor": "z"})], &[json!({"vendor": "y"})]),
        ("{vendor|contains|neq: x, title: '*t*'}", &[json!({"vendor": "y"})], &[json!({"vendor": "axb"})]),
        ("{tags|neq: vip, title: '*t*'}", &[json!({}), json!({"tags": ["a"]})], &[json!({"tags": ["a", "VIP"]})]),
        ("{severity|neq: high, title: '*t*'}", &[json!({"severity": "low"})], &[json!({"severity": "HIGH"})]),
        ("{vendor|neq: null}", &[json!({"vendor": "x"})], &[json!({})]),
    ]);
}

#[test]
fn null_is_missing_or_null_and_exists_is_about_the_key() {
    table(&[
        ("{raw.a: null, title: '*t*'}", &[json!({}), json!({"raw": {"a": null}})], &[json!({"raw": {"a": ""}})]),
        (
            "{raw.a|exists: true}",
            &[json!({"raw": {"a": null}}), json!({"raw": {"a": []}})],
            &[json!({"raw": {"b": 1}})],
        ),
        ("{raw.a|exists: false, title: '*t*'}", &[json!({"raw": {"b": 1}})], &[json!({"raw": {"a": null}})]),
        ("{raw.a.b|exists: true}", &[json!({"raw": {"a": [{}, {"b": 1}]}})], &[json!({"raw": {"a": {"c": 1}}})]),
        ("{vendor|exists: true}", &[json!({"vendor": ""})], &[json!({})]),
        ("{entities.ip|exists: true}", &[ips(&["1.2.3.4"])], &[json!({}), entities(json!([{"type": "host"}]))]),
        ("{entities|exists: true}", &[ips(&["1.2.3.4"])], &[json!({})]),
        ("{tags|exists: true}", &[json!({"tags": ["a"]})], &[json!({}), json!({"tags": []})]),
        ("{entities.ip.address: null, title: '*t*'}", &[json!({})], &[ips(&["1.2.3.4"])]),
        ("[{vendor: null, title: a*}, {vendor: x}]", &[json!({"vendor": "x"})], &[json!({"title": "b"})]),
    ]);
}

#[test]
fn any_element_of_a_list_is_enough() {
    table(&[
        ("{tags: b}", &[json!({"tags": ["a", "B"]})], &[json!({"tags": ["a"]}), json!({})]),
        ("{tags|all: [a, b]}", &[json!({"tags": ["b", "a"]})], &[json!({"tags": ["a"]})]),
        ("{entities.ip.address: 10.0.0.1}", &[ips(&["10.0.0.2", "10.0.0.1"])], &[ips(&["10.0.0.2"])]),
        (
            "{raw.a.b.c: 1}",
            &[json!({"raw": {"a": [{"b": []}, {"b": [[{"c": 1}]]}]}})],
            &[json!({"raw": {"a": [1, null]}})],
        ),
        (
            "{resources.tags.Env: prod}",
            &[json!({"resources": [{"tags": {"env": "Prod"}}]})],
            &[json!({"resources": [{}]})],
        ),
    ]);
}

#[test]
fn entity_fields_belong_to_their_type() {
    let host = entities(json!([{"type": "host", "host_name": "db1"}, {"type": "account", "name": "db2"}]));
    table(&[
        ("{entities.host.host_name: DB1}", std::slice::from_ref(&host), &[]),
        ("{entities.account.name: db1}", &[], std::slice::from_ref(&host)),
        (
            "{entities.account.host.host_name: pc}",
            &[entities(json!([{"type": "account", "host": {"type": "host", "host_name": "PC"}}]))],
            &[entities(json!([{"type": "host", "host_name": "pc"}]))],
        ),
    ]);
}

#[test]
fn a_block_binds_its_lines_to_one_element() {
    let block =
        r"{entities.process: {command_line|contains: scrsave.scr, image_file.directory|startswith: 'c:\users\'}}";
    let process = |line: &str, folder: &str| json!({"type": "process", "command_line": line, "image_file": {"type": "file", "directory": folder}});
    let one = entities(json!([process("x", "/"), process("run scrsave.scr", r"C:\Users\me")]));
    let two = entities(json!([process("run scrsave.scr", r"c:\windows"), process("cmd", r"c:\users\me")]));
    table(&[
        (block, &[one], &[two, json!({})]),
        (
            "{entities.file|every: {directory|startswith: /usr}}",
            &[entities(json!([{"type": "file", "directory": "/usr/bin"}]))],
            &[json!({}), entities(json!([{"type": "file", "directory": "/usr"}, {"type": "file"}]))],
        ),
        (
            "{entities.file|none: {name: evil}, title: '*t*'}",
            &[json!({}), entities(json!([{"type": "file", "name": "good"}]))],
            &[entities(json!([{"type": "file", "name": "good"}, {"type": "file", "name": "EVIL"}]))],
        ),
        (
            "{resources: {id|startswith: /sub, tags.env: test}}",
            &[json!({"resources": [{"id": "/SUB/1", "tags": {"Env": "test"}}]})],
            &[json!({"resources": [{"id": "/sub/1"}, {"id": "x", "tags": {"env": "test"}}]})],
        ),
        (
            "{raw.list: [{a: 1, b: 2}, {c: 3}]}",
            &[json!({"raw": {"list": [{"a": 1, "b": 2}]}}), json!({"raw": {"list": {"c": 3}}})],
            &[json!({"raw": {"list": [{"a": 1}, {"b": 2}, 7]}})],
        ),
        (
            "{entities.process: {parent_process: {command_line: a, process_id: '1'}}}",
            &[entities(json!([{"type": "process", "parent_process": {"command_line": "a", "process_id": "1"}}]))],
            &[entities(json!([{"type": "process", "command_line": "a", "process_id": "1"}]))],
        ),
        ("{entities.ip: {address|neq: 10.0.0.1}}", &[ips(&["10.0.0.1", "10.0.0.2"])], &[ips(&["10.0.0.1"]), json!({})]),
    ]);
}

#[test]
fn regular_expressions_search_anywhere_and_with_case() {
    table(&[
        ("{title|re: 'b.d'}", &[json!({"title": "abxde"})], &[json!({"title": "ABXDE"})]),
        ("{title|re|i: 'b.d'}", &[json!({"title": "ABXDE"})], &[json!({"title": "bd"})]),
        ("{title|re: '^b$'}", &[json!({"title": "b"})], &[json!({"title": "a\nb"})]),
        ("{title|re|m: '^b$'}", &[json!({"title": "a\nb"})], &[json!({"title": "ab"})]),
        ("{title|re: 'a.b'}", &[json!({"title": "a-b"})], &[json!({"title": "a\nb"})]),
        ("{title|re|i|s: 'A.b'}", &[json!({"title": "a\nb"})], &[json!({"title": "ab"})]),
        ("{title|re: ['x', '\\d{2}']}", &[json!({"title": "a42"})], &[json!({"title": "a4"})]),
        ("{raw.n|re: '^4\\d$'}", &[json!({"raw": {"n": 42}})], &[json!({"raw": {"n": 142}})]),
    ]);
}

#[test]
fn networks_hold_addresses_of_both_kinds() {
    let list = "{entities.ip.address|cidr: [10.20.0.0/16, '2001:db8::/32']}";
    table(&[
        (
            list,
            &[ips(&["10.20.3.4"]), ips(&["2001:DB8::1"]), ips(&["::ffff:10.20.3.4"])],
            &[ips(&["10.21.0.1"]), ips(&["x"])],
        ),
        ("{entities.ip.address|cidr: '::ffff:10.0.0.0/104'}", &[ips(&["10.9.9.9"])], &[ips(&["11.0.0.1"])]),
        ("{entities.ip.address|cidr: 10.0.0.1}", &[ips(&["10.0.0.1"])], &[ips(&["10.0.0.2"])]),
        ("{raw.ip|cidr: 10.0.0.0/8}", &[json!({"raw": {"ip": "10.1.1.1"}})], &[json!({"raw": {"ip": 10}})]),
        (
            "{entities.ip.address|cidr|neq: 10.0.0.0/8, title: '*t*'}",
            &[ips(&["11.0.0.1"]), json!({})],
            &[ips(&["11.0.0.1", "10.0.0.1"])],
        ),
    ]);
}

#[test]
fn addresses_are_equal_however_they_are_spelled() {
    table(&[
        ("{entities.ip.address: '2001:db8::1'}", &[ips(&["2001:0DB8:0::1"])], &[ips(&["2001:db8::2"])]),
        ("{entities.ip.address: 10.1.2.3}", &[ips(&["::ffff:10.1.2.3"])], &[ips(&["10.1.2.30"])]),
        ("{entities.ip.address: '::ffff:10.1.2.3'}", &[ips(&["10.1.2.3"])], &[]),
        ("{entities.ip.address: '10.1.*'}", &[ips(&["10.1.2.3"]), ips(&["::ffff:10.1.2.3"])], &[ips(&["10.2.1.1"])]),
        ("{entities.ip.address|startswith: '10.1.'}", &[ips(&["10.1.2.3"])], &[ips(&["110.1.2.3"])]),
    ]);
}

#[test]
fn a_number_equals_a_text_that_spells_it() {
    let n = |value: Value| json!({"raw": {"n": value}});
    table(&[
        ("{raw.n: 4625}", &[n(json!(4625)), n(json!("4625")), n(json!(4625.0))], &[n(json!("4625a")), n(json!(true))]),
        ("{raw.n: '4625'}", &[n(json!(4625)), n(json!("4625"))], &[n(json!("4625.0"))]),
        ("{raw.n: 1.10}", &[n(json!(1.1)), n(json!("1.10"))], &[n(json!("1.10.1"))]),
        ("{raw.n: '012'}", &[n(json!("012"))], &[n(json!("12"))]),
        ("{raw.n: '46*'}", &[n(json!(4625))], &[n(json!(4525))]),
        ("{raw.n: true}", &[n(json!(true)), n(json!("True"))], &[n(json!(1)), n(json!(false))]),
        ("{raw.n: 'true'}", &[n(json!(true))], &[n(json!(false))]),
        ("{title: 42}", &[json!({"title": "42"})], &[json!({"title": "421"})]),
        ("{raw.n: 9007199254740993}", &[n(json!(9007199254740993_u64))], &[n(json!(9007199254740992_u64))]),
    ]);
}

#[test]
fn numbers_have_an_order() {
    let port = |value: Value| entities(json!([{"type": "network_connection", "destination_port": value}]));
    table(&[
        (
            "{entities.network_connection.destination_port|lt: 1024}",
            &[port(json!(22)), port(json!("22"))],
            &[port(json!(1024)), port(json!("ssh")), port(json!(null)), json!({})],
        ),
        ("{entities.network_connection.destination_port|lte: 22}", &[port(json!(22))], &[port(json!(22.5))]),
        ("{entities.network_connection.destination_port|gt: 22}", &[port(json!(23))], &[port(json!(22))]),
        ("{entities.network_connection.destination_port|gte: 22}", &[port(json!(22))], &[port(json!(21))]),
        ("{entities.network_connection.destination_port: [22, '80']}", &[port(json!(80))], &[port(json!(81))]),
        ("{raw.n|gt: '1.5'}", &[json!({"raw": {"n": 2}})], &[json!({"raw": {"n": 1.5}}), json!({"raw": {"n": "x"}})]),
    ]);
}

#[test]
fn words_compare_by_rank_and_an_unknown_word_has_none() {
    let severity = |word: &str| json!({ "severity": word });
    table(&[
        ("{severity|gte: medium}", &[severity("medium"), severity("critical")], &[severity("low"), severity("super")]),
        ("{severity|gt: Medium}", &[severity("high")], &[severity("medium")]),
        ("{severity|lte: low}", &[severity("informational")], &[severity("medium"), severity("super")]),
        ("{severity|lt: low}", &[severity("informational")], &[severity("low")]),
        ("{severity: [low, high]}", &[severity("High")], &[severity("medium")]),
        ("{severity|neq: low, title: '*t*'}", &[severity("super")], &[severity("low")]),
        ("{status: in_progress}", &[json!({"status": "in_progress"})], &[json!({})]),
        ("{is_incident: true}", &[json!({"is_incident": true})], &[json!({})]),
        ("{simulated: 'True'}", &[json!({"simulated": true})], &[json!({})]),
    ]);
}

#[test]
fn times_compare_to_times_and_dates() {
    let at = |time: &str| json!({ "start_time": time });
    let created = |time: &str| entities(json!([{"type": "process", "creation_time_utc": time}]));
    table(&[
        ("{start_time|gte: 2026-03-01}", &[at("2026-03-01T00:00:00Z")], &[at("2026-02-28T23:59:59Z"), json!({})]),
        ("{start_time|lt: 2026-03-01T02:00:00+02:00}", &[at("2026-02-28T23:59:59Z")], &[at("2026-03-01T00:00:00Z")]),
        ("{start_time: 2026-03-01T00:00:00Z}", &[at("2026-03-01T01:00:00+01:00")], &[at("2026-03-01T01:00:00Z")]),
        ("{entities.process.creation_time_utc|gt: 2026-01-01}", &[created("2026-01-01T00:00:01Z")], &[created("soon")]),
        ("{raw.t|gt: 2026-01-01}", &[json!({"raw": {"t": "2026-01-02T00:00:00Z"}})], &[json!({"raw": {"t": 5}})]),
    ]);
}

#[test]
fn ids_compare_without_case_in_every_way() {
    let resource = |id: &str| json!({"resources": [{ "id": id }]});
    table(&[
        ("{resources.id: /Sub/A}", &[resource("/SUB/a")], &[resource("/sub/b")]),
        ("{resources.id|contains: RG1}", &[resource("/sub/rg1/x")], &[resource("/sub/rg2")]),
        ("{resources.id|re: '/rg\\d+$'}", &[resource("/SUB/RG1")], &[resource("/sub/rg1/x")]),
    ]);
}

#[test]
fn the_sources_own_payload_is_under_raw_with_its_own_case() {
    let raw = json!({"raw": {"output_fields": {"proc.aname[2]": "bash", "K8s Ns": "kube"}, "EventID": 4625}});
    table(&[
        (r#"{'raw.output_fields."proc.aname[2]"': BASH}"#, std::slice::from_ref(&raw), &[json!({})]),
        (r#"{'raw.output_fields."K8s Ns"|startswith': ku}"#, std::slice::from_ref(&raw), &[]),
        ("{raw.EventID: 4625}", std::slice::from_ref(&raw), &[]),
        ("{raw.eventid: 4625}", &[], std::slice::from_ref(&raw)),
        (
            "{extended_properties.\"parent PROCESS\": cmd}",
            &[json!({"extended_properties": {"Parent Process": "cmd"}})],
            std::slice::from_ref(&raw),
        ),
    ]);
}

#[test]
fn selections_combine_as_their_condition_says() {
    let text = "
        selection: {alert_type|startswith: VM_}
        filter_host: {entities.host.host_name: build}
        filter_user: [{entities.account.name: ci}, {tags: ci}]
        condition: selection and not 1 of filter_*";
    let host = |name: &str| entities(json!([{"type": "host", "host_name": name}]));
    table(&[
        (text, &[host("web"), json!({})], &[host("build"), json!({"tags": ["CI"]}), json!({"alert_type": "K8S"})]),
        ("{a: {title: x}, b: {vendor: y}, condition: [a, b]}", &[json!({"vendor": "y"})], &[json!({})]),
        (
            "{a: {title: x}, b: {vendor: y}, condition: all of them}",
            &[json!({"title": "x", "vendor": "y"})],
            &[json!({"title": "x"})],
        ),
    ]);
}

#[test]
fn the_index_names_every_condition_that_is_met_in_their_order() {
    let conditions = ["{title: a}", "{title: b}", "{title: 'a*'}"];
    let compiled = conditions.map(|text| Arc::new(compiled(text).0.unwrap()));
    let index = Index::build(compiled.into_iter().enumerate().collect());
    let (alert, other) = (alert(json!({"title": "a"})), alert(json!({"title": "c"})));
    assert_eq!(index.matching(&AlertView::new(&alert)), [&0, &2]);
    assert_eq!(index.matching(&AlertView::new(&other)), Vec::<&usize>::new());
}

#[test]
fn every_column_can_be_asked_for() {
    let full = json!({
        "vendor": "v", "product": "p", "description": "d", "start_time": "2026-01-01T00:00:00Z",
        "end_time": "2026-01-01T00:00:00Z", "generated_time": "2026-01-01T00:00:00Z", "compromised_entity": "c",
        "resources": [{"id": "/r", "type": "t", "name": "n", "tags": {"a": "b"}}], "entities": [{"type": "ip"}],
        "tactics": ["t"], "techniques": ["T1"], "remediation_steps": ["r"], "recommendations": ["r"],
        "links": [{"label": "l", "href": "h"}], "extended_properties": {"a": 1}, "correlation_key": "k",
        "assignee": "a", "tags": ["t"], "flags": ["f"], "raw": {"a": 1},
    });
    for column in crate::alert::field::Column::ALL.iter().filter(|column| !column.is_always_present()) {
        assert!(matches(&format!("{{{}|exists: true}}", column.name()), full.clone()), "{column:?}");
        assert!(!matches(&format!("{{{}|exists: true}}", column.name()), json!({})), "{column:?}");
    }
}
