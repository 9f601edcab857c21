//! Images moved by the pixels of a kernel.

use std::ops::Range;

use super::phases::{Images, Phases};
use crate::vectorized::vectorized;

/// A kernel's pixels, and the images that they move.
pub(super) struct Shifts {
    /// Of the kernel, odd.
    side: usize,
    phases: Phases,
    /// How far a kernel reaches in a plane.
    reach: usize,
    /// For each move in a plane, by rows and by columns, which of a row's pixels see one of their own image:
    /// all bits or none.
    seen: Vec<Vec<u32>>,
}

/// Whether a pixel looks as far as it lies from the kernel's middle, or as far the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Along,
    Against,
}

/// What the pixels of a plane see: those of a plane so far away, where they see any.
pub(super) struct Sight<'a> {
    plane: usize,
    offset: isize,
    pub(super) seen: &'a [u32],
}

impl Shifts {
    /// For rows of images.
    pub(super) fn new(side: usize, images: Images) -> Self {
        let phases = images.phases;
        let [height, width] = phases.of_plane();
        let reach = (side / 2).div_ceil(phases.period);
        let moves = -(reach as isize)..=reach as isize;
        let moves = moves
            .clone()
            .flat_map(|down| moves.clone().map(move |right| (down, right)));
        let seen = moves.filter(|_| side > 1).map(|(down, right)| {
            let among = |at: usize, by: isize, count| {
                at.checked_add_signed(by).is_some_and(|at| at < count)
            };
            let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
            let image = pixels.map(|(y, x)| among(y, down, height) && among(x, right, width));
            let image: Vec<u32> = image.map(|seen| if seen { u32::MAX } else { 0 }).collect();
            image.repeat(images.samples)
        });
        Self {
            side,
            phases,
            reach,
            seen: seen.collect(),
        }
    }

    /// Pixels of the kernel.
    pub(super) fn count(&self) -> usize {
        self.side * self.side
    }

    /// Pixels beside each other in an image of a plane.
    pub(super) fn width(&self) -> usize {
        self.phases.of_plane()[1]
    }

    /// What pixels see that look so far down and to the right in their own plane.
    pub(super) fn sight(&self, [down, right]: [isize; 2]) -> Sight<'_> {
        let (reach, width) = (self.reach as isize, self.phases.of_plane()[1] as isize);
        let index = (down + reach) * (2 * reach + 1) + right + reach;
        Sight {
            plane: 0,
            offset: down * width + right,
            seen: &self.seen[index as usize],
        }
    }

    /// What the pixels of a plane see through a pixel of the kernel.
    fn through(&self, pixel: usize, plane: usize, look: Look) -> Sight<'_> {
        let period = self.phases.period;
        let find = |pixel: usize, phase: usize| {
            let far = pixel as isize - (self.side / 2) as isize;
            let at = phase as isize + if look == Look::Along { far } else { -far };
            let period = period as isize;
            (at.rem_euclid(period) as usize, at.div_euclid(period))
        };
        let (row, down) = find(pixel / self.side, plane / period);
        let (column, right) = find(pixel % self.side, plane % period);
        Sight {
            plane: row * period + column,
            ..self.sight([down, right])
        }
    }

    /// Pixels of the kernel, planes, and what the plane sees through the pixel.
    fn sights(&self, look: Look) -> Vec<(usize, usize, Sight<'_>)> {
        let planes = (0..self.phases.planes())
            .map(move |plane| (0..self.count()).map(move |pixel| (pixel, plane)));
        let sights = planes
            .flatten()
            .map(|(pixel, plane)| (pixel, plane, self.through(pixel, plane, look)));
        sights.collect()
    }

    /// For each channel, a row of images, and for each pixel of the kernel, the images that
    /// the pixel sees: `out[p] = x[p + offset]`, zero outside.
    pub(super) fn spread(&self, x: &[f32], row: usize, look: Look) -> Vec<f32> {
        let (sights, plane) = (self.sights(look), row / self.phases.planes());
        let mut out = vec![0.0; x.len() * self.count()];
        vectorized(
            #[inline(always)]
            || {
                for (x, out) in x
                    .chunks_exact(row)
                    .zip(out.chunks_exact_mut(row * self.count()))
                {
                    for (pixel, to, sight) in &sights {
                        let out = &mut out[pixel * row + to * plane..][..plane];
                        sight.each(out, &x[sight.plane * plane..][..plane], |out, x| *out = x);
                    }
                }
            },
        );
        out
    }

    /// The sums over the pixels of the kernel of what they see, `out[p] = Σ x[p + offset]`: the transpose of
    /// [`spread`](Self::spread) with the other look.
    pub(super) fn gather(&self, x: &[f32], row: usize, look: Look) -> Vec<f32> {
        let (sights, plane) = (self.sights(look), row / self.phases.planes());
        let mut out = vec![0.0; x.len() / self.count()];
        vectorized(
            #[inline(always)]
            || {
                for (x, out) in x
                    .chunks_exact(row * self.count())
                    .zip(out.chunks_exact_mut(row))
                {
                    for (pixel, to, sight) in &sights {
                        let x = &x[pixel * row + sight.plane * plane..][..plane];
                        sight.each(&mut out[to * plane..][..plane], x, |out, x| *out += x);
                    }
                }
            },
        );
        out
    }
}

impl Sight<'_> {
    /// For each pixel of a plane, what it sees in another one, or zero.
    #[inline(always)]
    pub(super) fn each(&self, out: &mut [f32], x: &[f32], f: impl Fn(&mut f32, f32)) {
        let (from, to) = self.overlap(x.len());
        for ((out, x), seen) in out[to.clone()].iter_mut().zip(&x[from]).zip(&self.seen[to]) {
            f(out, f32::from_bits(x.to_bits() & seen));
        }
    }

    /// Pixels of a plane of this length that are seen, and by which.
    fn overlap(&self, length: usize) -> (Range<usize>, Range<usize>) {
        let distance = self.offset.unsigned_abs().min(length);
        match self.offset >= 0 {
            true => (distance..length, 0..length - distance),
            false => (0..length - distance, distance..length),
        }
    }
}
