//! What activations of one program share: an engine, and which function each of the script's calls means. Finding that out
//! costs more than most calls, and every activation makes the calls of the ones before it again.
//!
//! Neither holds a value: functions are found by their names and the types of what they are called with.

use rhai::{AST, Caches, Dynamic, Engine, EvalAltResult, Scope};

/// Most calls remembered; a script that makes more kinds of calls finds them out anew.
const CALLS: usize = 1024;

/// An engine and what it has found out about a program without modules.
#[derive(Debug)]
pub(super) struct Prepared {
    engine: Engine,
    calls: Caches,
}

impl Prepared {
    /// Nothing is found out yet.
    pub fn new(engine: Engine) -> Self {
        Self { engine, calls: Caches::new() }
    }

    /// Runs the statements of a program, always the same one.
    pub fn evaluate(&mut self, scope: &mut Scope<'_>, program: &AST) -> Result<Dynamic, Box<EvalAltResult>> {
        let mut global = self.engine.new_global_runtime_state();
        global.lib.push(program.shared_lib().clone());
        let result = self.statements(&mut global, scope, program);
        // The first are those of the whole script; others are of blocks that have ended.
        self.calls.rewind_fn_resolution_caches(1);
        if self.calls.fn_resolution_cache_mut().dict.len() > CALLS {
            self.calls = Caches::new();
        }
        result
    }

    #[expect(deprecated, reason = "the only way to keep what was found out; the version is pinned")]
    fn statements(
        &mut self,
        global: &mut rhai::GlobalRuntimeState,
        scope: &mut Scope<'_>,
        program: &AST,
    ) -> Result<Dynamic, Box<EvalAltResult>> {
        self.engine.eval_statements_raw(global, &mut self.calls, scope, program.statements())
    }
}
