//! Blocks of numbers, with their parameters, as lanes read them.

use std::ops::Range;

use pulp::Simd;

use super::MapParameters;
use crate::Places;
use crate::number::Lanes;
use crate::places::Grid;

/// Numbers of a block: a whole number of registers on every processor.
pub(crate) const BLOCK: usize = 64;

/// Where the numbers of a batch that are mapped lie, and their parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) grid: Grid,
    pub(super) places: Places,
    /// Parameters of each number.
    pub(super) parameters: usize,
}

/// Mapped numbers that are computed together: of several small samples all, or of a large one some.
#[derive(Clone)]
pub(super) struct Block {
    pub(super) samples: Range<usize>,
    /// Of the mapped numbers of each sample.
    numbers: Range<usize>,
}

impl Block {
    /// Numbers of each sample.
    fn each(&self) -> usize {
        self.numbers.len()
    }

    pub(super) fn count(&self) -> usize {
        self.samples.len() * self.each()
    }

    /// The samples, and where their numbers lie in the block.
    pub(super) fn parts(&self) -> impl Iterator<Item = (usize, Range<usize>)> + use<> {
        let each = self.each();
        let starts = (0..).step_by(each);
        let ranges = starts.map(move |start| start..start + each);
        self.samples.clone().zip(ranges)
    }
}

impl Layout {
    /// Mapped numbers of a sample.
    pub(super) fn mapped(&self) -> usize {
        self.places.count * self.grid.positions()
    }

    /// The blocks of a batch of this size.
    pub(super) fn blocks(&self, samples: usize) -> impl Iterator<Item = Block> + use<> {
        let mapped = self.mapped();
        // Either is 1 where the other is not.
        let [together, each] = [(BLOCK / mapped).max(1), mapped.min(BLOCK)];
        (0..samples).step_by(together).flat_map(move |first| {
            let samples = first..(first + together).min(samples);
            (0..mapped).step_by(each).map(move |start| Block {
                samples: samples.clone(),
                numbers: start..(start + each).min(mapped),
            })
        })
    }

    /// The runs of a sample's numbers that are contiguous: their place in the sample and in its part of the
    /// block.
    #[inline(always)]
    fn runs(&self, block: &Block, mut run: impl FnMut(usize, Range<usize>)) {
        let (Places { first, step, .. }, positions) = (self.places, self.grid.positions());
        let Range { start, end } = block.numbers.clone();
        match (step, positions) {
            (1, _) => run(first * positions + start, 0..end - start),
            (_, 1) => (start..end).for_each(|n| run(first + n * step, n - start..n - start + 1)),
            _ => {
                let mut number = start;
                while number < end {
                    let (channel, position) = (number / positions, number % positions);
                    let count = (positions - position).min(end - number);
                    let from = (first + channel * step) * positions + position;
                    run(from, number - start..number - start + count);
                    number += count;
                }
            }
        }
    }

    /// The numbers of a block out of an array.
    pub(super) fn read(&self, block: &Block, x: &[f32], numbers: &mut [f32; BLOCK]) {
        for (sample, part) in block.parts() {
            let (x, numbers) = (&x[sample * self.grid.each()..], &mut numbers[part]);
            self.runs(block, |from, to| {
                let count = to.len();
                copy(&mut numbers[to], &x[from..from + count]);
            });
        }
    }

    /// And back.
    pub(super) fn write(&self, block: &Block, numbers: &[f32; BLOCK], x: &mut [f32]) {
        for (sample, part) in block.parts() {
            let (x, numbers) = (&mut x[sample * self.grid.each()..], &numbers[part]);
            self.runs(block, |to, from| {
                let count = from.len();
                copy(&mut x[to..to + count], &numbers[from]);
            });
        }
    }

    fn parameters_of(&self, samples: &Range<usize>) -> Range<usize> {
        let each = self.parameters * self.mapped();
        samples.start * each..samples.end * each
    }

    /// The parameters of a block out of an array, parameter by parameter.
    pub(super) fn read_parameters(&self, block: &Block, all: &[f32], columns: &mut [f32]) {
        let (mapped, all) = (self.mapped(), &all[self.parameters_of(&block.samples)]);
        let samples = all.chunks_exact(self.parameters * mapped);
        for (from, part) in samples.zip(block.parts().map(|(_, part)| part)) {
            let columns = columns.chunks_exact_mut(BLOCK);
            if mapped == 1 {
                let columns = columns.zip(from);
                columns.for_each(|(column, p)| column[part.start] = *p);
                continue;
            }
            for (from, column) in from.chunks_exact(mapped).zip(columns) {
                copy(&mut column[part.clone()], &from[block.numbers.clone()]);
            }
        }
    }

    /// And back.
    #[cfg(feature = "host")]
    pub(super) fn write_parameters(&self, block: &Block, columns: &[f32], all: &mut [f32]) {
        let mapped = self.mapped();
        let all = &mut all[self.parameters_of(&block.samples)];
        let samples = all.chunks_exact_mut(self.parameters * mapped);
        for (to, part) in samples.zip(block.parts().map(|(_, part)| part)) {
            let columns = columns.chunks_exact(BLOCK);
            if mapped == 1 {
                let columns = columns.zip(to);
                columns.for_each(|(column, p)| *p = column[part.start]);
                continue;
            }
            for (to, column) in to.chunks_exact_mut(mapped).zip(columns) {
                copy(&mut to[block.numbers.clone()], &column[part.clone()]);
            }
        }
    }
}

/// A copy without a call where there is little to copy, as of a sample with few features: its first and its
/// last numbers, which may overlap.
#[inline(always)]
fn copy(to: &mut [f32], from: &[f32]) {
    #[inline(always)]
    fn ends<const N: usize>(to: &mut [f32], from: &[f32]) -> Option<()> {
        *to.first_chunk_mut::<N>()? = *from.first_chunk()?;
        *to.last_chunk_mut::<N>()? = *from.last_chunk()?;
        Some(())
    }
    assert_eq!(to.len(), from.len(), "a copy of as many numbers");
    let copied = match to.len() {
        1 => ends::<1>(to, from),
        2 | 3 => ends::<2>(to, from),
        4..8 => ends::<4>(to, from),
        8..16 => ends::<8>(to, from),
        16..=32 => ends::<16>(to, from),
        _ => None,
    };
    if copied.is_none() {
        to.copy_from_slice(from);
    }
}

/// The parameters of one register of numbers in a block.
pub(super) struct Register<'a, S: Simd> {
    pub(super) simd: S,
    pub(super) block: &'a mut [f32],
    /// The first of its numbers in the block.
    pub(super) at: usize,
}

impl<S: Simd> MapParameters<Lanes<S>> for Register<'_, S> {
    #[inline(always)]
    fn get(&self, k: usize) -> Lanes<S> {
        load(self.simd, &self.block[k * BLOCK + self.at..])
    }

    #[inline(always)]
    fn set(&mut self, k: usize, value: Lanes<S>) {
        store(&mut self.block[k * BLOCK + self.at..], value);
    }
}

/// The parameters of one register of numbers where they lie, for maps that only read them.
pub(super) struct InPlace<'a, S: Simd> {
    pub(super) simd: S,
    pub(super) parameters: &'a [f32],
    /// From a parameter of a number to the next parameter of it.
    pub(super) stride: usize,
    /// The numbers of the register.
    pub(super) at: Range<usize>,
}

impl<S: Simd> MapParameters<Lanes<S>> for InPlace<'_, S> {
    #[inline(always)]
    fn get(&self, k: usize) -> Lanes<S> {
        let start = k * self.stride;
        load(
            self.simd,
            &self.parameters[start + self.at.start..start + self.at.end],
        )
    }

    #[inline(always)]
    fn set(&mut self, _: usize, _: Lanes<S>) {
        unreachable!("a map that only reads its parameters");
    }
}

/// The numbers of a slice as a register, with zeros behind them.
#[inline(always)]
pub(crate) fn load<S: Simd>(simd: S, from: &[f32]) -> Lanes<S> {
    match S::as_simd_f32s(from).0 {
        [whole, ..] => Lanes(simd, *whole),
        [] => Lanes(simd, simd.partial_load_f32s(from)),
    }
}

/// The first numbers of a register into a slice.
#[inline(always)]
pub(crate) fn store<S: Simd>(to: &mut [f32], Lanes(simd, value): Lanes<S>) {
    match S::as_mut_simd_f32s(to).0 {
        [whole, ..] => *whole = value,
        [] => simd.partial_store_f32s(to, value),
    }
}
