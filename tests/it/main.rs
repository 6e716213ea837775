//! The promises, kept by the real daemon. One binary, so that it links once.

#![expect(clippy::disallowed_methods, reason = "a test measures, and reads answers of the daemon it started")]

mod bad_rules;
mod checked;
mod checks;
mod cli;
mod codes;
mod commits;
mod crashes;
mod demo;
mod diffs;
mod disk;
mod documents;
mod explains;
mod formats;
mod fuzz;
mod hostile;
mod hostile_scripts;
mod imports;
mod inits;
mod kills;
mod lanes;
mod mails;
mod mortal;
mod operating;
mod receiver;
mod reloads;
mod repository;
mod rules;
mod sandbox_pool;
mod schemas;
mod shipped;
mod simulations;
mod spec;
mod tested;
mod updates;
mod whole;
mod world;
