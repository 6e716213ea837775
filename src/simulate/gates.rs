//! How much a change may move before it is refused.

use super::report::Report;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// A number of alerts, or a share of all that were put to the set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// So many alerts.
    Alerts(u64),
    /// So many in a hundred.
    Percent(f64),
}

impl Limit {
    /// What a limit looks like.
    pub const SHAPE: &'static str = "a number of alerts such as `20`, or a share of all of them such as `5%`";

    fn allows(self, moved: u64, all: u64) -> bool {
        match self {
            Self::Alerts(most) => moved <= most,
            Self::Percent(most) => moved as f64 * 100.0 <= most * all as f64,
        }
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a limit: write {}", Self::SHAPE);
        match text.strip_suffix('%') {
            Some(share) => {
                let share: f64 = share.trim().parse().map_err(|_| wrong())?;
                if (0.0..=100.0).contains(&share) { Ok(Self::Percent(share)) } else { Err(wrong()) }
            }
            None => text.parse().map(Self::Alerts).map_err(|_| wrong()),
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alerts(most) => write!(f, "{most}"),
            Self::Percent(most) => write!(f, "{most}%"),
        }
    }
}

/// The gates that were asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gates {
    /// Most alerts that may vanish.
    pub newly_dismissed: Option<Limit>,
    /// Most alerts that may appear.
    pub newly_shown: Option<Limit>,
    /// Whether none of a severity that needs `allow` may vanish.
    pub fail_on_high: bool,
}

/// How one gate came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gate {
    /// The option it was asked for by.
    pub gate: &'static str,
    /// What it allows.
    pub limit: String,
    /// What there is.
    pub found: u64,
    /// Whether that is more than it allows.
    pub exceeded: bool,
}

impl Gates {
    /// How each came out.
    pub fn judge(&self, report: &Report) -> Vec<Gate> {
        let all = report.alerts.total();
        let moved = |gate, limit: Option<Limit>, found: u64| {
            let of = |limit: Limit| Gate { gate, limit: limit.to_string(), found, exceeded: !limit.allows(found, all) };
            limit.map(of)
        };
        let high = report.newly_dismissed.count.guarded();
        let fail_on_high = self.fail_on_high.then(|| Gate {
            gate: "--fail-on-high",
            limit: "0".into(),
            found: high,
            exceeded: high > 0,
        });
        let dismissed = moved("--max-newly-dismissed", self.newly_dismissed, report.newly_dismissed.count.total());
        let shown = moved("--max-newly-shown", self.newly_shown, report.newly_shown.count.total());
        [dismissed, shown, fail_on_high].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_number_or_a_share() {
        assert_eq!("20".parse(), Ok(Limit::Alerts(20)));
        assert_eq!("0.5%".parse(), Ok(Limit::Percent(0.5)));
        for wrong in ["", "%", "5 %%", "-1", "101%", "NaN%", "many"] {
            assert!(wrong.parse::<Limit>().is_err(), "{wrong}");
        }
        assert!(Limit::Percent(5.0).allows(5, 100) && !Limit::Percent(5.0).allows(6, 100));
        assert!(Limit::Alerts(0).allows(0, 0) && !Limit::Alerts(0).allows(1, 100));
        assert!(Limit::Percent(5.0).allows(0, 0), "nothing moved");
    }
}
