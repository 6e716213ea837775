//! All conditions of one generation, asked together.

use super::expr::Condition;
use super::view::AlertView;
use std::sync::Arc;

/// The conditions of one generation and what each stands for. Built once, then only read.
///
/// Every condition is put to the alert in turn: the cost grows with their number. Whatever finds the candidates faster
/// belongs in here, and must give the same answer in the same order.
#[derive(Debug)]
pub struct Index<T> {
    conditions: Vec<(T, Arc<Condition>)>,
}

impl<T> Index<T> {
    /// Takes every condition of a generation.
    pub fn build(conditions: Vec<(T, Arc<Condition>)>) -> Self {
        Self { conditions }
    }

    /// What every met condition stands for, in the order they were given.
    pub fn matching(&self, view: &AlertView<'_>) -> Vec<&T> {
        self.conditions.iter().filter(|(_, condition)| condition.matches(view)).map(|(what, _)| what).collect()
    }
}
