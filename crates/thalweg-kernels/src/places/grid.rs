//! Where features lie in memory.

#[cfg(feature = "host")]
use super::Places;

/// The sizes of a sample, `[features, positions]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    pub(super) features: usize,
    pub(super) positions: usize,
}

impl Grid {
    pub(crate) fn new(features: usize, positions: usize) -> Self {
        Self {
            features,
            positions,
        }
    }

    pub(crate) fn positions(self) -> usize {
        self.positions
    }

    #[cfg(feature = "host")]
    pub(crate) fn of<const D: usize>(shape: [usize; D]) -> Self {
        Self {
            features: shape[1],
            positions: shape[2..].iter().product(),
        }
    }

    /// Numbers of a sample.
    pub(crate) fn each(self) -> usize {
        self.features * self.positions
    }

    /// Where the runs of numbers at some places begin in a sample, and how long each is.
    #[cfg(feature = "host")]
    pub(crate) fn runs(self, places: Places) -> (impl Iterator<Item = usize> + Clone, usize) {
        let Places { first, step, count } = places;
        let (runs, length) = if step == 1 { (1, count) } else { (count, 1) };
        let starts = (0..runs).map(move |run| (first + run * step) * self.positions);
        (starts, length * self.positions)
    }
}
