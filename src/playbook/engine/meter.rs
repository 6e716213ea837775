//! The operation count and the stop switch of the script now running on this thread.
//!
//! Rhai's own count does not cover callbacks of native functions (`map`, `filter`…), and its termination can be
//! caught there. This one is asked before every operation, callbacks included, and once it has tripped or the run
//! was halted, nothing executes any more. It lives in a thread-local because the engine's progress callback is
//! given nothing else.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

/// Says whether the time of an activation is up. Asked now and then; must be cheap.
pub type Stop = Arc<dyn Fn() -> bool + Send + Sync>;

/// Operations between two looks at the time. A look costs about as much as one operation; a call that goes through the
/// largest text there may be takes a few milliseconds, and some dozens of them must fit into a worker's grace.
const LOOK_EVERY: u64 = 64;

/// What ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trip {
    /// The operations.
    Operations,
    /// The time.
    Time,
}

struct Meter {
    used: Cell<u64>,
    limit: Cell<u64>,
    next_look: Cell<u64>,
    halted: Cell<bool>,
    tripped: Cell<Option<Trip>>,
    stop: RefCell<Option<Stop>>,
}

thread_local! {
    static METER: Meter = const {
        Meter {
            used: Cell::new(0),
            limit: Cell::new(0),
            next_look: Cell::new(LOOK_EVERY),
            halted: Cell::new(false),
            tripped: Cell::new(None),
            stop: RefCell::new(None),
        }
    };
}

/// While this lives, scripts of this thread are measured; dropped, the meter is blank again.
#[derive(Debug)]
pub struct Armed(());

/// Starts measuring: at most `operations`, as long as `stop` says no.
pub fn arm(operations: u64, stop: Stop) -> Armed {
    METER.with(|meter| {
        meter.used.set(0);
        meter.limit.set(operations);
        meter.next_look.set(LOOK_EVERY);
        meter.halted.set(false);
        meter.tripped.set(None);
        meter.stop.replace(Some(stop));
    });
    Armed(())
}

impl Drop for Armed {
    fn drop(&mut self) {
        METER.with(|meter| {
            meter.limit.set(0);
            meter.stop.replace(None);
        });
    }
}

/// Counts one operation; true if the script must not go on.
pub fn tick() -> bool {
    charge(1)
}

/// Counts work that one native call does; true if the script must not go on.
pub fn charge(operations: u64) -> bool {
    METER.with(|meter| {
        if meter.halted.get() {
            return true;
        }
        let used = meter.used.get().saturating_add(operations);
        meter.used.set(used);
        if used > meter.limit.get() {
            meter.tripped.set(Some(Trip::Operations));
            meter.halted.set(true);
        } else if used >= meter.next_look.get() {
            meter.next_look.set(used + LOOK_EVERY);
            if meter.stop.borrow().as_ref().is_some_and(|stop| stop()) {
                meter.tripped.set(Some(Trip::Time));
                meter.halted.set(true);
            }
        }
        meter.halted.get()
    })
}

/// Lets nothing execute any more until the meter is armed again.
pub fn halt() {
    METER.with(|meter| meter.halted.set(true));
}

/// Lets the script go on after a halt, unless something ran out; whether it may.
pub fn resume() -> bool {
    METER.with(|meter| {
        let may = meter.tripped.get().is_none();
        meter.halted.set(!may);
        may
    })
}

/// Whether nothing may execute any more.
pub fn is_halted() -> bool {
    METER.with(|meter| meter.halted.get())
}

/// What ran out, if anything did.
pub fn tripped() -> Option<Trip> {
    METER.with(|meter| meter.tripped.get())
}
