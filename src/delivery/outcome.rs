//! What an attempt's ending means for the message: a pure table.

/// What went wrong when there was no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A deadline passed.
    Timeout,
    /// The deadline of connecting passed.
    ConnectTimeout,
    /// The name did not resolve, the connection was refused, reset or closed.
    Connect,
    /// The receiver's certificate is not good.
    Certificate,
    /// TLS failed for another reason.
    Tls,
    /// The answer is not HTTP.
    Malformed,
    /// The answer's head is over its limit.
    TooLarge,
    /// The mail server refused, or does not speak SMTP.
    Smtp,
    /// The guard refused the address. Nothing was sent.
    Denied,
    /// The step or the connection is not configured so that it could be sent. Nothing was sent.
    Configuration,
    /// The message's time was over. Nothing was sent.
    Expired,
}

impl Fault {
    /// The `kind` a playbook sees.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Timeout | Self::ConnectTimeout => "timeout",
            Self::Connect => "connect",
            Self::Certificate | Self::Tls => "tls",
            Self::Malformed | Self::TooLarge => "http",
            Self::Smtp => "smtp",
            Self::Denied => "denied",
            Self::Configuration => "configuration",
            Self::Expired => "expired",
        }
    }
}

/// What an attempt's ending means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Delivered.
    Success,
    /// May well go better later: the whole schedule.
    Transient,
    /// Goes better only if somebody changes something: the schedule's first tries.
    LikelyPermanent,
    /// Trying again cannot help.
    Permanent,
    /// The receiver is gone for good (410).
    Gone,
}

impl Class {
    /// The meaning of an answer's status.
    pub fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::Success,
            410 => Self::Gone,
            408 | 425 | 429 | 500.. => Self::Transient,
            // Redirects are not followed: the operator has to change the address.
            _ => Self::LikelyPermanent,
        }
    }

    /// The meaning of having no answer.
    pub fn of_fault(fault: Fault) -> Self {
        match fault {
            Fault::Timeout
            | Fault::ConnectTimeout
            | Fault::Connect
            | Fault::Tls
            | Fault::Malformed
            | Fault::TooLarge
            | Fault::Smtp => Self::Transient,
            Fault::Certificate => Self::LikelyPermanent,
            Fault::Denied | Fault::Configuration | Fault::Expired => Self::Permanent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Class::{Gone, LikelyPermanent, Permanent, Success, Transient};
    use super::*;

    #[test]
    fn every_answer_has_its_class() {
        let table: &[(&[u16], Class)] = &[
            (&[200, 201, 202, 204, 226, 299], Success),
            (&[301, 302, 303, 304, 307, 308], LikelyPermanent),
            (&[400, 401, 403, 404, 405, 409, 413, 415, 422, 418, 451], LikelyPermanent),
            (&[408, 425, 429, 500, 501, 502, 503, 504, 599, 999], Transient),
            (&[410], Gone),
            (&[101, 199], LikelyPermanent),
        ];
        for (statuses, class) in table {
            for status in *statuses {
                assert_eq!(Class::of_status(*status), *class, "{status}");
            }
        }
    }

    #[test]
    fn every_fault_has_its_class_and_kind() {
        let table = [
            (Fault::Timeout, Transient, "timeout"),
            (Fault::ConnectTimeout, Transient, "timeout"),
            (Fault::Connect, Transient, "connect"),
            (Fault::Tls, Transient, "tls"),
            (Fault::Certificate, LikelyPermanent, "tls"),
            (Fault::Malformed, Transient, "http"),
            (Fault::TooLarge, Transient, "http"),
            (Fault::Smtp, Transient, "smtp"),
            (Fault::Denied, Permanent, "denied"),
            (Fault::Configuration, Permanent, "configuration"),
            (Fault::Expired, Permanent, "expired"),
        ];
        for (fault, class, kind) in table {
            assert_eq!((Class::of_fault(fault), fault.kind()), (class, kind), "{fault:?}");
        }
    }
}
