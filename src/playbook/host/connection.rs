//! `connection(name)` and its requests.

use super::argument;
use super::request;
use crate::playbook::step::{Answer, Call, Fault, perform, with_run};
use crate::playbook::value::VALUE_BYTES;
use crate::playbook::{Effect, RequestSpec};
use rhai::{Dynamic, NativeCallContext};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A declared connection, in a script. Address and credentials are the operator's; a script holds only the name.
#[derive(Debug, Clone)]
pub struct Connection(Arc<str>);

/// `connection(name)`.
pub fn open(context: &NativeCallContext, name: Dynamic) -> Answer {
    let name = argument::text(context, &name, "a connection's name")?;
    if !with_run(|run| run.connections.iter().any(|declared| *declared == *name))? {
        return Err(format!("connection `{name}` is not declared under `connections` in the front matter").into());
    }
    Ok(Dynamic::from(Connection(name.as_str().into())))
}

/// `.get(path)`.
pub fn get(context: &NativeCallContext, on: &Connection, path: Dynamic) -> Answer {
    let path = argument::text(context, &path, "a path")?;
    request::check_path(&path)?;
    let input = input(on, [("path".to_owned(), Value::from(path.as_str()))]);
    let spec = |_: &Value| RequestSpec { path: Some(path.to_string()), ..RequestSpec::new(&*on.0, "GET") };
    send_spec(context, "connection.get", input, spec)
}

/// `.post(body)`.
pub fn post(context: &NativeCallContext, on: &Connection, body: Dynamic) -> Answer {
    let body = argument::json(context, &body, VALUE_BYTES)?;
    let input = input(on, [("body".to_owned(), body)]);
    let spec =
        |input: &Value| RequestSpec { body: Some(input["body"].to_string()), ..RequestSpec::new(&*on.0, "POST") };
    send_spec(context, "connection.post", input, spec)
}

/// `.send(#{…})`.
pub fn send(context: &NativeCallContext, on: &Connection, request: Dynamic) -> Answer {
    let Value::Object(options) = argument::json(context, &request, VALUE_BYTES)? else {
        return Err("`send` takes a map such as `#{method: \"PUT\", path: \"/x\", body: #{}}`".into());
    };
    let spec = request::from_options(&options, RequestSpec::new(&*on.0, "POST"))?;
    send_spec(context, "connection.send", input(on, options), |_| spec)
}

/// What is recorded of a call.
fn input(on: &Connection, options: impl IntoIterator<Item = (String, Value)>) -> Value {
    let mut input = Map::from_iter([("connection".to_owned(), Value::from(&*on.0))]);
    input.extend(options);
    Value::Object(input)
}

/// `spec` is asked only for a new request, and told what is recorded of it.
fn send_spec(
    context: &NativeCallContext,
    name: &'static str,
    input: Value,
    spec: impl FnOnce(&Value) -> RequestSpec,
) -> Answer {
    // What an audited script sees instead of an answer: an empty success.
    let audited =
        if with_run(|run| run.is_audited())? { json!({"status": 200, "headers": {}, "body": {}}) } else { Value::Null };
    let call = Call { name, input, immediate: false, audited };
    perform(context, call, |_, input| Effect::Request(spec(input)))
}

/// A request's own complaint, as something a script can catch.
impl From<request::BadRequest> for Fault {
    fn from(bad: request::BadRequest) -> Self {
        bad.to_string().into()
    }
}
