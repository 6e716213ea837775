//! Which functions there are: the language's own, the host's, the script's.

use crate::playbook::engine;
use crate::playbook::host::{HostFn, Receiver, TABLE};
use rhai::AST;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// Functions by name, with the numbers of arguments they take. A method counts its receiver.
pub type Arities = BTreeMap<String, BTreeSet<usize>>;

/// Words the language itself calls like functions.
const KEYWORDS: [(&str, &[usize]); 8] = [
    ("Fn", &[1]),
    ("call", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ("debug", &[0, 1]),
    ("is_def_fn", &[2]),
    ("is_def_var", &[1]),
    ("is_shared", &[1]),
    ("print", &[0, 1]),
    ("type_of", &[1]),
];

/// What every script can call: the registered functions, read back from the engine itself.
pub static BUILT_IN: LazyLock<Arities> = LazyLock::new(|| {
    let engine = engine::engine(engine::Library::default());
    let registered = engine.collect_fn_metadata(
        None,
        |function| Some((function.metadata.name.to_string(), function.metadata.num_params)),
        true,
    );
    let mut known = Arities::new();
    let is_word = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    for (name, arity) in registered.into_iter().filter(|(name, _)| is_word(name)) {
        known.entry(name).or_default().insert(arity);
    }
    for (name, arities) in KEYWORDS {
        known.entry(name.to_owned()).or_default().extend(arities);
    }
    known
});

/// The functions a script defines.
pub fn defined(ast: &AST) -> Arities {
    let mut known = Arities::new();
    for function in ast.iter_functions().filter(|function| !function.name.starts_with("anon$")) {
        known.entry(function.name.to_owned()).or_default().insert(function.params.len());
    }
    known
}

/// How a script defines the functions of a name, for a help text; none if it defines none.
pub fn signatures(ast: &AST, name: &str) -> Option<String> {
    let defined = ast.iter_functions().filter(|function| function.name == name);
    let forms: Vec<String> = defined.map(|function| format!("`{name}({})`", function.params.join(", "))).collect();
    (!forms.is_empty()).then(|| format!("it is defined as {}", forms.join(" and ")))
}

/// The rows of the host's table under a name.
pub fn host(name: &str, on: Option<Receiver>) -> impl Iterator<Item = &'static HostFn> {
    TABLE.iter().filter(move |row| row.name == name && row.on == on)
}

/// The names of what can be called on a host object.
pub fn members(on: Receiver) -> impl Iterator<Item = &'static str> {
    TABLE.iter().filter(move |row| row.on == Some(on)).map(|row| row.name)
}
