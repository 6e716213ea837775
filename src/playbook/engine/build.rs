//! Building one engine: cheap, since packages and host functions are shared modules made once.

use super::{Library, bounded, meter};
use crate::playbook::{host, value};
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Dynamic, Engine, Module, OptimizationLevel, Scope, Shared};
use std::sync::LazyLock;

/// Deepest nesting of calls.
pub const CALL_LEVELS: usize = 32;

/// Everything a script can call, in one module, since the engine asks every module in turn for every function it
/// looks up: the standard packages without clock, `sleep`, reflection, blobs and unbounded JSON, then Quell's own
/// functions, which replace standard ones of the same signature.
static FUNCTIONS: LazyLock<Shared<Module>> = LazyLock::new(|| {
    let mut module = Module::new();
    ArithmeticPackage::init(&mut module);
    BasicStringPackage::init(&mut module);
    BasicIteratorPackage::init(&mut module);
    BasicFnPackage::init(&mut module);
    LogicPackage::init(&mut module);
    BasicMathPackage::init(&mut module);
    BasicArrayPackage::init(&mut module);
    BasicMapPackage::init(&mut module);
    MoreStringPackage::init(&mut module);
    // Packages list their functions to be looked up one by one; once registered they are found by hash.
    module.register_lazy_functions();
    bounded::register(&mut module);
    value::register(&mut module);
    host::register(&mut module);
    module.build_index();
    module.into()
});

/// An engine whose imports come from `library`. Scripts are compiled unoptimised: what the lint saw is what runs.
pub fn engine(library: Library) -> Engine {
    let mut engine = Engine::new_raw();
    engine.register_global_module(FUNCTIONS.clone());
    engine.set_module_resolver(library);
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_strict_variables(true);
    engine.disable_symbol("eval");
    // Currying by hand doubles a closure's size with every call; closures that capture still work.
    engine.disable_symbol("curry");
    engine.set_max_call_levels(CALL_LEVELS);
    engine.set_max_expr_depths(64, 32);
    engine.set_max_string_size(bounded::TEXT_BYTES);
    // Sizes count nested elements too, so these also bound how deep a value can nest.
    engine.set_max_array_size(4096);
    engine.set_max_map_size(4096);
    engine.set_max_variables(256);
    engine.set_max_functions(128);
    engine.set_max_modules(32);
    engine.on_progress(|_| meter::tick().then_some(Dynamic::UNIT));
    engine.on_print(host::print);
    engine.on_debug(|text, _, _| host::print(text));
    resolve_host_objects(&mut engine);
    engine
}

#[expect(deprecated, reason = "not deprecated: Rhai marks its volatile interfaces so, and the version is pinned")]
fn resolve_host_objects(engine: &mut Engine) {
    engine.on_var(|name, index, _| Ok(if index == 0 { host_object(name) } else { None }));
}

/// `log` and `run`, which scripts use as if they were variables.
fn host_object(name: &str) -> Option<Dynamic> {
    match name {
        "log" => Some(Dynamic::from(host::Log)),
        "run" => Some(Dynamic::from(host::RunHandle)),
        _ => None,
    }
}

/// The names a script may use without defining them.
pub fn compile_scope() -> Scope<'static> {
    let mut scope = Scope::new();
    for name in ["log", "run"] {
        scope.push_constant_dynamic(name, host_object(name).expect("both names are host objects"));
    }
    scope
}
