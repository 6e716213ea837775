//! Where alerts come in: a body is read, its good alerts are accepted, its bad ones are named.

mod bench;
mod submit;

pub use submit::{Intake, IntakeFault, Submission};
