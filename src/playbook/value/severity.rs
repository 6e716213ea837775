//! Severity as scripts see it: compared by rank with the words, `alert.severity >= "high"`.

use crate::alert::Severity;
use crate::diag::closest;
use rhai::{EvalAltResult, FUNC_TO_DEBUG, FUNC_TO_STRING, FuncRegistration, ImmutableString, Module};
use std::cmp::Ordering;

/// A severity in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank(pub Severity);

impl Rank {
    /// One of the five words; a slip of the pen is an error that names them.
    pub fn from_word(word: &str) -> Result<Self, String> {
        if Severity::WORDS.contains(&word) {
            return Ok(Self(Severity::from_word(word)));
        }
        let hint = closest(word, Severity::WORDS).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        Err(format!("`{word}` is not a severity: use informational, low, medium, high or critical{hint}"))
    }

    /// A word a source used that Quell does not know stands beside `high`, as it does for filters.
    fn place(&self) -> u8 {
        self.0.rank().unwrap_or(3)
    }

    fn order(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }

    /// The other side of a comparison, which may also be the very word an unknown severity came as.
    fn beside(&self, word: &str) -> Result<Self, Fault> {
        if self.0.as_str() == word { Ok(self.clone()) } else { Self::from_word(word).map_err(Fault::from) }
    }
}

type Fault = Box<EvalAltResult>;
type Comparison = fn(&Rank, &Rank) -> bool;
type Pick = fn(Rank, Rank) -> Rank;

/// Registers comparisons in every combination, `max`, `min` and printing.
pub(super) fn register(module: &mut Module) {
    module.set_custom_type::<Rank>("severity");
    module.set_getter_fn("name", |rank: &mut Rank| Ok::<_, Fault>(ImmutableString::from(rank.0.as_str())));
    let comparisons: [(&str, Comparison); 6] = [
        ("==", |a, b| a == b),
        ("!=", |a, b| a != b),
        ("<", |a, b| a.order(b).is_lt()),
        ("<=", |a, b| a.order(b).is_le()),
        (">", |a, b| a.order(b).is_gt()),
        (">=", |a, b| a.order(b).is_ge()),
    ];
    for (name, holds) in comparisons {
        module.set_native_fn(name, move |a: Rank, b: Rank| Ok(holds(&a, &b)));
        module.set_native_fn(name, move |a: Rank, b: &str| Ok(holds(&a, &a.beside(b)?)));
        module.set_native_fn(name, move |a: &str, b: Rank| Ok(holds(&b.beside(a)?, &b)));
    }
    let picks: [(&str, Pick); 2] = [
        ("max", |a, b| if a.order(&b).is_ge() { a } else { b }),
        ("min", |a, b| if a.order(&b).is_le() { a } else { b }),
    ];
    for (name, pick) in picks {
        module.set_native_fn(name, move |a: Rank, b: Rank| Ok(pick(a, b)));
        module.set_native_fn(name, move |a: Rank, b: &str| {
            let b = a.beside(b)?;
            Ok(pick(a, b))
        });
        module.set_native_fn(name, move |a: &str, b: Rank| Ok(pick(b.beside(a)?, b)));
    }
    for name in [FUNC_TO_STRING, FUNC_TO_DEBUG] {
        let print = |rank: &mut Rank| Ok::<_, Fault>(ImmutableString::from(rank.0.as_str()));
        FuncRegistration::new(name).in_global_namespace().set_into_module(module, print);
    }
}
