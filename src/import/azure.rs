//! Alert processing rules of Azure Monitor that remove action groups: scopes, conditions and a window, all of which
//! must hold. Alerts are looked at in the common alert schema.

use super::codes;
use super::condition::{Cond, literal};
use super::draft::{Draft, Window};
use super::object::{Refusal, below, list, part, required, shape, text, texts, truth};
use super::zone::{self, Doubt};
use crate::yaml::{Kind, Node};

/// Where an alert in the common alert schema says what a condition is about. The flag tells whether both call things by
/// the same names, without which "is none of these" cannot be asked.
const FIELDS: [(&str, &str, bool); 9] = [
    ("Severity", "raw.data.essentials.severity", true),
    ("MonitorService", "raw.data.essentials.monitoringService", false),
    ("MonitorCondition", "raw.data.essentials.monitorCondition", true),
    ("SignalType", "raw.data.essentials.signalType", true),
    ("TargetResourceType", "raw.data.essentials.targetResourceType", true),
    ("TargetResourceGroup", "raw.data.essentials.targetResourceGroup", false),
    ("AlertRuleId", "raw.data.essentials.alertRuleID", true),
    ("AlertRuleName", "raw.data.essentials.alertRule", true),
    ("Description", "raw.data.essentials.description", true),
];
const TARGETS: &str = "raw.data.essentials.alertTargetIDs";

/// The rule as a filter.
pub(super) fn draft(node: &Node) -> Result<Draft, Refusal> {
    let properties = part(node, &["properties"]).unwrap_or(node);
    let name = text(node, &["name"]).unwrap_or("azure-alert-processing-rule");
    let mut conditions = vec![scopes(properties)?.named("scope")];
    only_removes(properties)?;
    for condition in list(properties, "conditions")? {
        conditions.push(condition_of(condition)?);
    }
    let mut draft = Draft::new(name, Cond::All(conditions));
    match text(properties, &["description"]) {
        Some(description) => draft.describe(description),
        None => draft.describe(name),
    }
    draft.owner = below(node, &["systemData", "createdBy"]).and_then(Node::as_text).map(str::to_owned);
    draft.notes.push("The original mutes notifications; the filter dismisses the alert.".to_owned());
    if let Some(schedule) = part(properties, &["schedule"]) {
        term(schedule, &mut draft)?;
    }
    if truth(properties, "enabled")? == Some(false) {
        draft.audit = Some("the original is not enabled: it dismisses nothing".to_owned());
    }
    Ok(draft)
}

/// The alert's resource is one of the scopes, or inside of one.
fn scopes(properties: &Node) -> Result<Cond, Refusal> {
    let Some(scopes) = part(properties, &["scopes"]) else {
        return Err(Refusal::new(properties.span, codes::SHAPE, "the rule has no `scopes`"));
    };
    let scopes = texts(scopes, "scopes")?;
    let mut values = Vec::new();
    for scope in scopes {
        let scope = literal(scope.trim().trim_end_matches('/'));
        if !scope.starts_with("/subscriptions/") || scope.len() == "/subscriptions/".len() {
            return Err(Refusal::wider(
                properties.span,
                format!("the scope `{scope}` is no subscription or part of one"),
            ));
        }
        values.extend([scope.clone(), format!("{scope}/*")]);
    }
    Ok(Cond::line(TARGETS, values))
}

fn only_removes(properties: &Node) -> Result<(), Refusal> {
    let actions = list(properties, "actions")?;
    let kind = |action: &Node| text(action, &["actionType"]).unwrap_or_default().to_owned();
    let removes = actions.iter().any(|action| kind(action) == "RemoveAllActionGroups");
    match actions.iter().find(|action| kind(action) != "RemoveAllActionGroups") {
        None if removes => Ok(()),
        None => Err(Refusal::nothing(properties.span, "the rule has no actions")),
        Some(action) if removes => {
            let message = format!("beside removing action groups, the rule has the action `{}`", kind(action));
            Err(Refusal::wider(action.span, message))
        }
        Some(action) => {
            let message = format!("the rule dismisses nothing: its action is `{}`", kind(action));
            Err(Refusal::nothing(action.span, message).with("who is to be told is a playbook's business"))
        }
    }
}

fn condition_of(condition: &Node) -> Result<Cond, Refusal> {
    let (field, operator) = (required(condition, "field")?, required(condition, "operator")?);
    let Some(values) = part(condition, &["values"]) else {
        return Err(Refusal::new(condition.span, codes::SHAPE, format!("the condition on `{field}` has no `values`")));
    };
    let values: Vec<String> = texts(values, "values")?.iter().map(|value| literal(value)).collect();
    if values.iter().any(String::is_empty) {
        return Err(Refusal::wider(condition.span, format!("the condition on `{field}` has an empty value")));
    }
    let (contains, negated) = match operator.to_ascii_lowercase().as_str() {
        "equals" => (false, false),
        "notequals" => (false, true),
        "contains" => (true, false),
        "doesnotcontain" => (true, true),
        _ => {
            let message = format!("the operator `{operator}` on `{field}` is not known");
            return Err(Refusal::wider(condition.span, message));
        }
    };
    let modifier = if contains { "|contains" } else { "" };
    if field.eq_ignore_ascii_case("TargetResource") && !negated {
        return Ok(Cond::line(format!("{TARGETS}{modifier}"), values).named("target"));
    }
    let Some((name, path, same_names)) = FIELDS.iter().find(|(name, ..)| name.eq_ignore_ascii_case(field)) else {
        let message = format!("alerts in the common alert schema do not hold `{field}` as such");
        return Err(Refusal::wider(condition.span, message).with("leave the condition out by hand, if it may be"));
    };
    let positive = Cond::line(format!("{path}{modifier}"), values);
    let lower: String = name.chars().flat_map(char::to_lowercase).collect();
    if !negated {
        return Ok(positive.named(lower));
    }
    if !same_names {
        let message = format!("rules and alerts call `{name}` by different names, so `{operator}` cannot be asked");
        return Err(Refusal::wider(condition.span, message));
    }
    // Every alert of Azure Monitor has the field; one that has not is none of theirs.
    let there = Cond::Line(format!("{path}|exists"), crate::yaml::layout::Shape::plain("true"));
    Ok(Cond::All(vec![there.named(format!("{lower}_known")), positive.named(lower).negated()]))
}

fn term(schedule: &Node, draft: &mut Draft) -> Result<(), Refusal> {
    let zone_name = text(schedule, &["timeZone"]).unwrap_or("UTC");
    let Some(zone) = zone::named(zone_name) else {
        return Err(Refusal::wider(schedule.span, format!("the time zone `{zone_name}` is not known")));
    };
    for recurrence in list(schedule, "recurrences")? {
        draft.schedule.push(window(recurrence, zone::place(zone_name))?);
    }
    let time = |name: &str, doubt| match part(schedule, &[name]) {
        None => Ok(None),
        Some(node) => {
            let given = match &node.kind {
                Kind::Text(text) => text,
                _ => return Err(shape(node, name, "a time")),
            };
            let read = zone::instant(given, &zone, doubt);
            read.map(Some)
                .ok_or_else(|| Refusal::new(node.span, codes::SHAPE, format!("`{name}` is no time: `{given}`")))
        }
    };
    // Where a clock shows a time twice, the shorter window is taken.
    draft.starts = time("effectiveFrom", Doubt::Later)?;
    draft.expires = time("effectiveUntil", Doubt::Earlier)?;
    if draft.starts.is_some() || draft.expires.is_some() || !draft.schedule.is_empty() {
        draft.reason = "maintenance";
    }
    if let (Some(starts), Some(expires)) = (draft.starts, draft.expires)
        && expires <= starts
    {
        return Err(Refusal::nothing(schedule.span, "the rule is never in force: it ends before it begins"));
    }
    Ok(())
}

/// Days as a filter calls them.
const DAYS: [(&str, &str); 7] = [
    ("Monday", "mon"),
    ("Tuesday", "tue"),
    ("Wednesday", "wed"),
    ("Thursday", "thu"),
    ("Friday", "fri"),
    ("Saturday", "sat"),
    ("Sunday", "sun"),
];

/// A window that recurs. It opens on its days; one that ends before it begins goes on after midnight.
fn window(recurrence: &Node, zone: &str) -> Result<Window, Refusal> {
    let kind = required(recurrence, "recurrenceType")?;
    let days = match kind {
        "Daily" => Vec::new(),
        "Weekly" => {
            let given = part(recurrence, &["daysOfWeek"]).map(|days| texts(days, "daysOfWeek")).transpose()?;
            let known = |day: &String| {
                let found = DAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(day)).map(|(_, short)| *short);
                found.ok_or_else(|| Refusal::wider(recurrence.span, format!("`{day}` is no day of the week")))
            };
            let days: Vec<_> = given.unwrap_or_default().iter().map(known).collect::<Result<_, _>>()?;
            if days.is_empty() {
                return Err(Refusal::wider(recurrence.span, "a weekly window names no days"));
            }
            days
        }
        other => {
            let message = format!("a window that recurs `{other}` cannot be said: there are days of the week only");
            return Err(
                Refusal::wider(recurrence.span, message).with("write a filter with `starts` and `expires` for each")
            );
        }
    };
    let time = |name: &str| match text(recurrence, &[name]) {
        None => Ok(None),
        Some(given) => clock(given).map(Some).ok_or_else(|| {
            Refusal::wider(recurrence.span, format!("`{name}` is a time of day in whole minutes, not `{given}`"))
        }),
    };
    let hours = match (time("startTime")?, time("endTime")?) {
        (None, None) => None,
        (Some(from), Some(to)) if from == to => {
            return Err(Refusal::wider(recurrence.span, "a window that ends as it begins is open always or never"));
        }
        (Some(from), Some(to)) => Some((from, if to == "00:00" { "24:00".to_owned() } else { to })),
        _ => return Err(Refusal::wider(recurrence.span, "a window has `startTime` and `endTime`, or neither")),
    };
    Ok(Window { days, hours, zone: zone.to_owned() })
}

/// A time of day such as `22:00:00`, in hours and minutes.
fn clock(text: &str) -> Option<String> {
    let time: jiff::civil::Time = text.parse().ok()?;
    (time.second() == 0 && time.subsec_nanosecond() == 0).then(|| time.strftime("%H:%M").to_string())
}
