//! MITRE ATT&CK tactics and techniques as sources spell them, to one spelling.

use super::names;

/// The tactics Quell knows: ATT&CK for enterprise and for industrial systems, and Defender's older names.
const KNOWN: [&str; 20] = [
    "reconnaissance",
    "resource_development",
    "pre_attack",
    "probing",
    "initial_access",
    "exploitation",
    "execution",
    "persistence",
    "privilege_escalation",
    "defense_evasion",
    "evasion",
    "credential_access",
    "discovery",
    "lateral_movement",
    "collection",
    "command_and_control",
    "exfiltration",
    "impact",
    "inhibit_response_function",
    "impair_process_control",
];

/// What a word for a tactic means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tactic {
    /// One that Quell knows.
    Known(&'static str),
    /// Another, in snake case.
    Other(String),
    /// The source says that it has none.
    None,
}

/// Reads a tactic in any case and with any separators.
pub(super) fn tactic(word: &str) -> Tactic {
    let squashed = names::squash(word);
    match squashed.as_str() {
        "" | "unknown" | "none" | "na" => return Tactic::None,
        "defenceevasion" => return Tactic::Known("defense_evasion"),
        _ => {}
    }
    let same = |known: &&&str| known.bytes().filter(|&byte| byte != b'_').eq(squashed.bytes());
    KNOWN.iter().find(same).map_or_else(|| Tactic::Other(names::snake_case(word)), |known| Tactic::Known(known))
}

/// A technique's id in its usual capitals, or any other text as it is.
pub(super) fn technique(text: &str) -> String {
    let text = text.trim();
    if is_technique(text) { text.to_ascii_uppercase() } else { text.to_owned() }
}

/// Whether a text is a technique's id, such as `T1059` or `T1059.001`.
pub(super) fn is_technique(text: &str) -> bool {
    let Some(number) = text.strip_prefix(['T', 't']) else { return false };
    let (whole, part) = number.split_once('.').unwrap_or((number, "000"));
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole, 4) && digits(part, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_tactic_is_one_tactic() {
        for word in ["PreAttack", "Pre-Attack", "Pre-attack", "pre_attack", "PRE ATTACK"] {
            assert_eq!(tactic(word), Tactic::Known("pre_attack"), "{word}");
        }
        assert_eq!(tactic("Command And Control"), Tactic::Known("command_and_control"));
        assert_eq!(tactic("Initial access"), Tactic::Known("initial_access"));
        assert_eq!(tactic("Defence Evasion"), Tactic::Known("defense_evasion"));
        assert_eq!(tactic("TimeTravel"), Tactic::Other("time_travel".into()));
        assert_eq!(tactic("Unknown"), Tactic::None);
    }

    #[test]
    fn knows_a_technique_by_its_shape() {
        assert_eq!(technique("t1059.001"), "T1059.001");
        for other in ["T105", "T10590", "T1059.1", "T1059.001.1", "Txxxx", "shell", ""] {
            assert!(!is_technique(other), "{other}");
        }
    }
}
