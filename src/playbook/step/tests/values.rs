//! What scripts see and give: the alert, severities, the pure functions.

use super::harness::{error, value};
use serde_json::json;

#[test]
fn the_alert_reads_like_a_map() {
    let script = r#"[
        alert.title, alert["title"], alert.entities[0].address, alert.extended_properties["compromised host"],
        alert.entities.filter(|e| e.type == "ip").map(|e| e.address), alert.entities.len(), alert.nothing ?? "default",
        "title" in alert, alert.extended_properties.keys(), alert.raw.severity, alert.entities[0] == alert.entities[0],
        alert?.nothing?.deeper, alert.extended_properties.attempts + 1, `${alert.entities[1]}`
    ]"#;
    let expected = json!([
        "Brute force",
        "Brute force",
        "203.0.113.9",
        "web-1",
        ["203.0.113.9"],
        2,
        "default",
        true,
        ["attempts", "compromised host"],
        "High",
        true,
        null,
        13,
        r#"{"name":"web-1","type":"host"}"#
    ]);
    assert_eq!(value(script), expected);
}

#[test]
fn the_alert_cannot_be_written_to() {
    for script in [
        "alert.title = \"x\";",
        "alert[\"title\"] = \"x\";",
        "alert.entities[0].address = \"x\";",
        "alert.extended_properties.x = 1;",
    ] {
        let message = error(script).message;
        assert!(message.contains("No writable") || message.contains("Indexer unavailable"), "{script}: {message}");
    }
    assert_eq!(value("alert.entities.push(1); alert.entities.len()"), json!(2));
    assert_eq!(value("let mine = alert.entities; mine.push(1); [mine.len(), alert.entities.len()]"), json!([3, 2]));
}

#[test]
fn severities_compare_by_rank_with_words() {
    let script = r#"let s = alert.severity; [
        s >= "high", s > "medium", s < "high", "low" < s, s == "high", s != "low", s in ["high", "critical"],
        ["low", "high"].contains(s), `is ${s}`, "is " + s, s.name, max(s, "critical"), min("low", s), max(s, s), [s],
        s == alert.severity, switch s.name { "high" => 1, _ => 2 }
    ]"#;
    let expected = json!([
        true,
        true,
        false,
        true,
        true,
        true,
        true,
        true,
        "is high",
        "is high",
        "high",
        "critical",
        "low",
        "high",
        ["high"],
        true,
        1
    ]);
    assert_eq!(value(script), expected);
    let error = error("alert.severity >= \"hihg\"");
    assert_eq!(
        error.message,
        "`hihg` is not a severity: use informational, low, medium, high or critical; did you mean `high`?"
    );
    assert_eq!((error.kind.as_str(), error.line), ("script", 2));
}

#[test]
fn pure_functions_do_what_they_say() {
    let script = r#"[
        cidr_contains("10.0.0.0/8", "10.1.2.3"), cidr_contains("10.0.0.0/8", "::ffff:10.1.2.3"),
        is_private_ip("192.168.1.1"), is_private_ip("8.8.8.8"), is_private_ip("fd00::1"),
        defang("go to https://evil.example/a.b now. mail me@x.org"), sha256("abc").sub_string(0, 8),
        base64_encode("héllo"), base64_decode("aMOpbGxv"), json_encode(#{ b: 1, a: alert.severity }),
        json_decode("{\"a\":[1,2]}").a[1], regex_test("^a+b", "xaab"), regex_test("a+b", "xaab"), duration("1h30m"),
        time_parse("1970-01-02"), time_parse("1970-01-01T01:00:00+01:00"), now(), max(1, 2.5), max("a", "b")
    ]"#;
    let expected = json!([
        true,
        true,
        true,
        false,
        true,
        "go to hxxps://evil[.]example/a[.]b now. mail me[@]x[.]org",
        "ba7816bf",
        "aMOpbGxv",
        "héllo",
        "{\"a\":\"high\",\"b\":1}",
        2,
        false,
        true,
        5400,
        86400,
        0,
        "2027-01-15T08:00:00.000Z",
        2.5,
        "b"
    ]);
    assert_eq!(value(script), expected);
}

#[test]
fn wrong_arguments_are_named() {
    let cases = [
        ("sleep(5)", "`sleep` takes a duration such as `\"10m\"`, not a number"),
        ("sleep(1.5)", "`sleep` takes a duration such as `\"10m\"`, not a number"),
        ("sleep(\"10x\")", "`sleep` takes a number and a unit, such as `90s`, `10m`, `4h` or `7d`, not `10x`"),
        ("connection(\"zzz\")", "connection `zzz` is not declared under `connections` in the front matter"),
        (
            "connection(\"a\").get(\"https://x/\")",
            "a path is relative to the connection's URL: it has no scheme and no host",
        ),
        ("connection(\"a\").post(|x| x)", "`post` was given a function, which is not data"),
        ("set_status(\"done\", \"x\")", "`done` is not a status: use active, in_progress, resolved, dismissed"),
        ("set_status(\"resolved\", \"\")", "`set_status` takes a reason, which is empty here"),
        ("is_private_ip(\"web-1\")", "`web-1` is not an IP address"),
        ("alert.nothing.deeper", "`deeper` of a missing value: write `?.deeper` or give a default with `??`"),
        ("regex_test(\"(\", \"x\")", "not a pattern: unclosed group"),
        ("regex_test(\"(?:a{1000}){1000}\", \"x\")", "the pattern compiles to more than 262144 bytes"),
        ("time_parse(\"soon\")", "`soon` is not a time: write it as `2026-12-01T10:00:00Z`"),
    ];
    for (script, message) in cases {
        let error = error(script);
        assert_eq!((error.kind.as_str(), error.message.as_str(), error.line), ("script", message, 2), "{script}");
    }
}
