//! Which inputs a pass saves.

use std::collections::BTreeSet;

/// The layers whose inputs the forward pass saves, so that the backward pass need not invert them.
#[derive(Debug, Clone, Default)]
pub(super) struct Keep {
    pub(super) policy: Policy,
    /// Layers that drifted too far.
    pub(super) anchors: BTreeSet<usize>,
}

#[derive(Debug, Clone, Default)]
pub(super) enum Policy {
    /// None.
    #[default]
    Nothing,
    /// Every n-th layer.
    Every(usize),
    /// As many as fit into the budget, evenly.
    Within(Budget),
}

/// A share of the memory of all inputs.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    bytes: usize,
    all: usize,
    seen: usize,
    kept: usize,
}

impl Budget {
    /// `bytes` of the `all` bytes of all inputs.
    pub(super) fn new(bytes: usize, all: usize) -> Self {
        let (seen, kept) = (0, 0);
        Self {
            bytes,
            all,
            seen,
            kept,
        }
    }

    /// Saves the same share of the inputs seen so far as the budget is of all.
    fn keeps(&mut self, bytes: usize) -> bool {
        self.seen += bytes;
        let share = (self.bytes as f64 / self.all.max(1) as f64).min(1.0);
        let due = self.seen as f64 * share;
        let keeps = self.kept + bytes <= self.bytes && (self.kept + bytes) as f64 <= due;
        if keeps {
            self.kept += bytes;
        }
        keeps
    }
}

impl Keep {
    pub(super) fn keeps(&mut self, layer: usize, bytes: usize) -> bool {
        let planned = match &mut self.policy {
            Policy::Nothing => false,
            Policy::Every(layers) => layer.is_multiple_of(*layers),
            Policy::Within(budget) => budget.keeps(bytes),
        };
        planned || self.anchors.contains(&layer)
    }

    /// Keeps an input whatever the policy; a budget has that much less for the others.
    pub(super) fn must(&mut self, bytes: usize) -> bool {
        if let Policy::Within(budget) = &mut self.policy {
            budget.seen += bytes;
            budget.kept += bytes;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(keep: &mut Keep, sizes: &[usize]) -> Vec<usize> {
        let layers = sizes.iter().enumerate();
        let kept = layers.filter(|(layer, bytes)| keep.keeps(*layer, **bytes));
        kept.map(|(layer, _)| layer).collect()
    }

    #[test]
    fn a_budget_is_spread_evenly_and_not_exceeded() {
        let sizes = [100; 12];
        let keep = |bytes| Keep {
            policy: Policy::Within(Budget::new(bytes, sizes.iter().sum())),
            anchors: BTreeSet::new(),
        };
        assert_eq!(kept(&mut keep(1200), &sizes), Vec::from_iter(0..12));
        assert_eq!(kept(&mut keep(400), &sizes), [2, 5, 8, 11]);
        assert_eq!(kept(&mut keep(99), &sizes), [0usize; 0]);
        // A larger batch than estimated stays within the budget as well.
        let total: usize = kept(&mut keep(700), &[300; 12]).len() * 300;
        assert_eq!(total, 600);
    }

    #[test]
    fn anchors_come_on_top() {
        let mut keep = Keep {
            policy: Policy::Every(3),
            anchors: BTreeSet::from([4]),
        };
        assert_eq!(kept(&mut keep, &[1; 8]), [0, 3, 4, 6]);
    }
}
