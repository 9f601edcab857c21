//! What the way to the latents leaves behind for the way back.

use std::any::Any;

use burn::tensor::Tensor;

use super::checksum::Checksum;
use super::keep::Keep;
use super::way_back::BackwardPass;
use crate::variable::{Variable, bytes};

/// The marks that a pass to the latents leaves, one at each layer: a checksum that tells whether the
/// layer's input was found again, and at some layers the input itself.
#[derive(Debug, Default)]
pub struct Checkpoints(Option<Marks>);

#[derive(Debug, Default)]
struct Marks {
    keep: Keep,
    marks: Vec<Mark>,
    checksum: Checksum,
}

/// What is left at one layer.
#[derive(Debug)]
pub(super) struct Mark {
    /// One number a sample.
    pub(super) checksum: Tensor<1>,
    /// The layer's input.
    pub(super) kept: Option<Box<dyn Any + Send>>,
    /// How much memory the input takes.
    pub(super) bytes: usize,
}

impl Checkpoints {
    /// No trail: the pass leaves nothing.
    pub fn none() -> Self {
        Self(None)
    }

    /// Checksums alone: each input has to be found again by inverting its layer.
    pub fn new() -> Self {
        Self::keeping(Keep::default())
    }

    pub(super) fn keeping(keep: Keep) -> Self {
        Self(Some(Marks {
            keep,
            ..Marks::default()
        }))
    }

    /// Marks a layer, before it maps `x`.
    pub fn leave<T: Variable>(&mut self, x: &T) {
        let Some(Marks {
            keep,
            marks,
            checksum,
        }) = &mut self.0
        else {
            return;
        };
        let bytes = bytes(x);
        let kept = keep.keeps(marks.len(), bytes);
        marks.push(Mark {
            checksum: checksum.of(x),
            kept: kept.then(|| Box::new(x.clone()) as Box<dyn Any + Send>),
            bytes,
        });
    }

    /// The way back, the loss having these derivatives in the log-determinant, `[batch]`.
    pub fn back(self, log_det: Tensor<1>) -> BackwardPass {
        let Marks {
            marks, checksum, ..
        } = self.0.unwrap_or_default();
        BackwardPass::new(marks, checksum, log_det)
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
