//! From mixtures of normal distributions to one.

use super::formula::Formula;
use super::normal::{tails, upper_quantile};
use super::range::total;
use super::root::{implicit, root};
use crate::Direction;
use crate::number::Real;

/// `y = Φ⁻¹(ε/2 + (1 − ε)/K Σₖ Φ(e^(aₖ) x + bₖ))`, with `ε = 10⁻⁶`.
///
/// Parameters of a number: the shifts `b` of `K` components, then the log-scales `a`. The images lie between
/// `±Φ⁻¹(1 − ε/2)`, which is 4.89: other latents count as the nearest one whose datum the digits tell.
///
/// # References
///
/// Chen, Gopinath: *Gaussianization*, 2000, section 3. Meng, Song, Song, Ermon: *Gaussianization flows*, 2020, equation 4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaussianization {
    components: usize,
}

/// `ε`.
const SHRINK: f64 = 1e-6;

/// The least mean of the tails that an inverse looks for.
const LEAST_TAIL: f64 = 1e-12;

/// Numbers beyond this many deviations of a component count as that many.
const FARTHEST: f64 = 1e9;

impl Gaussianization {
    /// Of this many components.
    pub fn new(components: usize) -> Self {
        Self { components }
    }

    /// The log-scales, and the arguments of the components at `x`, whose shifts are multiplied by a sign.
    #[inline(never)]
    fn arguments<R: Real>(&self, x: &R, sign: &R, p: &impl Fn(usize) -> R) -> [Vec<R>; 2] {
        let scales: Vec<R> = (0..self.components)
            .map(|k| p(self.components + k))
            .collect();
        let farthest = x.like(FARTHEST);
        let argument = |(k, a): (usize, &R)| {
            let u = a.clone().exp() * x.clone() + sign.clone() * p(k);
            u.least_of(farthest.clone()).largest_of(-farthest.clone())
        };
        let arguments = scales.iter().enumerate().map(argument).collect();
        [scales, arguments]
    }

    /// The mean of the tails on both sides.
    #[inline(never)]
    fn masses<R: Real>(&self, arguments: &[R]) -> [R; 2] {
        let both: Vec<[R; 2]> = arguments.iter().map(tails).collect();
        [0, 1].map(|side| {
            let each: Vec<R> = both.iter().map(|tails| tails[side].clone()).collect();
            let sum = total(&each);
            sum.clone() * sum.like((self.components as f64).recip())
        })
    }

    /// `ln(1/K Σₖ e^(aₖ) φ(uₖ))`, but for the constant of `φ`.
    #[inline(never)]
    fn log_density<R: Real>(&self, [scales, arguments]: &[Vec<R>; 2]) -> R {
        let exponents = scales.iter().zip(arguments);
        let exponents: Vec<R> = exponents
            .map(|(a, u)| a.clone() - u.like(0.5) * u.clone() * u.clone())
            .collect();
        let first = exponents[0].clone();
        let most = exponents
            .iter()
            .fold(first, |most, e| most.largest_of(e.clone()))
            .detached();
        let terms: Vec<R> = exponents
            .into_iter()
            .map(|e| (e - most.clone()).exp())
            .collect();
        let sum = total(&terms);
        most.clone() + sum.ln() - most.like((self.components as f64).ln())
    }

    /// The log-slope at an `x` of these arguments that goes to `y`.
    fn log_slope<R: Real>(&self, at: &[Vec<R>; 2], y: &R) -> R {
        let half_square = y.like(0.5) * y.clone() * y.clone();
        self.log_density(at) + half_square + y.like((-SHRINK).ln_1p())
    }
}

impl Formula for Gaussianization {
    fn parameters(&self) -> usize {
        2 * self.components
    }

    #[inline(never)]
    fn evaluate<R: Real>(&self, direction: Direction, x: R, p: &impl Fn(usize) -> R) -> [R; 2] {
        let (zero, one) = (x.like(0.0), x.like(1.0));
        match direction {
            Direction::Forward => {
                let at = self.arguments(&x, &one, p);
                let [upper, lower] = self.masses(&at[1]);
                let is_low = lower.less(&upper);
                let mean = lower.least_of(upper);
                let tail = mean * x.like(1.0 - SHRINK) + x.like(0.5 * SHRINK);
                let y = upper_quantile(&tail);
                let y = R::select(is_low, -y.clone(), y);
                let log_slope = self.log_slope(&at, &y);
                [y, log_slope]
            }
            Direction::Inverse => {
                let y = x;
                // The side of the smaller tail: the other one is mirrored.
                let sign = R::select(y.less(&zero), -one.clone(), one.clone());
                let mean = (tails(&(sign.clone() * y.clone()))[0].clone() - y.like(0.5 * SHRINK))
                    * y.like((1.0 - SHRINK).recip());
                let mean = mean.largest_of(y.like(LEAST_TAIL)).least_of(y.like(0.5));
                // Each component alone would have it there.
                let alone = upper_quantile(&mean.clone().detached());
                let alone = |k: usize| {
                    let shift = sign.clone() * p(k).detached();
                    (alone.clone() - shift) * (-p(self.components + k).detached()).exp()
                };
                let ends = (1..self.components).fold([alone(0), alone(0)], |[low, high], k| {
                    [low.least_of(alone(k)), high.largest_of(alone(k))]
                });
                // `−ln` of the mean of the tails, and its slope.
                let cost = |v: R| {
                    let at = self.arguments(&v, &sign, p);
                    let [upper, _] = self.masses(&at[1]);
                    let half_ln_tau = v.like(0.5 * std::f64::consts::TAU.ln());
                    let density = (self.log_density(&at) - half_ln_tau).exp();
                    let upper = upper.largest_of(v.like(0.5 * LEAST_TAIL / self.components as f64));
                    [-upper.clone().ln(), density / upper]
                };
                let target = -mean.ln();
                let found = root(&target, ends, cost);
                let at = cost(found.clone().detached());
                let x = sign.clone() * implicit(target, found, at);
                let at = self.arguments(&x, &one, p);
                let y = y.least_of(x.like(REACH)).largest_of(x.like(-REACH));
                let log_slope = self.log_slope(&at, &y);
                [x.saturated(), -log_slope]
            }
        }
    }
}

/// Images lie between this number and its negative: `Φ⁻¹(1 − ε/2)`.
const REACH: f64 = 4.891_638_475_698_59;
