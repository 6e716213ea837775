//! The promises, kept by the real daemon. One binary, so that it links once.

mod cli;
mod demo;
mod disk;
mod documents;
mod hostile;
mod kills;
mod receiver;
mod reloads;
mod sandbox_pool;
mod whole;
mod world;
