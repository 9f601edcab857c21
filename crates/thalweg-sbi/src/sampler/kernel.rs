//! What moves chains.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use super::LogDensity;
use crate::SbiError;

/// A Markov kernel: a random step of all chains that leaves the target's density as it is.
///
/// ```
/// use thalweg_sbi::SbiError;
/// use thalweg_sbi::sampler::{HostDensity, Kernel, LogDensity, Sampling, Walkers};
///
/// /// Random-walk Metropolis with normal steps of this width.
/// struct Walk(f64);
///
/// impl<T: LogDensity> Kernel<T> for Walk {
///     type State = ();
///
///     fn begin(&self, _: &T, _: &mut Walkers, _: usize) -> Result<(), SbiError> {
///         Ok(())
///     }
///
///     fn advance(&self, _: &mut (), target: &T, walkers: &mut Walkers) -> Result<(), SbiError> {
///         let normals = walkers.normals();
///         let moved = walkers.rows.iter().zip(normals).map(|(x, noise)| x + self.0 * noise);
///         let rows: Vec<f64> = moved.collect();
///         let found = walkers.evaluate(target, &rows)?;
///         for (chain, row) in rows.chunks(walkers.dims).enumerate() {
///             let log_ratio = found[chain] - walkers.log_densities[chain];
///             walkers.accept(chain, row, found[chain], log_ratio);
///         }
///         Ok(())
///     }
/// }
///
/// let normal = HostDensity::new(1, |x| -0.5 * (x[0] - 1.0).powi(2));
/// let chains = Sampling::new(Walk(2.0)).draws(5000).run(&normal)?;
/// assert!((chains.samples().mean()[0] - 1.0).abs() < 0.2);
/// # Ok::<(), SbiError>(())
/// ```
pub trait Kernel<T: ?Sized> {
    /// What the kernel keeps from step to step, beside the places of the chains.
    type State;

    /// The number of chains where the caller gives none.
    fn chains(&self, dims: usize) -> usize {
        let _ = dims;
        4
    }

    /// Prepares chains at their first places. In the first `warm_up` steps the kernel may learn its settings; afterwards
    /// they are fixed.
    ///
    /// # Errors
    ///
    /// Settings outside of their bounds, and those of the target.
    fn begin(
        &self,
        target: &T,
        walkers: &mut Walkers,
        warm_up: usize,
    ) -> Result<Self::State, SbiError>;

    /// One step of all chains.
    ///
    /// # Errors
    ///
    /// Those of the target.
    fn advance(
        &self,
        state: &mut Self::State,
        target: &T,
        walkers: &mut Walkers,
    ) -> Result<(), SbiError>;
}

/// The moves of a chain since its warm-up.
///
/// ```
/// use thalweg_sbi::sampler::{Hmc, HostGradient, Sampling, Tally};
///
/// let normal = HostGradient::new(1, |x, gradient| {
///     gradient[0] = -x[0];
///     -0.5 * x[0] * x[0]
/// });
/// // Beyond twice the deviation, a leapfrog step is unstable.
/// let hmc = Hmc::new().step(2.5).steps(50);
/// let chains = Sampling::new(hmc).chains(4).warm_up(0).draws(20).run(&normal)?;
/// assert_eq!(chains.tallies(), [Tally { moves: 20, acceptance: 0.0, divergences: 20 }; 4]);
/// assert_eq!((chains.divergences(), chains.acceptance()), (80, Some(0.0)));
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    /// The moves that were proposed.
    pub moves: u64,
    /// The sum of the probabilities with which they were accepted.
    pub acceptance: f64,
    /// Those that left the region where the step is stable.
    pub divergences: u64,
}

/// The places of all chains, in coordinates.
///
/// See [`Kernel`] for an example.
#[derive(Debug)]
pub struct Walkers {
    /// The number of coordinates.
    pub dims: usize,
    /// The coordinates, row by row.
    pub rows: Vec<f64>,
    /// The log-densities there; all are finite.
    pub log_densities: Vec<f64>,
    /// A generator for each chain.
    pub generators: Vec<ChaCha8Rng>,
    /// A generator for what all chains share.
    pub shared: ChaCha8Rng,
    /// The moves of each chain.
    pub tallies: Vec<Tally>,
    /// The rows at which the target was evaluated.
    pub evaluations: u64,
}

/// The stream of the generator that chains share; those of the chains count from 0.
const SHARED: u64 = u64::MAX;

pub(super) fn generator(seed: u64, stream: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(stream);
    rng
}

impl Walkers {
    /// Chains at rows.
    ///
    /// # Errors
    ///
    /// A row where the log-density is not finite, and the errors of the target.
    pub(super) fn new<T: LogDensity + ?Sized>(
        target: &T,
        rows: Vec<f64>,
        generators: Vec<ChaCha8Rng>,
        seed: u64,
    ) -> Result<Self, SbiError> {
        let (dims, chains) = (target.dims(), generators.len());
        let mut walkers = Self {
            dims,
            rows: vec![],
            log_densities: vec![],
            generators,
            shared: generator(seed, SHARED),
            tallies: vec![Tally::default(); chains],
            evaluations: 0,
        };
        walkers.log_densities = walkers.evaluate(target, &rows)?;
        walkers.rows = rows;
        let wrong = walkers
            .log_densities
            .iter()
            .position(|log| !log.is_finite());
        match wrong {
            None => Ok(walkers),
            Some(chain) => Err(SbiError::Start {
                chain,
                point: target.parameters(walkers.row(chain)),
                value: walkers.log_densities[chain],
            }),
        }
    }

    /// The number of chains.
    pub fn chains(&self) -> usize {
        self.generators.len()
    }

    /// The place of a chain.
    ///
    /// # Panics
    ///
    /// For a chain that is not there.
    pub fn row(&self, chain: usize) -> &[f64] {
        &self.rows[chain * self.dims..][..self.dims]
    }

    /// The log-densities of rows of finite coordinates, −∞ of the others and in place of NaN and +∞.
    ///
    /// # Errors
    ///
    /// Those of the target, and another number of log-densities than of rows.
    pub fn evaluate<T: LogDensity + ?Sized>(
        &mut self,
        target: &T,
        rows: &[f64],
    ) -> Result<Vec<f64>, SbiError> {
        let (places, finite) = self.finite_rows(rows);
        let mut all = vec![f64::NEG_INFINITY; rows.len() / self.dims];
        if places.is_empty() {
            return Ok(all);
        }
        let logs = target.log_density(&finite)?;
        SbiError::equal("log-densities", logs.len(), "rows", places.len())?;
        for (place, log) in places.into_iter().zip(logs) {
            all[place] = if log < f64::INFINITY {
                log
            } else {
                f64::NEG_INFINITY
            };
        }
        Ok(all)
    }

    /// The rows of finite coordinates, and their places.
    pub(super) fn finite_rows(&mut self, rows: &[f64]) -> (Vec<usize>, Vec<f64>) {
        let each = rows.chunks_exact(self.dims).enumerate();
        let finite = each.filter(|(_, row)| row.iter().all(|x| x.is_finite()));
        let (places, rows): (Vec<usize>, Vec<&[f64]>) = finite.unzip();
        self.evaluations += places.len() as u64;
        (places, rows.concat())
    }

    /// Standard normal numbers in the shape of all rows, each row from its chain's generator.
    pub fn normals(&mut self) -> Vec<f64> {
        let dims = self.dims;
        let draw = |rng: &mut ChaCha8Rng| -> Vec<f64> {
            (0..dims).map(|_| rng.sample(StandardNormal)).collect()
        };
        self.generators.iter_mut().flat_map(draw).collect()
    }

    /// Moves a chain with the probability `e^log_ratio`, or 1 where that is larger, and notes it. Returns whether it moved.
    ///
    /// # Panics
    ///
    /// For a chain that is not there, and a row of another length.
    pub fn accept(&mut self, chain: usize, row: &[f64], log_density: f64, log_ratio: f64) -> bool {
        let probability = log_ratio.min(0.0).exp();
        // NaN, of a row without a density, is no probability.
        let probability = if probability >= 0.0 { probability } else { 0.0 };
        let tally = &mut self.tallies[chain];
        tally.moves += 1;
        tally.acceptance += probability;
        let moves = self.generators[chain].random::<f64>() < probability;
        if moves {
            self.place(chain, row, log_density);
        }
        moves
    }

    /// Puts a chain to a row.
    ///
    /// ```
    /// use thalweg_sbi::SbiError;
    /// use thalweg_sbi::sampler::{HostDensity, Kernel, LogDensity, Sampling, Walkers};
    ///
    /// /// Independent draws from a standard normal density, which need no proposals.
    /// struct Independent;
    ///
    /// impl<T: LogDensity> Kernel<T> for Independent {
    ///     type State = ();
    ///
    ///     fn begin(&self, _: &T, _: &mut Walkers, _: usize) -> Result<(), SbiError> {
    ///         Ok(())
    ///     }
    ///
    ///     fn advance(&self, _: &mut (), target: &T, walkers: &mut Walkers) -> Result<(), SbiError> {
    ///         let rows = walkers.normals();
    ///         let found = walkers.evaluate(target, &rows)?;
    ///         for (chain, row) in rows.chunks(walkers.dims).enumerate() {
    ///             walkers.place(chain, row, found[chain]);
    ///         }
    ///         Ok(())
    ///     }
    /// }
    ///
    /// let normal = HostDensity::new(1, |x| -0.5 * x[0] * x[0]);
    /// let chains = Sampling::new(Independent).run(&normal)?;
    /// assert!((chains.samples().covariance()[0] - 1.0).abs() < 0.1);
    /// assert_eq!(chains.acceptance(), None);
    /// # Ok::<(), SbiError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// For a chain that is not there, and a row of another length.
    pub fn place(&mut self, chain: usize, row: &[f64], log_density: f64) {
        self.rows[chain * self.dims..][..self.dims].copy_from_slice(row);
        self.log_densities[chain] = log_density;
    }
}
