//! Fields of an alert that somebody writes down for a test: a slip in one would make a test that tests nothing.

use super::codes;
use crate::alert::field::{FieldError, FieldType, Path, resolve};
use crate::diag::Diagnostics;
use crate::yaml::{Kind, Node};
use std::sync::Arc;

/// Reports every field that an alert does not have; what has the wrong type is the decoder's to tell.
pub fn check_fields(alert: &Node, file: &Arc<std::path::Path>, found: &mut Diagnostics) {
    Walk { file, found }.record(alert, "");
}

struct Walk<'a> {
    file: &'a Arc<std::path::Path>,
    found: &'a mut Diagnostics,
}

impl Walk<'_> {
    /// A map of fields that stand below a path, or a list of such maps.
    fn record(&mut self, node: &Node, below: &str) {
        match &node.kind {
            Kind::List(list) => list.iter().for_each(|element| self.record(element, below)),
            Kind::Map(map) => {
                for entry in map.iter().filter(|entry| below.is_empty() || entry.key != "type") {
                    let path =
                        if below.is_empty() { quoted(&entry.key) } else { format!("{below}.{}", quoted(&entry.key)) };
                    if path == "entities" {
                        self.entities(&entry.value);
                        continue;
                    }
                    let Ok(parsed) = Path::parse(&path) else { continue };
                    match resolve(&parsed) {
                        Ok(field) if field.field_type() == FieldType::Object => self.record(&entry.value, &path),
                        Ok(_) | Err(FieldError::NotARecord { .. }) => {}
                        Err(unknown) => {
                            let message = format!("an alert has no field `{parsed}`");
                            let fault =
                                self.found.error(self.file, entry.key_span, codes::UNKNOWN_ALERT_FIELD, message);
                            fault.help(match unknown.meant() {
                                Some(meant) => format!("did you mean `{meant}`?"),
                                None => "what the source itself sends stands below `raw`".to_owned(),
                            });
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// The list of entities: each says its type, and has that type's fields.
    fn entities(&mut self, node: &Node) {
        for entity in node.as_list().unwrap_or_default() {
            let Some(entry) = entity.get("type") else { continue };
            let Some(kind) = entry.value.as_text() else { continue };
            // The decoder takes any spelling of a type.
            let path = format!("entities.{}", quoted(&kind.to_lowercase()));
            let Ok(parsed) = Path::parse(&path) else { continue };
            match resolve(&parsed) {
                Ok(_) => self.record(entity, &path),
                // Sources may have types of their own; a slip is near to one there is.
                Err(unknown) => {
                    if let Some(meant) = unknown.meant() {
                        let message = format!("`{}` is not a type of entity", parsed.segments[1].key);
                        let place = entry.value.span;
                        let fault = self.found.error(self.file, place, codes::UNKNOWN_ALERT_FIELD, message);
                        fault.help(format!("did you mean `{}`?", meant.trim_start_matches("entities.")));
                    }
                }
            }
        }
    }
}

/// A key as a part of a path.
fn quoted(key: &str) -> String {
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && !key.is_empty() {
        key.to_owned()
    } else {
        format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Limits, parse};

    fn told(alert: &str) -> Vec<String> {
        let file = std::path::Path::new("t").into();
        let mut found = Diagnostics::new();
        let nodes = parse(alert, &file, Limits::RULE_FILE, &mut found);
        check_fields(&nodes[0], &file, &mut found);
        let line = |d: &crate::diag::Diagnostic| format!("{} ({})", d.headline(), d.help.clone().unwrap_or_default());
        found.sorted().iter().map(line).map(|line| line.replace("t:1:", "").replace(" error[F016]:", "")).collect()
    }

    #[test]
    fn fields_that_an_alert_does_not_have_are_told() {
        assert_eq!(told("{titel: x}"), ["2: an alert has no field `titel` (did you mean `title`?)"]);
        assert_eq!(
            told("{title: x, proc: y}"),
            ["12: an alert has no field `proc` (what the source itself sends stands below `raw`)"]
        );
        assert_eq!(
            told("{entities: [{type: ip, adress: 10.0.0.1}]}"),
            ["24: an alert has no field `entities.ip.adress` (did you mean `entities.ip.address`?)"]
        );
        assert_eq!(
            told("{entities: [{type: process, image_file: {nam: x}}]}"),
            [
                "42: an alert has no field `entities.process.image_file.nam` (did you mean `entities.process.image_file.name`?)"
            ]
        );
        assert_eq!(
            told("{entities: [{type: proces}]}"),
            ["20: `proces` is not a type of entity (did you mean `process`?)"]
        );
        assert_eq!(
            told("{resources: [{idd: x}]}"),
            ["15: an alert has no field `resources.idd` (did you mean `resources.id`?)"]
        );
    }

    #[test]
    fn what_a_source_may_send_is_let_through() {
        for fine in [
            "{title: x, severity: low, raw: {any.thing: [1, {a b: c}]}, extended_properties: {X: 1}}",
            "{entities: [{type: gadget, wheels: 4}, {type: unknown, a: 1}, {name: no type}], entities.ip: 1}",
            "{resources: [{id: x, tags: {env: prod}}], links: [{href: 'https://a.example'}], title: {a: 1}}",
            "[1]",
        ] {
            let told: Vec<String> = told(fine).into_iter().filter(|line| !line.contains("entities.ip")).collect();
            assert_eq!(told, [""; 0], "{fine}");
        }
    }
}
