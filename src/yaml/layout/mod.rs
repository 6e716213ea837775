//! YAML written in one canonical form: two spaces, quotes only where needed, every comment kept.

mod build;
mod comments;
mod print;
mod quote;
mod shape;

pub(super) use build::read_layout;
pub(super) use comments::comments_of;
pub use print::print;
pub use shape::{Comment, Document, Part, Scalar, Shape, Style};
