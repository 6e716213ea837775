//! Which system an object comes from, told by its shape.

use super::object::{below, part, text};
use crate::yaml::{Kind as Value, Node};

/// The kinds of rules that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A suppression rule of Microsoft Defender for Cloud.
    DefenderSuppressionRule,
    /// A workflow automation of Microsoft Defender for Cloud.
    DefenderWorkflowAutomation,
    /// A silence of Prometheus Alertmanager.
    AlertmanagerSilence,
    /// An alert processing rule of Azure Monitor.
    AzureAlertProcessingRule,
    /// An automation rule of Microsoft Sentinel.
    SentinelAutomationRule,
    /// A filter of Sigma.
    SigmaFilter,
    /// A detection rule of Sigma, of which the exclusions are taken.
    SigmaRule,
}

impl Kind {
    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::DefenderSuppressionRule => "Defender for Cloud suppression rule",
            Self::DefenderWorkflowAutomation => "Defender for Cloud workflow automation",
            Self::AlertmanagerSilence => "Alertmanager silence",
            Self::AzureAlertProcessingRule => "Azure alert processing rule",
            Self::SentinelAutomationRule => "Sentinel automation rule",
            Self::SigmaFilter => "Sigma filter",
            Self::SigmaRule => "Sigma rule",
        }
    }
}

/// What the object is; none if no importer knows it.
pub(super) fn kind(node: &Node) -> Option<Kind> {
    node.as_map()?;
    let type_ends = |end: &str| text(node, &["type"]).is_some_and(|word| word.to_ascii_lowercase().ends_with(end));
    let properties = part(node, &["properties"]).unwrap_or(node);
    let has = |name: &str| properties.get(name).is_some();
    // A native filter has a `detection` as well, and no source of logs.
    let of_sigma = node.get("logsource").is_some() && node.get("title").is_some();
    let action = below(properties, &["actions"])
        .and_then(Node::as_list)
        .is_some_and(|actions| actions.is_empty() || actions.iter().all(|action| action.get("actionType").is_some()));
    Some(if type_ends("alertssuppressionrules") {
        Kind::DefenderSuppressionRule
    } else if type_ends("actionrules") || has("scopes") && action && !has("sources") {
        Kind::AzureAlertProcessingRule
    } else if type_ends("automationrules") || has("triggeringLogic") {
        Kind::SentinelAutomationRule
    } else if type_ends("microsoft.security/automations") || has("sources") && has("actions") && has("scopes") {
        Kind::DefenderWorkflowAutomation
    } else if node.get("matchers").is_some_and(|entry| entry.value.as_list().is_some())
        && ["startsAt", "endsAt", "createdBy"].iter().any(|name| node.get(name).is_some())
    {
        Kind::AlertmanagerSilence
    } else if of_sigma && node.get("filter").is_some_and(|entry| entry.value.as_map().is_some()) {
        Kind::SigmaFilter
    } else if of_sigma && node.get("detection").is_some_and(|entry| entry.value.as_map().is_some()) {
        Kind::SigmaRule
    } else if has("alertType") && (has("suppressionAlertsScope") || has("reason")) && !has("alertDisplayName") {
        Kind::DefenderSuppressionRule
    } else {
        return None;
    })
}

/// Levels of lists and pages inside each other.
const MOST_LEVELS: usize = 6;

/// The objects of a value: itself, those of a list, a page or a template.
pub(super) fn objects<'n>(node: &'n Node, out: &mut Vec<&'n Node>) {
    unfold(node, MOST_LEVELS, out);
}

fn unfold<'n>(node: &'n Node, levels: usize, out: &mut Vec<&'n Node>) {
    match &node.kind {
        Value::Null => {}
        Value::List(list) if levels > 0 => list.iter().for_each(|node| unfold(node, levels - 1, out)),
        Value::Map(_) if levels > 0 && kind(node).is_none() => {
            let page = ["value", "data", "silences", "resources", "silence"];
            let inner = page.iter().find_map(|name| {
                node.get(name).map(|entry| &entry.value).filter(|value| match value.kind {
                    Value::List(_) => true,
                    Value::Map(_) => *name == "silence",
                    _ => false,
                })
            });
            match inner {
                Some(inner) => unfold(inner, levels - 1, out),
                None => out.push(node),
            }
        }
        _ => out.push(node),
    }
}
