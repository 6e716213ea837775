//! Falco's JSON output: an event of a rule, with its facts as flat dotted keys.

use super::draft::{self, Draft};
use super::fault::DecodeError;
use super::payload::{self, Payload};
use super::tactic;
use crate::alert::{Entity, Severity};
use crate::digest::Digest;
use serde_json::{Map, Value, json};

/// Maps an event.
///
/// # Errors
/// `too_many_entities`, in principle: no event has more than a dozen.
pub(super) fn map<'l>(fields: Map<String, Value>, mut draft: Draft<'l>) -> Result<Draft<'l>, DecodeError> {
    let mut payload = Payload::new(fields);
    let rule = payload.text(&["rule"]).unwrap_or_default();
    let output = payload.text(&["output"]).unwrap_or_default();
    let time = payload.take(&["time"]);
    // Falco gives no id. The same rule with the same words at the same time is the same event, sent again.
    let moment = time.as_ref().map(Value::to_string).unwrap_or_default();
    let identity = Digest::of_parts([rule.as_bytes(), moment.as_bytes(), output.as_bytes()]);

    let alert = &mut draft.alert;
    alert.source = "falco".to_owned();
    alert.source_id = draft::derived_id(&identity);
    alert.vendor = Some("Falco".to_owned());
    // A missing source is the kernel's system calls.
    alert.product = Some(payload.text(&["source"]).unwrap_or_else(|| "syscall".to_owned()));
    alert.alert_type.clone_from(&rule);
    alert.title = rule;
    alert.description = Some(output).filter(|output| !output.is_empty());
    let priority = payload.text(&["priority"]).unwrap_or_default();
    severity(&priority, &mut draft);
    draft.alert.start_time = draft.time("time", time);
    draft.alert.end_time = draft.alert.start_time;
    tags(payload.texts(&["tags"]), &mut draft);

    let host = payload.text(&["hostname"]);
    let facts = payload.object(&["output_fields"]).unwrap_or_else(|_| {
        draft.flag("unreadable_field", "output_fields");
        Map::new()
    });
    draft.alert.entities = entities(host.as_deref(), Payload::new(facts));
    draft.allow_entities(draft.alert.entities.len())?;
    draft.alert.compromised_entity = draft.alert.entities.iter().find_map(affected).or(host);
    Ok(draft)
}

/// Falco's priorities are syslog's: the three above `error` are all as urgent as it gets.
fn severity(priority: &str, draft: &mut Draft<'_>) {
    match priority.to_ascii_lowercase().as_str() {
        "emergency" | "alert" | "critical" => draft.alert.severity = Severity::Critical,
        _ => draft.severity(priority),
    }
}

/// A tag is a tactic (`mitre_execution`), a technique (`T1059`), or a word of the rule's author.
fn tags(tags: Vec<String>, draft: &mut Draft<'_>) {
    for tag in tags.into_iter().take(draft.limits.entities) {
        if let Some(tactic) = tag.strip_prefix("mitre_") {
            draft.tactics([tactic.to_owned()]);
        } else if tactic::is_technique(&tag) {
            draft.techniques([tag]);
        } else {
            draft.alert.tags.push(tag);
        }
    }
}

/// The name of what an event is about: the pod, else the container.
fn affected(entity: &Entity) -> Option<String> {
    let key = match entity.kind.as_str() {
        "kubernetes_pod" => "name",
        "container" => "container_id",
        _ => return None,
    };
    entity.fields.get(key)?.as_str().map(str::to_owned)
}

/// The entities that the facts tell of. A fact that says `<NA>` or null is absent, and so is an entity without facts.
fn entities(host: Option<&str>, mut facts: Payload) -> Vec<Entity> {
    let mut fact = |name: &str| facts.take(&[name]);
    let host = fields([("host_name", host.map(Value::from))]);
    let namespace =
        fields([("name", fact("k8s.ns.name").or_else(|| fact("ka.target.namespace")))]).map(of("kubernetes_namespace"));
    let pod = fields([("name", fact("k8s.pod.name")), ("uid", fact("k8s.pod.uid").or_else(|| fact("k8s.pod.id")))]);
    let pod = pod.map(|pod| with(pod, "namespace", &namespace)).map(of("kubernetes_pod"));
    let image = fields([
        ("repository", fact("container.image.repository")),
        ("tag", fact("container.image.tag")),
        ("digest", fact("container.image.digest")),
        ("image_id", fact("container.image.id").or_else(|| fact("container.image"))),
    ])
    .map(of("container_image"));
    // Falco calls what runs outside of any container "host".
    let container_id = fact("container.id").filter(|id| id != "host");
    let container = fields([("container_id", container_id), ("name", fact("container.name"))]);
    let container = container
        .map(|fields| with(fields, "image", &image))
        .map(|fields| with(fields, "pod", &pod))
        .map(of("container"));
    let account = fields([("name", fact("user.name").or_else(|| fact("ka.user.name")))]).map(of("account"));
    let program = path(fact("proc.exepath"), fact("proc.name"));
    let parent = fields([
        ("image_file", path(None, fact("proc.pname")).as_ref().map(nested)),
        ("command_line", fact("proc.pcmdline")),
        ("process_id", spelled(fact("proc.ppid"))),
    ])
    .map(of("process"));
    let process = fields([
        ("command_line", fact("proc.cmdline")),
        ("process_id", spelled(fact("proc.pid"))),
        ("image_file", program.as_ref().map(nested)),
    ])
    .map(|fields| with(fields, "parent_process", &parent))
    .map(|fields| with(fields, "account", &account))
    .map(of("process"));
    let (file, connection, addresses) = descriptor(fact("fd.name"), fact("fd.l4proto"));

    let single = [host.map(of("host")), container, image, pod, namespace, process, account, file, connection];
    single.into_iter().flatten().chain(addresses).collect()
}

/// A process's id as other sources write it: a text.
fn spelled(id: Option<Value>) -> Option<Value> {
    id.and_then(payload::text).map(Value::from)
}

/// An entity of a type.
fn of(kind: &str) -> impl FnOnce(Map<String, Value>) -> Entity {
    |fields| Entity { kind: kind.to_owned(), fields }
}

/// The fields that have a value, if any has.
fn fields<const N: usize>(all: [(&str, Option<Value>); N]) -> Option<Map<String, Value>> {
    let present: Map<_, _> = all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    (!present.is_empty()).then_some(present)
}

/// Fields with another entity nested in them, if it is there.
fn with(mut fields: Map<String, Value>, name: &str, entity: &Option<Entity>) -> Map<String, Value> {
    fields.extend(entity.as_ref().map(|entity| (name.to_owned(), nested(entity))));
    fields
}

/// An entity as another one holds it.
fn nested(entity: &Entity) -> Value {
    let mut fields = entity.fields.clone();
    fields.insert("type".to_owned(), entity.kind.as_str().into());
    Value::Object(fields)
}

/// A file from its path, or from its name alone.
fn path(path: Option<Value>, name: Option<Value>) -> Option<Entity> {
    match path.as_ref().and_then(Value::as_str).and_then(|path| path.rsplit_once('/')) {
        Some((directory, name)) => fields([("directory", Some(directory.into())), ("name", Some(name.into()))]),
        None => fields([("name", name)]),
    }
    .map(of("file"))
}

/// What a file descriptor leads to: a file (`/etc/passwd`), or a connection (`10.0.0.1:4000->10.0.0.2:443`) and its
/// two addresses.
fn descriptor(name: Option<Value>, protocol: Option<Value>) -> (Option<Entity>, Option<Entity>, Vec<Entity>) {
    let Some(Value::String(text)) = &name else { return (None, None, Vec::new()) };
    if text.starts_with('/') {
        return (path(name, None), None, Vec::new());
    }
    let ends = text.split_once("->").and_then(|(from, to)| Some([socket(from)?, socket(to)?]));
    let Some([from, to]) = ends else { return (None, None, Vec::new()) };
    let ip = |address: &str| Entity {
        kind: "ip".to_owned(),
        fields: Map::from_iter([("address".to_owned(), json!(address))]),
    };
    let connection = fields([
        ("source_address", Some(nested(&ip(from.0)))),
        ("source_port", Some(from.1.into())),
        ("destination_address", Some(nested(&ip(to.0)))),
        ("destination_port", Some(to.1.into())),
        ("protocol", protocol),
    ])
    .map(of("network_connection"));
    (None, connection, vec![ip(from.0), ip(to.0)])
}

/// An address and a port; an IPv6 address has no brackets around it in Falco.
fn socket(text: &str) -> Option<(&str, u16)> {
    let (address, port) = text.rsplit_once(':')?;
    address.parse::<std::net::IpAddr>().ok()?;
    Some((address, port.parse().ok()?))
}
