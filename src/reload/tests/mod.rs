//! What reading and reloading promise, tried on real folders and real repositories.

mod checkouts;
mod commits;
mod committed;
mod reading;
mod reloading;
mod rollbacks;
mod swaps;
mod world;
