//! What the way to the latents leaves behind for the way back.

use std::any::Any;

use burn::tensor::Tensor;

use super::keep::Keep;
use super::variable::{Variable, bytes};
use super::way_back::WayBack;

/// The marks that a pass to the latents leaves, one at each layer: a sum that tells whether the
/// layer's input was found again, and at some layers the input itself.
#[derive(Debug, Default)]
pub struct Trail(Option<Marks>);

#[derive(Debug, Default)]
struct Marks {
    keep: Keep,
    marks: Vec<Mark>,
}

/// What is left at one layer.
#[derive(Debug)]
pub(super) struct Mark {
    /// The sum of each sample's numbers.
    pub(super) sums: Tensor<1>,
    /// The layer's input.
    pub(super) kept: Option<Box<dyn Any + Send>>,
    /// How much memory the input takes.
    pub(super) bytes: usize,
}

impl Trail {
    /// No trail: the pass leaves nothing.
    pub fn none() -> Self {
        Self(None)
    }

    /// Sums alone: each input has to be found again by inverting its layer.
    pub fn new() -> Self {
        Self::keeping(Keep::default())
    }

    pub(super) fn keeping(keep: Keep) -> Self {
        let marks = vec![];
        Self(Some(Marks { keep, marks }))
    }

    /// Marks a layer, before it maps `x`.
    pub fn leave<T: Variable>(&mut self, x: &T) {
        let Some(Marks { keep, marks }) = &mut self.0 else {
            return;
        };
        let bytes = bytes(x);
        let kept = keep.keeps(marks.len(), bytes);
        marks.push(Mark {
            sums: sums(x),
            kept: kept.then(|| Box::new(x.clone()) as Box<dyn Any + Send>),
            bytes,
        });
    }

    /// The way back, the loss having these derivatives in the log-determinant, `[batch]`.
    pub fn back(self, log_det: Tensor<1>) -> WayBack {
        let marks = self.0.map(|marks| marks.marks);
        WayBack::new(marks.unwrap_or_default(), log_det)
    }

    /// How much memory the inputs of all layers take, and how much those that were kept.
    pub(super) fn bytes(&self) -> (usize, usize) {
        let marks = self.0.iter().flat_map(|marks| &marks.marks);
        marks.fold((0, 0), |(all, kept), mark| {
            let of_kept = if mark.kept.is_some() { mark.bytes } else { 0 };
            (all + mark.bytes, kept + of_kept)
        })
    }

    /// How many layers there were, and of how many the input was kept.
    pub(super) fn layers(&self) -> (usize, usize) {
        let marks = self.0.iter().flat_map(|marks| &marks.marks);
        marks.fold((0, 0), |(all, kept), mark| {
            (all + 1, kept + usize::from(mark.kept.is_some()))
        })
    }
}

/// The sum of each sample's numbers, `[batch]`.
fn sums<T: Variable>(x: &T) -> Tensor<1> {
    let sums = x.rows().into_iter().map(|rows| rows.sum_dim(1));
    let sum = sums.reduce(Tensor::add);
    sum.expect("data and latents have at least one tensor")
        .squeeze_dim(1)
}

/// How far `x` is from what was seen on the way to the latents, for each sample: the difference of
/// the sums, `|Σ x′ − Σ x| / √(Σ x²)`. Errors of independent signs and of the relative size ε give
/// about ε, however many numbers there are.
pub(super) fn drifts<T: Variable>(seen: &Tensor<1>, x: &T) -> Tensor<1> {
    let squares = x.rows().into_iter().map(|rows| rows.square().sum_dim(1));
    let squares = squares.reduce(Tensor::add);
    let squares = squares.expect("data and latents have at least one tensor");
    // What is zero everywhere has not drifted.
    let length = squares.squeeze_dim::<1>(1).sqrt().add_scalar(TINY);
    (sums(x) - seen.clone()).abs() / length
}

const TINY: f64 = 1e-30;
