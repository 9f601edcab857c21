//! Draws of Markov chains.

use super::{Diagnostics, Tally};
use crate::{Samples, SbiError};

/// The draws of several chains, after their warm-up.
///
/// ```
/// use thalweg_sbi::sampler::{Chains, HostDensity, Sampling, Slice};
///
/// let normal = HostDensity::new(1, |x| -0.5 * x[0] * x[0]);
/// let chains: Chains = Sampling::new(Slice::new()).chains(3).warm_up(50).draws(100).run(&normal)?;
/// assert_eq!((chains.chains(), chains.draws(), chains.dims()), (3, 100, 1));
/// assert_eq!(chains.samples().len(), 300);
/// // The density of each draw, known but for a factor.
/// let (draw, nats) = (chains.chain(2).next().unwrap()[0], chains.log_densities(2)[0]);
/// assert!((nats + 0.5 * draw * draw).abs() < 1e-12);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Chains {
    pub(super) dims: usize,
    /// `[chains, draws, dims]`.
    pub(super) draws: Vec<f64>,
    /// `[chains, draws]`.
    pub(super) log_densities: Vec<f64>,
    pub(super) tallies: Vec<Tally>,
    pub(super) evaluations: u64,
}

impl Chains {
    /// The number of parameters.
    pub fn dims(&self) -> usize {
        self.dims
    }

    /// The number of chains.
    pub fn chains(&self) -> usize {
        self.tallies.len()
    }

    /// The number of draws of each chain.
    pub fn draws(&self) -> usize {
        self.log_densities.len() / self.chains()
    }

    /// The draws of a chain, in their order.
    ///
    /// # Panics
    ///
    /// For a chain that is not there.
    pub fn chain(&self, chain: usize) -> impl ExactSizeIterator<Item = &[f64]> {
        let numbers = self.draws() * self.dims;
        self.draws[chain * numbers..][..numbers].chunks_exact(self.dims)
    }

    /// The log-densities of a chain's draws in the coordinates of the target, in nats.
    ///
    /// # Panics
    ///
    /// For a chain that is not there.
    pub fn log_densities(&self, chain: usize) -> &[f64] {
        &self.log_densities[chain * self.draws()..][..self.draws()]
    }

    /// One parameter of all chains: `[chains, draws]`.
    ///
    /// # Panics
    ///
    /// For a parameter that is not there.
    pub fn parameter(&self, index: usize) -> Vec<Vec<f64>> {
        assert!(
            index < self.dims,
            "parameter {index} of chains with {} parameters",
            self.dims
        );
        let of = |chain: usize| self.chain(chain).map(|row| row[index]).collect();
        (0..self.chains()).map(of).collect()
    }

    /// All draws together, chain after chain.
    pub fn samples(&self) -> Samples {
        Samples::new(self.dims, self.draws.clone())
    }

    /// The moves of each chain.
    ///
    /// See [`Tally`] for an example.
    pub fn tallies(&self) -> &[Tally] {
        &self.tallies
    }

    /// The mean probability with which moves were accepted; `None` of a kernel that proposes none.
    pub fn acceptance(&self) -> Option<f64> {
        let moves: u64 = self.tallies.iter().map(|tally| tally.moves).sum();
        let accepted: f64 = self.tallies.iter().map(|tally| tally.acceptance).sum();
        (moves > 0).then(|| accepted / moves as f64)
    }

    /// The moves that left the region where the step is stable. Near such places the draws are wrong.
    ///
    /// See [`Tally`] for an example.
    pub fn divergences(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.divergences).sum()
    }

    /// The rows at which the target was evaluated, those of the warm-up included.
    pub fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// Whether the chains have mixed, and what their draws are worth.
    ///
    /// # Errors
    ///
    /// Fewer than 4 draws of a chain.
    pub fn diagnostics(&self) -> Result<Diagnostics, SbiError> {
        Diagnostics::of(self)
    }
}
