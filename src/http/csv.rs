//! A page of alerts as comma-separated values that a spreadsheet opens without running anything.

use crate::store::{AlertSummary, Page};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

const COLUMNS: &str = "id,severity,status,title,alert_type,source,compromised_entity,start_time,received_time,tactics,\
                       tags,assignee,dismissed_by";

/// The page, with a `Link` to the next one, since a table has no room for a cursor.
pub(super) fn answer(page: &Page<AlertSummary>, query: &str) -> Response {
    let mut text = format!("{COLUMNS}\r\n");
    for alert in &page.items {
        let cells = row(alert).map(|cell| escaped(&cell));
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present"),
        (header::CONTENT_DISPOSITION, r#"attachment; filename="alerts.csv""#),
    ];
    let mut response = (headers, text).into_response();
    if let Some(cursor) = &page.next_cursor {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "cursor");
        let next = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .append_pair("cursor", &cursor.0)
            .finish();
        let link = HeaderValue::from_str(&format!(r#"</api/v1/alerts?{next}>; rel="next""#));
        response.headers_mut().insert(header::LINK, link.expect("form encoding leaves only plain characters"));
    }
    response
}

fn row(alert: &AlertSummary) -> [String; 13] {
    let dismissed_by: Vec<&str> = alert.dismissed_by.iter().map(|filter| filter.as_str()).collect();
    [
        alert.id.to_string(),
        alert.severity.to_string(),
        alert.status.to_string(),
        alert.title.clone(),
        alert.alert_type.clone(),
        alert.source.clone(),
        alert.compromised_entity.clone().unwrap_or_default(),
        alert.start_time.map(|time| time.to_string()).unwrap_or_default(),
        alert.received_time.to_string(),
        alert.tactics.join("; "),
        alert.tags.join("; "),
        alert.assignee.clone().unwrap_or_default(),
        dismissed_by.join("; "),
    ]
}

/// Quoted where RFC 4180 asks for it. What a spreadsheet would take for a formula becomes text.
fn escaped(cell: &str) -> String {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if formula || cell.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Cursor;
    use serde_json::json;

    #[tokio::test]
    async fn a_page_is_a_table_that_links_to_the_next() {
        let alert = json!({
            "id": "al_00000000000000000000000001", "source": "falco", "alert_type": "A", "title": "a, \"b\"",
            "severity": "high", "status": "active", "start_time": null, "received_time": "2026-05-04T12:00:00Z",
            "compromised_entity": "@vm", "tactics": ["x", "y"], "tags": [], "assignee": null,
            "dismissed_by": ["nightly-scan"],
        });
        let page =
            Page { items: vec![serde_json::from_value(alert).unwrap()], next_cursor: Some(Cursor("a/b".into())) };
        let response = answer(&page, "format=csv&cursor=before&q=a+b");
        assert_eq!(response.headers()["link"], r#"</api/v1/alerts?format=csv&q=a+b&cursor=a%2Fb>; rel="next""#);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let expected = "al_00000000000000000000000001,high,active,\"a, \"\"b\"\"\",A,falco,\"'@vm\",,\
                        2026-05-04T12:00:00Z,x; y,,,nightly-scan\r\n";
        assert_eq!(body, format!("{COLUMNS}\r\n{expected}"));
    }

    #[test]
    fn a_formula_arrives_as_text() {
        assert_eq!(escaped(r#"=HYPERLINK("http://evil")"#), r#""'=HYPERLINK(""http://evil"")""#);
        for start in ["+", "-", "@", "\t", "\r"] {
            assert_eq!(escaped(start), format!("\"'{start}\""));
        }
        assert_eq!(escaped("a, b"), "\"a, b\"");
        assert_eq!(escaped("plain"), "plain");
    }
}
