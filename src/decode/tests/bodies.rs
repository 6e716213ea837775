//! A body is cut right, its limits hold, and a bad item spoils no other.

use super::*;
use crate::decode::codes;

const GOOD: &str = r#"{"title":"a"}"#;

fn codes_of(all: Vec<Result<Decoded, DecodeError>>) -> Vec<&'static str> {
    all.into_iter().map(|one| one.map_or_else(|error| error.code, |_| "ok")).collect()
}

fn ndjson(text: impl AsRef<[u8]>) -> Vec<Result<Decoded, DecodeError>> {
    decode(text.as_ref(), Format::Ndjson, None, &limits(), received()).unwrap()
}

#[test]
fn takes_one_a_list_lines_and_a_rest_page() {
    let ok = |text: String| codes_of(body(text.as_bytes()).unwrap());
    assert_eq!(ok(GOOD.to_owned()), ["ok"]);
    assert_eq!(ok(format!("\u{feff} {GOOD}\r\n")), ["ok"]);
    assert_eq!(ok(format!("[{GOOD},{GOOD}]")), ["ok", "ok"]);
    assert_eq!(ok(format!(r#"{{"value":[{GOOD},{GOOD}],"nextLink":"https://example.com"}}"#)), ["ok", "ok"]);
    assert_eq!(ok("[]".to_owned()), [""; 0]);
    assert_eq!(codes_of(ndjson(format!("\u{feff}{GOOD}\r\n\n{GOOD}\n"))), ["ok", "ok"]);
}

#[test]
fn an_alert_with_a_field_value_is_no_page() {
    let alert = alert(&json!({"title": "a", "value": [{"title": "b"}]}));
    assert_eq!((alert.title.as_str(), alert.source.as_str()), ("a", "native"));
}

#[test]
fn raw_is_the_text_of_the_item_and_content_its_digest() {
    let item = r#"{"n":1.0,  "title":"\u0061", "big":123456789012345678901234567890}"#;
    let all = body(format!("[ {item} , {GOOD}]").as_bytes()).unwrap();
    let decoded = all[0].as_ref().unwrap();
    assert_eq!(decoded.alert.raw.text(), item);
    assert_eq!(decoded.content, crate::digest::Digest::of(item.as_bytes()));
    assert_eq!(decoded.alert.source_id, format!("sha256:{}", &decoded.content.to_string()[..32]));
}

#[test]
fn a_bad_item_spoils_no_other_and_says_where_it_is() {
    let duplicate = r#"{"severity":"Low","severity":"High"}"#;
    let list = format!("[{GOOD},\n 7,\n  {duplicate}, null, [], \"x\", {GOOD}]");
    let all = body(list.as_bytes()).unwrap();
    let errors: Vec<_> =
        all.iter().filter_map(|one| one.as_ref().err()).map(|error| (error.code, error.line, error.column)).collect();
    assert_eq!(errors[0], (codes::NOT_AN_OBJECT, Some(2), Some(2)));
    assert_eq!((errors[1].0, errors[1].1), (codes::DUPLICATE_FIELD, Some(3)));
    assert!((25..40).contains(&errors[1].2.unwrap()), "{errors:?}");
    assert_eq!(all.iter().filter(|one| one.is_ok()).count(), 2);

    let lines = [GOOD.as_bytes(), b"{\"a\":", b"{} {}", b"\"\xff\"", b"7", GOOD.as_bytes()].join(&b'\n');
    let all = ndjson(lines);
    let expected = ["ok", codes::INVALID_JSON, codes::INVALID_JSON, codes::INVALID_UTF8, codes::NOT_AN_OBJECT, "ok"];
    assert_eq!(all[3].as_ref().unwrap_err().line, Some(4));
    assert_eq!(codes_of(all), expected);
}

#[test]
fn a_broken_body_is_refused_whole() {
    for (text, code) in [
        ("", codes::INVALID_JSON),
        (" \n", codes::INVALID_JSON),
        ("NaN", codes::INVALID_JSON),
        ("1e999", codes::INVALID_JSON),
        ("7", codes::NOT_AN_OBJECT),
        ("\"{}\"", codes::NOT_AN_OBJECT),
        ("[{},{}", codes::INVALID_JSON),
        ("{} {}", codes::INVALID_JSON),
        ("[{}] x", codes::INVALID_JSON),
        ("[{},]", codes::INVALID_JSON),
    ] {
        assert_eq!(body(text.as_bytes()).unwrap_err().code, code, "{text}");
    }
    assert_eq!(body(b"{\"title\":\"\xc3\x28\"}").unwrap_err().code, codes::INVALID_UTF8);
    let trailing = body(b"{}\n  {}").unwrap_err();
    assert_eq!((trailing.line, trailing.column), (Some(2), Some(3)));
    assert!(trailing.message.contains("application/x-ndjson"), "{trailing}");
}

#[test]
fn depth_is_bounded_however_it_comes() {
    let open = "[".repeat(100_000);
    let closed = format!("{open}{}", "]".repeat(100_000));
    let within = format!(r#"{{"a":{}{}}}"#, "[".repeat(64), "]".repeat(64));
    for text in [&open, &closed, &within, &"{\"a\":".repeat(100_000)] {
        assert_eq!(refusal(text).code, codes::JSON_TOO_DEEP, "{}", &text[..20]);
    }
    let allowed = format!(r#"{{"a":{}{}}}"#, "[".repeat(63), "]".repeat(63));
    assert!(body(allowed.as_bytes()).unwrap()[0].is_ok());
}

#[test]
fn what_readers_would_disagree_about_is_refused() {
    let duplicate = refusal(r#"{"title":"a","severity":"Low","severity":"High"}"#);
    assert_eq!(duplicate.code, codes::DUPLICATE_FIELD);
    assert!(duplicate.message.contains("`severity`"), "{duplicate}");
    assert_eq!(refusal(r#"{"title":"\ud800"}"#).code, codes::INVALID_UTF8);
    assert_eq!(refusal(r#"{"title":"a","n":1e999}"#).code, codes::INVALID_JSON);
}

#[test]
fn a_huge_integer_is_not_rounded() {
    let text = r#"{"title":"a","extended_properties":{"n":123456789012345678901234567890}}"#;
    let alert = only(body(text.as_bytes()).unwrap()).unwrap().alert;
    assert_eq!(alert.extended_properties["n"], "123456789012345678901234567890");
    assert!(alert.raw.text().contains(":123456789012345678901234567890}"));
}

#[test]
fn a_null_character_is_data_but_not_in_an_id() {
    assert_eq!(alert(&json!({"title": "a\u{0}b"})).title, "a\u{0}b");
    for id in ["a\u{0}", "a\nb", &"x".repeat(513)] {
        assert_eq!(refusal(&json!({"title": "a", "source_id": id}).to_string()).code, codes::ID_INVALID);
        assert_eq!(refusal(&json!({"title": "a", "source": id}).to_string()).code, codes::ID_INVALID);
    }
    let arm = "/subscriptions/s/../alerts/1";
    assert_eq!(alert(&json!({"title": "a", "source_id": arm})).source_id, arm);
}

#[test]
fn limits_hold() {
    let small = Limits { alert_bytes: 100, request_bytes: 1_000, alerts: 3, depth: 64, entities: 2 };
    let with = |text: &str, format| decode(text.as_bytes(), format, None, &small, received());
    let long = format!(r#"{{"title":"{}"}}"#, "x".repeat(100));
    assert_eq!(codes_of(with(&format!("[{long},{GOOD}]"), Format::Json).unwrap()), [codes::ALERT_TOO_LARGE, "ok"]);
    assert_eq!(with(&" ".repeat(1_001), Format::Json).unwrap_err().code, codes::BODY_TOO_LARGE);
    let four = [GOOD; 4];
    for (text, format) in [
        (format!("[{}]", four.join(",")), Format::Json),
        (format!(r#"{{"value":[{}]}}"#, four.join(",")), Format::Json),
        (four.join("\n"), Format::Ndjson),
    ] {
        assert_eq!(with(&text, format).unwrap_err().code, codes::TOO_MANY_ALERTS, "{text}");
    }
    assert_eq!(with(&four[..3].join("\n"), Format::Ndjson).unwrap().len(), 3);
    let entities = json!({"title": "a", "entities": [{"type": "ip"}, {"type": "ip"}, {"type": "ip"}]});
    let export = json!({"SystemAlertId": "1", "AlertDisplayName": "a", "Entities": [{}, {}, {}]});
    for many in [entities, export] {
        assert_eq!(codes_of(with(&many.to_string(), Format::Json).unwrap()), [codes::TOO_MANY_ENTITIES]);
    }
    let tags = json!({"title": "a", "tags": ["a", "b", "c"]});
    assert_eq!(codes_of(with(&tags.to_string(), Format::Json).unwrap()), [codes::TOO_MANY_VALUES]);
}

#[test]
fn ten_thousand_bad_items_cost_one_pass() {
    let body = format!("[{}7]", format!("7,{}", " ".repeat(1_500)).repeat(9_999));
    let all = super::body(body.as_bytes()).unwrap();
    assert_eq!(all.len(), 10_000);
    assert_eq!(all[9_999].as_ref().unwrap_err().column, Some(body.len() - 1));
}

#[test]
fn after_a_thousand_refusals_code_and_place_say_enough() {
    let all = super::body(format!("[{}{GOOD}]", "7,\n".repeat(1_500)).as_bytes()).unwrap();
    let faults: Vec<&DecodeError> = all.iter().filter_map(|one| one.as_ref().err()).collect();
    assert_eq!((faults.len(), all[1_500].is_ok()), (1_500, true));
    assert_eq!(faults[999].message, faults[0].message);
    let short = faults[1_000];
    assert_eq!((short.code, short.message.as_str()), (codes::NOT_AN_OBJECT, "see the code"));
    assert_eq!((short.line, short.column), (Some(1_001), Some(1)));
}

#[test]
fn a_list_that_is_too_long_is_not_read_to_its_end() {
    // What follows the item too many is not even JSON.
    let items = "0,".repeat(limits().alerts + 1);
    for text in [format!("[{items}}}"), format!("[{items}{}", "[".repeat(100_000))] {
        assert_eq!(body(text.as_bytes()).unwrap_err().code, codes::TOO_MANY_ALERTS);
    }
}

#[test]
fn a_source_may_be_named() {
    let named = |text: &str, source: &str| {
        decode(text.as_bytes(), Format::Json, Some(source), &limits(), received()).and_then(only)
    };
    assert_eq!(named(GOOD, "generic").unwrap().alert.source, "generic");
    assert_eq!(named("{}", "native").unwrap().alert.source, "native");
    assert_eq!(named(GOOD, "defender").unwrap_err().code, codes::SHAPE_MISMATCH);
    assert_eq!(named(GOOD, "falco").unwrap_err().code, codes::SHAPE_MISMATCH);
    let unknown = named(GOOD, "falcon").unwrap_err();
    assert_eq!(unknown.code, codes::UNKNOWN_SOURCE);
    assert_eq!(
        unknown.message,
        "no source is called `falcon`, did you mean `falco`? Known: native, defender, falco, generic"
    );
    assert_eq!(
        named(GOOD, "nosuch").unwrap_err().message,
        "no source is called `nosuch`. Known: native, defender, falco, generic"
    );
    assert_eq!(crate::decode::sources().collect::<Vec<_>>(), ["native", "defender", "falco", "generic"]);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, text in r#"[\[\]{}":,a-z0-9\\ \n.-]{0,60}"#) {
        for body in [&bytes[..], text.as_bytes()] {
            for format in [Format::Json, Format::Ndjson] {
                let _ = decode(body, format, None, &limits(), received());
            }
        }
    }
}
