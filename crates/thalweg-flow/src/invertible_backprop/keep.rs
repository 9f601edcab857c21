//! Which inputs a pass keeps.

use std::collections::BTreeSet;

/// The layers whose inputs are kept on the way to the latents, so that the way back need not find
/// them by inversion.
#[derive(Debug, Clone, Default)]
pub(super) struct Keep {
    pub(super) policy: Policy,
    /// Layers that drift has shown to need it.
    pub(super) anchors: BTreeSet<usize>,
}

#[derive(Debug, Clone, Default)]
pub(super) enum Policy {
    /// None.
    #[default]
    Nothing,
    /// At every n-th layer.
    Every(usize),
    /// As many as fit, evenly.
    Within(Budget),
}

/// So much of the memory that all inputs would take.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    bytes: usize,
    all: usize,
    seen: usize,
    kept: usize,
}

impl Budget {
    /// A budget in bytes, where all inputs would take `all`.
    pub(super) fn new(bytes: usize, all: usize) -> Self {
        let (seen, kept) = (0, 0);
        Self {
            bytes,
            all,
            seen,
            kept,
        }
    }

    /// Keeps the part of what has been seen that the budget is of all.
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
        // A larger batch than the one that the estimate is of stays within it as well.
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
