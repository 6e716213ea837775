//! Shape A, the REST interface: camel case under `properties`; versions 2015 to 2022.

use super::mapping::{self, Names};
use crate::decode::draft::Draft;
use crate::decode::fault::DecodeError;
use crate::decode::payload::Payload;
use serde_json::{Map, Value};

const NAMES: Names = Names {
    id: &["systemAlertId"],
    vendor: &["vendorName"],
    product: &["productName"],
    // The last of several names is that of the 2015 version.
    alert_type: &["alertType", "alertName"],
    title: &["alertDisplayName"],
    description: &["description"],
    severity: &["severity", "reportedSeverity"],
    status: &["status", "state"],
    start: &["startTimeUtc", "detectedTimeUtc"],
    end: &["endTimeUtc"],
    generated: &["timeGeneratedUtc", "reportedTimeUtc"],
    compromised_entity: &["compromisedEntity"],
    resource: &["associatedResource"],
    resources: &["resourceIdentifiers"],
    entities: &["entities"],
    intent: &["intent"],
    techniques: &["techniques"],
    sub_techniques: &["subTechniques"],
    remediation: &["remediationSteps"],
    link: &["alertUri"],
    links: &["extendedLinks"],
    extended: &["extendedProperties"],
    correlation_key: &["correlationKey"],
    is_incident: &["isIncident"],
};

/// Maps an alert resource, or the properties of one without the resource around them.
pub(in crate::decode) fn map<'l>(mut fields: Map<String, Value>, draft: Draft<'l>) -> Result<Draft<'l>, DecodeError> {
    let Some(Value::Object(properties)) = fields.remove("properties") else {
        return mapping::map(fields, &NAMES, draft);
    };
    let mut draft = mapping::map(properties, &NAMES, draft)?;
    if draft.alert.source_id.is_empty() {
        draft.alert.source_id = Payload::new(fields).text(&["name", "id"]).unwrap_or_default();
    }
    Ok(draft)
}
