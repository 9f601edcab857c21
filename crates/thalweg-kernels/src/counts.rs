//! Counts of the operations of a thread, for tests; none without debug assertions.

use std::cell::RefCell;
use std::collections::BTreeMap;

/// How often each operation ran: fused ones by the name of their type, the others by the reason why they
/// are chains of tensor operations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations on the host's memory.
    pub fused: BTreeMap<&'static str, usize>,
    /// Chains of tensor operations.
    pub chains: BTreeMap<&'static str, usize>,
    /// Multiplications of masked networks.
    pub multiplications: usize,
}

thread_local! {
    static COUNTS: RefCell<Counts> = RefCell::default();
}

impl Counts {
    /// The counts of this thread since the last call.
    pub fn take() -> Self {
        COUNTS.take()
    }

    /// Calls of fused operations whose name ends so.
    pub fn of(&self, name: &str) -> usize {
        let named = self.fused.iter().filter(|(of, _)| of.ends_with(name));
        named.map(|(_, count)| count).sum()
    }
}

#[cfg(feature = "host")]
pub(crate) fn count_fused(name: &'static str) {
    if cfg!(debug_assertions) {
        COUNTS.with_borrow_mut(|counts| *counts.fused.entry(name).or_default() += 1);
    }
}

pub(crate) fn count_chain(reason: &'static str) {
    if cfg!(debug_assertions) {
        COUNTS.with_borrow_mut(|counts| *counts.chains.entry(reason).or_default() += 1);
    }
}

pub(crate) fn count_multiplications(count: impl FnOnce() -> usize) {
    if cfg!(debug_assertions) {
        COUNTS.with_borrow_mut(|counts| counts.multiplications += count());
    }
}
