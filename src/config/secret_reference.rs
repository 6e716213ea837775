//! Secrets as the configuration names them: `{env: NAME}` or `{file: PATH}`, never the value itself.

use super::codes;
use super::environment::Surroundings;
use super::secret_file;
use super::section::Section;
use super::tree::{Shape, Value};
use crate::diag::Diagnostics;
use crate::secret::Secret;

const HELP: &str = "name a variable, {env: NAME}, or a file, {file: PATH}";

/// Whether a value points to a secret rather than being one.
pub(super) fn is_reference(value: &Value) -> bool {
    matches!(value.shape, Shape::Map(_))
}

/// Reads the secret a value points to.
pub(super) fn read(value: &Value, name: &str, around: &Surroundings, found: &mut Diagnostics) -> Option<Secret> {
    if !is_reference(value) {
        let message = format!("`{name}` holds a secret, so it must not be written out here");
        value.place.error(found, codes::LITERAL_SECRET, message).help(HELP);
        return None;
    }
    let section = Section::open(value, name, found)?;
    section.allow_only(&["env", "file"], found);
    let fault = match (section.get("env"), section.get("file")) {
        (Some(_), None) => {
            let (variable, _) = section.text("env", found)?;
            match around.variables.get(variable).map(|text| trimmed(text)) {
                Some("") => format!("the variable {variable} is empty"),
                Some(text) => return Some(Secret::new(text.to_owned())),
                None => format!("the variable {variable} is not set"),
            }
        }
        (None, Some(_)) => {
            let path = section.path("file", found)?;
            match secret_file::read(&path) {
                Ok(text) => match trimmed(text.expose()) {
                    "" => format!("{} is empty", path.display()),
                    text => return Some(Secret::new(text.to_owned())),
                },
                Err(secret_file::Unusable::Exposed { mode }) => {
                    let path = path.display();
                    let message = format!("`{name}`: {path} can be read or changed by others (mode {mode:04o})");
                    let fault = value.place.error(found, codes::EXPOSED_SECRET, message);
                    fault.help(format!("chmod 600 {path}"));
                    return None;
                }
                Err(secret_file::Unusable::Unreadable(why)) => format!("{}: {why}", path.display()),
            }
        }
        _ => {
            value
                .place
                .error(found, codes::WRONG_KIND, format!("`{name}` must have one of `env` and `file`"))
                .help(HELP);
            return None;
        }
    };
    value.place.error(found, codes::MISSING_SECRET, format!("`{name}`: {fault}"));
    None
}

/// Editors and `echo` leave a line end behind that is no part of the secret.
fn trimmed(text: &str) -> &str {
    text.trim_end_matches(['\n', '\r'])
}
