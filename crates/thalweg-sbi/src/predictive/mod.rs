//! Whether the data of a posterior look like the observation.

mod joint;
mod picture;

use std::fmt;

use thalweg_metrics::{holm, quantile};

use crate::words::probability;
use crate::{OnFailure, Posterior, SbiError, Simulate, Simulations};

/// An observation among data that were simulated at draws of its posterior.
///
/// Where the posterior is right and the simulator is that of the observation, the observation looks like such data. The
/// posterior was learned from the observation too, so that p-values are larger than uniform ones: a small one counts, a
/// large one proves nothing.
///
/// | p-value | of | what it finds |
/// |---|---|---|
/// | [`PredictiveNumber::p_value`] | one number of the data, `2 min(#{yᵢ ≤ x}, #{yᵢ ≥ x})` over `n`, the observation counted with the draws | one that the simulator does not reach |
/// | [`p_value`](Self::p_value) | all numbers, the share of draws with as large a Mahalanobis distance from the mean, or a larger one | numbers that do not belong together |
///
/// A. Gelman, X.-L. Meng, H. Stern: *Posterior predictive assessment of model fitness via realized discrepancies*, 1996.
///
/// ```
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Family, Npe, Predictive, PredictiveNumber, Simulate, Uniform};
///
/// let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| vec![theta[0] + 0.3 * rng.random::<f64>()];
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, noisy);
/// let npe = Npe::new(simulate.prior()).members(1).steps(100);
/// # let npe = npe.family(Family::Spline { couplings: 2, hidden: vec![16] });
/// let posterior = npe.fit(&simulate.run(400)?)?;
/// let predictive: Predictive = posterior.predict(&simulate, &[0.2], 500, 0)?;
/// assert!(predictive.is_like_observation());
/// assert_eq!(predictive.draws().len(), 500);
/// let number: &PredictiveNumber = &predictive.numbers()[0];
/// assert_eq!(number.observed, 0.2);
/// assert!(number.quantiles[0] < 0.2 && 0.2 < number.quantiles[4]);
/// // The simulator does not reach 9: the observation is the farthest of 501.
/// let far = posterior.predict(&simulate, &[9.0], 500, 0)?;
/// assert!(!far.is_like_observation());
/// assert_eq!((far.p_value(), far.worst(1)[0].p_value), (1.0 / 501.0, 2.0 / 501.0));
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Predictive {
    draws: Simulations,
    numbers: Vec<PredictiveNumber>,
    p_value: f64,
}

/// A number of an observation among those of predictive draws.
///
/// See [`Predictive`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PredictiveNumber {
    /// Its place in the data, from 0.
    pub number: usize,
    /// That of the observation.
    pub observed: f64,
    /// Of the draws, at 5, 25, 50, 75 and 95 %.
    pub quantiles: [f64; 5],
    /// The two-sided p-value of the observation among the draws, at least `2 / (n + 1)`.
    pub p_value: f64,
    /// The same, adjusted for the number of numbers.
    pub adjusted: f64,
}

/// The p-value below which the data of the posterior are not like the observation.
const DIFFERENT: f64 = 0.01;
/// Numbers that the words name.
const NAMED: usize = 5;

impl Posterior {
    /// Simulates data at `draws` draws of the posterior, and compares them with the observation. Simulations that fail are
    /// left out and counted, whatever [`on_failure`](Simulate::on_failure) says.
    ///
    /// ```no_run
    /// # use rand::rngs::ChaCha8Rng;
    /// # use thalweg_sbi::{Npe, Simulate, Uniform};
    /// # let simulator = |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec();
    /// # let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, simulator);
    /// # let posterior = Npe::new(simulate.prior()).fit(&simulate.run(10_000)?)?;
    /// let predictive = posterior.predict(&simulate, &[0.2], 1000, 0)?;
    /// println!("{predictive}");
    /// predictive.picture().save("predictive.png").unwrap();
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// No draws, a simulator of other parameters or data than the posterior's, one that fails at all draws, and the errors
    /// of [`sample`](Self::sample).
    pub fn predict(
        &self,
        simulate: &Simulate,
        x: &[f64],
        draws: usize,
        seed: u64,
    ) -> Result<Predictive, SbiError> {
        let setting = |n: f64| n >= 1.0;
        SbiError::setting("the number of draws", draws as f64, "1 or more", setting)?;
        let dims = simulate.prior().dims();
        let what = "parameters of the simulator";
        SbiError::equal(what, dims, "of the posterior", self.dims())?;
        let samples = self.sample(x, draws, seed)?;
        let theta: Vec<Vec<f64>> = samples.rows().map(<[f64]>::to_vec).collect();
        let simulate = simulate.clone().seed(seed);
        let simulate = simulate.on_failure(OnFailure::Exclude { at_most: 1.0 });
        Predictive::new(simulate.run_at(&theta)?, x)
    }
}

impl Predictive {
    fn new(draws: Simulations, x: &[f64]) -> Result<Self, SbiError> {
        let what = "numbers of the observation";
        SbiError::equal(what, x.len(), "of a simulation", draws.width())?;
        let place = |(number, observed): (usize, &f64)| {
            PredictiveNumber::new(
                number,
                *observed,
                (0..draws.len()).map(|row| draws.x(row)[number]),
            )
        };
        let mut numbers: Vec<PredictiveNumber> = x.iter().enumerate().map(place).collect();
        let p_values: Vec<f64> = numbers.iter().map(|number| number.p_value).collect();
        for (number, adjusted) in numbers.iter_mut().zip(holm(&p_values)) {
            number.adjusted = adjusted;
        }
        Ok(Self {
            p_value: joint::p_value(draws.all_x(), x)?,
            draws,
            numbers,
        })
    }

    /// The predictive draws and the simulations that failed.
    pub fn draws(&self) -> &Simulations {
        &self.draws
    }

    /// The numbers of the observation, in order.
    pub fn numbers(&self) -> &[PredictiveNumber] {
        &self.numbers
    }

    /// The share of draws that are as far from the mean of all as the observation, or farther, by the Mahalanobis distance;
    /// at least `1 / (n + 1)`.
    ///
    /// Mean and covariance are those of the draws and the observation together, so that the share is a p-value for any
    /// number of draws; the covariance is that of [`Whitening`](thalweg_flow::linear::Whitening). Of more than 1,000 numbers
    /// only the variances count.
    pub fn p_value(&self) -> f64 {
        self.p_value
    }

    /// Whether the draws are like the observation: neither the joint p-value nor one of a number, adjusted for how many
    /// there are, is below 0.01. Those of `w` numbers are at least `2 w / (n + 1)` then: a single number is found by `200 w`
    /// draws or more.
    pub fn is_like_observation(&self) -> bool {
        let numbers = self
            .numbers
            .iter()
            .all(|number| number.adjusted >= DIFFERENT);
        numbers && self.p_value >= DIFFERENT
    }

    /// The numbers with the smallest p-values, from the smallest on.
    pub fn worst(&self, count: usize) -> Vec<PredictiveNumber> {
        let mut numbers = self.numbers.clone();
        numbers.sort_by(|a, b| a.p_value.total_cmp(&b.p_value));
        numbers.truncate(count);
        numbers
    }
}

impl PredictiveNumber {
    fn new(number: usize, observed: f64, draws: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = draws.collect();
        sorted.sort_by(f64::total_cmp);
        let count = sorted.len();
        let at_most = sorted.partition_point(|y| *y <= observed);
        let at_least = count - sorted.partition_point(|y| *y < observed);
        let one_sided = (at_most.min(at_least) + 1) as f64 / (count + 1) as f64;
        let p_value = f64::min(2.0 * one_sided, 1.0);
        Self {
            number,
            observed,
            quantiles: [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| quantile(&sorted, share)),
            p_value,
            adjusted: p_value,
        }
    }
}

impl fmt::Display for PredictiveNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            observed,
            quantiles: [low, .., high],
            p_value,
            adjusted,
        } = self;
        write!(
            f,
            "number {number}: {observed:.4} observed, {low:.4} to {high:.4} in 90 % of draws, {}, adjusted {}",
            probability(*p_value),
            probability(*adjusted)
        )
    }
}

impl fmt::Display for Predictive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.is_like_observation() {
            true => "is like",
            false => "is not like",
        };
        writeln!(
            f,
            "the observation {verdict} {} draws from its posterior (joint {})",
            self.draws.len(),
            probability(self.p_value)
        )?;
        if let failures @ 1.. = self.draws.failures().len() {
            let ran = failures + self.draws.len();
            writeln!(f, "  {failures} of {ran} simulations failed")?;
        }
        let worst = self.worst(NAMED);
        worst
            .iter()
            .try_for_each(|number| writeln!(f, "  {number}"))
    }
}
