//! Runs of chains.

use std::fmt;
use std::sync::Arc;

use rand::Rng;

use super::kernel::{Tally, Walkers, generator};
use super::{Chains, Kernel, LogDensity};
use crate::SbiError;

/// A function that draws the parameters at which a chain begins.
type DrawStart = dyn Fn(&mut dyn Rng) -> Vec<f64> + Send + Sync;

/// Where chains begin.
#[derive(Clone)]
enum Starts {
    /// Where the target says.
    OfTarget,
    /// At parameters.
    Rows(Vec<Vec<f64>>),
    /// At parameters that a function draws.
    Drawn(Arc<DrawStart>),
}

/// Chains that a kernel moves: a warm-up, in which the kernel learns its settings and whose draws are left out, and draws.
///
/// ```
/// use thalweg_sbi::sampler::{HostGradient, Hmc, Sampling};
///
/// let normal = HostGradient::new(2, |x, gradient| {
///     gradient[0] = -(x[0] - 1.0);
///     gradient[1] = -x[1] / 4.0;
///     -0.5 * (x[0] - 1.0).powi(2) - x[1] * x[1] / 8.0
/// });
/// let chains = Sampling::new(Hmc::new()).chains(4).warm_up(500).draws(1000).seed(0).run(&normal)?;
/// let found = chains.diagnostics()?;
/// println!("{found}");
/// assert!(found.warnings().is_empty());
/// assert!((chains.samples().mean()[0] - 1.0).abs() < 0.1);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Clone)]
pub struct Sampling<K> {
    kernel: K,
    chains: Option<usize>,
    warm_up: usize,
    draws: usize,
    thin: usize,
    seed: u64,
    starts: Starts,
}

impl<K> Sampling<K> {
    /// As many chains as the kernel wants, 1000 steps of warm-up and 1000 draws each, the seed 0.
    pub fn new(kernel: K) -> Self {
        Self {
            kernel,
            chains: None,
            warm_up: 1000,
            draws: 1000,
            thin: 1,
            seed: 0,
            starts: Starts::OfTarget,
        }
    }

    /// The number of chains; by default 4, or the kernel's own.
    pub fn chains(self, chains: usize) -> Self {
        Self {
            chains: Some(chains),
            ..self
        }
    }

    /// The steps of each chain in which the kernel learns its settings, before the first draw.
    pub fn warm_up(self, steps: usize) -> Self {
        Self {
            warm_up: steps,
            ..self
        }
    }

    /// The draws of each chain.
    pub fn draws(self, draws: usize) -> Self {
        Self { draws, ..self }
    }

    /// The steps from draw to draw; 1 keeps all.
    ///
    /// ```
    /// use thalweg_sbi::sampler::{HostDensity, Sampling, Slice};
    ///
    /// let normal = HostDensity::new(1, |x| -0.5 * x[0] * x[0]);
    /// let sampling = Sampling::new(Slice::new()).warm_up(50);
    /// let all = sampling.clone().draws(30).run(&normal)?;
    /// let third = sampling.draws(10).thin(3).run(&normal)?;
    /// assert!(third.chain(0).eq(all.chain(0).skip(2).step_by(3)));
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    pub fn thin(self, steps: usize) -> Self {
        Self {
            thin: steps,
            ..self
        }
    }

    /// Determines starting points and moves.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// Begins at these parameters, a row for each chain, which also is the number of chains.
    ///
    /// ```
    /// use thalweg_sbi::sampler::{HostDensity, Sampling, Slice};
    ///
    /// // Two modes, 40 deviations apart: each chain stays in its own, and R̂ tells.
    /// let modes = HostDensity::new(1, |x| -0.5 * (x[0].abs() - 20.0).powi(2));
    /// let sampling = Sampling::new(Slice::new()).warm_up(0).start_at([vec![-20.0], vec![20.0]]);
    /// let chains = sampling.run(&modes)?;
    /// assert!(chains.chain(0).all(|x| x[0] < 0.0) && chains.chain(1).all(|x| x[0] > 0.0));
    /// assert!(chains.diagnostics()?.largest_r_hat() > 1.1);
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    pub fn start_at(self, rows: impl Into<Vec<Vec<f64>>>) -> Self {
        let rows = rows.into();
        Self {
            chains: Some(rows.len()),
            starts: Starts::Rows(rows),
            ..self
        }
    }

    /// Begins at parameters that a function draws. Wide starting points let R̂ see chains that have not mixed.
    ///
    /// ```
    /// use rand::RngExt;
    /// use thalweg_sbi::sampler::{HostDensity, Sampling, Slice};
    ///
    /// // A density of positive numbers. By default chains begin between −2 and 2.
    /// let gamma = HostDensity::new(1, |x| 2.0 * x[0].ln() - x[0]);
    /// assert!(Sampling::new(Slice::new()).run(&gamma).is_err());
    /// let sampling = Sampling::new(Slice::new()).start_from(|rng| vec![9.0 * rng.random::<f64>()]);
    /// assert!((sampling.run(&gamma)?.samples().mean()[0] - 3.0).abs() < 0.2);
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    pub fn start_from(
        self,
        draw: impl Fn(&mut dyn Rng) -> Vec<f64> + Send + Sync + 'static,
    ) -> Self {
        Self {
            starts: Starts::Drawn(Arc::new(draw)),
            ..self
        }
    }

    /// Samples a target.
    ///
    /// # Errors
    ///
    /// No chains, draws or steps between them, a starting point of another length or without a finite log-density, settings
    /// of the kernel outside of their bounds, and the errors of the target.
    pub fn run<T: LogDensity + ?Sized>(&self, target: &T) -> Result<Chains, SbiError>
    where
        K: Kernel<T>,
    {
        let dims = target.dims();
        let count = self.chains.unwrap_or_else(|| self.kernel.chains(dims));
        for (what, number) in [
            ("the number of chains", count),
            ("the number of draws", self.draws),
            ("the number of steps from draw to draw", self.thin),
        ] {
            SbiError::setting(what, number as f64, "1 or more", |n| n >= 1.0)?;
        }
        let mut generators: Vec<_> = (0..count as u64).map(|k| generator(self.seed, k)).collect();
        let mut rows = Vec::with_capacity(count * dims);
        for (chain, rng) in generators.iter_mut().enumerate() {
            rows.extend(self.start(target, chain, rng)?);
        }
        let mut walkers = Walkers::new(target, rows, generators, self.seed)?;
        let mut state = self.kernel.begin(target, &mut walkers, self.warm_up)?;
        for _ in 0..self.warm_up {
            self.kernel.advance(&mut state, target, &mut walkers)?;
        }
        walkers.tallies.fill(Tally::default());
        let mut draws = vec![Vec::with_capacity(self.draws * dims); count];
        let mut logs = vec![Vec::with_capacity(self.draws); count];
        for _ in 0..self.draws {
            for _ in 0..self.thin {
                self.kernel.advance(&mut state, target, &mut walkers)?;
            }
            for chain in 0..count {
                draws[chain].extend(target.parameters(walkers.row(chain)));
                logs[chain].push(walkers.log_densities[chain]);
            }
        }
        Ok(Chains {
            dims,
            draws: draws.concat(),
            log_densities: logs.concat(),
            tallies: walkers.tallies,
            evaluations: walkers.evaluations,
        })
    }

    /// The first coordinates of a chain.
    fn start<T: LogDensity + ?Sized>(
        &self,
        target: &T,
        chain: usize,
        rng: &mut dyn Rng,
    ) -> Result<Vec<f64>, SbiError> {
        let theta = match &self.starts {
            Starts::OfTarget => return Ok(target.draw_start(rng)),
            Starts::Rows(rows) => {
                SbiError::equal(
                    "chains",
                    self.chains.unwrap_or(rows.len()),
                    "starting points",
                    rows.len(),
                )?;
                rows[chain].clone()
            }
            Starts::Drawn(draw) => draw(rng),
        };
        let what = "numbers of a starting point";
        SbiError::equal(what, theta.len(), "parameters", target.dims())?;
        target.coordinates(&theta).ok_or(SbiError::Start {
            chain,
            point: theta,
            value: f64::NEG_INFINITY,
        })
    }
}

impl<K: fmt::Debug> fmt::Debug for Sampling<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sampling")
            .field("kernel", &self.kernel)
            .field("chains", &self.chains)
            .field("warm_up", &self.warm_up)
            .field("draws", &self.draws)
            .field("thin", &self.thin)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
