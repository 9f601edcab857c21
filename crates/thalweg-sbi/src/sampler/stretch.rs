//! An ensemble that moves along the lines between its members.

use rand::RngExt;

use super::{Kernel, LogDensity, Walkers};
use crate::SbiError;

/// The affine-invariant ensemble: each chain `u` stretches along its line to a chain `c` of the other half,
/// `u' = c + z (u − c)`, accepted with the probability `min(1, z^(d−1) p̃(u') / p̃(u))`, where the density of `z` is
/// proportional to `1/√z` between `1/a` and `a`.
///
/// It moves as well in any linear coordinates, so that strong correlations do no harm, and needs no gradient. Its
/// chains are the members of one ensemble: they depend on each other, and together their density is the product of the
/// target's. It does not mix well above some tens of coordinates, and it does not carry members between modes that are far
/// apart; R̂ shows both.
///
/// The members must not all lie in a plane when they begin: they would never leave it.
///
/// ```
/// use thalweg_sbi::sampler::{HostDensity, Sampling, Stretch};
///
/// let normal = HostDensity::new(2, |x| -0.5 * (x[0] - 1.0).powi(2) - x[1] * x[1] / 8.0);
/// let chains = Sampling::new(Stretch::new()).run(&normal)?;
/// assert!((chains.samples().mean()[0] - 1.0).abs() < 0.2);
/// // Shorter moves are accepted more often.
/// let short = Sampling::new(Stretch::new().at_most(1.2)).draws(200).run(&normal)?;
/// assert!(short.acceptance() > chains.acceptance());
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
///
/// # References
///
/// Goodman, Weare: *Ensemble samplers with affine invariance*, 2010, section 2.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    most: f64,
}

impl Default for Stretch {
    fn default() -> Self {
        Self::new()
    }
}

impl Stretch {
    /// Stretches by factors up to 2.
    pub fn new() -> Self {
        Self { most: 2.0 }
    }

    /// The largest factor `a`, above 1.
    pub fn at_most(self, factor: f64) -> Self {
        Self { most: factor }
    }
}

impl<T: LogDensity + ?Sized> Kernel<T> for Stretch {
    type State = ();

    /// 32 members, or four for each coordinate where that is more.
    fn chains(&self, dims: usize) -> usize {
        (4 * dims).max(32)
    }

    fn begin(&self, _target: &T, walkers: &mut Walkers, _warm_up: usize) -> Result<(), SbiError> {
        let above = |a: f64| a > 1.0 && a.is_finite();
        SbiError::setting(
            "the largest factor of a stretch",
            self.most,
            "above 1",
            above,
        )?;
        let (members, needed) = (walkers.chains(), 2 * walkers.dims.max(2));
        if members < needed || !members.is_multiple_of(2) {
            return Err(SbiError::Members { members, needed });
        }
        Ok(())
    }

    fn advance(&self, _state: &mut (), target: &T, walkers: &mut Walkers) -> Result<(), SbiError> {
        let (dims, half) = (walkers.dims, walkers.chains() / 2);
        for (moving, others) in [(0, half), (half, 0)] {
            let mut rows = Vec::with_capacity(half * dims);
            let mut factors = Vec::with_capacity(half);
            for chain in moving..moving + half {
                let rng = &mut walkers.generators[chain];
                let other = others + rng.random_range(0..half);
                let z = (1.0 + (self.most - 1.0) * rng.random::<f64>()).powi(2) / self.most;
                let pairs = walkers.row(chain).iter().zip(walkers.row(other));
                rows.extend(pairs.map(|(u, c)| c + z * (u - c)));
                factors.push(z);
            }
            let logs = walkers.evaluate(target, &rows)?;
            for (k, log) in logs.into_iter().enumerate() {
                let chain = moving + k;
                let gained = log - walkers.log_densities[chain];
                let ratio = (dims as f64 - 1.0) * factors[k].ln() + gained;
                walkers.accept(chain, &rows[k * dims..][..dims], log, ratio);
            }
        }
        Ok(())
    }
}
