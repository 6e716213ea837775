//! The HTTP interface: a guarded listener, one table of routes, one file a resource.

mod alerts;
mod approvals;
mod auth;
mod body;
mod change;
mod connection;
mod csv;
mod dead_letters;
mod envelope;
mod explain;
mod guard;
mod health;
mod hops;
mod ingest;
mod outbound;
mod playbooks;
mod problem;
mod query;
mod root;
mod routes;
mod rules;
mod ruleset;
mod runs;
mod seats;
mod server;
mod settings;
mod stream;
#[cfg(test)]
mod tests;
mod wish;

pub use routes::Api;
pub use server::{ServeError, serve};
pub use settings::{Scope, Settings, SettingsError, Token};
