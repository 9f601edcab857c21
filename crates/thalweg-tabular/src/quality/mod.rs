//! How alike synthetic and real rows are.

mod columns;
mod compare;
mod likeness;
mod memory;
mod nearest;
mod pairs;
mod picture;
mod schema;
mod text;
mod two_sample;

use std::path::Path;

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thalweg_data::Table;

pub use columns::ColumnQuality;
use compare::compare;
pub use memory::Memorization;
pub use pairs::PairQuality;

use crate::DensityError;
use crate::sheet::{self, Pair};
use crate::split::shuffled;

/// How alike synthetic and real rows are, by [`quality`].
///
/// As text by `Display`, as JSON by [`to_json`](Self::to_json) and `serde`, as a picture by [`save`](Self::save).
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::{ColumnQuality, PairQuality, Quality, quality};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The synthetic `x` has the right numbers, the synthetic `y` lies beside the real one.
/// let numbers = |shift: f64| (0..100).map(|i| f64::from(i * 37 % 101) + shift).collect();
/// let table = |shift| {
///     Table::new(vec![Column::numbers("x", numbers(0.0)), Column::numbers("y", numbers(shift))])
/// };
/// let quality: Quality = quality(&table(0.0)?, &table(200.0)?, None, 0)?;
/// let distance = |column: &ColumnQuality| column.distance;
/// assert_eq!((distance(&quality.columns[0]), distance(&quality.columns[1])), (0.0, 1.0));
/// assert_eq!(quality.shapes, 0.5);
///
/// // Both columns rise together in each of the tables.
/// let pair: &PairQuality = &quality.pairs[0];
/// assert_eq!((&pair.measure[..], pair.alike(), quality.trends), ("Spearman", 1.0, Some(1.0)));
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("quality.json");
/// quality.save(&path)?;
/// assert_eq!(std::fs::read_to_string(&path)?, quality.to_json() + "\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Quality {
    /// One number in `[0, 1]`: the mean of [`shapes`](Self::shapes), [`trends`](Self::trends) and
    /// [`indistinguishable`](Self::indistinguishable).
    pub score: f64,
    /// The score of held-out rows in place of synthetic ones: what a perfect model can reach with as many rows.
    pub held_out_score: Option<f64>,
    /// Real rows.
    pub real_rows: usize,
    /// Synthetic rows.
    pub synthetic_rows: usize,
    /// The mean over columns of 1 − the distance of the distributions.
    pub shapes: f64,
    /// The mean over pairs of columns of 1 − the difference of their associations; none of a single column.
    pub trends: Option<f64>,
    /// `min(1, 2 (1 − AUC))` of a classifier of real and synthetic rows: 1 where it does not better than chance, 0 where it
    /// tells every row.
    pub indistinguishable: f64,
    /// The area under the receiver operating characteristic of that classifier.
    pub auc: f64,
    /// Its standard error.
    pub auc_error: f64,
    /// Each column.
    pub columns: Vec<ColumnQuality>,
    /// Each pair of the first 40 columns.
    pub pairs: Vec<PairQuality>,
    /// Whether synthetic rows repeat real ones. It does not count in the score: copies are as alike as can be.
    pub memorization: Memorization,
    /// Both tables: the picture. It is not in the JSON.
    #[serde(skip)]
    pub(crate) tables: Vec<Pair>,
}

/// How alike synthetic and real rows are.
///
/// `real` are the rows that the model was fitted to, `held_out` rows like them that it was not fitted to: they show what
/// new rows look like, and so whether synthetic rows are new. All tables have the same columns.
///
/// The score is the mean of three figures in `[0, 1]`, as each sees what the others do not:
/// - *shapes*, of each column by itself: 1 − the Kolmogorov–Smirnov distance of numbers and times, of which a missing one
///   counts as the lowest, and 1 − the total variation of words, of which a missing one counts as one more;
/// - *trends*, of two columns: 1 − |difference| of their association, which is Spearman's correlation of numbers (no
///   single row decides it), Cramér's V of words, and the correlation ratio of numbers on words;
/// - *indistinguishable*, of all columns: `min(1, 2 (1 − AUC))` of boosted trees that tell real from synthetic rows.
///
/// Two samples of one density do not reach 1, as no two samples are equal; they differ the more the fewer rows there are. With
/// `held_out`, [`Quality::held_out_score`] says what they reach.
///
/// Work is bounded: the classifier sees at most 10,000 rows of each table, associations 5,000, distances 5,000.
///
/// N. Patki, R. Wedge, K. Veeramachaneni: *The synthetic data vault*, 2016, whose quality report has the first two, with half of
/// the difference of correlations; D. Lopez-Paz, M. Oquab: *Revisiting classifier two-sample tests*, 2017.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::quality;
///
/// let rows = |shift: u32| (0..50).map(move |i| f64::from((i * 37 + shift) % 50)).collect();
/// let [real, synthetic] = [0, 7].map(|shift| Table::new(vec![Column::numbers("x", rows(shift))]));
/// let quality = quality(&real?, &synthetic?, None, 0)?;
/// assert_eq!(quality.shapes, 1.0);
/// println!("{quality}");
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
///
/// # Errors
///
/// A column that only one of the tables has, or that holds another type of values; fewer than 20 rows.
pub fn quality(
    real: &Table,
    synthetic: &Table,
    held_out: Option<&Table>,
    seed: u64,
) -> Result<Quality, DensityError> {
    compare(real, synthetic, held_out, [None, None], seed)
}

impl Quality {
    /// The figures as one JSON object.
    ///
    /// See [`Quality`] for an example.
    pub fn to_json(&self) -> String {
        sheet::json(self)
    }

    /// Saves the report: a picture as `.png` or `.svg`, the figures as `.json`, the text as `.txt`.
    ///
    /// See [`Quality`] for an example.
    ///
    /// # Errors
    ///
    /// Another ending, and a file that cannot be written; an older file at `path` is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), DensityError> {
        sheet::save(path.as_ref(), self, Self::page)
    }
}

/// At most `most` rows of `rows`, in a random order of the seed.
fn some(rows: usize, most: usize, seed: u64) -> Vec<usize> {
    let mut order = shuffled(rows, &mut ChaCha8Rng::seed_from_u64(seed));
    order.truncate(most);
    order
}
