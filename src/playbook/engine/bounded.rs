//! Functions of the standard packages that one call can turn into gigabytes or an endless loop, made bounded.
//!
//! The stock `replace` builds its whole result before any size check (`s.replace("a", s)`), and the stock `pad`
//! never ends when the padding is empty. These stand in front of them, with the same signatures.

use super::meter;
use rhai::{EvalAltResult, FuncRegistration, ImmutableString, Module, Position};

/// Most bytes of a text in a script, and of all texts in one list or map.
pub const TEXT_BYTES: usize = 256 * 1024;

type Fault = Box<EvalAltResult>;

/// Registers them; they replace those of the standard packages already in the module.
pub fn register(module: &mut Module) {
    // Not pure: they write to the text they are called on, so a constant is refused.
    let changes = |name: &str| FuncRegistration::new(name).with_purity(false);
    changes("replace")
        .set_into_module(module, |text: &mut ImmutableString, find: &str, put: &str| -> Result<(), Fault> {
            replace(text, find, put)
        });
    changes("replace").set_into_module(
        module,
        |text: &mut ImmutableString, find: &str, put: char| -> Result<(), Fault> {
            replace(text, find, put.encode_utf8(&mut [0; 4]))
        },
    );
    changes("replace").set_into_module(
        module,
        |text: &mut ImmutableString, find: char, put: &str| -> Result<(), Fault> {
            replace(text, find.encode_utf8(&mut [0; 4]), put)
        },
    );
    changes("replace").set_into_module(
        module,
        |text: &mut ImmutableString, find: char, put: char| -> Result<(), Fault> {
            replace(text, find.encode_utf8(&mut [0; 4]), put.encode_utf8(&mut [0; 4]))
        },
    );
    changes("pad")
        .set_into_module(module, |text: &mut ImmutableString, length: i64, with: &str| -> Result<(), Fault> {
            pad(text, length, with)
        });
}

fn too_large() -> Fault {
    EvalAltResult::ErrorDataTooLarge("Length of string".to_owned(), Position::NONE).into()
}

fn replace(text: &mut ImmutableString, find: &str, put: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Ok(());
    }
    meter::charge(text.len() as u64 / 256);
    let growth = text.matches(find).count().saturating_mul(put.len().saturating_sub(find.len()));
    if text.len().saturating_add(growth) > TEXT_BYTES {
        return Err(too_large());
    }
    *text = text.replace(find, put).into();
    Ok(())
}

fn pad(text: &mut ImmutableString, length: i64, padding: &str) -> Result<(), Fault> {
    let wanted = usize::try_from(length).unwrap_or(0);
    if wanted > TEXT_BYTES {
        return Err(too_large());
    }
    meter::charge((text.len() + wanted) as u64 / 256);
    let missing = wanted.saturating_sub(text.chars().count());
    if missing > 0 && !padding.is_empty() {
        let padded: String = text.chars().chain(padding.chars().cycle().take(missing)).collect();
        *text = padded.into();
    }
    if text.len() > TEXT_BYTES { Err(too_large()) } else { Ok(()) }
}
