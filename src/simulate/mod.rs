//! What a set of rules would have done: stored alerts, or alerts of files, are put to it by the very code that decides on
//! them live, and to what decided before; nothing is sent, stored or changed.

mod count;
mod events;
mod gates;
mod limits;
mod pieces;
mod recorded;
mod replay;
mod report;
mod tally;

pub use count::Count;
pub use events::{Event, Unread, read as read_events};
pub use gates::{Gate, Gates, Limit};
pub use replay::{Before, Input, Progress, Settings, SimulateFault, replay};
pub use report::{FilterReport, Moved, PlaybookReport, Report, Shown, Standing, Unreadable};
