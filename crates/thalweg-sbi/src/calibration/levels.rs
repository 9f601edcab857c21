//! Numbers that are uniform where a posterior is right.

use thalweg_metrics::{PitHistogram, ks_one_sample_uniform};
use thalweg_plot::{CurveChart, Histogram};

/// One number in 0 to 1 for each simulation, uniform where the posterior is right.
///
/// A histogram of ranks is a ∪ where posteriors are too narrow, a ∩ where they are too wide, and a slope where they are
/// biased. Levels of highest density pile up near 1 where posteriors are too narrow or biased, and near 0 where they are too
/// wide. Distances to random points are a ∪ where posteriors are too narrow or biased, since all draws are nearer than the
/// parameters or all are farther, and a ∩ where they are too wide.
///
/// See [`Calibration`](super::Calibration) for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    name: String,
    kind: Kind,
    values: Vec<f64>,
}

/// What levels say where posteriors are too narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// That they lie at both ends.
    Rank,
    /// That they lie near 1, and also where posteriors are biased.
    Density,
    /// That they lie at both ends, and also where posteriors are biased.
    Distance,
}

impl Levels {
    pub(super) fn new(name: String, kind: Kind, values: Vec<f64>) -> Self {
        Self { name, kind, values }
    }

    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// What they are levels of.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The levels, in the order of the simulations.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The share of simulations in each of some bins of equal width, with Pearson's χ².
    ///
    /// # Panics
    ///
    /// For fewer than 2 bins.
    pub fn histogram(&self, bins: usize) -> PitHistogram {
        PitHistogram::of(&self.values, bins).expect("levels lie in 0 to 1")
    }

    /// The probability of at least the χ² of a histogram with 15 simulations a bin, 2 to 50 bins, if the posterior is right.
    pub fn p_value(&self) -> f64 {
        self.histogram(self.bins()).p_value()
    }

    /// The probability of at least the distance of Kolmogorov and Smirnov from the uniform distribution, if the posterior
    /// is right: it sees a shift of all levels before χ² does.
    pub fn kolmogorov(&self) -> f64 {
        let test = ks_one_sample_uniform(&self.values);
        test.expect("levels lie in 0 to 1").p_value
    }

    /// The share of simulations with at most this level. Of levels of highest density it is the share of parameters inside
    /// of the regions that should hold the share `level` of them.
    pub fn coverage(&self, level: f64) -> f64 {
        let inside = self.values.iter().filter(|value| **value <= level).count();
        inside as f64 / self.values.len() as f64
    }

    /// The histogram, with the band that holds 95 % of the bars of uniform levels.
    pub fn picture(&self) -> Histogram {
        let picture = Histogram::new(self.name.clone()).range(0.0, 1.0);
        let picture = picture.bins(self.bins().min(20)).uniform_band();
        picture.values("", self.values.iter().copied())
    }

    /// [`coverage`](Self::coverage) over the level, with the band that holds 95 % of whole curves of uniform levels.
    ///
    /// Its half width is the critical distance of Kolmogorov and Smirnov, `1.358 / (√n + 0.12 + 0.11 / √n)`: M. Stephens,
    /// *EDF statistics for goodness of fit and some comparisons*, 1974, table 1A.
    pub fn coverage_picture(&self) -> CurveChart {
        let root = (self.values.len() as f64).sqrt();
        let half = 1.358 / (root + 0.12 + 0.11 / root);
        let grid = || (0..=100).map(|percent| f64::from(percent) / 100.0);
        let band = grid().map(|level| (level, (level - half).max(0.0), (level + half).min(1.0)));
        CurveChart::coverage()
            .title(self.name.clone())
            .band("95 % of curves", band)
            .series(
                "posterior",
                grid().map(|level| (level, self.coverage(level))),
            )
    }

    fn bins(&self) -> usize {
        (self.values.len() / 15).clamp(2, 50)
    }
}
