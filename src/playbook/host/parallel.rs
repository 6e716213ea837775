//! `parallel`: branches whose steps are in flight together.

use crate::playbook::step::{Answer, Fault, in_branches};
use crate::playbook::value::describe;
use rhai::{Array, Dynamic, FnPtr, NativeCallContext};

/// Most branches of one `parallel`.
const BRANCHES: usize = 32;

/// `parallel([|| …, || …])`. A branch's failure is raised once all branches have ended, the first branch's first.
pub fn parallel(context: &NativeCallContext, branches: Dynamic) -> Answer {
    let Some(branches) = branches.clone().try_cast::<Array>() else {
        let given = describe(&branches);
        return Err(format!("`parallel` takes an array of functions such as `[|| …, || …]`, not {given}").into());
    };
    if branches.len() > BRANCHES {
        return Err(format!("`parallel` takes at most {BRANCHES} branches; these are {}", branches.len()).into());
    }
    let functions = branches.into_iter().enumerate().map(|(number, branch)| {
        let given = describe(&branch);
        branch.try_cast::<FnPtr>().ok_or_else(|| -> Fault {
            format!("`parallel` takes functions without parameters; number {number} is {given}").into()
        })
    });
    let functions = functions.collect::<Result<Vec<FnPtr>, Fault>>()?;
    in_branches(functions.len(), |number| functions[number].call_within_context(context, ())).map(Dynamic::from_array)
}
