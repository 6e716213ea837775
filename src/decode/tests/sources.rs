//! Each source's words become canonical; what is odd is flagged, not refused.

use super::*;
use crate::alert::{Severity, Status};
use crate::decode::codes;

/// An exported Defender alert with these fields.
fn export(fields: Value) -> Alert {
    let mut whole = json!({"SystemAlertId": "1", "AlertDisplayName": "t", "AlertType": "t", "VendorName": "Microsoft"});
    let Value::Object(fields) = fields else { unreachable!("tests give objects") };
    whole.as_object_mut().unwrap().extend(fields);
    alert(&whole)
}

#[test]
fn a_native_alert_is_taken_as_it_is() {
    let whole = json!({
        "source": "scanner", "source_id": "s-1", "vendor": "v", "product": "p", "alert_type": "T", "title": "t",
        "description": "d", "severity": "High", "status": "InProgress", "start_time": "2026-01-01T00:00:00Z",
        "end_time": 1_767_225_600, "generated_time": "2026-01-01 00:00:00", "compromised_entity": "vm",
        "resources": [{"id": "r", "type": "vm", "name": "n", "tags": {"env": "dev"}}],
        "entities": [{"type": "ip", "address": "192.0.2.1", "location": {"country_code": "gb"}}, {"type": "K8s-pod"}],
        "tactics": ["Initial Access"], "techniques": "t1059.001", "remediation_steps": ["a"], "recommendations": ["b"],
        "links": [{"label": "l", "href": "https://example.com"}], "extended_properties": {"a b": 1},
        "correlation_key": "c", "is_incident": true, "simulated": true, "assignee": "ann", "tags": ["x"],
        "raw": {"own": 1.50},
    });
    let native = alert(&whole);
    assert_eq!(native.flags, [""; 0]);
    let mut expected = whole;
    expected["id"] = json!(native.id);
    expected["received_time"] = json!("2026-12-01T00:00:00Z");
    expected["severity"] = json!("high");
    expected["status"] = json!("in_progress");
    expected["end_time"] = json!("2026-01-01T00:00:00Z");
    expected["generated_time"] = json!("2026-01-01T00:00:00Z");
    expected["tactics"] = json!(["initial_access"]);
    expected["techniques"] = json!(["T1059.001"]);
    expected["entities"][1]["type"] = json!("kubernetes_pod");
    assert_eq!(canonical(&native), expected);
    // What one daemon shows can be sent to another.
    let again = alert(&canonical(&native));
    assert_eq!((again.source_id, again.flags), ("s-1".to_owned(), Vec::new()));
}

#[test]
fn every_field_of_a_native_alert_is_optional() {
    let least = alert(&json!({"alert_type": "T"}));
    assert_eq!((least.title.as_str(), &least.severity, least.status), ("T", &Severity::Medium, Status::Active));
    assert_eq!(least.raw.text(), r#"{"alert_type":"T"}"#);
    assert_eq!(alert(&json!({"title": "t", "id": "mine"})).source_id, "mine");
    assert_eq!(alert(&json!({"title": "t", "severity": null, "entities": null})).severity, Severity::Medium);
}

#[test]
fn a_wrong_type_in_a_native_alert_names_the_field() {
    for (fields, message) in [
        (json!({"title": "t", "severity": 3}), "`severity` must be a text, not a number"),
        (json!({"title": "t", "tags": ["a", 1]}), "`tags[1]` must be a text, not a number"),
        (json!({"title": "t", "entities": {}}), "`entities` must be a list, not an object"),
        (json!({"title": "t", "entities": [{"type": []}]}), "`entities[0].type` must be a text, not a list"),
        (json!({"title": "t", "entities": ["x"]}), "`entities[0]` must be an object, not a text"),
        (
            json!({"title": "t", "resources": [{"tags": true}]}),
            "`resources[0].tags` must be an object, not true or false",
        ),
        (json!({"title": "t", "links": [{"label": "x"}]}), "`links[0].href` must be a text, not nothing"),
        (json!({"title": "t", "is_incident": "no"}), "`is_incident` must be true or false, not a text"),
        (json!({"title": "t", "extended_properties": []}), "`extended_properties` must be an object, not a list"),
    ] {
        let text = fields.to_string();
        let error = decode(text.as_bytes(), Format::Json, Some("native"), &limits(), received()).and_then(only);
        let error = error.unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (codes::WRONG_TYPE, message));
        assert_eq!((error.line, error.column), (Some(1), Some(1)));
    }
}

#[test]
fn odd_words_are_kept_and_flagged() {
    let odd = alert(&json!({
        "title": "t", "severity": "SUPER", "status": "Pondering", "tactics": ["TimeTravel"], "sevrity": "low",
        "start_time": "yesterday", "end_time": "2027-01-01T00:00:00Z", "generated_time": "0001-01-01T00:00:00Z",
    }));
    assert_eq!((&odd.severity, odd.status), (&Severity::Other("super".into()), Status::Active));
    assert_eq!(
        (odd.start_time, odd.generated_time, odd.tactics.as_slice()),
        (None, None, &["time_travel".to_owned()][..])
    );
    assert!(odd.end_time.is_some());
    let expected = [
        "unknown_field: sevrity",
        "unknown_severity: super",
        "unknown_status: Pondering",
        "unknown_tactic: time_travel",
        "unreadable_time: start_time",
        "future_time: end_time",
    ];
    assert_eq!(odd.flags, expected);
}

#[test]
fn flags_stay_few_and_short() {
    let mut fields = json!({"severity": "x".repeat(100_000)});
    let map = fields.as_object_mut().unwrap();
    (0..1_000).for_each(|n| drop(map.insert(format!("{n}{}", "k\n".repeat(200)), Value::Null)));
    let text = fields.to_string();
    let decoded = decode(text.as_bytes(), Format::Json, Some("native"), &limits(), received()).and_then(only).unwrap();
    assert_eq!(decoded.alert.flags.len(), 32);
    assert!(decoded.alert.flags.iter().all(|flag| flag.len() < 100 && !flag.contains('\n')));
    assert!(decoded.alert.severity.as_str().len() <= 64);
}

#[test]
fn a_short_text_that_is_long_is_cut_and_flagged_while_raw_keeps_it() {
    let long = format!("x{}", "é".repeat(100_000));
    let fields = json!({
        "source": "s", "source_id": "1", "title": long, "alert_type": long, "compromised_entity": long, "vendor": long,
        "product": long,
    });
    let native = alert(&fields);
    for text in [&native.title, &native.alert_type, native.compromised_entity.as_ref().unwrap()] {
        assert_eq!((text.len(), long.starts_with(text.as_str())), (1_023, true), "between two letters");
    }
    assert_eq!((native.vendor.unwrap().len(), native.product.unwrap().len()), (1_023, 1_023));
    let cut = ["title", "alert_type", "compromised_entity", "vendor", "product"];
    assert_eq!(native.flags, cut.map(|field| format!("truncated: {field}")));
    assert_eq!(native.raw.to_value(), fields);
    let lent = export(json!({"AlertDisplayName": long, "AlertType": "", "CompromisedEntity": "x".repeat(1_024)}));
    assert_eq!((lent.title.len(), lent.compromised_entity.unwrap().len()), (1_023, 1_024));
    assert_eq!(alert(&json!({"summary": long})).flags, ["truncated: title"]);
}

#[test]
fn defenders_severity_status_and_intent_are_open() {
    let words = export(
        json!({"Severity": "High/Medium", "Status": "Snoozed", "Intent": "[\"PreAttack\",\"Pre-attack\",\"Unknown\"]"}),
    );
    assert_eq!((words.severity.as_str(), words.status), ("high/medium", Status::Active));
    assert_eq!(words.tactics, ["pre_attack"]);
    assert_eq!(words.flags, ["unknown_severity: high/medium", "unknown_status: Snoozed"]);
    assert_eq!(
        export(json!({"Intent": ["Initial access", "Command And Control"]})).tactics,
        ["initial_access", "command_and_control"]
    );
    assert_eq!(export(json!({"ExtendedProperties": {"killChainIntent": "Probing"}})).tactics, ["probing"]);
    let none = export(json!({}));
    assert_eq!((none.severity, none.status, none.tactics.len()), (Severity::Medium, Status::Active, 0));
    let both = export(json!({"Techniques": ["T1059"], "SubTechniques": "[\"T1059.001\",\"T1059\"]"}));
    assert_eq!(both.techniques, ["T1059", "T1059.001"]);
}

#[test]
fn samples_are_known_as_simulated() {
    assert!(export(json!({"AlertType": "SIMULATED_VM_EICAR"})).simulated);
    assert!(export(json!({"AlertDisplayName": "[SAMPLE ALERT] Phishing"})).simulated);
    assert!(!export(json!({"AlertDisplayName": "A sample alert"})).simulated);
}

#[test]
fn json_within_strings_is_found_at_two_levels() {
    let list = json!([{"Type": "ip", "Address": "00.00.00.00"}]).to_string();
    let properties = json!({"a b": "c"}).to_string();
    for (entities, properties) in
        [(json!(list), json!(properties)), (json!(json!(list).to_string()), json!(json!(properties).to_string()))]
    {
        let row = export(json!({"Entities": entities, "ExtendedProperties": properties}));
        assert_eq!(
            (row.entities[0].fields["address"].as_str(), row.extended_properties["a b"].as_str()),
            (Some("00.00.00.00"), Some("c"))
        );
    }
    let broken = export(json!({"Entities": "[{", "ExtendedProperties": "no json", "ExtendedLinks": ""}));
    assert_eq!(broken.flags, ["unreadable_field: extended_properties", "unreadable_field: entities"]);
    let duplicate = export(json!({"Entities": r#"[{"Type":"ip","Address":"192.0.2.1","Address":"192.0.2.2"}]"#}));
    assert_eq!(duplicate.flags, ["unreadable_field: entities"]);
}

#[test]
fn properties_without_their_resource_are_defenders_too() {
    let bare = alert(&json!({"systemAlertId": "1", "alertDisplayName": "t", "alertType": "T", "severity": "Low"}));
    assert_eq!((bare.source.as_str(), bare.source_id.as_str(), &bare.severity), ("defender", "1", &Severity::Low));
}

#[test]
fn the_same_falco_event_is_the_same_alert() {
    let event = |time: &str, noise: i32| {
        json!({
            "rule": "r", "priority": "Notice", "output": "o", "time": time, "uuid": noise, "tags": ["T1059", "mitre_defense_evasion"],
            "output_fields": {"container.id": "host", "proc.pname": null, "proc.name": "<NA>", "proc.pid": 7, "proc.exepath": "/usr/bin/curl",
                              "fd.name": "10.0.0.1:4000->2001:db8::1:443", "fd.l4proto": "tcp"},
        })
    };
    let first = alert(&event("2021-04-13T20:58:00.746609046Z+2", 1));
    assert_eq!(first.source_id, alert(&event("2021-04-13T20:58:00.746609046Z+2", 2)).source_id);
    assert_ne!(first.source_id, alert(&event("2021-04-13T20:58:01Z", 1)).source_id);
    assert!(first.source_id.starts_with("sha256:"));
    assert_eq!(
        (first.techniques.as_slice(), first.tactics.as_slice()),
        (&["T1059".to_owned()][..], &["defense_evasion".to_owned()][..])
    );
    assert_eq!(
        canonical(&first)["entities"],
        json!([
            {"type": "process", "process_id": "7", "image_file": {"type": "file", "directory": "/usr/bin", "name": "curl"}},
            {"type": "network_connection", "protocol": "tcp", "source_address": {"type": "ip", "address": "10.0.0.1"}, "source_port": 4000,
             "destination_address": {"type": "ip", "address": "2001:db8::1"}, "destination_port": 443},
            {"type": "ip", "address": "10.0.0.1"},
            {"type": "ip", "address": "2001:db8::1"},
        ])
    );
}

#[test]
fn falcos_priorities_become_severities() {
    for (priority, severity) in [
        ("Emergency", "critical"),
        ("Alert", "critical"),
        ("Critical", "critical"),
        ("Error", "high"),
        ("Warning", "medium"),
        ("Notice", "low"),
        ("Informational", "informational"),
        ("Debug", "informational"),
    ] {
        let event = alert(&json!({"rule": "r", "priority": priority, "output": "o"}));
        assert_eq!((event.severity.as_str(), event.flags.len()), (severity, 0), "{priority}");
    }
}

#[test]
fn an_unknown_shape_is_guessed_and_kept_whole() {
    let wazuh = json!({
        "id": "1580123327.49031", "timestamp": "2020-01-27T11:08:47.777+0000",
        "rule": {"level": 5, "id": "5710", "description": "sshd: Attempt to login using a non-existent user"},
        "agent": {"name": "a"}, "level": "Warning",
    });
    let guess = alert(&wazuh);
    assert_eq!(guess.source, "generic");
    assert_eq!(guess.title, "sshd: Attempt to login using a non-existent user");
    assert!(guess.source_id.starts_with("1580123327.49031#"), "{}", guess.source_id);
    assert_eq!(guess.severity, Severity::Medium);
    assert_eq!(guess.start_time.unwrap().to_string(), "2020-01-27T11:08:47.777Z");
    assert_eq!(guess.raw.to_value(), wazuh);

    let nothing = alert(&json!({"a": 1}));
    assert_eq!((nothing.title.as_str(), &nothing.severity), ("Alert without a title", &Severity::Medium));
    assert!(nothing.source_id.starts_with("sha256:"));
    assert_eq!(alert(&json!({"a": 1})).source_id, nothing.source_id);
    assert_eq!(alert(&json!({"summary": "s", "priority": 3})).severity, Severity::Other("3".into()));
}

#[test]
fn a_guessed_id_never_makes_two_alerts_one() {
    let text = include_str!("../../../tests/fixtures/alerts/shared_ids.ndjson");
    let all = decode(text.as_bytes(), Format::Ndjson, None, &limits(), received()).unwrap();
    let ids: Vec<String> = all.into_iter().map(|one| one.unwrap().alert.source_id).collect();
    let distinct: std::collections::HashSet<&String> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (6, 5), "only the last line repeats another: {ids:?}");
    assert_eq!(ids[0], ids[5]);
    for (id, guess) in ids.iter().zip(["1#", "1#", "1#", "28e463cd-ca3b-587f#", "28e463cd-ca3b-587f#"]) {
        assert_eq!(id.strip_prefix(guess).map(str::len), Some(16), "{id}");
    }
}

#[test]
fn a_guess_that_is_no_id_is_no_reason_to_refuse() {
    for id in ["a\nb".to_owned(), "x".repeat(500)] {
        let guess = alert(&json!({"id": id, "msg": "m"}));
        assert!(guess.source_id.starts_with("sha256:"), "{}", guess.source_id);
    }
}

#[test]
fn a_wrong_guess_that_an_alert_is_native_loses_nothing() {
    for (fields, field) in [
        (json!({"title": "t", "severity": 3}), "severity"),
        (json!({"title": "t", "source": {"ip": "192.0.2.1"}}), "source"),
        (json!({"title": "t", "resources": ["vm1"]}), "resources[0]"),
        (json!({"title": "t", "links": ["https://example.com"]}), "links[0]"),
        (json!({"title": "t", "links": [{"label": "l"}]}), "links[0].href"),
    ] {
        let taken = alert(&fields);
        assert_eq!((taken.source.as_str(), taken.title.as_str()), ("generic", "t"), "{fields}");
        assert_eq!(taken.flags[0], format!("not_native: {field}"));
        assert_eq!(taken.raw.to_value(), fields);
    }
}

#[test]
fn a_foreign_alert_with_a_title_is_not_taken_for_native() {
    let graph = json!({"id": "1", "title": "t", "severity": "medium", "status": "new", "createdDateTime": "2026-01-01T00:00:00Z",
        "evidence": [], "detectionSource": "x", "alertWebUrl": "https://example.com", "incidentId": 7});
    let graph = alert(&graph);
    assert_eq!((graph.source.as_str(), graph.title.as_str(), graph.status), ("generic", "t", Status::Active));
}
