//! From mixtures of normal distributions to one.

use super::formula::Formula;
use super::normal::{tails, upper_quantile};
use super::range::total;
use super::root::{implicit, root};
use crate::Direction;
use crate::number::Real;

/// `y = Φ⁻¹(ε/2 + (1 − ε) Σₖ wₖ Φ(e^(aₖ) x + bₖ))`.
///
/// Parameters of a number: the shifts `b` of `K` components, then the log-scales `a`; the weights are `1/K` and
/// `ε = 10⁻⁶`. A [`weighted`](Self::weighted) one has other parameters. The images lie between `±Φ⁻¹(1 − ε/2)`, which is
/// 4.89: other latents count as the nearest one whose datum the digits tell.
///
/// ```
/// use thalweg_kernels::{Direction, Gaussianization, Pointwise};
///
/// // One component with e^a = 1 and b = 0 is the identity, but for ε.
/// let (map, mut p) = (Gaussianization::new(1), vec![0.0_f64; 2]);
/// let [y, log_slope] = map.value(Direction::Forward, 0.5, &mut p);
/// assert!((y - 0.5).abs() < 1e-5 && log_slope.abs() < 1e-5);
/// ```
///
/// # References
///
/// Chen, Gopinath: *Gaussianization*, 2000, section 3. Meng, Song, Song, Ermon: *Gaussianization flows*, 2020, equation 4.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gaussianization {
    components: usize,
    /// The least deviation of a component, where they have means, deviations and weights.
    least: Option<f64>,
}

/// The least mean of the tails that an inverse looks for.
const LEAST_TAIL: f64 = 1e-12;

/// Numbers beyond this many deviations of a component count as that many.
const FARTHEST: f64 = 1e9;

/// The components for the parameters of a number.
struct Parts<R> {
    shifts: Vec<R>,
    scales: Vec<R>,
    /// Where they are not alike.
    log_weights: Option<Vec<R>>,
}

impl Gaussianization {
    /// Of this many components, 1 or more.
    pub fn new(components: usize) -> Self {
        Self {
            components,
            least: None,
        }
    }

    /// Of this many components with means `m`, deviations `s = ln(1 + eʳ) + least` and weights `softmax(l)`: the parameters
    /// are the `m`, then the `r`, then the `l`, and `ε = 10⁻¹⁴`.
    ///
    /// ```
    /// use thalweg_kernels::{Direction, Gaussianization, Pointwise};
    ///
    /// // Means −1 and 1 with equal deviations and weights: half of the mass lies below 0.
    /// let map = Gaussianization::weighted(2, 0.01);
    /// let mut p = vec![-1.0_f64, 1.0, 0.0, 0.0, 0.0, 0.0];
    /// assert!(map.value(Direction::Forward, 0.0, &mut p)[0].abs() < 1e-9);
    /// ```
    pub fn weighted(components: usize, least: f64) -> Self {
        Self {
            components,
            least: Some(least),
        }
    }

    /// `ε`, and `Φ⁻¹(1 − ε/2)`: images lie between this number and its negative.
    fn shrink(&self) -> [f64; 2] {
        match self.least {
            None => [1e-6, 4.891_638_475_698_59],
            Some(_) => [1e-14, 7.739_256_319_504_373],
        }
    }

    #[inline(never)]
    fn parts<R: Real>(&self, p: &impl Fn(usize) -> R) -> Parts<R> {
        let count = self.components;
        let block = |index: usize| -> Vec<R> { (0..count).map(|k| p(index * count + k)).collect() };
        let (shifts, scales) = (block(0), block(1));
        let Some(least) = self.least else {
            return Parts {
                shifts,
                scales,
                log_weights: None,
            };
        };
        let deviation = |raw: R| {
            let floor = raw.like(least);
            raw.softplus() + floor
        };
        let deviations: Vec<R> = scales.into_iter().map(deviation).collect();
        let pairs = shifts.into_iter().zip(&deviations);
        let shifts = pairs.map(|(mean, s)| -mean / s.clone()).collect();
        let (logits, log_sum) = (block(2), log_sum(&block(2)));
        let log_weights = logits.into_iter().map(|l| l - log_sum.clone());
        Parts {
            shifts,
            log_weights: Some(log_weights.collect()),
            scales: deviations.into_iter().map(|s| -s.ln()).collect(),
        }
    }

    /// The arguments of the components at `x`, whose shifts are multiplied by a sign.
    #[inline(never)]
    fn arguments<R: Real>(&self, x: &R, sign: &R, parts: &Parts<R>) -> Vec<R> {
        let farthest = x.like(FARTHEST);
        let argument = |(a, b): (&R, &R)| {
            let u = a.clone().exp() * x.clone() + sign.clone() * b.clone();
            u.least_of(farthest.clone()).largest_of(-farthest.clone())
        };
        let components = parts.scales.iter().zip(&parts.shifts);
        components.map(argument).collect()
    }

    /// The mean of the tails on both sides.
    #[inline(never)]
    fn masses<R: Real>(&self, arguments: &[R], parts: &Parts<R>) -> [R; 2] {
        let both: Vec<[R; 2]> = arguments.iter().map(tails).collect();
        [0, 1].map(|side| {
            let each = both.iter().map(|tails| tails[side].clone());
            match &parts.log_weights {
                None => {
                    let sum = total(&each.collect::<Vec<R>>());
                    sum.clone() * sum.like((self.components as f64).recip())
                }
                Some(log_weights) => {
                    let weighted = each
                        .zip(log_weights)
                        .map(|(tail, l)| tail * l.clone().exp());
                    total(&weighted.collect::<Vec<R>>())
                }
            }
        })
    }

    /// `ln Σₖ wₖ e^(aₖ) φ(uₖ)`, but for the constant of `φ`.
    #[inline(never)]
    fn log_density<R: Real>(&self, arguments: &[R], parts: &Parts<R>) -> R {
        let exponents = parts.scales.iter().zip(arguments);
        let mut exponents: Vec<R> = exponents
            .map(|(a, u)| a.clone() - u.like(0.5) * u.clone() * u.clone())
            .collect();
        match &parts.log_weights {
            None => {
                let sum = log_sum(&exponents);
                sum.clone() - sum.like((self.components as f64).ln())
            }
            Some(log_weights) => {
                for (exponent, l) in exponents.iter_mut().zip(log_weights) {
                    *exponent = exponent.clone() + l.clone();
                }
                log_sum(&exponents)
            }
        }
    }

    /// The log-slope at an `x` of these arguments that goes to `y`.
    fn log_slope<R: Real>(&self, arguments: &[R], parts: &Parts<R>, y: &R) -> R {
        let half_square = y.like(0.5) * y.clone() * y.clone();
        let [shrink, _] = self.shrink();
        self.log_density(arguments, parts) + half_square + y.like((-shrink).ln_1p())
    }
}

/// `ln Σₖ e^(xₖ)`.
#[inline(never)]
fn log_sum<R: Real>(exponents: &[R]) -> R {
    let first = exponents[0].clone();
    let most = exponents
        .iter()
        .fold(first, |most, e| most.largest_of(e.clone()))
        .detached();
    let terms: Vec<R> = exponents
        .iter()
        .map(|e| (e.clone() - most.clone()).exp())
        .collect();
    most + total(&terms).ln()
}

impl Formula for Gaussianization {
    fn parameters(&self) -> usize {
        self.components * if self.least.is_some() { 3 } else { 2 }
    }

    #[inline(never)]
    fn evaluate<R: Real>(&self, direction: Direction, x: R, p: &impl Fn(usize) -> R) -> [R; 2] {
        let (zero, one) = (x.like(0.0), x.like(1.0));
        let (parts, [shrink, reach]) = (&self.parts(p), self.shrink());
        match direction {
            Direction::Forward => {
                let at = self.arguments(&x, &one, parts);
                let [upper, lower] = self.masses(&at, parts);
                let is_low = lower.less(&upper);
                let mean = lower.least_of(upper);
                let tail = mean * x.like(1.0 - shrink) + x.like(0.5 * shrink);
                let y = upper_quantile(&tail);
                let y = R::select(is_low, -y.clone(), y);
                let log_slope = self.log_slope(&at, parts, &y);
                [y, log_slope]
            }
            Direction::Inverse => {
                let y = x;
                // The side of the smaller tail: the other one is mirrored.
                let sign = R::select(y.less(&zero), -one.clone(), one.clone());
                let mean = (tails(&(sign.clone() * y.clone()))[0].clone() - y.like(0.5 * shrink))
                    * y.like((1.0 - shrink).recip());
                let mean = mean.largest_of(y.like(LEAST_TAIL)).least_of(y.like(0.5));
                // Each component alone would have it there.
                let alone = upper_quantile(&mean.clone().detached());
                let alone = |k: usize| {
                    let shift = sign.clone() * parts.shifts[k].clone().detached();
                    (alone.clone() - shift) * (-parts.scales[k].clone().detached()).exp()
                };
                let ends = (1..self.components).fold([alone(0), alone(0)], |[low, high], k| {
                    [low.least_of(alone(k)), high.largest_of(alone(k))]
                });
                // `−ln` of the mean of the tails, and its slope.
                let cost = |v: R| {
                    let at = self.arguments(&v, &sign, parts);
                    let [upper, _] = self.masses(&at, parts);
                    let half_ln_tau = v.like(0.5 * std::f64::consts::TAU.ln());
                    let density = (self.log_density(&at, parts) - half_ln_tau).exp();
                    let upper = upper.largest_of(v.like(0.5 * LEAST_TAIL / self.components as f64));
                    [-upper.clone().ln(), density / upper]
                };
                let target = -mean.ln();
                let found = root(&target, ends, cost);
                let at = cost(found.clone().detached());
                let x = sign.clone() * implicit(target, found, at);
                let at = self.arguments(&x, &one, parts);
                let y = y.least_of(x.like(reach)).largest_of(x.like(-reach));
                let log_slope = self.log_slope(&at, parts, &y);
                [x.saturated(), -log_slope]
            }
        }
    }
}
