//! The same for many tensors, with one hand-out of work to the threads.

use std::sync::atomic::{AtomicU64, Ordering};

use burn::tensor::Tensor;

use super::host::{CHUNK, products, wide};
use crate::Numbers;
use crate::host::{Lender, hold};
use crate::most::{most_double, most_single};
use crate::share_pieces::share_pieces;

/// Tensors in the host's memory.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<Box<dyn Lender>>);

impl Held {
    /// Adds a tensor; `false` where it does not lie in the host's memory.
    pub(super) fn push<const D: usize>(&mut self, x: &Tensor<D>) -> bool {
        let held = hold(&wide(x));
        let is_held = held.is_some();
        self.0.extend(held);
        is_held
    }

    fn numbers(&self) -> impl Iterator<Item = Numbers<'_>> {
        self.0.iter().map(|tensor| tensor.numbers())
    }

    /// `max |xᵢ|` of each.
    pub(super) fn largest(&self) -> Vec<f64> {
        let most: Vec<_> = self.0.iter().map(|_| AtomicU64::new(0)).collect();
        let mut pieces = vec![];
        for (numbers, most) in self.numbers().zip(&most) {
            numbers.pieces(|piece| pieces.push((piece.len(), (piece, most))));
        }
        // Bits of numbers without a sign are in the order of the numbers, NaN the largest.
        share_pieces(pieces, CHUNK, |(piece, most)| {
            let found = match piece {
                Numbers::Single(x) => u64::from(most_single(x)),
                Numbers::Double(x) => most_double(x),
            };
            most.fetch_max(found, Ordering::Relaxed);
        });
        let bits = most.into_iter().map(AtomicU64::into_inner);
        let values = self
            .numbers()
            .zip(bits)
            .map(|(numbers, bits)| match numbers {
                // They were of 32 bits.
                Numbers::Single(_) => f64::from(f32::from_bits(bits as u32)),
                Numbers::Double(_) => f64::from_bits(bits),
            });
        values.collect()
    }

    /// `Σ(xᵢ / s)²` of all, always added up in the same order.
    pub(super) fn squares(&self, scale: f64) -> f64 {
        let mut found: Vec<Vec<f64>> = vec![];
        let mut pieces = vec![];
        for numbers in self.numbers() {
            let mut of_one = vec![];
            numbers.pieces(|piece| of_one.push(piece));
            found.push(vec![0.0; of_one.len()]);
            pieces.push(of_one);
        }
        let pieces = pieces.into_iter().flatten();
        let slots = found.iter_mut().flatten();
        let pieces = pieces
            .zip(slots)
            .map(|(piece, sum)| (piece.len(), (piece, sum)));
        share_pieces(pieces.collect(), CHUNK, |(piece, sum)| {
            *sum = match piece {
                Numbers::Double(x) => products(x, x, |a, b| (a / scale) * (b / scale)),
                Numbers::Single(x) => {
                    // The reciprocal of a scale of f32 is a number of f64.
                    let scale = scale.recip();
                    products(x, x, |a, b| (f64::from(a) * scale) * (f64::from(b) * scale))
                }
            };
        });
        found.iter().map(|sums| sums.iter().sum::<f64>()).sum()
    }
}

impl<'a> Numbers<'a> {
    fn len(self) -> usize {
        match self {
            Self::Single(x) => x.len(),
            Self::Double(x) => x.len(),
        }
    }

    /// Parts for one thread each.
    fn pieces(self, each: impl FnMut(Self)) {
        match self {
            Self::Single(x) => x.chunks(CHUNK).map(Numbers::Single).for_each(each),
            Self::Double(x) => x.chunks(CHUNK).map(Numbers::Double).for_each(each),
        }
    }
}
