//! What the interface promises, over real sockets; the handlers' own answers are tested with the whole daemon.

mod connections;
mod doors;
mod refusals;
mod world;
