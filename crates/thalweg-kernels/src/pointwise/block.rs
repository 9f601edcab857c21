//! Blocks of numbers, with their parameters, as lanes read them.

use std::ops::Range;

use pulp::Simd;

use super::Columns;
use crate::Places;
use crate::number::Lanes;
use crate::places::Grid;

/// Numbers of a block: a whole number of registers on every processor.
pub(super) const BLOCK: usize = 64;

/// Where the numbers of a batch that are mapped lie, and their parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) grid: Grid,
    pub(super) places: Places,
    /// Parameters of each number.
    pub(super) parameters: usize,
}

/// The part of a block that comes from one sample.
pub(super) struct Segment {
    pub(super) sample: usize,
    /// Of the sample's mapped numbers.
    numbers: Range<usize>,
    /// Where it begins in the block.
    pub(super) at: usize,
}

impl Segment {
    pub(super) fn range(&self) -> Range<usize> {
        self.at..self.at + self.numbers.len()
    }
}

impl Layout {
    /// Mapped numbers of a sample.
    pub(super) fn mapped(&self) -> usize {
        self.places.count * self.grid.positions()
    }

    /// The segments of the block that begins at a number of the batch.
    pub(super) fn segments(&self, start: usize, end: usize) -> impl Iterator<Item = Segment> {
        let (mapped, block_end) = (self.mapped(), end.min(start + BLOCK));
        let mut next = start;
        std::iter::from_fn(move || {
            (next < block_end).then(|| {
                let (sample, first) = (next / mapped, next % mapped);
                let count = (mapped - first).min(block_end - next);
                let at = next - start;
                next += count;
                let numbers = first..first + count;
                Segment {
                    sample,
                    numbers,
                    at,
                }
            })
        })
    }

    /// Runs of a segment's numbers that lie in a row: their place in the array and in the block.
    fn runs(&self, segment: &Segment, mut run: impl FnMut(Range<usize>, Range<usize>)) {
        let (Places { first, step, .. }, positions) = (self.places, self.grid.positions());
        let start = segment.sample * self.grid.each();
        let Range {
            start: mut number,
            end,
        } = segment.numbers.clone();
        let mut at = segment.at;
        while number < end {
            let (channel, position) = (number / positions, number % positions);
            let (from, count) = match step {
                1 => (first * positions + number, end - number),
                _ => {
                    let from = (first + channel * step) * positions + position;
                    (from, (positions - position).min(end - number))
                }
            };
            run(start + from..start + from + count, at..at + count);
            (number, at) = (number + count, at + count);
        }
    }

    /// The numbers of a segment into a block.
    pub(super) fn read(&self, segment: &Segment, x: &[f32], block: &mut [f32; BLOCK]) {
        self.runs(segment, |from, to| copy(&mut block[to], &x[from]));
    }

    /// The numbers of a segment out of a block.
    pub(super) fn write(&self, segment: &Segment, block: &[f32; BLOCK], x: &mut [f32]) {
        self.runs(segment, |to, from| copy(&mut x[to], &block[from]));
    }

    fn parameters_of(&self, sample: usize) -> Range<usize> {
        let each = self.parameters * self.mapped();
        sample * each..(sample + 1) * each
    }

    /// The parameters of a segment into a block, parameter by parameter.
    pub(super) fn read_parameters(&self, segment: &Segment, all: &[f32], block: &mut [f32]) {
        let from = all[self.parameters_of(segment.sample)].chunks_exact(self.mapped());
        for (from, to) in from.zip(block.chunks_exact_mut(BLOCK)) {
            copy(&mut to[segment.range()], &from[segment.numbers.clone()]);
        }
    }

    /// And back.
    pub(super) fn write_parameters(&self, segment: &Segment, block: &[f32], all: &mut [f32]) {
        let to = all[self.parameters_of(segment.sample)].chunks_exact_mut(self.mapped());
        for (to, from) in to.zip(block.chunks_exact(BLOCK)) {
            copy(&mut to[segment.numbers.clone()], &from[segment.range()]);
        }
    }
}

/// A copy without a call where there is little to copy, as of a sample with few features.
#[inline(always)]
fn copy(to: &mut [f32], from: &[f32]) {
    match (&mut *to, from) {
        ([a], [x]) => *a = *x,
        ([a, b], [x, y]) => (*a, *b) = (*x, *y),
        ([a, b, c], [x, y, z]) => (*a, *b, *c) = (*x, *y, *z),
        _ => to.copy_from_slice(from),
    }
}

/// The parameters of one register of numbers in a block.
pub(super) struct Register<'a, S: Simd> {
    pub(super) simd: S,
    pub(super) block: &'a mut [f32],
    /// The first of its numbers in the block.
    pub(super) at: usize,
}

impl<S: Simd> Columns<Lanes<S>> for Register<'_, S> {
    #[inline(always)]
    fn get(&self, k: usize) -> Lanes<S> {
        load(self.simd, &self.block[k * BLOCK + self.at..])
    }

    #[inline(always)]
    fn set(&mut self, k: usize, value: Lanes<S>) {
        store(&mut self.block[k * BLOCK + self.at..], value);
    }
}

/// The first numbers of a slice as a register of them.
#[inline(always)]
pub(super) fn load<S: Simd>(simd: S, from: &[f32]) -> Lanes<S> {
    Lanes(simd, S::as_simd_f32s(&from[..S::F32_LANES]).0[0])
}

#[inline(always)]
pub(super) fn store<S: Simd>(to: &mut [f32], Lanes(_, value): Lanes<S>) {
    S::as_mut_simd_f32s(&mut to[..S::F32_LANES]).0[0] = value;
}
