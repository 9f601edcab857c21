//! What a row holds in the place of a number.

use serde::{Deserialize, Serialize};

/// A number with a density, one of a few values with probabilities of their own, or none: a category in front of
/// the density.
///
/// A value that a large share of the rows repeat exactly, such as 0 among amounts, is no part of a density: it would
/// grow without bound there. Of rounded numbers it is one where hardly any row has a value beside it, such as the most that an
/// instrument shows: a smooth density is as wide as several steps, and would put draws beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flag {
    /// The values with probabilities of their own.
    atoms: Vec<f64>,
    /// Whether the value may be missing.
    missing: bool,
}

/// An atom has this share of the rows, of rounded numbers and of others, and this number of them.
const SHARE: [f64; 2] = [0.03, 0.1];
const LEAST: usize = 20;
/// Of rounded numbers, the values one step below and above an atom have together at most this share of its rows.
const BESIDE: f64 = 0.1;

impl Flag {
    /// The flag of a column with these numbers, rounded to a step or not; `None` where each of them has a density.
    pub(crate) fn find(values: &[f64], missing: bool, step: Option<f64>) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let runs = sorted.chunk_by(|a, b| a == b);
        let share = if step.is_some() { SHARE[0] } else { SHARE[1] };
        let least = LEAST.max((share * values.len() as f64).ceil() as usize);
        let often = |run: &&[f64]| run.len() >= least;
        let alone = |run: &&[f64]| {
            step.is_none_or(|step| {
                let [low, high] = [-1.5, 1.5].map(|steps| run[0] + steps * step);
                let near =
                    sorted.partition_point(|x| *x <= high) - sorted.partition_point(|x| *x < low);
                (near - run.len()) as f64 <= BESIDE * run.len() as f64
            })
        };
        let mut atoms: Vec<f64> = runs.filter(often).filter(alone).map(|run| run[0]).collect();
        // A density needs two different values.
        let mut others = sorted.iter().filter(|x| !atoms.contains(x));
        let first = others.next();
        if !first.is_some_and(|first| others.any(|x| x != first)) {
            atoms.clear();
        }
        (missing || !atoms.is_empty()).then_some(Self { atoms, missing })
    }

    /// The flag of a column without atoms; `None` where no value may be missing.
    pub(crate) fn without_atoms(missing: bool) -> Option<Self> {
        let atoms = vec![];
        missing.then_some(Self { atoms, missing })
    }

    /// The number of levels: a number with a density, each atom, a missing value.
    pub(crate) fn count(&self) -> usize {
        1 + self.atoms.len() + usize::from(self.missing)
    }

    /// The level of a value; NaN is a missing one, which has no level where none is known.
    pub(crate) fn level(&self, x: f64) -> Option<usize> {
        match self.atoms.iter().position(|atom| *atom == x) {
            Some(atom) => Some(1 + atom),
            None if x.is_nan() => self.missing.then(|| self.count() - 1),
            None => Some(0),
        }
    }

    pub(crate) fn atoms(&self) -> &[f64] {
        &self.atoms
    }

    /// The atoms, and NaN where the value may be missing.
    pub(crate) fn values(&self) -> Vec<f64> {
        let missing = self.missing.then_some(f64::NAN);
        self.atoms.iter().copied().chain(missing).collect()
    }

    /// The value of a level; `None` of that of a density.
    pub(crate) fn value(&self, level: usize) -> Option<f64> {
        let atom = level.checked_sub(1)?;
        Some(self.atoms.get(atom).copied().unwrap_or(f64::NAN))
    }
}
