//! The operator's settings: `quell.yaml`, the environment and flags gathered into one checked value.
//!
//! A flag wins over an environment variable, a variable over the file, the file over the default. Everything is read
//! into one tree that knows where each value was set, so every fault is reported at once and at its place. Each part
//! of the daemon owns its own settings and their defaults; what is `None` here was not set.

pub mod codes;
mod connection;
mod document;
mod email;
mod environment;
mod findings;
mod guard;
mod load;
mod policy;
mod schema;
mod secret_file;
mod secret_reference;
mod section;
mod settings;
#[cfg(test)]
mod tests;
mod token;
mod tree;

pub use document::Flags;
pub use environment::Surroundings;
pub use findings::Findings;
pub use load::{Folders, Loaded, folders, load, rule_folders};
pub use schema::schema;
pub use secret_file::{Unusable, read as read_secret_file};
pub use settings::Config;
