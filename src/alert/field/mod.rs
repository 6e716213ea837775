//! Every addressable path of an alert with its type: the schema that conditions compile against.

mod entities;
pub mod json_schema;
mod path;
mod resolve;
mod schema;

pub use path::{Path, PathError, Segment};
pub use resolve::{Field, FieldError, Origin, Step, resolve};
pub use schema::{Column, FieldType, Record, Shape};
