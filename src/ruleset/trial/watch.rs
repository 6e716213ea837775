//! Gathers what tests try while they run.

use super::Selection;
use super::coverage::{BlockCoverage, Coverage, FilterCoverage, PlaybookCoverage};
use crate::filter::Filter;
use crate::id::RuleId;
use crate::matcher::{AlertView, Observer};
use crate::playbook::{Playbook, StepInput, Traced, trace};
use crate::ruleset::Ruleset;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Watches every filter and playbook that is tested.
pub(super) struct Watch<'s> {
    filters: Vec<(&'s Arc<Filter>, Observer<'s>, usize)>,
    playbooks: Vec<WatchedPlaybook<'s>>,
    places: HashMap<&'s RuleId, usize>,
}

struct WatchedPlaybook<'s> {
    playbook: &'s Arc<Playbook>,
    /// None if the program does not load: then it has no block that could be reached.
    traced: Option<Traced>,
    reached: BTreeSet<usize>,
    tests: usize,
}

impl<'s> Watch<'s> {
    pub fn new(ruleset: &'s Ruleset, only: &Selection) -> Self {
        let filters = ruleset.filters().iter().filter(|filter| only.takes(&filter.id, &filter.file));
        let filters: Vec<_> = filters.map(|filter| (filter, filter.condition.observer(), 0)).collect();
        let playbooks = ruleset.playbooks().iter().filter(|playbook| only.takes(&playbook.id, &playbook.file));
        let watched = |playbook: &'s Arc<Playbook>| {
            let traced = trace(&playbook.program).ok();
            WatchedPlaybook { playbook, traced, reached: BTreeSet::new(), tests: 0 }
        };
        let places = filters.iter().enumerate().map(|(place, (filter, ..))| (&filter.id, place)).collect();
        Self { playbooks: playbooks.map(watched).collect(), places, filters }
    }

    /// A test has put an alert to filters. Where there are several it is a test of those that the alert meets, as
    /// nobody can tell which of the others its author had in mind.
    pub fn put(&mut self, view: &AlertView<'_>, filters: &[&Arc<Filter>]) {
        for filter in filters {
            let Some((_, observer, tests)) = self.places.get(&filter.id).and_then(|place| self.filters.get_mut(*place))
            else {
                continue;
            };
            observer.see(view);
            *tests += usize::from(filters.len() == 1 || filter.condition.matches(view));
        }
    }

    /// A test has brought a run of a playbook to here; none if the run did not begin.
    pub fn stepped(&mut self, playbook: &Playbook, input: Option<StepInput>) {
        let Some(watched) = self.playbooks.iter_mut().find(|known| known.playbook.id == playbook.id) else { return };
        watched.tests += 1;
        if let (Some(traced), Some(input)) = (&watched.traced, input) {
            watched.reached.extend(traced.reached(input));
        }
    }

    pub fn coverage(self) -> Coverage {
        let filters = self.filters.into_iter().map(|(filter, observer, tests)| FilterCoverage {
            id: filter.id.clone(),
            file: filter.file.clone(),
            span: filter.span,
            tests,
            lines: observer.lines(),
        });
        let playbooks = self.playbooks.iter().map(|watched| {
            let blocks = watched.traced.iter().flat_map(Traced::blocks).enumerate();
            let blocks =
                blocks.map(|(place, block)| BlockCoverage { block: *block, reached: watched.reached.contains(&place) });
            PlaybookCoverage {
                id: watched.playbook.id.clone(),
                file: watched.playbook.file.clone(),
                tests: watched.tests,
                blocks: blocks.collect(),
            }
        });
        Coverage { filters: filters.collect(), playbooks: playbooks.collect() }
    }
}
