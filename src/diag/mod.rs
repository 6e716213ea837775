//! One type for everything Quell has to say about a file: where, how bad, what, and what to do.

mod code;
mod diagnostic;
mod render;
mod similar;

pub use code::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Level, Position, Span};
pub use render::render_text;
pub use similar::closest;
