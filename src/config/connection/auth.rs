//! Who a connection says it is: a bearer token, or a user and a password; both only by reference.

use crate::config::environment::Surroundings;
use crate::config::section::Section;
use crate::config::{codes, secret_reference};
use crate::delivery::Auth;
use crate::diag::Diagnostics;

/// Reads `{bearer: SECRET}` or `{basic: {username, password: SECRET}}`.
pub(super) fn read(section: &Section<'_>, around: &Surroundings, found: &mut Diagnostics) -> Option<Auth> {
    section.allow_only(&["bearer", "basic"], found);
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
    section.allow_only(&["username", "password"], found);
    for key in ["username", "password"] {
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
