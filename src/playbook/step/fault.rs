//! What the engine raised, as the error a run ends with: named, placed, and short.

use crate::playbook::RunError;
use crate::playbook::engine::CALL_LEVELS;
use crate::playbook::imports::Parsed;
use crate::playbook::source::line_and_column;
use crate::playbook::value::describe;
use rhai::{Dynamic, EvalAltResult, Position};

/// Most bytes of an error's message.
const MESSAGE_BYTES: usize = 1024;

/// The error a script ended with. Places in `modules` are not the playbook's own.
pub fn classify(error: EvalAltResult, modules: &[Parsed]) -> RunError {
    let (mut error, place, module) = innermost(error, modules);
    let inside = module.map_or(String::new(), |(path, at)| format!(" (in `{path}`, {})", position(at)));
    let (line, column) = line_and_column(place);
    let (kind, limit, message) = match &error {
        EvalAltResult::ErrorTooManyOperations(..) => ("limit", Some("operations"), "too many operations".to_owned()),
        EvalAltResult::ErrorStackOverflow(..) => {
            ("limit", Some("call_depth"), format!("calls nested more than {CALL_LEVELS} deep"))
        }
        EvalAltResult::ErrorTooManyVariables(..) => ("limit", Some("variables"), "too many variables".to_owned()),
        EvalAltResult::ErrorTooManyModules(..) => ("limit", Some("modules"), "too many imports".to_owned()),
        EvalAltResult::ErrorDataTooLarge(what, ..) => ("limit", Some("size"), format!("{what} is over the limit")),
        EvalAltResult::ErrorRuntime(value, ..) => match thrown(value) {
            Thrown::Step(message) => ("step", None, message),
            Thrown::Text(message) => ("script", None, message),
        },
        _ => {
            error.set_position(Position::NONE);
            ("script", None, error.to_string())
        }
    };
    let message = tidy(&format!("{message}{inside}"));
    RunError { kind: kind.into(), limit: limit.map(Into::into), message, line, column }
}

/// Where an error arose, for one whose kind is known already.
pub fn place(error: EvalAltResult, modules: &[Parsed]) -> (u32, u32) {
    line_and_column(innermost(error, modules).1)
}

/// A message fit to be stored and printed: control characters escaped, at most 1 KiB.
pub fn tidy(message: &str) -> String {
    let mut tidy = String::with_capacity(message.len().min(MESSAGE_BYTES));
    for c in message.chars() {
        let before = tidy.len();
        match c {
            '\n' => tidy.push_str("\\n"),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {
                tidy.extend(c.escape_unicode());
            }
            c if c.is_control() => tidy.extend(c.escape_default()),
            c => tidy.push(c),
        }
        if tidy.len() > MESSAGE_BYTES - '…'.len_utf8() {
            tidy.truncate(before);
            tidy.push('…');
            break;
        }
    }
    tidy
}

/// The error without the calls it passed through, the last place in the playbook itself, and the place in a module.
fn innermost(mut error: EvalAltResult, modules: &[Parsed]) -> (EvalAltResult, Position, Option<(String, Position)>) {
    let (mut place, mut module) = (Position::NONE, None::<String>);
    loop {
        let at = error.position();
        if module.is_none() && !at.is_none() {
            place = at;
        }
        match error {
            EvalAltResult::ErrorInFunctionCall(_, source, inner, _) => {
                module = module.or_else(|| modules.iter().any(|module| module.path == source).then_some(source));
                error = *inner;
            }
            EvalAltResult::ErrorInModule(path, inner, _) => {
                module = module.or(Some(path));
                error = *inner;
            }
            error => {
                let module = module.map(|path| (path, error.position()));
                return (error, place, module);
            }
        }
    }
}

enum Thrown {
    Step(String),
    Text(String),
}

/// What `throw` or a failed step raised; a step's failure keeps its message however often it is thrown on.
fn thrown(value: &Dynamic) -> Thrown {
    if let Ok(map) = value.as_map_ref() {
        let field = |name: &str| map.get(name).and_then(|field| field.clone().into_string().ok());
        if let (Some(message), Some(step)) = (field("message"), field("step")) {
            return Thrown::Step(format!("step {step} failed: {message}"));
        }
        return match field("message") {
            Some(message) => Thrown::Text(message),
            None => Thrown::Text("the script threw a map without a `message`".to_owned()),
        };
    }
    match value.clone().into_string() {
        Ok(text) => Thrown::Text(text),
        Err(_) if value.is_int() || value.is_float() || value.is_bool() => Thrown::Text(value.to_string()),
        Err(_) => Thrown::Text(format!("the script threw {}", describe(value))),
    }
}

fn position(place: Position) -> String {
    let (line, column) = line_and_column(place);
    format!("line {line}, column {column}")
}
