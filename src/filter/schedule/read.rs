//! Reading `schedule:`: one window, or a list of them.

use super::{DAYS, Days, Schedule, Window};
use crate::diag::{Diagnostic, Diagnostics, Span, closest};
use crate::filter::codes;
use crate::matcher::shown;
use crate::yaml::Node;
use jiff::civil::Time;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, LazyLock};

const KEYS: [&str; 4] = ["days", "from", "to", "timezone"];

/// Most windows of one filter: each is asked for every alert the filter matches.
const WINDOWS: usize = 100;

/// The zones this build brings along, not the machine's: the same commit decides alike everywhere.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Reads a schedule. None if it has a fault, which is told.
pub fn read(node: &Node, file: &Arc<Path>, found: &mut Diagnostics) -> Option<Schedule> {
    let windows = node.as_list().unwrap_or(std::slice::from_ref(node));
    let mut reader = Reader { file, found };
    if windows.is_empty() || windows.len() > WINDOWS {
        let message = format!("a schedule has 1 to {WINDOWS} windows, not {}", windows.len());
        reader.fault(node.span, message).help("leave `schedule` out for a filter that is always in force");
        return None;
    }
    // All of them, so that every fault is told.
    let read: Vec<_> = windows.iter().map(|window| reader.window(window)).collect();
    read.into_iter().collect::<Option<_>>().map(Schedule)
}

struct Reader<'r> {
    file: &'r Arc<Path>,
    found: &'r mut Diagnostics,
}

impl Reader<'_> {
    fn fault(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.found.error(self.file, span, codes::SCHEDULE, message)
    }

    fn window(&mut self, node: &Node) -> Option<Window> {
        let Some(map) = node.as_map() else {
            let message = format!("a window is a map, not {}", node.kind_name());
            self.fault(node.span, message).help("write it like `{days: [sat, sun], from: \"02:00\", to: \"04:00\"}`");
            return None;
        };
        let mut is_sound = true;
        for entry in map.iter().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
            let fault = self.fault(entry.key_span, format!("a window has no key `{}`", shown(&entry.key)));
            fault.help = Some(match closest(&entry.key, KEYS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", KEYS.join(", ")),
            });
            is_sound = false;
        }
        let value = |key: &str| node.get(key).map(|entry| &entry.value);
        let days = value("days").map_or(Some(Days::EVERY), |days| self.days(days));
        let from = value("from").map_or(Some(Some(Time::midnight())), |from| self.time(from, "from"));
        let to = value("to").map_or(Some(None), |to| self.time(to, "to"));
        let zone = value("timezone").map_or(Some(TimeZone::UTC), |zone| self.zone(zone));
        let (days, from, to, zone) = (days?, from?, to?, zone?);
        let Some(from) = from else {
            self.fault(node.span, "a window cannot begin at 24:00").help("write `from: \"00:00\"` and the next day");
            return None;
        };
        if to == Some(from) {
            self.fault(node.span, "the window closes as it opens").help("leave `from` and `to` out for whole days");
            return None;
        }
        is_sound.then_some(Window { days, from, to: to.filter(|to| *to != Time::midnight()), zone })
    }

    fn days(&mut self, node: &Node) -> Option<Days> {
        let words = node.as_list().unwrap_or(std::slice::from_ref(node));
        let mut days = [false; 7];
        let mut is_sound = true;
        for word in words {
            let given = word.written().unwrap_or_else(|| word.kind_name());
            // Full names are understood too.
            let place = DAYS.iter().position(|day| {
                let lower = given.to_lowercase();
                lower == *day || lower == full(day)
            });
            match place {
                Some(place) => days[place] = true,
                None => {
                    is_sound = false;
                    let help = match closest(given, DAYS) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("there are {}", DAYS.join(", ")),
                    };
                    self.fault(word.span, format!("`{}` is not a day of the week", shown(given))).help(help);
                }
            }
        }
        if is_sound && words.is_empty() {
            self.fault(node.span, "`days` names no day").help("leave it out for every day");
            return None;
        }
        is_sound.then_some(Days(days))
    }

    /// A time of day; `Some(None)` is 24:00.
    fn time(&mut self, node: &Node, key: &str) -> Option<Option<Time>> {
        let given = node.written().unwrap_or_else(|| node.kind_name());
        let read = match given.split_once(':') {
            Some(("24", "00")) => return Some(None),
            Some((hour, minute)) if [hour, minute].iter().all(|part| part.len() == 2) => {
                let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i8>().ok());
                match (number(hour).flatten(), number(minute).flatten()) {
                    (Some(hour), Some(minute)) => Time::new(hour, minute, 0, 0).ok(),
                    _ => None,
                }
            }
            _ => None,
        };
        if read.is_none() {
            let message = format!("`{key}` is a time of day, not `{}`", shown(given));
            self.fault(node.span, message).help("write it like `\"02:00\"`, with two digits each");
        }
        read.map(Some)
    }

    fn zone(&mut self, node: &Node) -> Option<TimeZone> {
        let given = node.written().unwrap_or_else(|| node.kind_name());
        let zone = ZONES.get(given).ok();
        if zone.is_none() {
            let names: Vec<String> = ZONES.available().map(|name| name.to_string()).collect();
            let near = closest(given, names.iter().map(String::as_str));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name it like `Europe/Paris`, as the IANA time zone database does".to_owned(),
            };
            self.fault(node.span, format!("there is no time zone `{}`", shown(given))).help(help);
        }
        zone
    }
}

fn full(day: &str) -> &'static str {
    match day {
        "mon" => "monday",
        "tue" => "tuesday",
        "wed" => "wednesday",
        "thu" => "thursday",
        "fri" => "friday",
        "sat" => "saturday",
        _ => "sunday",
    }
}

/// A day in either spelling and any case; expressions in JSON Schema have no flag for that.
fn day_pattern() -> String {
    let any_case =
        |text: &str| -> String { text.chars().map(|c| format!("[{}{c}]", c.to_ascii_uppercase())).collect() };
    let day = |day: &str| format!("{}({})?", any_case(day), any_case(&full(day)[day.len()..]));
    format!("^({})$", DAYS.map(day).join("|"))
}

/// What [`read`] takes, as JSON Schema.
pub fn schema() -> Value {
    let names: Vec<&str> = DAYS.iter().flat_map(|day| [*day, full(day)]).collect();
    let day = json!({"anyOf": [{"enum": names}, {"type": "string", "pattern": day_pattern()}]});
    let time = json!({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"});
    let window = json!({
        "type": "object",
        "properties": {
            "days": {"anyOf": [day, {"type": "array", "minItems": 1, "items": day}]},
            "from": time,
            "to": time,
            "timezone": {"type": "string", "description": "of the IANA database, such as `Europe/Paris`"},
        },
        "additionalProperties": false,
    });
    json!({
        "anyOf": [window, {"type": "array", "minItems": 1, "maxItems": WINDOWS, "items": window}],
        "description": "in force only while one of these windows is open",
    })
}
