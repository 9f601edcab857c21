//! One vector after the other: for single points, where nothing is shared and each factor is read once.

use crate::Direction;
use crate::number::Number;
use crate::numerics::HEADROOM;
use crate::vectorized::vectorized;

/// The factors of `W = P L (U + diag(d))` on slices; see [`Plu`](crate::Plu).
///
/// ```
/// use thalweg_kernels::{Direction, PluRows};
///
/// // The rows of L (U + diag(d)) are (3, 4) and (6, 13), those of W the same in the other order.
/// let both = [0.0, 4.0, 2.0, 0.0];
/// let factors = PluRows { order: &[1, 0], lower: &both, upper: &both, diagonal: &[3.0, 5.0] };
/// let (mut x, mut beside) = ([1.0, 1.0], [0.0; 2]);
/// factors.apply(Direction::Forward, &mut x, &mut beside);
/// assert_eq!(x, [19.0, 7.0]);
/// factors.apply(Direction::Inverse, &mut x, &mut beside);
/// assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-5));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct PluRows<'a> {
    /// Row `i` of `W` is row `order[i]` of `L (U + diag(d))`.
    pub order: &'a [usize],
    /// Row by row, the part below the diagonal is read.
    pub lower: &'a [f32],
    /// Row by row, the part above the diagonal is read. It may be the same matrix as `lower`.
    pub upper: &'a [f32],
    /// `d`.
    pub diagonal: &'a [f32],
}

impl PluRows<'_> {
    /// Each vector of `x` becomes `W x`, or `W⁻¹ x`. `beside` is memory for a vector.
    ///
    /// # Panics
    ///
    /// When the sizes do not fit.
    pub fn apply(self, direction: Direction, x: &mut [f32], beside: &mut [f32]) {
        let size = self.order.len();
        assert!(
            self.lower.len() == size * size
                && self.upper.len() == size * size
                && self.diagonal.len() == size
                && beside.len() == size
                && x.len().is_multiple_of(size.max(1)),
            "factors of {size} features with {}, {} and {} numbers for {}, beside {}",
            self.lower.len(),
            self.upper.len(),
            self.diagonal.len(),
            x.len(),
            beside.len()
        );
        vectorized(
            #[inline(always)]
            || match direction {
                Direction::Forward => self.multiply(x, beside),
                Direction::Inverse => self.solve(x, beside),
            },
        );
    }

    #[inline(always)]
    fn multiply(self, x: &mut [f32], beside: &mut [f32]) {
        let size = self.order.len();
        x.iter_mut().for_each(|x| *x /= HEADROOM);
        // A number is overwritten when no later row reads it. The samples take turns at a row of the factor, which
        // comes from far memory.
        for i in 0..size {
            let row = &self.upper[i * size..][i + 1..size];
            for x in x.chunks_exact_mut(size) {
                x[i] = x[i] * self.diagonal[i] + dot(row, &x[i + 1..]);
            }
        }
        for i in (0..size).rev() {
            let row = &self.lower[i * size..][..i];
            for x in x.chunks_exact_mut(size) {
                x[i] += dot(row, &x[..i]);
            }
        }
        for x in x.chunks_exact_mut(size) {
            beside.copy_from_slice(x);
            for (x, from) in x.iter_mut().zip(self.order) {
                *x = (beside[*from] * HEADROOM).saturated();
            }
        }
    }

    #[inline(always)]
    fn solve(self, x: &mut [f32], beside: &mut [f32]) {
        let size = self.order.len();
        for x in x.chunks_exact_mut(size) {
            beside.copy_from_slice(x);
            for (z, to) in beside.iter().zip(self.order) {
                x[*to] = z / HEADROOM;
            }
        }
        for i in 0..size {
            let row = &self.lower[i * size..][..i];
            for x in x.chunks_exact_mut(size) {
                x[i] -= dot(row, &x[..i]);
            }
        }
        for i in (0..size).rev() {
            let row = &self.upper[i * size..][i + 1..size];
            for x in x.chunks_exact_mut(size) {
                x[i] = (x[i] - dot(row, &x[i + 1..])) / self.diagonal[i];
            }
        }
        x.iter_mut().for_each(|x| *x = (*x * HEADROOM).saturated());
    }
}

/// `Σ aᵢ bᵢ` of equally long slices, in sums that do not wait for each other.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    const SUMS: usize = 4 * LANES;
    let mut sums = [0.0f32; SUMS];
    let (whole_a, rest_a) = a.as_chunks::<SUMS>();
    let (whole_b, rest_b) = b.as_chunks::<SUMS>();
    for (a, b) in whole_a.iter().zip(whole_b) {
        add_products(&mut sums, a, b);
    }
    let (mut half, mut count) = (sums, SUMS / 2);
    while count >= LANES {
        for i in 0..count {
            half[i] += half[i + count];
        }
        count /= 2;
    }
    let mut sums: [f32; LANES] = std::array::from_fn(|i| half[i]);
    let (whole_a, rest_a) = rest_a.as_chunks::<LANES>();
    let (whole_b, rest_b) = rest_b.as_chunks::<LANES>();
    for (a, b) in whole_a.iter().zip(whole_b) {
        add_products(&mut sums, a, b);
    }
    let mut sum: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    for count in [8, 4, 2, 1] {
        for i in 0..count {
            sums[i] += sums[i + count];
        }
    }
    sum += sums[0];
    sum
}

#[inline(always)]
fn add_products<const N: usize>(sums: &mut [f32; N], a: &[f32; N], b: &[f32; N]) {
    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
        *sum = a.mul_add(*b, *sum);
    }
}
