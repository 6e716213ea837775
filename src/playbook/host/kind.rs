//! What the rows of the table are told apart by: how a function behaves on replay, what it takes and gives.

/// How a function behaves across crashes and replays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Recorded before it is performed; the script waits for its result.
    Step,
    /// Recorded and performed in one commit; the script goes on at once.
    Change,
    /// Not recorded, and the same on every replay.
    Deterministic,
    /// A function of its arguments alone.
    Pure,
    /// Ends the run.
    End,
}

impl Kind {
    /// Every kind, in the order people read of them.
    pub const ALL: [Self; 5] = [Self::Step, Self::Change, Self::Deterministic, Self::Pure, Self::End];

    /// The heading of the functions of this kind.
    pub fn heading(self) -> &'static str {
        match self {
            Self::Step => "Steps",
            Self::Change => "Changes",
            Self::Deterministic => "Deterministic",
            Self::Pure => "Pure",
            Self::End => "Ends",
        }
    }

    /// What the functions of this kind have in common.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Step => "Recorded before it is performed, and its result after; the script waits for the result.",
            Self::Change => "Recorded and performed in one commit; the script goes on at once.",
            Self::Deterministic => "Not recorded, and the same on every replay.",
            Self::Pure => "A function of its arguments alone: not recorded.",
            Self::End => "Ends the run from anywhere; no `catch` stops it. Not recorded as a step.",
        }
    }

    /// Whether a call is kept in the run's journal, and so counts towards the steps a run may have.
    pub fn is_recorded(self) -> bool {
        matches!(self, Self::Step | Self::Change)
    }
}

/// What a call gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Nothing: `()`.
    Nothing,
    /// It does not return.
    Never,
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// True or false.
    Truth,
    /// Any value.
    Any,
    /// A connection.
    Connection,
    /// An answer to a request.
    Response,
    /// An answer to a question.
    Approval,
    /// Several values.
    Values,
}

impl Gives {
    /// In words and the script's own notation, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Never => "does not return",
            Self::Text => "a text",
            Self::Number => "a whole number",
            Self::Truth => "true or false",
            Self::Any => "a value",
            Self::Connection => "a connection",
            Self::Response => "`#{status, headers, body}`",
            Self::Approval => "`#{approved, by, at, comment}`",
            Self::Values => "a list of their values, in order",
        }
    }

    /// The type's name, as definition files write it.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Nothing => "()",
            Self::Never => "!",
            Self::Text => "String",
            Self::Number => "int",
            Self::Truth => "bool",
            Self::Any => "?",
            Self::Connection => "connection",
            Self::Response | Self::Approval => "Map",
            Self::Values => "Array",
        }
    }
}

/// The type of a parameter, as definition files write it: a name means the same wherever it stands in the table.
/// None for a name without a meaning.
pub fn parameter_type(name: &str) -> Option<&'static str> {
    Some(match name {
        "address" | "duration" | "key" | "message" | "name" | "path" | "pattern" | "range" | "severity" | "status"
        | "text" | "ttl" | "who" | "why" => "String",
        "from" | "to" => "int",
        "fields" | "mail" | "question" | "request" => "Map",
        "branches" => "Array",
        "time" => "String | int",
        "body" | "input" | "value" => "?",
        _ => return None,
    })
}
