//! Windows' names of time zones, and instants from times of such a zone.

use crate::clock::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Windows' name and the place whose clock it means, by the Unicode CLDR.
#[rustfmt::skip]
const WINDOWS: &[(&str, &str)] = &[
    ("AUS Central Standard Time", "Australia/Darwin"), ("AUS Eastern Standard Time", "Australia/Sydney"),
    ("Afghanistan Standard Time", "Asia/Kabul"), ("Alaskan Standard Time", "America/Anchorage"),
    ("Arab Standard Time", "Asia/Riyadh"), ("Arabian Standard Time", "Asia/Dubai"),
    ("Arabic Standard Time", "Asia/Baghdad"), ("Argentina Standard Time", "America/Buenos_Aires"),
    ("Atlantic Standard Time", "America/Halifax"), ("Azerbaijan Standard Time", "Asia/Baku"),
    ("Azores Standard Time", "Atlantic/Azores"), ("Bangladesh Standard Time", "Asia/Dhaka"),
    ("Belarus Standard Time", "Europe/Minsk"), ("Canada Central Standard Time", "America/Regina"),
    ("Cape Verde Standard Time", "Atlantic/Cape_Verde"), ("Caucasus Standard Time", "Asia/Yerevan"),
    ("Cen. Australia Standard Time", "Australia/Adelaide"), ("Central America Standard Time", "America/Guatemala"),
    ("Central Asia Standard Time", "Asia/Bishkek"), ("Central Brazilian Standard Time", "America/Cuiaba"),
    ("Central Europe Standard Time", "Europe/Budapest"), ("Central European Standard Time", "Europe/Warsaw"),
    ("Central Pacific Standard Time", "Pacific/Guadalcanal"), ("Central Standard Time", "America/Chicago"),
    ("Central Standard Time (Mexico)", "America/Mexico_City"), ("China Standard Time", "Asia/Shanghai"),
    ("E. Africa Standard Time", "Africa/Nairobi"), ("E. Australia Standard Time", "Australia/Brisbane"),
    ("E. Europe Standard Time", "Europe/Chisinau"), ("E. South America Standard Time", "America/Sao_Paulo"),
    ("Eastern Standard Time", "America/New_York"), ("Egypt Standard Time", "Africa/Cairo"),
    ("Ekaterinburg Standard Time", "Asia/Yekaterinburg"), ("FLE Standard Time", "Europe/Kiev"),
    ("Fiji Standard Time", "Pacific/Fiji"), ("GMT Standard Time", "Europe/London"),
    ("GTB Standard Time", "Europe/Bucharest"), ("Georgian Standard Time", "Asia/Tbilisi"),
    ("Greenwich Standard Time", "Atlantic/Reykjavik"), ("Hawaiian Standard Time", "Pacific/Honolulu"),
    ("India Standard Time", "Asia/Calcutta"), ("Iran Standard Time", "Asia/Tehran"),
    ("Israel Standard Time", "Asia/Jerusalem"), ("Jordan Standard Time", "Asia/Amman"),
    ("Korea Standard Time", "Asia/Seoul"), ("Line Islands Standard Time", "Pacific/Kiritimati"),
    ("Mauritius Standard Time", "Indian/Mauritius"), ("Middle East Standard Time", "Asia/Beirut"),
    ("Montevideo Standard Time", "America/Montevideo"), ("Morocco Standard Time", "Africa/Casablanca"),
    ("Mountain Standard Time", "America/Denver"), ("Myanmar Standard Time", "Asia/Rangoon"),
    ("N. Central Asia Standard Time", "Asia/Novosibirsk"), ("Namibia Standard Time", "Africa/Windhoek"),
    ("Nepal Standard Time", "Asia/Katmandu"), ("New Zealand Standard Time", "Pacific/Auckland"),
    ("Newfoundland Standard Time", "America/St_Johns"), ("North Asia East Standard Time", "Asia/Irkutsk"),
    ("North Asia Standard Time", "Asia/Krasnoyarsk"), ("Pacific SA Standard Time", "America/Santiago"),
    ("Pacific Standard Time", "America/Los_Angeles"), ("Pacific Standard Time (Mexico)", "America/Tijuana"),
    ("Pakistan Standard Time", "Asia/Karachi"), ("Paraguay Standard Time", "America/Asuncion"),
    ("Romance Standard Time", "Europe/Paris"), ("Russian Standard Time", "Europe/Moscow"),
    ("SA Eastern Standard Time", "America/Cayenne"), ("SA Pacific Standard Time", "America/Bogota"),
    ("SA Western Standard Time", "America/La_Paz"), ("SE Asia Standard Time", "Asia/Bangkok"),
    ("Samoa Standard Time", "Pacific/Apia"), ("Singapore Standard Time", "Asia/Singapore"),
    ("South Africa Standard Time", "Africa/Johannesburg"), ("Sri Lanka Standard Time", "Asia/Colombo"),
    ("Syria Standard Time", "Asia/Damascus"), ("Taipei Standard Time", "Asia/Taipei"),
    ("Tasmania Standard Time", "Australia/Hobart"), ("Tokyo Standard Time", "Asia/Tokyo"),
    ("Tonga Standard Time", "Pacific/Tongatapu"), ("Turkey Standard Time", "Europe/Istanbul"),
    ("US Eastern Standard Time", "America/Indianapolis"), ("US Mountain Standard Time", "America/Phoenix"),
    ("UTC", "UTC"), ("Ulaanbaatar Standard Time", "Asia/Ulaanbaatar"),
    ("Venezuela Standard Time", "America/Caracas"), ("Vladivostok Standard Time", "Asia/Vladivostok"),
    ("W. Australia Standard Time", "Australia/Perth"), ("W. Central Africa Standard Time", "Africa/Lagos"),
    ("W. Europe Standard Time", "Europe/Berlin"), ("West Asia Standard Time", "Asia/Tashkent"),
    ("West Pacific Standard Time", "Pacific/Port_Moresby"), ("Yakutsk Standard Time", "Asia/Yakutsk"),
];

/// Which of two instants is meant where a clock shows one time twice, or skips it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The earlier one.
    Earlier,
    /// The later one.
    Later,
}

/// The place a zone of this name is about: its name in the tz database.
pub(super) fn place(name: &str) -> &str {
    let known = WINDOWS.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name));
    known.map_or(name, |(_, place)| place)
}

/// The zone of this name, Windows' or that of the tz database.
pub(super) fn named(name: &str) -> Option<TimeZone> {
    // The rules come with the program: the same file becomes the same filter everywhere.
    TimeZoneDatabase::bundled().get(place(name)).ok()
}

/// The instant at which the zone's clock shows this; a time with an offset is an instant by itself.
pub(super) fn instant(text: &str, zone: &TimeZone, doubt: Doubt) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(instant);
    }
    let time: DateTime = text.parse().ok()?;
    let either = zone.to_ambiguous_zoned(time);
    let zoned = match doubt {
        Doubt::Earlier => either.earlier(),
        Doubt::Later => either.later(),
    };
    zoned.ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_zone() {
        for (windows, place) in WINDOWS {
            assert!(named(windows).is_some(), "{windows}: {place}");
        }
        assert!(named("Europe/Paris").is_some() && named("Nowhere Standard Time").is_none());
    }

    #[test]
    fn clocks_that_change_leave_the_shorter_window() {
        let zone = named("Pacific Standard Time").unwrap();
        let at = |text, doubt| instant(text, &zone, doubt).unwrap().to_string();
        assert_eq!(at("2021-04-15T18:00:00", Doubt::Later), "2021-04-16T01:00:00Z");
        assert_eq!(at("2021-01-15T18:00:00", Doubt::Later), "2021-01-16T02:00:00Z");
        assert_eq!(at("2021-11-07T01:30:00", Doubt::Earlier), "2021-11-07T08:30:00Z");
        assert_eq!(at("2021-11-07T01:30:00", Doubt::Later), "2021-11-07T09:30:00Z");
        assert_eq!(at("2021-04-15T18:00:00Z", Doubt::Later), "2021-04-15T18:00:00Z");
    }
}
