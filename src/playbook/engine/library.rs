//! The modules a program was pinned with, in memory: the only thing `import` reaches.

use rhai::{Engine, EvalAltResult, Module, ModuleResolver, Position, Shared};
use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

/// Modules by the path they are imported by. Filled when an activation begins, read while it lasts.
#[derive(Debug, Clone, Default)]
pub struct Library(Arc<RwLock<BTreeMap<String, Shared<Module>>>>);

impl Library {
    /// Adds an evaluated module.
    pub fn insert(&self, path: &str, module: Shared<Module>) {
        let mut modules = self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        modules.insert(path.to_owned(), module);
    }
}

impl ModuleResolver for Library {
    fn resolve(
        &self,
        _engine: &Engine,
        _source: Option<&str>,
        path: &str,
        pos: Position,
    ) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let modules = self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        modules.get(path).cloned().ok_or_else(|| EvalAltResult::ErrorModuleNotFound(path.to_owned(), pos).into())
    }
}
