//! The table itself.

use super::kind::{Gives, Kind, parameter_type};
use super::{
    Connection, Log, RunHandle, approval, change, child, connection, control, email, log, network, parallel, seeded,
    state, text, time, wait,
};
use crate::playbook::step::{Answer, Fault};
use rhai::{Dynamic, FuncRegistration, Module, NativeCallContext};

/// One function, method or property of the host interface.
#[derive(Debug, Clone, Copy)]
pub struct HostFn {
    /// Its name.
    pub name: &'static str,
    /// What it is called on, for a method.
    pub on: Option<Receiver>,
    /// Its parameters, without the receiver.
    pub params: &'static [&'static str],
    /// How it behaves across crashes and replays.
    pub kind: Kind,
    /// What a call of it gives back.
    pub gives: Gives,
    /// What it does, for the reference page.
    pub doc: &'static str,
    /// What a first argument that is written out must be.
    pub(in crate::playbook) literal: Option<Literal>,
    body: Body,
}

/// What a method is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// What `connection(name)` gives.
    Connection,
    /// `log`.
    Log,
    /// `run`.
    Run,
}

/// What a written-out first argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// A duration.
    Duration,
    /// An alert's status.
    Status,
    /// A severity.
    Severity,
    /// A regular expression.
    Pattern,
    /// An address range.
    Range,
}

#[derive(Debug, Clone, Copy)]
enum Body {
    Zero(fn(&NativeCallContext) -> Answer),
    One(fn(&NativeCallContext, Dynamic) -> Answer),
    Two(fn(&NativeCallContext, Dynamic, Dynamic) -> Answer),
    Three(fn(&NativeCallContext, Dynamic, Dynamic, Dynamic) -> Answer),
    Connection(fn(&NativeCallContext, &Connection, Dynamic) -> Answer),
    LogOne(fn(&NativeCallContext, Dynamic) -> Answer),
    LogTwo(fn(&NativeCallContext, Dynamic, Dynamic) -> Answer),
    RunProperty(fn() -> Answer),
}

const fn function(
    name: &'static str,
    params: &'static [&'static str],
    kind: Kind,
    gives: Gives,
    body: Body,
    doc: &'static str,
) -> HostFn {
    HostFn { name, on: None, params, kind, gives, doc, literal: None, body }
}

impl HostFn {
    const fn on(self, receiver: Receiver) -> Self {
        Self { on: Some(receiver), ..self }
    }

    const fn literal(self, literal: Literal) -> Self {
        Self { literal: Some(literal), ..self }
    }

    /// How it is written: `set_status(status, why)`, `connection(…).get(path)`.
    pub fn signature(&self) -> String {
        let receiver = match self.on {
            None => "",
            Some(Receiver::Connection) => "connection(…).",
            Some(Receiver::Log) => "log.",
            Some(Receiver::Run) => return format!("run.{}", self.name),
        };
        format!("{receiver}{}({})", self.name, self.params.join(", "))
    }

    /// Its parameters, each with the type a definition file gives it.
    pub fn parameters(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.params.iter().map(|name| (*name, parameter_type(name).unwrap_or("?")))
    }

    fn register(&self, module: &mut Module) {
        let new = || {
            let name = if self.on == Some(Receiver::Run) { format!("get${}", self.name) } else { self.name.to_owned() };
            FuncRegistration::new(name).in_global_namespace().with_volatility(true)
        };
        match self.body {
            Body::Zero(call) => {
                new().set_into_module(module, move |context: NativeCallContext| call(&context));
            }
            Body::One(call) => {
                new().set_into_module(module, move |context: NativeCallContext, a: Dynamic| call(&context, a));
            }
            Body::Two(call) => {
                new().set_into_module(module, move |context: NativeCallContext, a: Dynamic, b: Dynamic| {
                    call(&context, a, b)
                });
            }
            Body::Three(call) => {
                new().set_into_module(module, move |context: NativeCallContext, a: Dynamic, b: Dynamic, c: Dynamic| {
                    call(&context, a, b, c)
                });
            }
            Body::Connection(call) => {
                new().set_into_module(module, move |context: NativeCallContext, on: &mut Connection, a: Dynamic| {
                    call(&context, on, a)
                });
            }
            Body::LogOne(call) => {
                new().set_into_module(module, move |context: NativeCallContext, _log: Log, a: Dynamic| {
                    call(&context, a)
                });
            }
            Body::LogTwo(call) => {
                new().set_into_module(module, move |context: NativeCallContext, _log: Log, a: Dynamic, b: Dynamic| {
                    call(&context, a, b)
                });
            }
            Body::RunProperty(get) => {
                new().set_into_module(module, move |_run: &mut RunHandle| -> Result<Dynamic, Fault> { get() });
            }
        }
    }
}

/// Registers every function of the table and the types they are called on.
pub(in crate::playbook) fn register(module: &mut Module) {
    module.set_custom_type::<Connection>("connection");
    module.set_custom_type::<Log>("log");
    module.set_custom_type::<RunHandle>("run");
    for function in TABLE {
        function.register(module);
    }
}

use Kind::{Change, Deterministic, End, Pure, Step};
use Receiver::{Connection as OnConnection, Log as OnLog, Run as OnRun};

/// Every function a script can call besides the language's own.
pub const TABLE: &[HostFn] = &[
    function(
        "connection",
        &["name"],
        Pure,
        Gives::Connection,
        Body::One(connection::open),
        "A connection the front matter declares.",
    ),
    function("get", &["path"], Step, Gives::Response, Body::Connection(connection::get), "Sends a GET request.")
        .on(OnConnection),
    function(
        "post",
        &["body"],
        Step,
        Gives::Response,
        Body::Connection(connection::post),
        "Posts a JSON body to the connection's URL.",
    )
    .on(OnConnection),
    function(
        "send",
        &["request"],
        Step,
        Gives::Response,
        Body::Connection(connection::send),
        "Sends a request: `#{method, path, headers, body, timeout, retry: #{max_attempts, max_age}, expires_after}`.",
    )
    .on(OnConnection),
    function(
        "sleep",
        &["duration"],
        Step,
        Gives::Nothing,
        Body::One(wait::sleep),
        "Waits, such as `\"10m\"`, holding nothing.",
    )
    .literal(Literal::Duration),
    function("sleep_until", &["time"], Step, Gives::Nothing, Body::One(wait::sleep_until), "Waits until a time."),
    function(
        "wait_for_approval",
        &["question"],
        Step,
        Gives::Approval,
        Body::One(approval::wait),
        "Asks somebody: `#{ask, to, within, otherwise}`. Without `otherwise` (`\"approve\"` or \
         `\"deny\"`) silence raises `timeout`.",
    ),
    function("email", &["mail"], Step, Gives::Nothing, Body::One(email::send), "Sends a mail: `#{to, subject, body}`."),
    function(
        "parallel",
        &["branches"],
        Step,
        Gives::Values,
        Body::One(parallel::parallel),
        "Runs functions such as `[|| …, || …]` whose steps are in flight together.",
    ),
    function(
        "run_playbook",
        &["name", "input"],
        Step,
        Gives::Any,
        Body::Two(child::run),
        "Runs another playbook for the same alert, which finds the input at `run.input`.",
    ),
    function(
        "state_get",
        &["key"],
        Step,
        Gives::Any,
        Body::One(state::get),
        "What a run of this playbook has kept under a key, or `()`.",
    ),
    function(
        "state_put",
        &["key", "value"],
        Step,
        Gives::Nothing,
        Body::Two(state::put),
        "Keeps a value for this playbook's other runs, for 30 days.",
    ),
    function(
        "state_put",
        &["key", "value", "ttl"],
        Step,
        Gives::Nothing,
        Body::Three(state::put_for),
        "Keeps a value for this playbook's other runs, for as long as `ttl` says.",
    ),
    function(
        "set_status",
        &["status", "why"],
        Change,
        Gives::Nothing,
        Body::Two(change::status),
        "Sets the alert's status.",
    )
    .literal(Literal::Status),
    function(
        "set_severity",
        &["severity", "why"],
        Change,
        Gives::Nothing,
        Body::Two(change::severity),
        "Sets the alert's severity.",
    )
    .literal(Literal::Severity),
    function("comment", &["text"], Change, Gives::Nothing, Body::One(change::comment), "Comments on the alert."),
    function("tag", &["text"], Change, Gives::Nothing, Body::One(change::tag), "Puts a tag on the alert."),
    function("assign", &["who"], Change, Gives::Nothing, Body::One(change::assign), "Gives the alert to somebody."),
    function(
        "now",
        &[],
        Deterministic,
        Gives::Text,
        Body::Zero(time::now),
        "The time of the last result, as RFC 3339 text in UTC.",
    ),
    function("uuid", &[], Deterministic, Gives::Text, Body::Zero(seeded::uuid), "A random id."),
    function(
        "random",
        &["from", "to"],
        Deterministic,
        Gives::Number,
        Body::Two(seeded::random),
        "A random whole number, both ends included.",
    ),
    function("id", &[], Deterministic, Gives::Text, Body::RunProperty(seeded::run_id), "The run's id.").on(OnRun),
    function(
        "input",
        &[],
        Deterministic,
        Gives::Any,
        Body::RunProperty(seeded::run_input),
        "What `run_playbook` was given for this run; `()` in a run that an alert called for.",
    )
    .on(OnRun),
    function("info", &["message"], Deterministic, Gives::Nothing, Body::LogOne(log::info), "Logs with the run.")
        .on(OnLog),
    function(
        "info",
        &["message", "fields"],
        Deterministic,
        Gives::Nothing,
        Body::LogTwo(log::info_with),
        "Logs with the run.",
    )
    .on(OnLog),
    function(
        "warn",
        &["message"],
        Deterministic,
        Gives::Nothing,
        Body::LogOne(log::warn),
        "Logs a warning with the run.",
    )
    .on(OnLog),
    function(
        "warn",
        &["message", "fields"],
        Deterministic,
        Gives::Nothing,
        Body::LogTwo(log::warn_with),
        "Logs a warning with the run.",
    )
    .on(OnLog),
    function(
        "error",
        &["message"],
        Deterministic,
        Gives::Nothing,
        Body::LogOne(log::error),
        "Logs an error with the run.",
    )
    .on(OnLog),
    function(
        "error",
        &["message", "fields"],
        Deterministic,
        Gives::Nothing,
        Body::LogTwo(log::error_with),
        "Logs an error with the run.",
    )
    .on(OnLog),
    function(
        "fail",
        &["message"],
        End,
        Gives::Never,
        Body::One(control::fail),
        "Ends the run as failed; no `catch` stops it.",
    ),
    function("exit", &[], End, Gives::Never, Body::Zero(control::exit), "Ends the run as done."),
    function(
        "exit",
        &["value"],
        End,
        Gives::Never,
        Body::One(control::exit_with),
        "Ends the run as done, with a result.",
    ),
    function(
        "cidr_contains",
        &["range", "address"],
        Pure,
        Gives::Truth,
        Body::Two(network::cidr_contains),
        "Whether an address lies in a range.",
    )
    .literal(Literal::Range),
    function(
        "is_private_ip",
        &["address"],
        Pure,
        Gives::Truth,
        Body::One(network::is_private_ip),
        "Whether an address is not public.",
    ),
    function(
        "defang",
        &["text"],
        Pure,
        Gives::Text,
        Body::One(text::defang),
        "Makes addresses and links in a text unclickable.",
    ),
    function("sha256", &["text"], Pure, Gives::Text, Body::One(text::sha256), "The SHA-256 digest, in hexadecimal."),
    function(
        "base64_encode",
        &["text"],
        Pure,
        Gives::Text,
        Body::One(text::base64_encode),
        "Base64, standard alphabet.",
    ),
    function(
        "base64_decode",
        &["text"],
        Pure,
        Gives::Text,
        Body::One(text::base64_decode),
        "Reads Base64 that holds UTF-8 text.",
    ),
    function("json_encode", &["value"], Pure, Gives::Text, Body::One(text::json_encode), "The value as JSON text."),
    function("json_decode", &["text"], Pure, Gives::Any, Body::One(text::json_decode), "Reads JSON text."),
    function(
        "regex_test",
        &["pattern", "text"],
        Pure,
        Gives::Truth,
        Body::Two(text::regex_test),
        "Whether a pattern is found in a text.",
    )
    .literal(Literal::Pattern),
    function(
        "duration",
        &["duration"],
        Pure,
        Gives::Number,
        Body::One(time::duration),
        "A duration such as `\"4h\"` in whole seconds.",
    )
    .literal(Literal::Duration),
    function(
        "time_parse",
        &["time"],
        Pure,
        Gives::Number,
        Body::One(time::parse),
        "A time in whole seconds since 1970.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_has_a_name_with_a_meaning() {
        for row in TABLE {
            for name in row.params {
                assert!(parameter_type(name).is_some(), "`{name}` of `{}` has no type in `kind.rs`", row.signature());
            }
        }
    }
}
