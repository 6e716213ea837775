//! The promises, kept by the real daemon. One binary, so that it links once.

mod demo;
mod disk;
mod documents;
mod hostile;
mod kills;
mod receiver;
mod reloads;
mod whole;
mod world;
