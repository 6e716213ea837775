//! Texts that are alike but for their values are walked along one another, and meet what they meet alone.

use super::random::Source;
use super::*;
use crate::alert::{AlertText, Raw};
use crate::matcher::Index;
use serde_json::value::RawValue;

/// Something that can stand where a value stands: mostly what stood there before, in kind.
fn leaf(source: &mut Source, usual: &str) -> String {
    match source.0.u8(..200) {
        0 => "7".to_owned(),
        1 => "-10.50".to_owned(),
        2 => "1e1".to_owned(),
        3 => ["true", "false", "null"][source.0.usize(..3)].to_owned(),
        4 => ["[]", "{}", "[\"alpha\",10]", "{\"c\":\"alpha\"}"][source.0.usize(..4)].to_owned(),
        5 => r#""al\u0070ha""#.to_owned(),
        6 => "9".repeat(source.0.usize(1..230)),
        7 => usual.to_owned(),
        _ if usual.starts_with('"') => json!(source.text()).to_string(),
        _ => source.0.i32(-20..20).to_string(),
    }
}

/// A payload of one of some shapes.
fn payload(source: &mut Source) -> String {
    let list: Vec<String> = (0..source.0.usize(..4)).map(|_| leaf(source, "\"al\"")).collect();
    let [a, c, d, number, other] = ["\"alpha\"", "\"beta\"", "\"x\"", "10", "\"y\""].map(|usual| leaf(source, usual));
    let b = if source.0.u8(..8) == 0 { format!("{{\"d\":{d}}}") } else { format!("{{\"c\":{c},\"d\":{d}}}") };
    let extra = match source.0.u8(..60) {
        0 => " ",
        1 => "\"a\":\"alpha\",",
        2..5 => "\"z\":{\"a\":[\"}\"]},",
        5..15 => "\"A\":1,",
        _ => "",
    };
    // Nobody asks about these, and they are mostly the same.
    let mut few = |values: [&'static str; 4]| values[source.0.usize(..40).min(3)];
    let (first, second) = (few(["12", "-1", "\"1\"", "1"]), few(["\"xy\"", "null", "\"x\\\"\"", "\"x\""]));
    let third = few(["[\"x\"]", "{}", "[[]]", "[]"]);
    format!(
        "{{{extra}\"1\":{first},\"a\":{a},\"2\":{second},\"b\":{b},\"3\":{third},\"list\":[{}],\"x y\":{number},\"unasked\":{{\"q\":{other}}}}}",
        list.join(",")
    )
}

/// The numbers of the conditions an alert meets, each put to it without an index.
fn plain(conditions: &[(usize, Arc<Condition>)], alert: &Alert) -> Vec<usize> {
    let view = AlertView::new(alert);
    conditions.iter().filter(|(_, condition)| condition.matches(&view)).map(|(number, _)| *number).collect()
}

/// `QUELL_SETS` sets the number of sets.
#[test]
fn what_is_walked_along_others_meets_what_it_meets_alone() {
    let sets = random::sets(60);
    let (mut walked, mut along, mut in_text, mut met) = (0, 0, 0, 0);
    for set in 0..sets {
        let mut source = Source(fastrand::Rng::with_seed(2_000 + set));
        let conditions: Vec<(usize, Arc<Condition>)> = if set % 2 == 0 {
            let few: Vec<Alert> = (0..5).map(|_| source.alert()).collect();
            texts::conditions(&mut source, &few).into_iter().step_by(6).collect()
        } else {
            (0..8).filter_map(|number| Some((number, Arc::new(compiled(&source.condition()).0?)))).collect()
        };
        let index = Index::build(conditions.clone());
        for _ in 0..120 {
            let mut alert = alert(json!({
                "title": source.text(), "simulated": source.0.bool(), "tags": [source.text()],
                "entities": [{"type": "ip", "address": "10.1.2.3"}, {"type": "process", "command_line": source.text()}],
                "resources": [{"id": "r", "name": source.text()}],
                "extended_properties": {"a": source.text(), "q": {"list": ["x", 1]}},
            }));
            let raw = payload(&mut source);
            alert.raw = Raw::new(RawValue::from_string(raw).unwrap());
            let text = serde_json::to_string(&alert).unwrap();
            let plainly = plain(&conditions, &alert);
            let found: Vec<usize> = index.matching(&AlertView::new(&alert)).into_iter().copied().collect();
            assert_eq!(found, plainly, "set {set}: {text}");
            // Now and then one that no alert was written as.
            let tags = ["{\"Env\":\"x\"}", "{\"Env\":\"état\"}", "{}"][source.0.usize(..3)];
            let text = text.replacen("\"id\":\"r\"", &format!("\"id\":\"r\",\"tags\":{tags}"), source.0.usize(..2));
            let told = |index: &Index<usize>| -> Option<Vec<usize>> {
                Some(index.matching_text(&AlertText::new(&text)?)?.into_iter().copied().collect())
            };
            let found = told(&index);
            assert_eq!(found, told(&Index::build(conditions.clone())), "set {set}, before any other: {text}");
            if let Some(found) = found {
                let made: Alert = serde_json::from_str(&text).unwrap();
                assert_eq!(found, plain(&conditions, &made), "set {set}: {text}");
                in_text += 1;
            }
            met += plainly.len();
        }
        walked += 240;
        along += index.walked_along();
    }
    eprintln!("{along} of {walked} walked along others, {in_text} in their texts, {met} met");
    assert!(along * 4 > walked && in_text > 400 && met > 2_000, "{along} of {walked}, {in_text}, {met}");
}

#[test]
fn what_a_payload_lacks_is_found_out_whatever_alerts_like_it_met() {
    let condition = Arc::new(compiled("a: {raw.a: null, raw.b: y}\ncondition: a").0.unwrap());
    let index = Index::build(vec![((), condition.clone())]);
    for round in 0..5 {
        for (raw, is_met) in [
            (json!([{"a": "x"}, {"b": "y"}]), true),
            (json!([{"a": "x", "b": "y"}]), false),
            (json!({"a": "x", "b": "y"}), false),
            (json!({"a": null, "b": "y"}), true),
            (json!({"b": "y"}), true),
        ] {
            let alert = alert(json!({"raw": raw}));
            let view = AlertView::new(&alert);
            assert_eq!(condition.matches(&view), is_met, "{raw}");
            assert_eq!(index.matching(&view).len(), usize::from(is_met), "{raw} in round {round}");
        }
    }
}

#[test]
fn what_stands_behind_values_that_tell_much_is_told_whatever_they_tell() {
    let lists = (0..40).map(|number| {
        let others: String = (0..9).map(|other| format!(", v{number}x{other}")).collect();
        format!("raw.list: [a{others}]")
    });
    let texts = lists.chain(["raw.z: x".to_owned()]);
    let conditions: Vec<_> = (0..).zip(texts.map(|text| Arc::new(compiled(&text).0.unwrap()))).collect();
    let index = Index::build(conditions.clone());
    let mut random = fastrand::Rng::with_seed(4);
    for number in 0..100 {
        let (value, z) = (["a", "q", "r"][random.usize(..3)], ["x", "x", "x", "y"][random.usize(..4)]);
        let alert = alert(json!({"raw": {"list": vec![value; 50], "z": z, "zz": "z".repeat(40)}}));
        let found: Vec<usize> = index.matching(&AlertView::new(&alert)).into_iter().copied().collect();
        assert_eq!(found, plain(&conditions, &alert), "{number}: {value}, {z}");
    }
}
