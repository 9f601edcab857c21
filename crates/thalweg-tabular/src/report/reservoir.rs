//! A random sample of rows that come in parts.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use thalweg_data::Table;

use super::rank::STREAM;
use crate::{DensityError, FittedDensity};

/// A sample of a fixed number of weighted rows: all rows where there are no more, else those of the largest priorities
/// `w / u` with a uniform `u` for each. A sampled row stands for `max(w, τ)`, where `τ` is the largest priority that was
/// left out: sums of these are unbiased estimates of sums of weights.
///
/// N. Duffield, C. Lund, M. Thorup: *Priority sampling for estimation of arbitrary subset sums*, 2007.
#[derive(Debug)]
pub(super) struct Reservoir {
    most: usize,
    rng: ChaCha8Rng,
    /// The rows that may stay, in order, and no others.
    rows: Table,
    entries: Vec<Entry>,
    /// The largest priority that was left out.
    threshold: f64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    priority: f64,
    weight: f64,
}

impl Reservoir {
    pub(super) fn new(model: &FittedDensity) -> Self {
        Self {
            most: model.most_ranked(),
            rng: model.rng(STREAM ^ PRIORITIES),
            rows: model.no_rows(),
            entries: vec![],
            threshold: 0.0,
        }
    }

    /// Adds those rows of a table.
    pub(super) fn add(
        &mut self,
        model: &FittedDensity,
        table: &Table,
        rows: &[usize],
        weights: &[f64],
    ) -> Result<(), DensityError> {
        let mut chosen = vec![];
        for row in rows {
            // Never 0.
            let u = 1.0 - self.rng.random::<f64>();
            let (weight, priority) = (weights[*row], weights[*row] / u);
            // As many rows as stay have higher ones.
            if priority > self.threshold {
                chosen.push(*row);
                self.entries.push(Entry { priority, weight });
            }
        }
        if chosen.is_empty() {
            return Ok(());
        }
        self.rows.append(&model.known_rows(table, &chosen)?)?;
        match self.entries.len() > 2 * self.most {
            true => self.shrink(model),
            false => Ok(()),
        }
    }

    /// Leaves out all but the rows that stay.
    fn shrink(&mut self, model: &FittedDensity) -> Result<(), DensityError> {
        let kept = self.kept();
        // Words of rows that were left out go with the old columns.
        let old = std::mem::replace(&mut self.rows, model.no_rows());
        self.rows.append(&old.select(&kept))?;
        self.entries = kept.iter().map(|place| self.entries[*place]).collect();
        Ok(())
    }

    /// The places of the rows that stay, in order; the others raise the threshold.
    fn kept(&mut self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        let priority = |place: &usize| self.entries[*place].priority;
        order.sort_by(|a, b| priority(b).total_cmp(&priority(a)));
        let out = order.get(self.most).map_or(0.0, priority);
        self.threshold = self.threshold.max(out);
        order.truncate(self.most);
        order.sort_unstable();
        order
    }

    /// The sampled rows in order, and what each stands for.
    pub(super) fn finish(mut self) -> (Table, Vec<f64>) {
        let kept = self.kept();
        let weights = kept.iter().map(|place| self.entries[*place].weight);
        let weights = weights.map(|weight| weight.max(self.threshold)).collect();
        (self.rows.select(&kept), weights)
    }
}

/// What tells the priorities' stream of random numbers from that of ranks.
const PRIORITIES: u64 = 1 << 40;
