//! `uuid`, `random` and `run.id`: different in every run, the same on every replay of one.

use super::argument;
use crate::playbook::step::{Answer, with_run};
use crate::playbook::value::freeze;
use rhai::{Dynamic, NativeCallContext};

/// `run` in a script.
#[derive(Debug, Clone, Copy)]
pub struct RunHandle;

/// `uuid()`.
pub fn uuid(_context: &NativeCallContext) -> Answer {
    let bytes = with_run(|run| run.draw())?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string().into())
}

/// `random(from, to)`.
pub fn random(context: &NativeCallContext, from: Dynamic, to: Dynamic) -> Answer {
    let (from, to) =
        (argument::whole(context, &from, "whole numbers")?, argument::whole(context, &to, "whole numbers")?);
    if from > to {
        return Err(format!("`random` takes the smaller number first, not {from} and {to}").into());
    }
    let drawn = u128::from_be_bytes(with_run(|run| run.draw())?);
    let width = to.abs_diff(from) as u128 + 1;
    let value = i128::from(from) + i128::try_from(drawn % width).expect("a remainder by at most 2^64");
    Ok(i64::try_from(value).expect("it lies between two i64").into())
}

/// `run.id`.
pub fn run_id() -> Answer {
    with_run(|run| Dynamic::from(run.id.to_string()))
}

/// `run.input`.
pub fn run_input() -> Answer {
    with_run(|run| freeze(&run.input))
}
