//! One type for everything Quell has to say about a file: where, how bad, what, and what to do.

mod code;
mod diagnostic;
mod github;
mod pages;
mod render;
mod sarif;
mod similar;
mod visible;

pub use code::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Level, Position, Span};
pub use github::render_github;
pub use pages::{PAGES, Page};
pub use render::{render_coloured, render_text};
pub use sarif::render_sarif;
pub use similar::closest;
pub use visible::{is_hidden, visible};
