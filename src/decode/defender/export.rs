//! Shape C, continuous export, Event Hub and Logic App trigger: Pascal case, entities as a list.

use super::mapping::{self, Names};
use crate::decode::draft::Draft;
use crate::decode::fault::DecodeError;
use serde_json::{Map, Value};

pub(super) const NAMES: Names = Names {
    id: &["SystemAlertId"],
    vendor: &["VendorName"],
    product: &["ProductName"],
    alert_type: &["AlertType", "AlertName"],
    title: &["AlertDisplayName", "DisplayName", "AlertName"],
    description: &["Description"],
    severity: &["Severity", "ReportedSeverity", "AlertSeverity"],
    status: &["Status"],
    start: &["StartTimeUtc", "StartTime"],
    end: &["EndTimeUtc", "EndTime"],
    generated: &["TimeGenerated", "TimeGeneratedUtc", "ProcessingEndTime"],
    compromised_entity: &["CompromisedEntity"],
    resource: &["AzureResourceId", "ResourceId"],
    resources: &["ResourceIdentifiers"],
    entities: &["Entities"],
    intent: &["Intent", "Tactics"],
    techniques: &["Techniques"],
    sub_techniques: &["SubTechniques"],
    remediation: &["RemediationSteps"],
    link: &["AlertUri", "AlertLink"],
    links: &["ExtendedLinks"],
    extended: &["ExtendedProperties"],
    correlation_key: &["CorrelationKey"],
    is_incident: &["IsIncident"],
};

/// Maps an exported alert.
pub(in crate::decode) fn map<'l>(fields: Map<String, Value>, draft: Draft<'l>) -> Result<Draft<'l>, DecodeError> {
    mapping::map(fields, &NAMES, draft)
}
