//! Every real payload at hand decodes, and says what it said.

use super::*;
use crate::alert::{Severity, Status};
use std::io::Write as _;

/// The text of a file of real payloads outside of the repository, if this machine has it.
fn shared(name: &str) -> Option<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        drop(writeln!(std::io::stderr(), "skipped: {} is not here", path.display()));
    }
    text
}

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../../../tests/fixtures/alerts/", $name))
    };
}

fn lines(text: &str) -> Vec<Alert> {
    let all = decode(text.as_bytes(), Format::Ndjson, None, &limits(), received()).unwrap();
    all.into_iter().map(|decoded| decoded.unwrap().alert).collect()
}

fn has_reference(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.iter().any(has_reference),
        Value::Object(map) => map.iter().any(|(key, value)| key.starts_with('$') || has_reference(value)),
        _ => false,
    }
}

fn check(alerts: &[Alert], text: &str, source: &str, listed: fn(&Value) -> usize) {
    assert_eq!(alerts.len(), text.lines().count());
    for (alert, line) in alerts.iter().zip(text.lines()) {
        let canonical = canonical(alert);
        assert_eq!((alert.source.as_str(), alert.raw.text()), (source, line));
        assert!(!alert.title.is_empty() && !alert.alert_type.is_empty(), "{canonical}");
        assert!(alert.severity.rank().is_some(), "{canonical}");
        assert!(alert.start_time.is_some(), "{canonical}");
        assert!(alert.entities.len() >= listed(&serde_json::from_str(line).unwrap()), "{canonical}");
        assert!(alert.entities.iter().all(|entity| entity.kind != "unknown"), "{canonical}");
        assert!(!has_reference(&canonical["entities"]), "{canonical}");
        assert_eq!(alert.flags, [""; 0], "{canonical}");
        let again: Alert = serde_json::from_value(canonical.clone()).unwrap();
        assert_eq!(super::canonical(&again), canonical, "reads back as it was written");
    }
}

#[test]
fn every_defender_rest_alert_decodes() {
    for file in ["defender_for_cloud_rest_alerts.ndjson", "defender_for_cloud_rest_alerts_recorded.ndjson"] {
        let Some(text) = shared(file) else { return };
        let alerts = lines(&text);
        check(&alerts, &text, "defender", |row| row["properties"]["entities"].as_array().map_or(0, Vec::len));
        assert!(alerts.iter().all(|alert| !alert.resources.is_empty() && !alert.remediation_steps.is_empty()));
    }
}

#[test]
fn every_defender_table_row_decodes() {
    let Some(text) = shared("sentinel_securityalert_table.ndjson") else { return };
    let alerts = lines(&text);
    check(&alerts, &text, "defender", |row| {
        let entities = row["Entities"].as_str().unwrap();
        serde_json::from_str::<Vec<Value>>(entities).map_or(0, |list| list.len())
    });
    let entities =
        |kind: &str| alerts.iter().flat_map(|alert| &alert.entities).filter(|entity| entity.kind == kind).count();
    assert_eq!((entities("process"), entities("host_logon_session"), entities("registry_value")), (200, 101, 6));
    let high = alerts.iter().filter(|alert| alert.severity == Severity::High).count();
    assert_eq!((alerts.len(), high), (139, 78));
    assert!(alerts.iter().all(|alert| !alert.extended_properties.is_empty()));
    assert_eq!(alerts.iter().map(|alert| alert.links.len()).sum::<usize>(), text.matches(r#"\"Href\""#).count());
}

#[test]
fn every_falco_event_decodes() {
    let Some(text) = shared("falco_events.ndjson") else { return };
    let alerts = lines(&text);
    check(&alerts, &text, "falco", |_| 0);
    assert_eq!(alerts.iter().map(|alert| &alert.source_id).collect::<std::collections::HashSet<_>>().len(), 18);
}

#[test]
fn no_payload_of_any_source_is_refused_for_its_shape() {
    for file in [
        "alertmanager_webhooks.ndjson",
        "aws_securityhub_asff.ndjson",
        "gcp_scc_findings.ndjson",
        "guardduty_findings.ndjson",
        "keep_provider_mocks.ndjson",
        "ocsf_detection_prowler_aws.ndjson",
        "panther_crowdstrike_detection_summary.ndjson",
        "panther_ms_graph_security_alert_v2.ndjson",
        "sentinel_incidents_rest.ndjson",
        "suricata_eve_alerts.ndjson",
    ] {
        let Some(text) = shared(file) else { return };
        for alert in lines(&text) {
            assert!(!alert.title.is_empty() && !alert.source_id.is_empty(), "{file}");
        }
    }
}

#[test]
fn different_findings_of_one_event_are_different_alerts() {
    let Some(text) = shared("guardduty_findings.ndjson") else { return };
    let ids: std::collections::HashSet<String> = lines(&text).into_iter().map(|alert| alert.source_id).collect();
    assert_eq!((ids.len(), text.lines().count()), (8, 8));
}

#[test]
fn a_rest_alert_becomes_canonical() {
    let alert = alert(&serde_json::from_str(fixture!("defender_rest_2022.json")).unwrap());
    assert_eq!(alert.source_id, "2517333083999999999_91ad5c46-7501-456b-aef5-13778b78cf80");
    assert_eq!(alert.alert_type, "Network_TrafficFromUnrecommendedIP");
    assert_eq!((&alert.severity, alert.status), (&Severity::Low, Status::InProgress));
    assert_eq!(alert.tactics, ["pre_attack"]);
    assert_eq!(alert.remediation_steps, ["Enforce rule"], "the caption of a document that opens a page");
    assert_eq!(alert.generated_time.unwrap().to_string(), "2022-11-22T20:28:38.385833Z");
    assert_eq!(alert.resources.len(), 1);
    assert_eq!(alert.resources[0].kind.as_deref(), Some("microsoft.compute/virtualmachines"));
    assert_eq!(
        alert.extended_properties["source IP(s) [Number of attempts]"],
        "IP: 147.78.47.42 [1]\r\nIP: 178.211.130.43 [1]"
    );
    let connection = canonical(&alert)["entities"][4].clone();
    assert_eq!(connection["type"], "network_connection");
    assert_eq!(connection["source_address"]["address"], "147.78.47.42");
    assert_eq!(connection["source_address"]["type"], "ip");
    assert_eq!(connection["source_address"]["location"]["country_code"], "NL");
    assert!(!alert.simulated);
}

#[test]
fn a_rest_alert_of_2015_becomes_canonical() {
    let alert = alert(&serde_json::from_str(fixture!("defender_rest_2015.json")).unwrap());
    assert_eq!((alert.alert_type.as_str(), alert.title.as_str()), ("ThreatIntelligence", "Threat Intelligence Alert"));
    assert_eq!(alert.source_id, "2518770965529163669_F144EE95-A3E5-42DA-A279-967D115809AA");
    assert_eq!((&alert.severity, alert.status), (&Severity::High, Status::Dismissed));
    assert_eq!(
        alert.remediation_steps,
        ["verify that the user invoked this process", "run antimalware scan of the VM"]
    );
    assert_eq!(alert.start_time.unwrap().to_string(), "2018-05-01T19:50:47.083633Z");
    assert_eq!(alert.resources[0].name.as_deref(), Some("vm1"));
}

#[test]
fn a_table_row_becomes_canonical() {
    let alert = alert(&serde_json::from_str(fixture!("defender_table_row.json")).unwrap());
    assert_eq!(alert.product.as_deref(), Some("Detection"));
    assert_eq!(alert.start_time.unwrap().to_string(), "2019-01-15T11:45:01Z");
    assert_eq!(alert.extended_properties["Suspicious Process"], r"c:\diagnostics\systmp\powershell.exe");
    let process = canonical(&alert)["entities"][5].clone();
    assert_eq!(process["type"], "process");
    assert_eq!(
        process["image_file"],
        json!({"type": "file", "directory": r"c:\diagnostics\systmp", "name": "powershell.exe"})
    );
    assert_eq!(process["parent_process"]["image_file"]["name"], "cmd.exe");
    assert_eq!(process["account"]["host"]["net_bios_name"], "MSTICALERTSWIN1");
}

#[test]
fn an_exported_alert_becomes_canonical() {
    let alert = alert(&serde_json::from_str(fixture!("defender_export.json")).unwrap());
    assert_eq!(alert.flags, [""; 0]);
    assert_eq!((&alert.severity, alert.status), (&Severity::Medium, Status::Active));
    assert_eq!(alert.tactics, ["execution", "defense_evasion"]);
    assert_eq!(alert.extended_properties["PID"], 944);
    assert_eq!(alert.resources.len(), 1, "one resource in two spellings; the workspace is none");
    let canonical = canonical(&alert);
    let entities = canonical["entities"].as_array().unwrap();
    assert_eq!(entities.len(), 7);
    assert_eq!(entities[2]["parent_process"]["command_line"], "cmd.exe", "refers forward");
    assert_eq!(entities[2]["account"]["name"], "svc", "the nearest earlier of two with one number");
    assert_eq!(entities[3], json!({"type": "file", "directory": r"c:\users\svc", "name": "scrsave.scr"}));
    assert_eq!(entities[4]["ip_addresses"][0]["address"], "203.0.113.9");
    assert_eq!(entities[6]["query"]["domain_name"], "updates.example", "the nearest earlier is now the other");
    assert_eq!(entities[6]["type"], "kubernetes_pod");
}

#[test]
fn a_falco_event_becomes_canonical() {
    let alert = alert(&serde_json::from_str(fixture!("falco_terminal_shell.json")).unwrap());
    assert_eq!((alert.title.as_str(), &alert.severity), ("Terminal shell in container", &Severity::Critical));
    assert_eq!(
        (alert.tactics.as_slice(), alert.tags.as_slice()),
        (&["execution".to_owned()][..], &["container".to_owned(), "shell".to_owned()][..])
    );
    assert_eq!(alert.start_time.unwrap().to_string(), "2023-05-25T13:44:05.478445Z");
    assert_eq!(alert.compromised_entity.as_deref(), Some("ee97d9c4186f"));
    let canonical = canonical(&alert);
    let entity = |kind: &str| {
        canonical["entities"].as_array().unwrap().iter().find(|entity| entity["type"] == kind).cloned().unwrap()
    };
    assert_eq!(entity("host")["host_name"], "falco-xczjd");
    assert_eq!(entity("container")["image"]["repository"], "docker.io/library/alpine");
    assert_eq!(entity("kubernetes_pod")["namespace"]["name"], "default");
    assert_eq!(entity("process")["command_line"], "sh -c clear; (bash || ash || sh)");
    assert_eq!(entity("process")["parent_process"]["image_file"]["name"], "runc");
    assert_eq!(entity("account")["name"], "root");
}
