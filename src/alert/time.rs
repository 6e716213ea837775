//! Times as sources write them.
