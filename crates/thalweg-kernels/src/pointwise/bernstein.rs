//! Monotone Bernstein polynomials.

use super::formula::Formula;
use super::range::{from_unit, log_slope, softmax, to_unit};
use super::root::{implicit, root};
use crate::Direction;
use crate::number::Real;

/// A Bernstein polynomial from `[−bound, bound]` onto itself, the identity outside.
///
/// With `u = (x + B) / 2B` and the degree `M`: `y = Σᵢ C(M, i) uⁱ (1 − u)^(M − i) θᵢ`. Its coefficients begin at `−B` and
/// grow by `2B/M` in the first two and the last two steps, so that the slopes at the ends are 1 and the second
/// derivatives 0. The other steps are shares `softmax(r)` of the rest: `M − 4` parameters a number. Where all are 0 it is
/// the identity.
///
/// ```
/// use thalweg_kernels::{Bernstein, Direction, Pointwise};
///
/// let (map, mut p) = (Bernstein::new(3, 2.0), vec![0.5_f64, -1.0, 2.0]);
/// let [y, there] = map.value(Direction::Forward, 0.7, &mut p);
/// let [x, back] = map.value(Direction::Inverse, y, &mut p);
/// assert!((x - 0.7).abs() < 1e-9 && (there + back).abs() < 1e-9);
/// assert_eq!(map.value(Direction::Forward, 3.0, &mut p), [3.0, 0.0]);
/// ```
///
/// # References
///
/// Sick, Hothorn, Dürr: *Deep transformation models*, 2020, section 3. Arpogaus and others: *Short-term density
/// forecasting of low-voltage load using Bernstein-polynomial normalizing flows*, 2022.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bernstein {
    parameters: usize,
    bound: f64,
}

impl Bernstein {
    /// Of this many parameters, 1 or more: of the degree `parameters + 4`.
    pub fn new(parameters: usize, bound: f64) -> Self {
        Self { parameters, bound }
    }

    /// The steps from coefficient to coefficient on the unit interval, which are 1 together.
    fn steps<R: Real>(&self, p: &impl Fn(usize) -> R) -> Vec<R> {
        let shares = softmax((0..self.parameters).map(p).collect());
        let end = (self.parameters as f64 + 4.0).recip();
        let ends = [shares[0].like(end), shares[0].like(end)];
        let inner = shares.into_iter().map(|w| w.like(1.0 - 4.0 * end) * w);
        let steps = ends.iter().cloned().chain(inner);
        steps.chain(ends.iter().cloned()).collect()
    }

    /// The polynomial and its derivative at `u` in `[0, 1]`.
    fn at<R: Real>(steps: &[R], u: &R) -> [R; 2] {
        let degree = steps.len();
        let rest = u.like(1.0) - u.clone();
        let powers = |of: &R| {
            let mut powers = vec![of.like(1.0)];
            for k in 0..degree {
                powers.push(powers[k].clone() * of.clone());
            }
            powers
        };
        let (up, down) = (powers(u), powers(&rest));
        let basis = |degree: usize, i: usize| {
            up[i].clone() * down[degree - i].clone() * u.like(choose(degree, i))
        };
        let (mut value, mut slope, mut theta) = (u.like(0.0), u.like(0.0), u.like(0.0));
        for (i, step) in steps.iter().enumerate() {
            slope = slope + u.like(degree as f64) * step.clone() * basis(degree - 1, i);
            theta = theta + step.clone();
            value = value + theta.clone() * basis(degree, i + 1);
        }
        [value, slope]
    }
}

/// The binomial coefficient.
fn choose(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
}

impl Formula for Bernstein {
    fn parameters(&self) -> usize {
        self.parameters
    }

    fn evaluate<R: Real>(&self, direction: Direction, x: R, p: &impl Fn(usize) -> R) -> [R; 2] {
        let bound = x.like(self.bound);
        let unit = to_unit(&x, &bound);
        let steps = self.steps(p);
        let u = match direction {
            Direction::Forward => unit.clone(),
            Direction::Inverse => {
                let known: Vec<R> = steps.iter().cloned().map(R::detached).collect();
                let ends = [x.like(0.0), x.like(1.0)];
                let found = root(&unit, ends, |u| Self::at(&known, &u));
                let at = Self::at(&steps, &found.clone().detached());
                implicit(unit.clone(), found, at)
            }
        };
        let [value, slope] = Self::at(&steps, &u);
        let found = match direction {
            Direction::Forward => [value, log_slope(slope)],
            Direction::Inverse => [u, -log_slope(slope)],
        };
        from_unit(x, &bound, found)
    }
}
