//! Images shifted by the pixels of a kernel: im2col and col2im.

use std::ops::Range;

use super::phases::{Images, Phases};
use crate::vectorized::vectorized;

/// The shifts of images by the pixels of a kernel.
pub(super) struct Shifts {
    /// Of the kernel; odd.
    side: usize,
    phases: Phases,
    /// The largest shift in a plane, in pixels.
    reach: usize,
    /// For each shift in a plane, by rows and columns, a mask of the pixels whose neighbour lies in the
    /// same image: all bits or none.
    masks: Vec<Vec<u32>>,
}

/// The sign of a shift: to the pixel's distance from the kernel's centre, or against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// The neighbours of a plane's pixels: pixels of a plane at an offset, where the mask has bits.
pub(super) struct Shift<'a> {
    plane: usize,
    offset: isize,
    pub(super) mask: &'a [u32],
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
        let masks = moves.filter(|_| side > 1).map(|(down, right)| {
            let among = |at: usize, by: isize, count| {
                at.checked_add_signed(by).is_some_and(|at| at < count)
            };
            let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
            let image = pixels.map(|(y, x)| among(y, down, height) && among(x, right, width));
            let image: Vec<u32> = image
                .map(|inside| if inside { u32::MAX } else { 0 })
                .collect();
            image.repeat(images.samples)
        });
        Self {
            side,
            phases,
            reach,
            masks: masks.collect(),
        }
    }

    /// Pixels of the kernel.
    pub(super) fn count(&self) -> usize {
        self.side * self.side
    }

    /// The width of an image in a plane.
    pub(super) fn width(&self) -> usize {
        self.phases.of_plane()[1]
    }

    /// The neighbours this far down and to the right, in the same plane.
    pub(super) fn in_plane(&self, [down, right]: [isize; 2]) -> Shift<'_> {
        let (reach, width) = (self.reach as isize, self.phases.of_plane()[1] as isize);
        let index = (down + reach) * (2 * reach + 1) + right + reach;
        Shift {
            plane: 0,
            offset: down * width + right,
            mask: &self.masks[index as usize],
        }
    }

    /// The neighbours of a plane's pixels for a pixel of the kernel.
    fn of_pixel(&self, pixel: usize, plane: usize, sign: Sign) -> Shift<'_> {
        let period = self.phases.period;
        let find = |pixel: usize, phase: usize| {
            let distance = pixel as isize - (self.side / 2) as isize;
            let at = phase as isize
                + if sign == Sign::Plus {
                    distance
                } else {
                    -distance
                };
            let period = period as isize;
            (at.rem_euclid(period) as usize, at.div_euclid(period))
        };
        let (row, down) = find(pixel / self.side, plane / period);
        let (column, right) = find(pixel % self.side, plane % period);
        Shift {
            plane: row * period + column,
            ..self.in_plane([down, right])
        }
    }

    /// All pixels of the kernel and planes, and the neighbours.
    fn all(&self, sign: Sign) -> Vec<(usize, usize, Shift<'_>)> {
        let planes = (0..self.phases.planes())
            .map(move |plane| (0..self.count()).map(move |pixel| (pixel, plane)));
        let shifts = planes
            .flatten()
            .map(|(pixel, plane)| (pixel, plane, self.of_pixel(pixel, plane, sign)));
        shifts.collect()
    }

    /// im2col: for each channel, a row of images, and each pixel of the kernel, a shifted copy
    /// `out[p] = x[p + offset]`, zero outside.
    pub(super) fn im2col(&self, x: &[f32], row: usize, sign: Sign) -> Vec<f32> {
        let (shifts, plane) = (self.all(sign), row / self.phases.planes());
        let mut out = vec![0.0; x.len() * self.count()];
        vectorized(
            #[inline(always)]
            || {
                for (x, out) in x
                    .chunks_exact(row)
                    .zip(out.chunks_exact_mut(row * self.count()))
                {
                    for (pixel, to, shift) in &shifts {
                        let out = &mut out[pixel * row + to * plane..][..plane];
                        shift.each(out, &x[shift.plane * plane..][..plane], |out, x| *out = x);
                    }
                }
            },
        );
        out
    }

    /// col2im: for each channel, the sum of shifted rows over the pixels of the kernel,
    /// `out[p] = Σ x[p + offset]`. The transpose of [`im2col`](Self::im2col) with the other sign.
    pub(super) fn col2im(&self, x: &[f32], row: usize, sign: Sign) -> Vec<f32> {
        let (shifts, plane) = (self.all(sign), row / self.phases.planes());
        let mut out = vec![0.0; x.len() / self.count()];
        vectorized(
            #[inline(always)]
            || {
                for (x, out) in x
                    .chunks_exact(row * self.count())
                    .zip(out.chunks_exact_mut(row))
                {
                    for (pixel, to, shift) in &shifts {
                        let x = &x[pixel * row + shift.plane * plane..][..plane];
                        shift.each(&mut out[to * plane..][..plane], x, |out, x| *out += x);
                    }
                }
            },
        );
        out
    }
}

impl Shift<'_> {
    /// For each pixel of a plane, its neighbour in another one, or zero.
    #[inline(always)]
    pub(super) fn each(&self, out: &mut [f32], x: &[f32], f: impl Fn(&mut f32, f32)) {
        let (from, to) = self.overlap(x.len());
        for ((out, x), mask) in out[to.clone()].iter_mut().zip(&x[from]).zip(&self.mask[to]) {
            f(out, f32::from_bits(x.to_bits() & mask));
        }
    }

    /// The neighbours in a plane of this length, and the pixels whose they are.
    fn overlap(&self, length: usize) -> (Range<usize>, Range<usize>) {
        let distance = self.offset.unsigned_abs().min(length);
        match self.offset >= 0 {
            true => (distance..length, 0..length - distance),
            false => (0..length - distance, distance..length),
        }
    }
}
