//! Whether it is worth looking something up, told by how often it was found of late.

/// What something that is found earns, what every look costs, and how much can be saved up.
const EARNED: u8 = 8;
const COST: u8 = 1;
pub const MOST_SAVED: u8 = 200;
/// With nothing left only one in so many is looked up.
pub const ONE_IN: u32 = 16;

/// What was saved up.
#[derive(Debug, Clone)]
pub struct Credit(u8);

impl Default for Credit {
    fn default() -> Self {
        Self(MOST_SAVED)
    }
}

impl Credit {
    /// Whether to look; that costs something. `passed` counts what came by with nothing left.
    #[inline]
    pub fn is_worth_trying(&mut self, passed: &mut u32) -> bool {
        let has_any = self.0 > 0;
        self.0 = self.0.saturating_sub(COST);
        *passed = passed.wrapping_add(u32::from(!has_any));
        has_any || passed.is_multiple_of(ONE_IN)
    }

    /// What was looked for was found.
    #[inline]
    pub fn earn(&mut self) {
        self.0 = self.0.saturating_add(EARNED + COST).min(MOST_SAVED);
    }
}
