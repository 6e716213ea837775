//! Who a connection says it is: a bearer token, or a user and a password; both only by reference.

use crate::config::environment::Surroundings;
use crate::config::section::Section;
use crate::config::{codes, secret_reference};
use crate::delivery::Auth;
use crate::diag::Diagnostics;

pub(in crate::config) const KEYS: [&str; 2] = ["bearer", "basic"];
pub(in crate::config) const BASIC_KEYS: [&str; 2] = ["username", "password"];

/// Reads `{bearer: SECRET}` or `{basic: {username, password: SECRET}}`.
pub(super) fn read(section: &Section<'_>, around: &Surroundings, found: &mut Diagnostics) -> Option<Auth> {
    section.allow_only(&KEYS, found);
    match (section.get("bearer"), section.get("basic")) {
        (Some(token), None) => {
            secret_reference::read(token, &section.dotted("bearer"), around, found).map(Auth::Bearer)
        }
        (None, Some(_)) => basic(&section.section("basic", found)?, around, found),
        _ => {
            let message =
                format!("`{}` and `{}`: exactly one is needed", section.dotted("bearer"), section.dotted("basic"));
            section.place().error(found, codes::WRONG_KIND, message);
            None
        }
    }
}

fn basic(section: &Section<'_>, around: &Surroundings, found: &mut Diagnostics) -> Option<Auth> {
    section.allow_only(&BASIC_KEYS, found);
    for key in BASIC_KEYS {
        if section.get(key).is_none() {
            section.place().error(found, codes::MISSING_KEY, format!("`{}` is missing", section.dotted(key)));
        }
    }
    let username = section.text("username", found).map(|(username, _)| username.to_owned());
    let password = section
        .get("password")
        .and_then(|password| secret_reference::read(password, &section.dotted("password"), around, found));
    Some(Auth::Basic { username: username?, password: password? })
}
