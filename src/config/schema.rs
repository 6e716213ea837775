//! The configuration as JSON Schema, from the tables it is read by, for editors.

use super::{connection, email, guard, policy, settings, token};
use crate::delivery::{MailTls, Purpose, Scheme};
use crate::filter::{DIALECT, Policy};
use crate::http::Scope;
use serde_json::{Map, Value, json};

/// `quell.yaml`.
pub fn schema() -> Value {
    let mut schema = object(&settings::KEYS, |key| match key {
        "connections" => json!({"type": ["object", "null"], "additionalProperties": connection()}),
        "email" => email(),
        "tokens" => json!({"type": ["array", "null"], "items": token()}),
        "hosts" => texts(),
        "limits" => limits(),
        "policy" => policy(),
        "listen" => json!({"type": "string", "description": "an IP address and a port", "pattern": ":[0-9]+$"}),
        _ => json!({"type": "string", "description": "a folder; a relative one hangs on the file's"}),
    });
    schema["$schema"] = DIALECT.into();
    schema["title"] = "The configuration of Quell".into();
    schema
}

/// What is never written out.
fn secret() -> Value {
    let reference = |key: &str| json!({"type": "object", "properties": {key: {"type": "string"}}, "required": [key], "additionalProperties": false});
    json!({"anyOf": [reference("env"), reference("file")], "description": "{env: NAME} or {file: PATH}"})
}

fn connection() -> Value {
    let mut schema =
        object(&connection::KEYS, |key| match key {
            "url" => json!({"anyOf": [{"type": "string", "pattern": "^https?://"}, secret()]}),
            "sign" => object(&connection::SIGN_KEYS, |key| match key {
                "scheme" => json!({"enum": Scheme::ALL.map(Scheme::as_str)}),
                _ => json!({"anyOf": [secret(), {"type": "array", "items": secret(), "minItems": 1}]}),
            }),
            "auth" => object(&connection::AUTH_KEYS, |key| match key {
                "basic" => object(&connection::BASIC_KEYS, |key| {
                    if key == "password" { secret() } else { json!({"type": "string"}) }
                }),
                _ => secret(),
            }),
            "headers" => {
                json!({"type": "object", "additionalProperties": {"anyOf": [{"type": ["string", "number"]}, secret()]}})
            }
            "timeout" | "expires_after" => span(),
            "concurrency" => json!({"type": "integer", "minimum": 1, "maximum": 64}),
            "rate" => json!({"type": "string", "pattern": "^[0-9]+ */ *[smh]$"}),
            "purpose" => json!({"enum": Purpose::ALL.map(Purpose::as_str)}),
            "allow_private" => json!({"type": "boolean"}),
            "retry" => object(&connection::RETRY_KEYS, |key| match key {
                "max_attempts" => json!({"type": "integer", "minimum": 1, "maximum": 14}),
                _ => span(),
            }),
            "ports" => json!({"anyOf": [port(), {"type": "array", "items": port()}]}),
            _ => json!(true),
        });
    schema["required"] = json!(["url"]);
    schema
}

fn email() -> Value {
    let mut schema = object(&email::KEYS, |key| match key {
        "port" => port(),
        "password" => secret(),
        "tls" => json!({"enum": MailTls::ALL.map(MailTls::as_str)}),
        "allow_private" => json!({"type": "boolean"}),
        _ => json!({"type": "string"}),
    });
    schema["required"] = json!(["host", "from"]);
    schema
}

fn token() -> Value {
    let mut schema = object(&token::KEYS, |key| match key {
        "sha256" => json!({"type": "string", "description": "printf %s \"$TOKEN\" | sha256sum"}),
        "scopes" => json!({"type": "array", "minItems": 1, "items": {"enum": Scope::ALL.map(Scope::as_str)}}),
        _ => json!({"type": "string"}),
    });
    schema["required"] = json!(token::KEYS);
    schema
}

fn limits() -> Value {
    object(&settings::LIMIT_KEYS, |key| match key {
        "alert_bytes" | "request_bytes" => {
            json!({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+ *([KMG]iB)?$"}]})
        }
        _ => json!({"type": "integer", "minimum": 1}),
    })
}

fn policy() -> Value {
    let demand = |short: Value| {
        let mut long = object(&policy::DEMAND_KEYS, |key| if key == "level" { level() } else { short.clone() });
        long["required"] = json!(["value"]);
        json!({"anyOf": [short, long]})
    };
    object(&policy::KEYS, |key| match key {
        "level" => level(),
        "longest_life" => demand(span()),
        "budget" => object(&guard::KEYS, |key| match key {
            "jump" => json!({"type": "integer", "minimum": 2, "description": "times what a filter usually dismisses"}),
            _ => json!({"type": "string", "pattern": "^[0-9]+ */ *h$", "description": "such as 500/h"}),
        }),
        "expiry_alerts" | "change_alerts" => json!({"type": "boolean"}),
        "required" => {
            demand(json!({"anyOf": [{"enum": Policy::KEYS}, {"type": "array", "items": {"enum": Policy::KEYS}}]}))
        }
        _ => demand(texts()),
    })
}

fn level() -> Value {
    json!({"enum": policy::LEVELS})
}

fn span() -> Value {
    json!({"type": "string", "description": "a time span such as 500ms, 20s, 10m, 4h or 3d", "pattern": "[0-9]"})
}

fn port() -> Value {
    json!({"type": "integer", "minimum": 1, "maximum": 65535})
}

fn texts() -> Value {
    json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
}

/// A map of exactly these keys; `key:` alone counts as no key.
fn object(keys: &[&str], property: impl Fn(&str) -> Value) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), property(key))).collect();
    json!({"type": ["object", "null"], "properties": properties, "additionalProperties": false})
}
