//! Whether synthetic rows repeat real ones.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use thalweg_metrics::{MetricError, closer_share};

use super::nearest::{distances, keys};
use crate::sheet::Pair;

/// Whether synthetic rows repeat real ones.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::{Memorization, quality};
///
/// // The synthetic rows are the real ones.
/// let numbers = || (0..200).map(|i| f64::from(i * 37 % 101) + 0.001 * f64::from(i)).collect();
/// let [real, same] = [0, 1].map(|_| Table::new(vec![Column::numbers("x", numbers())]));
/// let memorization: Memorization = quality(&real?, &same?, None, 0)?.memorization;
/// assert!(memorization.is_found());
/// assert_eq!((memorization.copies, memorization.distance), (1.0, 0.0));
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Memorization {
    /// The share of synthetic rows that equal a real row in all columns.
    pub copies: f64,
    /// The share to expect of new rows, where rounded numbers and few words make copies natural: that of held-out rows; without
    /// these, of real rows that another real row equals.
    pub natural_copies: f64,
    /// The standard error of the difference of both shares where they are equal.
    pub copies_error: f64,
    /// The median distance of synthetic rows to the nearest real one.
    pub distance: f64,
    /// The same of held-out rows.
    pub held_out_distance: Option<f64>,
    /// The probability that a synthetic row lies nearer to its nearest real row than a held-out row does: about ½ of new rows,
    /// towards 1 of repeated ones.
    pub closer: Option<f64>,
    /// The standard error of that probability where rows are new.
    pub closer_error: Option<f64>,
}

/// Standard errors by which a share lies above that of new rows if rows are repeated.
const ERRORS: f64 = 3.0;
/// Shares above the natural ones that matter, whatever their errors.
const CLOSER: f64 = 0.05;
const COPIES: f64 = 0.01;

impl Memorization {
    pub(super) fn of(
        synthetic: &[Pair],
        held_out: Option<&[Pair]>,
        seed: u64,
    ) -> Result<Self, MetricError> {
        let copies = copies(synthetic);
        let of = synthetic[0].rows();
        let (natural_copies, size) = match held_out {
            Some(held_out) => (self::copies(held_out), held_out[0].rows()[1]),
            None => (repeated(synthetic), of[0]),
        };
        let [n, m] = [of[1] as f64, size as f64];
        let pooled = (n * copies + m * natural_copies) / (n + m);
        let near = distances(synthetic, seed)?;
        let of_held_out = match held_out {
            Some(held_out) => Some(distances(held_out, seed)?),
            None => None,
        };
        let closer = match &of_held_out {
            Some(of_held_out) => Some(closer_share(&near, of_held_out)?),
            None => None,
        };
        // That of the statistic of Mann and Whitney, without ties.
        let error = |other: &Vec<f64>| {
            let [n, m] = [near.len() as f64, other.len() as f64];
            ((n + m + 1.0) / (12.0 * n * m)).sqrt()
        };
        Ok(Self {
            copies,
            natural_copies,
            copies_error: (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt(),
            distance: median(&near),
            held_out_distance: of_held_out.as_deref().map(median),
            closer,
            closer_error: of_held_out.as_ref().map(error),
        })
    }

    /// Whether synthetic rows repeat real ones more often, or lie nearer to them, than new rows would: by 3 standard errors, and by
    /// 1 % of copies or 5 % of nearer rows.
    ///
    /// See [`Memorization`] for an example.
    pub fn is_found(&self) -> bool {
        let above = self.copies - self.natural_copies;
        let copied = above > COPIES.max(ERRORS * self.copies_error);
        let near = match (self.closer, self.closer_error) {
            (Some(closer), Some(error)) => closer - 0.5 > CLOSER.max(ERRORS * error),
            _ => false,
        };
        copied || near
    }
}

/// The share of rows of the second table that equal one of the first.
fn copies(tables: &[Pair]) -> f64 {
    let known: HashSet<Vec<u64>> = keys(tables, 0).into_iter().collect();
    let rows = keys(tables, 1);
    let copies = rows.iter().filter(|row| known.contains(*row)).count();
    copies as f64 / rows.len() as f64
}

/// The share of rows of the first table that another one equals.
fn repeated(tables: &[Pair]) -> f64 {
    let mut counts: HashMap<Vec<u64>, usize> = HashMap::new();
    let rows = keys(tables, 0);
    let all = rows.len() as f64;
    rows.into_iter()
        .for_each(|row| *counts.entry(row).or_default() += 1);
    let repeated: usize = counts.into_values().filter(|count| *count > 1).sum();
    repeated as f64 / all
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len() - 1;
    0.5 * (sorted[last / 2] + sorted[last - last / 2])
}
