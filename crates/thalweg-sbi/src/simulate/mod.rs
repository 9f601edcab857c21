//! Parameters from a prior and data of a simulator.

mod cache;
mod failure;
mod ran;
mod simulator;
mod workers;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::{Prior, SbiError};
use cache::Cache;
pub use failure::{Cause, Failure, OnFailure};
use ran::Ran;
pub use simulator::{Simulated, Simulator};
use workers::Threads;

/// Draws parameters from a prior and simulates data for each of them, on all cores.
///
/// ```
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use rand_distr::StandardNormal;
/// use thalweg_sbi::{Normal, Prior, Simulate, Simulations};
///
/// let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| {
///     let noise: f64 = rng.sample(StandardNormal);
///     vec![theta[0] + 0.1 * noise]
/// };
/// let simulate = Simulate::new(Normal::new(&[0.0], &[1.0])?, noisy);
/// let simulations: Simulations = simulate.run(1000)?;
/// assert!(!simulations.is_empty());
/// assert_eq!((simulations.len(), simulations.dims()), (1000, simulate.prior().dims()));
/// assert!((simulations.theta(7)[0] - simulations.x(7)[0]).abs() < 0.5);
/// // The seed determines the data, and the number of threads does not.
/// assert_eq!(simulate.clone().threads(2).run(1000)?, simulations);
/// assert_ne!(simulate.seed(1).run(1000)?, simulations);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Clone)]
pub struct Simulate {
    prior: Arc<dyn Prior>,
    simulator: Arc<dyn Simulator>,
    seed: u64,
    threads: usize,
    limit: Option<Duration>,
    on_failure: OnFailure,
    cache: Option<PathBuf>,
}

impl std::fmt::Debug for Simulate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulate")
            .field("seed", &self.seed)
            .field("threads", &self.threads)
            .field("limit", &self.limit)
            .field("on_failure", &self.on_failure)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// Parameters and their data, in the order of the simulations, and the simulations without data.
///
/// See [`Simulate`] and [`OnFailure`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulations {
    dims: usize,
    width: usize,
    theta: Vec<f64>,
    x: Vec<f64>,
    failures: Vec<Failure>,
}

impl Simulate {
    /// With seed 0, as many threads as cores, no limit of time, and [`OnFailure::Stop`].
    pub fn new(prior: impl Prior + 'static, simulator: impl Simulator + 'static) -> Self {
        Self {
            prior: Arc::new(prior),
            simulator: Arc::new(simulator),
            seed: 0,
            threads: available_parallelism().map_or(1, usize::from),
            limit: None,
            on_failure: OnFailure::Stop,
            cache: None,
        }
    }

    /// Determines parameters and data.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The number of simulations at a time.
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// The longest time that a simulation may take, after which it counts as failed. A thread cannot be stopped: one
    /// that never ends stays until the program does, and another one takes its place.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use rand::rngs::ChaCha8Rng;
    /// use thalweg_sbi::{Cause, OnFailure, Simulate, Uniform};
    ///
    /// // A simulator that never ends where the parameter is negative.
    /// let endless = |theta: &[f64], _: &mut ChaCha8Rng| {
    ///     while theta[0] < 0.0 {
    ///         std::thread::park();
    ///     }
    ///     theta.to_vec()
    /// };
    /// let limit = Duration::from_millis(200);
    /// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, endless).time_limit(limit);
    /// let simulate = simulate.on_failure(OnFailure::Exclude { at_most: 0.5 });
    /// let simulations = simulate.run_at(&[vec![0.5], vec![-0.5]])?;
    /// assert_eq!(simulations.x(0), [0.5]);
    /// assert_eq!(simulations.failures()[0].cause, Cause::TimedOut(limit));
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    pub fn time_limit(self, limit: Duration) -> Self {
        Self {
            limit: Some(limit),
            ..self
        }
    }

    /// What to do about simulations without data.
    pub fn on_failure(self, on_failure: OnFailure) -> Self {
        Self { on_failure, ..self }
    }

    /// A folder that keeps what was simulated: a run that was interrupted goes on there, and one that asks for more
    /// simulates the rest. Each file appears whole or not at all.
    ///
    /// ```
    /// use rand::rngs::ChaCha8Rng;
    /// use thalweg_sbi::{Simulate, Uniform};
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-cache-{}", std::process::id()));
    /// let simulate = || {
    ///     let double = |theta: &[f64], _: &mut ChaCha8Rng| vec![2.0 * theta[0]];
    ///     Ok::<_, thalweg_sbi::SbiError>(Simulate::new(Uniform::new([[0.0, 9.0]])?, double).cache(&folder))
    /// };
    /// let first = simulate()?.run(10)?;
    /// // More of them: the first ten are there already.
    /// let all = simulate()?.run(30)?;
    /// # std::fs::remove_dir_all(&folder).ok();
    /// assert_eq!((all.len(), all.x(7)), (30, first.x(7)));
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    pub fn cache(self, folder: impl Into<PathBuf>) -> Self {
        Self {
            cache: Some(folder.into()),
            ..self
        }
    }

    /// The prior.
    pub fn prior(&self) -> &Arc<dyn Prior> {
        &self.prior
    }

    pub(crate) fn own_seed(&self) -> u64 {
        self.seed
    }

    /// The same with the seed of a later round.
    pub(crate) fn another(&self, round: u64) -> Self {
        let seed = self.seed.wrapping_add(round.rotate_right(20));
        self.clone().seed(seed)
    }

    /// The parameters of a simulation.
    fn parameters(&self, index: usize) -> Vec<f64> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        // Data have the odd streams.
        rng.set_stream(2 * index as u64);
        self.prior.sample(&mut rng)
    }

    /// Runs `n` simulations with parameters from the prior.
    ///
    /// # Errors
    ///
    /// More failures than [`on_failure`](Self::on_failure) allows, data of several lengths, and a cache that cannot be read or written,
    /// or that holds other simulations.
    pub fn run(&self, n: usize) -> Result<Simulations, SbiError> {
        self.run_with(n, |index| self.parameters(index))
    }

    /// Runs `n` simulations with parameters of the caller's, for example draws from a proposal. They are not cached.
    ///
    /// ```
    /// use rand::rngs::ChaCha8Rng;
    /// use thalweg_sbi::{Simulate, Uniform};
    ///
    /// let double = |theta: &[f64], _: &mut ChaCha8Rng| vec![2.0 * theta[0]];
    /// let simulate = Simulate::new(Uniform::new([[0.0, 9.0]])?, double);
    /// let simulations = simulate.run_at(&[vec![1.0], vec![4.0]])?;
    /// assert_eq!((simulations.x(0), simulations.x(1)), (&[2.0][..], &[8.0][..]));
    /// assert_eq!((simulations.dims(), simulations.width()), (1, 1));
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run).
    pub fn run_at(&self, theta: &[Vec<f64>]) -> Result<Simulations, SbiError> {
        let bare = Self {
            cache: None,
            ..self.clone()
        };
        bare.run_with(theta.len(), |index| theta[index].clone())
    }

    fn run_with(
        &self,
        n: usize,
        parameters: impl Fn(usize) -> Vec<f64>,
    ) -> Result<Simulations, SbiError> {
        let mut found = Simulations {
            dims: self.prior.dims(),
            width: 0,
            theta: vec![],
            x: vec![],
            failures: vec![],
        };
        let cache = self.cache.as_ref().map(|folder| Cache::open(folder));
        let cache = cache.transpose()?;
        if let Some(cache) = &cache {
            for part in cache.read(n)? {
                self.compare(cache, &part, &parameters)?;
                self.add(&mut found, part)?;
            }
        }
        let mut block = FIRST_BLOCK * self.threads.max(1);
        while found.ran() < n {
            let first = found.ran();
            let tasks: Vec<_> = (first..n.min(first + block))
                .map(|index| (index, parameters(index)))
                .collect();
            let began = Instant::now();
            let part = self.simulate(tasks);
            if let Some(cache) = &cache {
                cache.write(first, &part)?;
            }
            self.add(&mut found, part)?;
            // Few files of simulations that are quick, and little lost of those that are slow.
            if began.elapsed() < Duration::from_secs(2) {
                block = (2 * block).min(LARGEST_BLOCK);
            }
        }
        self.judge(&found, n)?;
        Ok(found)
    }

    fn simulate(&self, tasks: Vec<(usize, Vec<f64>)>) -> Vec<Ran> {
        let threads = Threads {
            count: self.threads,
            limit: self.limit,
        };
        workers::run(&self.simulator, self.seed, tasks, threads)
    }
}

/// Simulations of the first block for each thread, and of the largest block.
const FIRST_BLOCK: usize = 16;
const LARGEST_BLOCK: usize = 65_536;

impl Simulate {
    /// Takes up a part.
    fn add(&self, found: &mut Simulations, part: Vec<Ran>) -> Result<(), SbiError> {
        for ran in part {
            match (ran.failure(), &ran.x) {
                (None, Ok(x)) => found.push(ran.index, &ran.theta, x)?,
                (Some(failure), _) if self.on_failure == OnFailure::Stop => {
                    return Err(SbiError::Simulation(Box::new(failure)));
                }
                (failure, _) => found.failures.extend(failure),
            }
        }
        Ok(())
    }

    /// Whether there are too many failures.
    fn judge(&self, found: &Simulations, n: usize) -> Result<(), SbiError> {
        let share = found.failures.len() as f64 / n.max(1) as f64;
        match (self.on_failure, found.failures.first()) {
            (OnFailure::Exclude { at_most }, Some(first))
                if share > at_most || found.is_empty() =>
            {
                Err(SbiError::Failures {
                    failed: found.failures.len(),
                    ran: n,
                    at_most,
                    first: Box::new(first.clone()),
                })
            }
            _ => Ok(()),
        }
    }

    /// Whether the first simulation of a cached part is that of this prior, seed and simulator. One that ran out of
    /// time is not run again.
    fn compare(
        &self,
        cache: &Cache,
        part: &[Ran],
        parameters: impl Fn(usize) -> Vec<f64>,
    ) -> Result<(), SbiError> {
        let Some(known) = part.iter().find(|ran| ran.x.is_ok()) else {
            return Ok(());
        };
        if known.theta != parameters(known.index) {
            return Err(cache.other("another prior or another seed"));
        }
        let again = self.simulate(vec![(known.index, known.theta.clone())]);
        match again[0] == *known {
            true => Ok(()),
            false => Err(cache.other("another simulator")),
        }
    }
}

impl Simulations {
    /// The number of simulations with data.
    pub fn len(&self) -> usize {
        self.theta.len() / self.dims.max(1)
    }

    /// Whether no simulation has data.
    pub fn is_empty(&self) -> bool {
        self.theta.is_empty()
    }

    /// The number of parameters.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// The numbers of the data of one simulation.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The parameters of a simulation.
    ///
    /// # Panics
    ///
    /// From [`len`](Self::len) on.
    pub fn theta(&self, simulation: usize) -> &[f64] {
        &self.theta[simulation * self.dims..][..self.dims]
    }

    /// The data of a simulation.
    ///
    /// # Panics
    ///
    /// From [`len`](Self::len) on.
    pub fn x(&self, simulation: usize) -> &[f64] {
        &self.x[simulation * self.width..][..self.width]
    }

    /// The data of all simulations, row by row.
    pub(crate) fn all_x(&self) -> &[f64] {
        &self.x
    }

    /// The simulations without data.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// Takes up other simulations behind those that are there.
    pub(crate) fn append(&mut self, others: &Self) -> Result<(), SbiError> {
        let first = self.ran();
        for row in 0..others.len() {
            self.push(first + row, others.theta(row), others.x(row))?;
        }
        let failures = others.failures.iter().cloned();
        self.failures.extend(failures.map(|failure| Failure {
            index: first + failure.index,
            ..failure
        }));
        Ok(())
    }

    fn ran(&self) -> usize {
        self.len() + self.failures.len()
    }

    fn push(&mut self, index: usize, theta: &[f64], x: &[f64]) -> Result<(), SbiError> {
        if self.is_empty() {
            self.width = x.len();
        }
        SbiError::width(index, x.len(), self.width)?;
        self.theta.extend_from_slice(theta);
        self.x.extend_from_slice(x);
        Ok(())
    }
}
