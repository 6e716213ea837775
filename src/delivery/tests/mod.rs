//! What delivery promises, a file a subject. Receivers are real sockets on loopback.

mod authorizations;
mod bad_inputs;
mod breakers;
mod certificates;
mod connections;
mod emails;
mod guard;
mod receiver;
mod receivers_behaving_badly;
mod requests;
mod schedules;
mod sending;
mod signatures;
mod smtp_catcher;
mod world;
