//! What an alert holds many of means what it means alone, though it is put to the tables together.

use super::*;
use crate::alert::Raw;
use crate::matcher::Index;
use serde_json::value::RawValue;

/// So many texts that what comes behind them is one of many.
fn many() -> String {
    (0..300).map(|number| format!("\"Text {number}\",")).collect()
}

/// Whether the index and the plain evaluator, which must agree, say that an alert meets a condition.
fn meets(condition: &str, alert: &Alert) -> bool {
    let condition = Arc::new(compiled(condition).0.unwrap_or_else(|| panic!("{condition}")));
    let index = Index::build(vec![((), condition.clone())]);
    let view = AlertView::new(alert);
    let met = !index.matching(&view).is_empty();
    assert_eq!(met, condition.matches(&view), "{}", alert.raw.text());
    met
}

fn with_payload(text: &str) -> Alert {
    Alert { raw: Raw::new(RawValue::from_string(text.to_owned()).unwrap()), ..alert(json!({})) }
}

#[test]
fn values_behind_many_are_what_they_are() {
    for (condition, value, expected) in [
        ("raw.list: 'Value'", "\"vALUE\"", true),
        ("raw.list|startswith: val", "\"Value\"", true),
        ("raw.list|endswith: 'x\"'", r#""Value x\"""#, true),
        ("raw.list|contains: 'alu'", "\"Value\"", true),
        ("raw.list|contains: 'ext 1text'", "\"Value\"", false),
        ("raw.list|contains: '\u{e9}ta'", "\"Un \u{c9}TAT\"", true),
        ("raw.list|contains|cased: 'Val'", "\"value\"", false),
        ("raw.list|re: '^V.l'", "\"Value\"", true),
        ("raw.list|re: 'V.l'", "\"xValue\"", true),
        ("raw.list|re: '9[^x]T'", "\"Value\"", false),
        ("raw.list|cidr: 10.0.0.0/8", "\"10.1.2.3\"", true),
        ("raw.list: 4625", "4625", true),
        ("raw.list: 4625", "\"4625.0\"", true),
        ("raw.list|contains: '462'", "4625", true),
        ("raw.list|contains: '-0'", "-0", true),
        ("raw.list: 100000", "1E5", true),
        ("raw.list|startswith: '10000'", "1E5", true),
        ("raw.list|endswith: '.00'", "17.00", false),
        ("raw.list|endswith: '456789'", "123456789123456789", true),
        ("raw.list|startswith: '12345678901234567'", "12345678901234567890", true),
        ("raw.list|gte: 7", "7.5", true),
        ("raw.list: true", "true", true),
        ("raw.list|startswith: 'fal'", "false", true),
        // What no table answers.
        ("raw.list|cased: 'Value'", "\"Value\"", true),
        ("raw.list|cased: 'Value'", "\"value\"", false),
        ("raw.list|cased: 'True'", "\"True\"", true),
        ("raw.list|cased: '1e2'", "100", true),
        ("raw.list|cased: '1e2'", "\"100\"", false),
        ("raw.list|startswith|cased: 'Va'", "\"Value\"", true),
        ("raw.list|endswith|cased: 'ue'", "\"valUe\"", false),
        ("raw.list|contains|cased: \"a\\nb\"", "\"xa\\nb\"", true),
        ("raw.list: 'v?lu*'", "\"VALue\"", true),
        ("raw.list: 'v*l*e'", "\"Value!\"", false),
        ("raw.list: '*a?u*'", "\"Value\"", true),
        ("raw.list: '4?5'", "435", true),
        ("raw.list: 't??e'", "true", true),
        ("raw.list: '????'", "\"\u{e9}t\u{e9}s\"", true),
        ("raw.list|hour: 7", "\"2026-01-02T07:00:00Z\"", true),
        ("raw.list|hour: 8", "\"2026-01-02T07:00:00Z\"", false),
        ("raw.list: null", "null", true),
    ] {
        let condition = format!("s: {{{condition}}}\ncondition: s");
        // So much stands behind it that it ends within a look.
        let behind = format!("\"{}\"", "=".repeat(80));
        // Also where it comes first, and where the payload is read as values.
        for (list, end) in [
            (format!("{}{value},{behind}", many()), "0"),
            (format!("{value},{}{behind}", many()), "0"),
            (format!("{}{value},{behind}", many()), "{\"m\":1,\"m\":2}"),
        ] {
            let text = format!("{{\"list\":[{list}],\"x\":{end}}}");
            assert_eq!(meets(&condition, &with_payload(&text)), expected, "{condition} {text}");
        }
    }
}

#[test]
fn numbers_of_a_list_are_each_what_it_is_however_many_stand_around_it() {
    for (condition, value, expected) in [
        ("raw.list: '7?7'", "737", true),
        ("raw.list: '7?7'", "7.7", true),
        ("raw.list: '7?7'", "7370", false),
        ("raw.list: '2*0,1*1'", "2", false),
        ("raw.list|re: '^7[37]7$'", "737", true),
        ("raw.list|re: '0,1'", "1", false),
        ("raw.list|cased: '7E2'", "700", true),
        ("raw.list|gt: 5000", "5e3", false),
        ("raw.list|gt: 5000", "5.001e3", true),
    ] {
        let condition = format!("s: {{{condition}}}\ncondition: s");
        for (count, between) in [(0, ","), (4, ","), (4, " ,\n"), (300, ","), (300, ", ")] {
            let others = || (1_000..1_000 + count).map(|number| number.to_string());
            for before in [0, count / 2, count] {
                let numbers = others().take(before).chain([value.to_owned()]).chain(others().skip(before));
                let list = numbers.collect::<Vec<_>>().join(between);
                let text = format!("{{\"a\":[737,9999],\"list\":[{list}],\"z\":[737,9999]}}");
                assert_eq!(meets(&condition, &with_payload(&text)), expected, "{condition} {text}");
            }
        }
    }
}

#[test]
fn keywords_behind_many_are_found_though_a_key_stands_twice() {
    for condition in ["a: ['tru*']\ncondition: a", "a: {raw.host: web-1}\nb: ['tru*']\ncondition: a and b"] {
        for (value, expected) in [("true", true), ("\"truth\"", true), ("false", false)] {
            for end in ["0", "{\"m\":1,\"m\":2}"] {
                let text = format!("{{\"host\":\"web-1\",\"y\":[{}0],\"t\":{value},\"x\":{end}}}", many());
                assert_eq!(meets(condition, &with_payload(&text)), expected, "{condition} {text}");
            }
        }
    }
}

#[test]
fn addresses_and_keywords_that_are_worked_out_are_found_among_many() {
    let list = |last: &str| -> Vec<Value> {
        let address = |number: usize| if number == 299 { last.to_owned() } else { format!("192.0.2.{}", number % 200) };
        (0..300).map(|number| json!({"type": "ip", "address": address(number)})).collect()
    };
    for (condition, last, expected) in [
        ("a: {entities.ip.address: '10.*.5'}\ncondition: a", "::ffff:10.1.2.5", true),
        ("a: {entities.ip.address: '10.*.5'}\ncondition: a", "::ffff:10.1.2.6", false),
        ("a: {entities.ip.address|startswith: '::ff'}\ncondition: a", "::ffff:10.1.2.5", true),
        ("a: {title: '*t*'}\nb: ['@?x']\ncondition: a and b", "user@1x", true),
        ("a: {title: '*t*'}\nb: ['@?x']\ncondition: a and b", "user@x", false),
        ("a: {title: '*t*'}\nb: {'|re': ['^[@!]{2}\\d']}\ncondition: a and b", "@!7", true),
        ("a: {title: '*t*'}\nb: {'|re': ['^[@!]{2}\\d']}\ncondition: a and b", "x@!7", false),
        ("a: {title: '*t*'}\nb: {'|cased': ['@X']}\ncondition: a and b", "a@X", true),
        ("a: {title: '*t*'}\nb: {'|cased': ['@X']}\ncondition: a and b", "a@x", false),
    ] {
        let alert = alert(json!({"title": "title", "entities": list(last)}));
        assert_eq!(meets(condition, &alert), expected, "{condition} {last}");
    }
}

#[test]
fn keywords_are_found_in_columns_however_many_values_those_have() {
    let entities = |last: &str| -> Vec<Value> {
        let name = |number: usize| if number == 299 { last.to_owned() } else { format!("host {number}") };
        (0..300).map(|number| json!({"type": "host", "host_name": name(number), "is_domain_joined": true})).collect()
    };
    for condition in ["a: [mimikatz]\ncondition: a", "a: {severity: high}\nb: [mimikatz, 'tr?e']\ncondition: a and b"] {
        for (title, last, expected) in
            [("Mimikatz", "x", true), ("A title", "x mimikatz", true), ("mimi", "katz", false)]
        {
            let alert = alert(json!({"title": title, "severity": "high", "entities": entities(last)}));
            assert_eq!(meets(condition, &alert), expected || condition.contains("tr?e"), "{condition} {title} {last}");
        }
    }
}
