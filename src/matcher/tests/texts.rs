//! A stored alert in its text meets what the alert meets that is made of it, or is not read in its text at all.

use super::random::Source;
use super::*;
use crate::alert::field::Column;
use crate::alert::{AlertText, Raw};
use crate::matcher::Index;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The conditions of a set that some alerts can be put to in their text: all but those with keywords.
pub(super) fn conditions(source: &mut Source, alerts: &[Alert]) -> Vec<(usize, Arc<Condition>)> {
    let texts: Vec<String> = alerts.iter().map(|alert| serde_json::to_string(alert).unwrap()).collect();
    let compiled = (0..60).filter_map(|number| Some((number, Arc::new(compiled(&source.condition()).0?))));
    let can_be_told = |condition: &(usize, Arc<Condition>)| {
        let index = Index::build(vec![condition.clone()]);
        texts.iter().any(|text| index.matching_text(&AlertText::new(text).unwrap()).is_some())
    };
    compiled.filter(can_be_told).collect()
}

/// An alert's fields with their texts, in order.
type Fields = Vec<(String, String)>;

fn fields(alert: &Alert) -> Fields {
    let text = serde_json::to_string(alert).unwrap();
    let by_name: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).unwrap();
    let in_order = Column::ALL.iter().filter_map(|column| Some((column.name(), by_name.get(column.name())?)));
    in_order.map(|(name, value)| (name.to_owned(), value.get().to_owned())).collect()
}

fn joined(fields: &Fields) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// The same alert, or nearly, written as nobody writes it.
fn oddly(random: &mut fastrand::Rng, mut fields: Fields) -> String {
    // In front of the payload, which comes last.
    let at = random.usize(..fields.len() - 1);
    match random.u8(..10) {
        0 => random.shuffle(&mut fields),
        1 => fields.insert(at, ("zzz".to_owned(), r#"{"raw": ["}", {"a": "\\\""}]}"#.to_owned())),
        2 => fields.push(("zzz".to_owned(), "[1]".to_owned())),
        3 => drop(fields.remove(at)),
        4 => fields.insert(random.usize(..=at), fields[at].clone()),
        5 => fields[at].1 = "null".to_owned(),
        6 => fields[at].1 = "7".to_owned(),
        7 => fields[at].0 = fields[at].0.replacen('s', "\\u0073", 1),
        8 => {
            let title = fields.iter_mut().find(|(name, _)| name == "title").unwrap();
            title.1 = format!("\"{}\"", title.1[1..title.1.len() - 1].replace('a', "\\u0061").replace('p', "\\\"p"));
        }
        _ => {
            let spaced = |(name, value): &(String, String)| (format!("{name}\" \n\t"), format!(" {value}\r\n "));
            let fields: Vec<(String, String)> = fields.iter().map(spaced).collect();
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}:{value}")).collect();
            return format!(" {{ {} }} ", fields.join(" , "));
        }
    }
    joined(&fields)
}

/// `QUELL_SETS` sets the number of sets.
#[test]
fn the_text_of_an_alert_meets_what_the_alert_meets() {
    let sets = random::sets(60);
    let (mut met, mut written_read, mut oddly_read, mut tried) = (0, 0, 0, 0);
    for set in 0..sets {
        let mut source = Source(fastrand::Rng::with_seed(1_000 + set));
        let mut alerts: Vec<Alert> = (0..30).map(|_| source.alert()).collect();
        // Keys stand twice in many payloads of these alerts; in some they must not.
        for (number, alert) in alerts.iter_mut().enumerate().filter(|(number, _)| number % 3 > 0) {
            let payload = json!({"a": "alpha", "b": {"c": number, "list": ["beta", "a\"*b", 1.5]}, "x y": "cmd.exe"});
            alert.raw = Raw::from_value(&payload);
        }
        let conditions = conditions(&mut source, &alerts);
        // Of many conditions there is always one that a text does not answer.
        let few = conditions.iter().skip(set as usize % 7).step_by(7).cloned().collect();
        let index = Index::build(few);
        for alert in &alerts {
            let fields = fields(alert);
            let texts = [joined(&fields), oddly(&mut source.0, fields.clone()), oddly(&mut source.0, fields)];
            for (form, text) in texts.iter().enumerate() {
                tried += usize::from(form == 0);
                let found = AlertText::new(text)
                    .and_then(|text| Some(index.matching_text(&text)?.into_iter().copied().collect::<Vec<usize>>()));
                let Some(found) = found else { continue };
                *(if form == 0 { &mut written_read } else { &mut oddly_read }) += 1;
                let made: Alert = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
                let plain: Vec<usize> = index.matching(&AlertView::new(&made)).into_iter().copied().collect();
                assert_eq!(found, plain, "set {set}: {text}");
                met += plain.len();
            }
        }
    }
    eprintln!("{written_read} of {tried} read, {oddly_read} written oddly, {met} met");
    assert!(
        written_read * 4 > tried && oddly_read * 4 > tried && met as u64 * 60 > 500 * sets,
        "{written_read} {oddly_read} {met}"
    );
}

/// What is empty was not sent, what is missing is filled in, what differs in case alone counts once: in a text as well.
#[test]
fn what_is_empty_missing_or_there_twice_means_in_a_text_what_it_means_in_an_alert() {
    let conditions: Vec<(usize, Arc<Condition>)> = [
        "{tags: null}",
        "{tags|exists: true}",
        "{flags|exists: true}",
        "{vendor: null}",
        "{resources|exists: true}",
        "{resources.id: ''}",
        "{resources.type|exists: true}",
        "{resources.tags|exists: true}",
        "{resources.tags.ENV: prod}",
        "{links|exists: true}",
        "{links.label|exists: true}",
        "{entities|exists: true}",
        "{entities.ip|exists: true}",
        "{entities.ip.address: 10.0.0.1}",
        "{entities.unknown.Colour: red}",
        "{extended_properties|exists: true}",
        "{extended_properties.KEY: one}",
        "{extended_properties.key|gt: 1.5}",
        "{extended_properties.key: null}",
        "{start_time|lt: '2026-01-02'}",
        "{severity|gte: high}",
        "{status: in_progress}",
        "{raw.a: 1}",
        "{raw.a: null}",
    ]
    .iter()
    .enumerate()
    .map(|(number, text)| (number, Arc::new(compiled(text).0.unwrap_or_else(|| panic!("{text}")))))
    .collect();
    let index = Index::build(conditions.clone());
    let whole = fields(&alert(json!({"raw": {"a": 1}})));
    let (mut read, mut met, mut made) = (0, std::collections::BTreeSet::new(), 0);
    for (name, value, is_read) in [
        ("tags", r#"["x"]"#, true),
        ("tags", "[]", true),
        ("tags", " [ ] ", true),
        ("flags", r#"["f"]"#, true),
        ("vendor", r#""v""#, true),
        ("vendor", "null", false),
        ("resources", "[]", true),
        ("resources", r#"[{"id":""}]"#, true),
        ("resources", r#"[{"type":"t"}]"#, false),
        ("resources", r#"[{"id":"r","type":"t"},{"id":"s","other":{"id":""}}]"#, true),
        ("resources", r#"[{"id":"r","type":null}]"#, false),
        ("resources", r#"[{"id":"r","tags":{}}]"#, false),
        ("resources", r#"[{"id":"r","tags":{"a":"b","Env":"prod"}}]"#, true),
        ("resources", r#"[{"id":"r","tags":{"Env":"dev","env":"prod"}}]"#, false),
        ("links", r#"[{"href":"h","label":"l"}]"#, true),
        ("links", r#"[{"href":"h"}]"#, true),
        ("entities", "[]", true),
        ("entities", r#"[{"type":"ip","address":"10.0.0.1"},{"type":"host","ip":{"address":"x"}}]"#, true),
        ("entities", r#"[{"address":"10.0.0.1","type":"ip"}]"#, false),
        ("entities", r#"[{"type":"host","type_":["]}",{"type":"ip"}]}]"#, true),
        ("entities", r#"[{"type":"ip"},{"type":"unknown","colour":"red"}]"#, true),
        ("extended_properties", "{}", true),
        ("extended_properties", r#"{"Key":"one"}"#, true),
        ("extended_properties", r#"{"Key":"one","key":2}"#, false),
        ("extended_properties", r#"{"k\u0065y":"one"}"#, true),
        ("extended_properties", r#"{"key":2.5}"#, true),
        ("extended_properties", r#"{"key":null}"#, true),
        ("start_time", r#""2026-01-01T00:00:00Z""#, true),
        ("start_time", r#""2026-01-03T00:00:00+00:00""#, true),
        ("severity", r#""HIGH""#, true),
        ("severity", r#""unheard of""#, true),
        ("status", r#""in_progress""#, true),
        ("raw", r#"{"a":1.0,"b":"\u00e9"}"#, true),
        ("raw", r#"{"a":1.0,"b":{"a":1e0}}"#, true),
        ("raw", r#"{"a":1,"a":2}"#, false),
        ("raw", r#"{"a" : 1 }"#, true),
        ("raw", "[]", false),
        ("raw", "null", true),
    ] {
        let mut fields = whole.clone();
        let at = Column::ALL.iter().take_while(|column| column.name() != name);
        let at = at.filter(|column| fields.iter().any(|(known, _)| known == column.name())).count();
        fields.retain(|(known, _)| known != name);
        fields.insert(at, (name.to_owned(), value.to_owned()));
        let text = joined(&fields);
        let alert: Alert = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let view = AlertView::new(&alert);
        let plain: Vec<usize> = (0..conditions.len()).filter(|number| conditions[*number].1.matches(&view)).collect();
        let found = AlertText::new(&text).and_then(|text| index.matching_text(&text));
        assert_eq!(found.is_some(), is_read, "{text}");
        made += usize::from(found.is_none());
        read += usize::from(found.is_some());
        met.extend(plain.iter().copied());
        assert!(found.is_none_or(|found| found.into_iter().copied().collect::<Vec<_>>() == plain), "{text}: {plain:?}");
    }
    assert!(met.len() == conditions.len() && read > 20 && made > 5, "{met:?} {read} {made}");
}
