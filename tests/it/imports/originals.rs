//! What the originals of silences, suppression rules and the like decide, read from the objects themselves, against what
//! their filters decide: on alerts made of the values they name, and of near misses.

use super::{at, decide, files, imported, originals_of, set};
use quell::clock::Timestamp;
use quell::import::{Kind, Options};
use serde_json::{Map, Value, json};
use std::io::Write as _;

/// An instant within no rule's window but those without one.
fn options() -> Options {
    Options { expires: Some(at("2063-01-01T00:00:00Z")), ..Options::default() }
}

/// Runs a reading of the originals of one kind against their filters; the reading gives whether the original dismisses.
fn compare(
    kind: Kind,
    least: usize,
    make: impl Fn(&Value, &mut fastrand::Rng) -> (Value, Timestamp),
    dismisses: impl Fn(&Value, &Value, Timestamp) -> bool,
) {
    let (mut rules, mut quiet, mut loud) = (0, 0, 0);
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let (all, _) = imported(&text, "x.ndjson", &options());
        let originals = originals_of(&text);
        assert_eq!(all.len(), originals.len(), "{}", path.display());
        for (one, original) in all.iter().zip(&originals).filter(|(one, _)| one.kind == Some(kind)) {
            let Some(filter) = &one.filter else { continue };
            rules += 1;
            let set = set(&filter.text);
            let mut rng = fastrand::Rng::with_seed(7);
            for _ in 0..400 {
                let (alert, now) = make(original, &mut rng);
                let verdict = decide(&set, &alert, now);
                let expected = dismisses(original, &alert, now);
                assert_eq!(
                    !verdict.dismissed_by.is_empty(),
                    expected,
                    "at {now}:\n{alert}\n{original}\n{}",
                    filter.text
                );
                *if expected { &mut quiet } else { &mut loud } += 1;
            }
        }
    }
    assert!(rules >= least && quiet >= 50 && loud >= 50, "{kind:?}: {rules} rules, {quiet} dismissed, {loud} kept");
    drop(writeln!(std::io::stderr(), "{kind:?}: {rules} rules, {quiet} dismissed, {loud} kept"));
}

fn pick<T: Clone>(rng: &mut fastrand::Rng, list: &[T]) -> T {
    list[rng.usize(..list.len())].clone()
}

/// A value, perhaps spoiled a little.
fn near(rng: &mut fastrand::Rng, value: &str) -> String {
    match rng.u8(0..10) {
        0 => format!("{value}x"),
        1 => format!("x{value}"),
        2 => value.to_uppercase(),
        3 => value.chars().skip(1).collect(),
        4 => String::new(),
        _ => value.to_owned(),
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[test]
fn silences_decide_as_alertmanager_does() {
    let dismisses = |silence: &Value, alert: &Value, now: Timestamp| {
        let is_over = now < at(text(silence, "/startsAt")) || now >= at(text(silence, "/endsAt"));
        let all = list(silence, "/matchers").iter().all(|matcher| {
            // A label that is not there is empty.
            let label = alert["labels"].get(text(matcher, "/name")).and_then(Value::as_str).unwrap_or_default();
            let value = text(matcher, "/value");
            let equal = match matcher["isRegex"].as_bool() {
                Some(true) => regex::Regex::new(&format!("^(?:{value})$")).unwrap().is_match(label),
                _ => label == value,
            };
            equal == matcher.get("isEqual").and_then(Value::as_bool).unwrap_or(true)
        });
        all && !is_over
    };
    let make = |silence: &Value, rng: &mut fastrand::Rng| {
        let mut labels = Map::new();
        for matcher in list(silence, "/matchers") {
            let value = text(matcher, "/value");
            let known = [
                "server1",
                "server3",
                "server2",
                "Disk_Full",
                "Host_Down",
                "web12",
                "web",
                "dev",
                "xyz",
                "prod",
                "page",
            ];
            let value = match rng.u8(0..6) {
                0 => pick(rng, &known).to_owned(),
                1 if matcher["isRegex"] == true => {
                    pick(rng, &["server7", "web7", "Disk", "x1", "dev", "critical", "server10", "web\u{665}"])
                        .to_owned()
                }
                _ => near(rng, value),
            };
            if rng.u8(0..8) > 0 {
                labels.insert(text(matcher, "/name").to_owned(), value.into());
            }
        }
        labels.insert("other".into(), "x".into());
        let alert = json!({"labels": labels, "annotations": {}, "startsAt": "2026-01-01T00:00:00Z"});
        let (starts, ends) = (at(text(silence, "/startsAt")), at(text(silence, "/endsAt")));
        let inside = Timestamp::from_second(starts.as_second().midpoint(ends.as_second())).unwrap();
        (alert, if rng.u8(0..6) == 0 { pick(rng, &[at("2000-01-01T00:00:00Z"), ends, starts]) } else { inside })
    };
    compare(Kind::AlertmanagerSilence, 6, make, dismisses);
}

#[test]
fn suppression_rules_decide_as_defender_does() {
    // The entity's field of a rule is any of the fields alerts spell so, whatever the case.
    fn entity_values(alert: &Value, field: &str) -> Vec<String> {
        let mut parts = field.split('.').skip(1);
        let (kind, property) = (parts.next().unwrap(), parts.next().unwrap());
        let entities = list(alert, "/properties/entities").iter();
        let of_kind = entities.filter(|entity| text(entity, "/type").eq_ignore_ascii_case(kind));
        let values = of_kind.flat_map(|entity| entity.as_object().unwrap());
        values
            .filter(|(key, _)| key.eq_ignore_ascii_case(property))
            .map(|(_, value)| value.as_str().unwrap().to_lowercase())
            .collect()
    }
    let dismisses = |rule: &Value, alert: &Value, now: Timestamp| {
        let properties = &rule["properties"];
        let of_type = text(properties, "/alertType").eq_ignore_ascii_case(text(alert, "/properties/alertType"));
        let scope = list(properties, "/suppressionAlertsScope/allOf").iter().all(|element| {
            let values = entity_values(alert, text(element, "/field"));
            let any =
                list(element, "/in").iter().any(|wanted| values.contains(&wanted.as_str().unwrap().to_lowercase()));
            let part = text(element, "/contains").to_lowercase();
            any || !part.is_empty() && values.iter().any(|value| value.contains(&part))
        });
        let subscription = text(rule, "/id").split('/').nth(2).unwrap_or_default();
        let of_subscription = text(rule, "/id").is_empty()
            || text(alert, "/id").to_lowercase().starts_with(&format!("/subscriptions/{subscription}/"));
        let ends = text(properties, "/expirationDateUtc");
        of_type && scope && of_subscription && (ends.is_empty() || now < at(ends))
    };
    let make = |rule: &Value, rng: &mut fastrand::Rng| {
        let alert_type = match rng.u8(0..6) {
            0 => "SomethingElse".to_owned(),
            1 => text(rule, "/properties/alertType").to_lowercase(),
            _ => text(rule, "/properties/alertType").to_owned(),
        };
        let mut entities = Vec::new();
        for element in list(rule, "/properties/suppressionAlertsScope/allOf") {
            let mut parts = text(element, "/field").split('.').skip(1);
            let (kind, property) = (parts.next().unwrap(), parts.next().unwrap());
            let property = if property == "commandline" { "commandLine" } else { property };
            let value = match element.get("in").and_then(Value::as_array) {
                Some(values) if rng.u8(0..5) > 0 => pick(rng, values).as_str().unwrap().to_owned(),
                Some(_) => "192.0.2.77".to_owned(),
                None => near(rng, &format!("C:\\x\\{} -enc", text(element, "/contains"))),
            };
            let mut entity = json!({"type": kind});
            entity[property] = value.into();
            if rng.u8(0..8) > 0 {
                entities.push(entity);
            }
        }
        entities.push(json!({"type": "ip", "address": "198.51.100.1"}));
        let own = text(rule, "/id").split('/').nth(2).unwrap_or("s").to_owned();
        let subscription = if rng.u8(0..6) == 0 { "00000000-1111-2222-3333-444444444444".to_owned() } else { own };
        let resource =
            format!("/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v");
        let alert = json!({
            "id": format!("/subscriptions/{subscription}/resourceGroups/g/providers/Microsoft.Security/locations/l/alerts/{}", rng.u32(..)),
            "name": "n", "type": "Microsoft.Security/Locations/alerts",
            "properties": {
                "systemAlertId": rng.u32(..).to_string(), "alertType": alert_type, "alertDisplayName": "d",
                "severity": pick(rng, &["Low", "Medium", "High"]), "status": "Active", "entities": entities,
                "resourceIdentifiers": [{"type": "AzureResource", "azureResourceId": resource}],
            },
        });
        let times =
            ["2019-11-30T00:00:00Z", "2019-11-30T00:00:00Z", "2019-11-01T00:00:00Z", "2019-12-01T19:50:47.083633Z"];
        (alert, at(pick(rng, &times)))
    };
    compare(Kind::DefenderSuppressionRule, 3, make, dismisses);
}

#[test]
fn processing_rules_decide_as_azure_monitor_does() {
    fn zone(name: &str) -> jiff::tz::TimeZone {
        let place = match name {
            "Eastern Standard Time" => "America/New_York",
            "India Standard Time" => "Asia/Kolkata",
            "Pacific Standard Time" => "America/Los_Angeles",
            other => panic!("{other}"),
        };
        jiff::tz::TimeZoneDatabase::bundled().get(place).unwrap()
    }
    fn is_open(schedule: &Value, now: Timestamp) -> bool {
        if schedule.is_null() {
            return true;
        }
        let local = now.to_zoned(zone(text(schedule, "/timeZone"))).datetime();
        let civil = |name: &str| schedule[name].as_str().map(|text| text.parse::<jiff::civil::DateTime>().unwrap());
        let inside = civil("effectiveFrom").is_none_or(|from| local >= from)
            && civil("effectiveUntil").is_none_or(|until| local < until);
        let recurrences = list(schedule, "/recurrences");
        let open = recurrences.is_empty()
            || recurrences.iter().any(|recurrence| {
                // Each day's window, which may reach into the next day.
                [0, 1].iter().any(|back| {
                    let day = local.date().checked_sub(jiff::Span::new().days(*back)).unwrap();
                    let name = day.strftime("%A").to_string();
                    let on = recurrence["recurrenceType"] == "Daily"
                        || list(recurrence, "/daysOfWeek").iter().any(|day| *day == name.as_str());
                    let time = |key: &str, usual: &str| -> jiff::civil::Time {
                        recurrence[key].as_str().unwrap_or(usual).parse().unwrap()
                    };
                    let (from, to) = (time("startTime", "00:00:00"), time("endTime", "00:00:00"));
                    let end_day = if to <= from { day.tomorrow().unwrap() } else { day };
                    on && local >= day.to_datetime(from) && local < end_day.to_datetime(to)
                })
            });
        inside && open
    }
    let dismisses = |rule: &Value, alert: &Value, now: Timestamp| {
        let properties = &rule["properties"];
        let target = text(alert, "/data/essentials/alertTargetIDs/0").to_lowercase();
        let in_scope = list(properties, "/scopes").iter().any(|scope| {
            let scope = scope.as_str().unwrap().to_lowercase();
            target == scope || target.starts_with(&format!("{scope}/"))
        });
        let met = list(properties, "/conditions").iter().all(|condition| {
            let name = match text(condition, "/field") {
                "Severity" => "severity",
                "MonitorService" => "monitoringService",
                "TargetResourceType" => "targetResourceType",
                "AlertRuleId" => "alertRuleID",
                other => panic!("{other}"),
            };
            let given = text(&alert["data"]["essentials"], &format!("/{name}")).to_lowercase();
            let any = list(condition, "/values").iter().any(|value| value.as_str().unwrap().to_lowercase() == given);
            match text(condition, "/operator") {
                "Equals" => any,
                "NotEquals" => !any,
                other => panic!("{other}"),
            }
        });
        in_scope && met && is_open(&properties["schedule"], now) && properties["enabled"] == true
    };
    let make = |rule: &Value, rng: &mut fastrand::Rng| {
        let scope = pick(rng, list(rule, "/properties/scopes")).as_str().unwrap().to_owned();
        let target = match rng.u8(0..6) {
            0 => format!("{scope}0/providers/x/y/z"),
            1 => "/subscriptions/other/resourceGroups/g".to_owned(),
            2 => scope.to_uppercase(),
            _ => format!("{scope}/providers/Microsoft.Compute/virtualMachines/v"),
        };
        let of_rule = |field: &str| -> Vec<Value> {
            let conditions = list(rule, "/properties/conditions").iter();
            conditions
                .filter(|condition| condition["field"] == field)
                .flat_map(|c| list(c, "/values").to_vec())
                .collect()
        };
        let mut value = |field: &str, others: &[&str]| {
            let mut all = of_rule(field);
            all.extend(others.iter().map(|other| json!(other)));
            pick(rng, &all)
        };
        let alert = json!({"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": {
            "alertId": "a", "alertRule": "r", "monitorCondition": "Fired",
            "severity": value("Severity", &["Sev1", "sev2"]),
            "monitoringService": value("MonitorService", &["Log Analytics"]),
            "targetResourceType": value("TargetResourceType", &["microsoft.storage/accounts", "microsoft.sql/servers"]),
            "alertRuleID": value("AlertRuleId", &["/subscriptions/a/other"]),
            "alertTargetIDs": [target],
        }}});
        let year = pick(rng, &[2018, 2021, 2026]);
        let first: Timestamp = format!("{year}-01-01T00:00:00Z").parse().unwrap();
        let windows = [
            "2021-04-16T01:00:00Z",
            "2021-04-16T02:59:59Z",
            "2021-04-16T03:00:00Z",
            "2018-09-15T14:00:00Z",
            "2018-09-12T13:30:00Z",
        ];
        let now = match rng.u8(0..3) {
            0 => at(pick(rng, &windows)),
            // To the second around a clock's quarters, through both changes of clocks.
            _ => Timestamp::from_second(
                first.as_second() + i64::from(rng.u32(0..35_000)) * 900 - i64::from(rng.u8(0..2)),
            )
            .unwrap(),
        };
        (alert, now)
    };
    compare(Kind::AzureAlertProcessingRule, 4, make, dismisses);
}

#[test]
fn automation_rules_decide_as_sentinel_does() {
    fn met(condition: &Value, incident: &Value) -> bool {
        let properties = &condition["conditionProperties"];
        if condition["conditionType"] == "Boolean" {
            let inner = list(properties, "/innerConditions");
            return match text(properties, "/operator") {
                "Or" => inner.iter().any(|inner| met(inner, incident)),
                _ => inner.iter().all(|inner| met(inner, incident)),
            };
        }
        let own = &incident["properties"];
        let given: Vec<String> = match text(properties, "/propertyName") {
            "IncidentTitle" => vec![text(own, "/title").to_lowercase()],
            "IncidentSeverity" => vec![text(own, "/severity").to_lowercase()],
            "IncidentLabel" => {
                list(own, "/labels").iter().map(|label| text(label, "/labelName").to_lowercase()).collect()
            }
            "IncidentTactics" => list(own, "/additionalData/tactics")
                .iter()
                .map(|tactic| tactic.as_str().unwrap().to_lowercase())
                .collect(),
            other => panic!("{other}"),
        };
        let operator = text(properties, "/operator");
        let any = list(properties, "/propertyValues").iter().any(|value| {
            let value = value.as_str().unwrap().to_lowercase();
            given.iter().any(|given| match operator.trim_start_matches("Not") {
                "Equals" => *given == value,
                "Contains" => given.contains(&value),
                "StartsWith" => given.starts_with(&value),
                other => panic!("{other}"),
            })
        });
        any != operator.starts_with("Not")
    }
    let dismisses = |rule: &Value, alert: &Value, now: Timestamp| {
        let logic = &rule["properties"]["triggeringLogic"];
        let incident = alert["properties"].get("incidentNumber").is_some();
        incident
            && now < at(text(logic, "/expirationTimeUtc"))
            && list(logic, "/conditions").iter().all(|c| met(c, alert))
    };
    let make = |_: &Value, rng: &mut fastrand::Rng| {
        let titles = ["Anonymous IP address", "ATYPICAL TRAVEL of jo", "Ransomware", "An Atypical travel"];
        let labels: Vec<Value> =
            [["travel"], ["Travel"], ["x"]][..rng.usize(0..4)].iter().map(|l| json!({"labelName": l[0]})).collect();
        let mut alert = json!({"id": "i", "name": "n", "type": "Microsoft.SecurityInsights/incidents", "properties": {
            "title": pick(rng, &titles), "severity": pick(rng, &["High", "Medium", "Low"]), "incidentNumber": rng.u16(..),
            "labels": labels, "additionalData": {"tactics": pick(rng, &[vec![], vec!["Persistence"], vec!["Discovery"]])},
        }});
        if rng.u8(0..8) == 0 {
            alert["properties"].as_object_mut().unwrap().remove("incidentNumber");
        }
        (alert, at(pick(rng, &["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2063-01-01T00:00:00Z"])))
    };
    compare(Kind::SentinelAutomationRule, 1, make, dismisses);
}
