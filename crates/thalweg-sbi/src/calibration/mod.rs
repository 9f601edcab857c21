//! Whether a posterior can be trusted.

mod levels;
mod page;
mod verdict;

use levels::Kind;
pub use levels::Levels;
pub use verdict::{Check, Verdict};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::{Posterior, Samples, SbiError, Simulations};

/// Three checks of a posterior on simulations that it was not trained on, which all follow the same thought: if the
/// parameters of a simulation and the draws of its posterior come from one distribution, the place of the parameters
/// among the draws is uniform.
///
/// | levels | the place of the parameters among the draws | what it finds |
/// |---|---|---|
/// | [`ranks`](Self::ranks), one for each parameter | by size | biased, too wide or too narrow in one parameter |
/// | [`highest_density`](Self::highest_density) | by density, from the highest | regions of highest density that hold too little or too much |
/// | [`tarp`](Self::tarp) | by the distance to a point that is drawn at random | any difference, given enough simulations |
///
/// A posterior that is the prior for every observation passes the first; the others fail it only in part. None of them
/// says that the posterior is narrow: the held-out density does.
///
/// S. Talts, M. Betancourt, D. Simpson, A. Vehtari, A. Gelman: *Validating Bayesian inference algorithms with
/// simulation-based calibration*, 2018. J. Hermans and others: *A trust crisis in simulation-based inference?*, 2022,
/// section 2. P. Lemos, A. Coogan, Y. Hezaveh, L. Perreault-Levasseur: *Sampling-based accuracy testing of posterior
/// estimators for general inference*, 2023, algorithm 2.
///
/// ```
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Calibration, Family, Levels, Npe, Simulate, Uniform};
///
/// let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| vec![theta[0] + 0.3 * rng.random::<f64>()];
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, noisy);
/// let npe = Npe::new(simulate.prior()).members(1).steps(100);
/// # let npe = npe.family(Family::Spline { couplings: 2, hidden: vec![16] });
/// let posterior = npe.fit(&simulate.run(400)?)?;
/// let calibration: Calibration = posterior.calibrate(&simulate.seed(1).run(100)?, 99, 0)?;
/// // One rank a parameter, and one level a simulation, uniform where the posterior is right.
/// assert_eq!(calibration.ranks.len(), 1);
/// let levels: &Levels = &calibration.highest_density;
/// assert!(levels.values().len() == 100 && levels.coverage(1.0) == 1.0);
/// assert_eq!(levels.histogram(4).counts().iter().sum::<usize>(), 100);
/// // The bars, and the coverage over the level, each with the band of a right posterior.
/// assert!(levels.picture().to_svg()?.contains("level of highest density"));
/// assert!(levels.coverage_picture().to_svg()?.contains("95 % of curves"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// The share of draws below each parameter.
    pub ranks: Vec<Levels>,
    /// The share of draws of a higher density than the parameters: the level of the smallest region of highest density that
    /// holds them.
    pub highest_density: Levels,
    /// The share of draws that are closer to a random point than the parameters are.
    pub tarp: Levels,
}

impl Posterior {
    /// Checks the posterior on fresh simulations with parameters from the prior, by `draws` draws for each.
    ///
    /// ```no_run
    /// # use rand::rngs::ChaCha8Rng;
    /// # use thalweg_sbi::{Npe, Simulate, Uniform};
    /// # let simulator = |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec();
    /// # let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, simulator);
    /// # let posterior = Npe::new(simulate.prior()).fit(&simulate.run(10_000)?)?;
    /// let fresh = simulate.seed(1).run(300)?;
    /// let calibration = posterior.calibrate(&fresh, 999, 0)?;
    /// println!("{calibration}");
    /// calibration.page().save("calibration.png").unwrap();
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// No simulations, no draws, those of [`sample`](Self::sample), and a posterior that was learned in rounds for one
    /// observation: [`Sequential::calibrate`](crate::Sequential::calibrate) checks that.
    pub fn calibrate(
        &self,
        fresh: &Simulations,
        draws: usize,
        seed: u64,
    ) -> Result<Calibration, SbiError> {
        match self.observation() {
            Some(_) => Err(SbiError::OtherObservation),
            None => self.calibrated(fresh, draws, seed),
        }
    }

    /// [`calibrate`](Self::calibrate), on simulations from any distribution.
    pub(crate) fn calibrated(
        &self,
        fresh: &Simulations,
        draws: usize,
        seed: u64,
    ) -> Result<Calibration, SbiError> {
        SbiError::some("a calibration without simulations", fresh.len())?;
        SbiError::some("a calibration without draws", draws)?;
        let dims = self.dims();
        SbiError::equal(
            "parameters of the simulations",
            fresh.dims(),
            "of the posterior",
            dims,
        )?;
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let mut ranks = vec![vec![]; dims];
        let (mut highest, mut tarp) = (vec![], vec![]);
        let spread = deviations(fresh);
        for row in 0..fresh.len() {
            let (theta, x) = (fresh.theta(row), fresh.x(row));
            let drawn = self.sample_at(x, draws, rng.random())?;
            for (k, ranks) in ranks.iter_mut().enumerate() {
                let values = drawn.rows().map(|draw| draw[k]);
                ranks.push(place(theta[k], values, draws, rng));
            }
            let all = [theta, drawn.values()].concat();
            let logs = self.log_prob_at(&all, x)?;
            highest.push(place(
                -logs[0],
                logs[1..].iter().map(|log| -log),
                draws,
                rng,
            ));
            let point = fresh.theta(rng.random_range(0..fresh.len()));
            let distance = |theta: &[f64]| {
                let parts = theta.iter().zip(point).zip(&spread);
                parts.map(|((a, b), s)| ((a - b) / s).powi(2)).sum::<f64>()
            };
            let distances = drawn.rows().map(distance);
            tarp.push(place(distance(theta), distances, draws, rng));
        }
        let named = |(k, ranks)| Levels::new(format!("rank of parameter {k}"), Kind::Rank, ranks);
        let level = |name: &str, kind, levels| Levels::new(name.to_owned(), kind, levels);
        Ok(Calibration {
            ranks: ranks.into_iter().enumerate().map(named).collect(),
            highest_density: level("level of highest density", Kind::Density, highest),
            tarp: level("distance to a random point", Kind::Distance, tarp),
        })
    }
}

/// The place of a number among `draws` others, in 0 to 1: uniform, ties and the width of a step by chance, where all
/// come from one distribution.
fn place(value: f64, others: impl Iterator<Item = f64>, draws: usize, rng: &mut ChaCha8Rng) -> f64 {
    let (mut below, mut equal) = (0, 0);
    for other in others {
        below += usize::from(other < value);
        equal += usize::from(other == value);
    }
    (below as f64 + rng.random::<f64>() * (equal as f64 + 1.0)) / (draws as f64 + 1.0)
}

/// The deviation of each parameter; 1 of a constant.
fn deviations(simulations: &Simulations) -> Vec<f64> {
    let rows = (0..simulations.len()).flat_map(|row| simulations.theta(row));
    let all = Samples::new(simulations.dims(), rows.copied().collect());
    let covariance = all.covariance();
    let deviation = |k: usize| covariance[k * (all.dims() + 1)].sqrt();
    let positive = |s: f64| if s > 0.0 { s } else { 1.0 };
    (0..all.dims()).map(|k| positive(deviation(k))).collect()
}
