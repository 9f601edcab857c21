//! Integrals of sums of squared polynomials.

use super::formula::Formula;
use super::root::{implicit, root};
use crate::Direction;
use crate::number::Real;

/// `y = c + ∫₀ˣ (m + 1/K Σₖ (1 + Σⱼ aₖⱼ (u/B)ʲ)²) du`, with the least slope `m`.
///
/// Parameters of a number: the coefficients `a` of `K` polynomials of degree `L`, polynomial by polynomial from `j = 0`
/// on, then `c`. Beyond `±10 B` it goes on as the line of its slope there: polynomials of numbers that large overflow.
///
/// ```
/// use thalweg_kernels::{Direction, Pointwise, SumOfSquares};
///
/// // All coefficients are 0: y = c + (m + 1) x.
/// let (map, mut p) = (SumOfSquares::new(1, 2, 1.0, 0.5), vec![0.0_f64, 0.0, 0.0, 10.0]);
/// let [y, log_slope] = map.value(Direction::Forward, 2.0, &mut p);
/// assert!((y - 13.0).abs() < 1e-12 && (log_slope - 1.5_f64.ln()).abs() < 1e-12);
/// assert!((map.value(Direction::Inverse, 13.0, &mut p)[0] - 2.0).abs() < 1e-9);
/// ```
///
/// # References
///
/// Jaini, Selby, Yu: *Sum-of-squares polynomial flow*, 2019, section 3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SumOfSquares {
    polynomials: usize,
    degree: usize,
    bound: f64,
    least_slope: f64,
}

/// The lines begin at this many times the bound.
const REACH: f64 = 10.0;

impl SumOfSquares {
    /// Of this many polynomials of a degree, in units of `bound`.
    pub fn new(polynomials: usize, degree: usize, bound: f64, least_slope: f64) -> Self {
        Self {
            polynomials,
            degree,
            bound,
            least_slope,
        }
    }

    /// The coefficients of the slope as a polynomial of `u/B`, lowest power first.
    fn slope<R: Real>(&self, p: &impl Fn(usize) -> R) -> Vec<R> {
        let zero = p(0).like(0.0);
        let mut slope = vec![zero.clone(); 2 * self.degree + 1];
        let share = zero.like((self.polynomials as f64).recip());
        for k in 0..self.polynomials {
            let first = k * (self.degree + 1);
            let mut terms: Vec<R> = (first..=first + self.degree).map(p).collect();
            terms[0] = terms[0].clone() + zero.like(1.0);
            for (i, a) in terms.iter().enumerate() {
                for (j, b) in terms.iter().enumerate() {
                    let product = a.clone() * b.clone() * share.clone();
                    slope[i + j] = slope[i + j].clone() + product;
                }
            }
        }
        slope[0] = slope[0].clone() + zero.like(self.least_slope);
        slope
    }

    /// `∫₀ᵗ` of the slope and the slope, in units of the bound, at `|t| ≤` [`REACH`].
    fn polynomial<R: Real>(slope: &[R], t: &R) -> [R; 2] {
        let mut sums = [t.like(0.0), t.like(0.0)];
        for (power, coefficient) in slope.iter().enumerate().rev() {
            let part = coefficient.clone() * t.like((power as f64 + 1.0).recip());
            sums = [
                sums[0].clone() * t.clone() + part,
                sums[1].clone() * t.clone() + coefficient.clone(),
            ];
        }
        let [integral, slope] = sums;
        [integral * t.clone(), slope]
    }
}

impl Formula for SumOfSquares {
    fn parameters(&self) -> usize {
        self.polynomials * (self.degree + 1) + 1
    }

    fn evaluate<R: Real>(&self, direction: Direction, x: R, p: &impl Fn(usize) -> R) -> [R; 2] {
        let slope = self.slope(p);
        let constant = p(Formula::parameters(self) - 1);
        let (bound, reach) = (x.like(self.bound), x.like(REACH));
        let within = |t: R| t.least_of(reach.clone()).largest_of(-reach.clone());
        let log = |slope: R| slope.clone().largest_of(slope.like(self.least_slope)).ln();
        match direction {
            Direction::Forward => {
                let t = x / bound.clone();
                let at = within(t.clone());
                let [value, slope] = Self::polynomial(&slope, &at);
                let y = value + (t - at) * slope.clone();
                [(y * bound + constant).saturated(), log(slope)]
            }
            Direction::Inverse => {
                let y = (x - constant) / bound.clone();
                let known: Vec<R> = slope.iter().cloned().map(R::detached).collect();
                let [low, high] = [-reach.clone(), reach.clone()];
                let ends = [&low, &high].map(|end| Self::polynomial(&slope, end));
                let at = y
                    .clone()
                    .largest_of(ends[0][0].clone())
                    .least_of(ends[1][0].clone());
                let found = root(&at, [low, high], |t| Self::polynomial(&known, &t));
                let t = implicit(at.clone(), found.clone(), {
                    Self::polynomial(&slope, &found.detached())
                });
                let [_, slope] = Self::polynomial(&slope, &t);
                let t = t + (y - at) / slope.clone();
                [(t * bound).saturated(), -log(slope)]
            }
        }
    }
}
