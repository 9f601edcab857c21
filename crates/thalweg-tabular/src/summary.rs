//! What was done and what was reached.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Baselines;
use crate::member::Training;

/// What was done and what was reached.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::{Baselines, Density, Part, Summary};
///
/// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
/// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
/// # let table = Table::new(columns)?;
/// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
/// # let network = network.with_layers(2).with_hidden(&[8]);
/// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
/// let model = density.fit(&table)?;
/// let summary: &Summary = model.summary();
/// assert_eq!(summary.train + summary.validation + summary.calibration, summary.rows);
/// let part: &Part = &summary.parts[0][0]; // of the first member
/// assert_eq!((&part.part[..], part.steps), ("numbers", 20));
/// let baselines: &Baselines = summary.baselines.as_ref().unwrap();
/// assert!(summary.held_out.is_finite() && baselines.gaussian.is_finite());
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Rows that were used.
    pub rows: usize,
    /// Rows that were left out for a missing value.
    pub skipped: usize,
    /// Rows that the first member was trained on.
    pub train: usize,
    /// Rows that chose its weights.
    pub validation: usize,
    /// Rows that calibrate.
    pub calibration: usize,
    /// The number of parts into which the rows were divided, 1 for one split for all members.
    pub folds: usize,
    /// Of each member, its trainings.
    pub parts: Vec<Vec<Part>>,
    /// The flow of numbers.
    pub network: Option<String>,
    /// The time of the trainings.
    pub seconds: f64,
    /// The weighted mean of `ln p` of held-out rows, in nats; NaN without any. Where rows calibrate these are theirs,
    /// which chose nothing; else those that chose the weights.
    #[serde(with = "crate::any_number")]
    pub held_out: f64,
    /// Two simple models of the same rows.
    pub baselines: Option<Baselines>,
}

/// The training of one part, in short.
///
/// See [`Summary`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// `numbers`, `angles` or `categories`.
    pub part: String,
    /// Steps that were made.
    pub steps: usize,
    /// How it ended.
    pub outcome: String,
}

impl Part {
    pub(crate) fn all(trainings: &[Training]) -> Vec<Self> {
        let part = |training: &Training| Self {
            part: training.part.clone(),
            steps: training
                .history
                .epochs()
                .last()
                .map_or(0, |epoch| epoch.step),
            outcome: training.outcome.clone(),
        };
        trainings.iter().map(part).collect()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows", self.rows)?;
        if self.skipped > 0 {
            write!(f, " ({} more lack a value and were left out)", self.skipped)?;
        }
        let members = self.parts.len();
        match self.folds {
            1 => write!(
                f,
                ": {} to train on, {} to choose the weights, {} to calibrate with",
                self.train, self.validation, self.calibration
            )?,
            folds => write!(f, " in {folds} parts, of which each member held out one")?,
        }
        write!(f, ". ")?;
        match members {
            1 => write!(f, "One density")?,
            _ => write!(f, "The mean of {members} densities")?,
        }
        match &self.network {
            Some(network) => write!(f, " ({network}; with a Gaussian and kernels)")?,
            None => write!(f, " (a Gaussian and kernels)")?,
        }
        let parts = self.parts.first().map_or(&[][..], Vec::as_slice);
        for part in parts {
            write!(f, ", {}: {} steps, {}", part.part, part.steps, part.outcome)?;
        }
        write!(
            f,
            ", in {:.0} s. Held-out rows: {:.3} nats",
            self.seconds, self.held_out
        )?;
        if let Some(baselines) = &self.baselines {
            write!(
                f,
                "; a full Gaussian {:.3}, independent columns {:.3}",
                baselines.gaussian, baselines.independent
            )?;
        }
        write!(f, ".")
    }
}
