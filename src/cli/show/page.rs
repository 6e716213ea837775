//! One page of a list: its table, or that there is nothing, and how to see more.

use crate::cli::{Failure, Terminal};
use crate::store::Page;

/// Shows a page. `none` is said where it is empty.
pub(in crate::cli) fn page<T>(
    page: &Page<T>,
    none: &str,
    terminal: &Terminal,
    table: impl FnOnce(&[T]) -> String,
) -> Result<(), Failure> {
    if page.items.is_empty() {
        terminal.say(none);
    } else {
        terminal.data(&table(&page.items))?;
    }
    if let Some(next) = &page.next_cursor {
        terminal.say(&format!("there are more: add --cursor {}", next.0));
    }
    Ok(())
}
