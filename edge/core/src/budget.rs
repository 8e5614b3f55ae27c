//! How much more than what was asked for may be asked of the origins: a tenth, so that a slow origin is not
//! made slower by the requests that wait for it.

/// How many extra requests may be in hand at most, and are at the start.
const MOST: u32 = 10;
/// Reads that earn one extra request.
const READS: u32 = 10;
/// Extra requests that only hedges and retries may use up.
const RESERVE: u32 = 5;

/// The extra requests (hedges, retries, warming) that one isolate or process may still make: one for every ten
/// reads, ten at once at most. A host keeps one and lends it to all its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// In reads: an extra request costs [`READS`].
    left: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { left: MOST * READS }
    }
}

impl Budget {
    /// A read was asked for.
    pub(crate) fn earn(&mut self) {
        self.left = (self.left + 1).min(MOST * READS);
    }

    /// Takes one extra request, where there is one.
    pub(crate) fn spend(&mut self) -> bool {
        self.take(0)
    }

    /// Takes one extra request for a segment that is read ahead. The last five are left to requests that wait.
    pub fn spare(&mut self) -> bool {
        self.take(RESERVE * READS)
    }

    fn take(&mut self, reserve: u32) -> bool {
        let enough = self.left >= reserve + READS;
        if enough {
            self.left -= READS;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_ten() {
        let mut budget = Budget::default();
        while budget.spend() {}
        let extra = (0..1000).filter(|_| {
            budget.earn();
            budget.spend()
        });
        assert_eq!(extra.count(), 100);
    }

    #[test]
    fn a_quiet_hour_saves_up_ten_and_no_more() {
        let mut budget = Budget::default();
        (0..10_000).for_each(|_| budget.earn());
        let mut spent = 0;
        while budget.spend() {
            spent += 1;
        }
        assert_eq!(spent, 10);
    }

    #[test]
    fn warming_leaves_something_to_those_who_wait() {
        let mut budget = Budget::default();
        let warmed = std::iter::repeat_with(|| budget.spare()).take_while(|spared| *spared).count();
        let hedged = std::iter::repeat_with(|| budget.spend()).take_while(|spent| *spent).count();
        assert_eq!((warmed, hedged), (5, 5));
    }
}
