//! Checksums and saved inputs of the forward pass.

use std::any::Any;

use burn::tensor::Tensor;

use super::backward::BackwardPass;
use super::keep::Keep;
use crate::numerics::from_host;
use crate::variable::{Variable, bytes};

/// One checkpoint for each layer of a forward pass: a checksum of its input, and at some layers the
/// input itself.
///
/// See [`BackwardPass`] for an example.
#[derive(Debug, Default)]
pub struct Checkpoints(Option<Marks>);

#[derive(Debug, Default)]
struct Marks {
    keep: Keep,
    marks: Vec<Mark>,
    checksum: Checksum,
}

/// The checkpoint of one layer.
#[derive(Debug)]
pub(super) struct Mark {
    /// One number a sample.
    pub(super) checksum: Tensor<1>,
    /// The saved input.
    pub(super) kept: Option<Box<dyn Any + Send>>,
    /// The size of the input in bytes, saved or not.
    pub(super) bytes: usize,
}

impl Checkpoints {
    /// Saves nothing: for `forward` itself.
    ///
    /// See [`are_off`](Self::are_off) and the [module](super) for an example.
    pub fn none() -> Self {
        Self(None)
    }

    /// Saves checksums only, so that the backward pass inverts every layer.
    pub fn new() -> Self {
        Self::keeping(Keep::default())
    }

    pub(super) fn keeping(keep: Keep) -> Self {
        Self(Some(Marks {
            keep,
            ..Marks::default()
        }))
    }

    /// Saves the checkpoint of a layer at its input `x`.
    pub fn save<T: Variable>(&mut self, x: &T) {
        self.save_if(x, Keep::keeps);
    }

    /// Saves the checkpoint of a layer at its input `x`, and always the input itself: for a layer whose
    /// inverse costs more than memory, or that no inverse finds again.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::invertible_backprop::Checkpoints;
    ///
    /// let x = Tensor::<2>::from_floats([[1.0, 2.0]], &Device::default());
    /// let mut checkpoints = Checkpoints::new();
    /// checkpoints.save_kept(&x);
    /// let mut pass = checkpoints.backward(Tensor::zeros([1], &x.device()));
    /// assert_eq!(pass.kept::<Tensor<2>>().expect("kept").to_data(), x.to_data());
    /// ```
    pub fn save_kept<T: Variable>(&mut self, x: &T) {
        self.save_if(x, |keep, _, bytes| keep.must(bytes));
    }

    /// Whether nothing is saved.
    ///
    /// ```
    /// use thalweg_flow::invertible_backprop::Checkpoints;
    ///
    /// assert!(Checkpoints::none().are_off() && !Checkpoints::new().are_off());
    /// ```
    pub fn are_off(&self) -> bool {
        self.0.is_none()
    }

    fn save_if<T: Variable>(&mut self, x: &T, keeps: impl Fn(&mut Keep, usize, usize) -> bool) {
        let Some(Marks {
            keep,
            marks,
            checksum,
        }) = &mut self.0
        else {
            return;
        };
        let bytes = bytes(x);
        let kept = keeps(keep, marks.len(), bytes);
        marks.push(Mark {
            checksum: checksum.of(x),
            kept: kept.then(|| Box::new(x.clone()) as Box<dyn Any + Send>),
            bytes,
        });
    }

    /// The backward pass for a loss with this gradient in the log-determinant, `[batch]`.
    pub fn backward(self, log_det: Tensor<1>) -> BackwardPass {
        let Marks {
            marks, checksum, ..
        } = self.0.unwrap_or_default();
        BackwardPass::new(marks, checksum, log_det)
    }

    /// The number and the total size in bytes of all inputs, and of the saved ones.
    pub(super) fn totals(&self) -> [(usize, usize); 2] {
        let marks = self.0.iter().flat_map(|marks| &marks.marks);
        let add = |(count, bytes): (usize, usize), mark: &Mark| (count + 1, bytes + mark.bytes);
        let all = marks.clone().fold((0, 0), add);
        let kept = marks.filter(|mark| mark.kept.is_some()).fold((0, 0), add);
        [all, kept]
    }
}

/// One number a sample, `Σ wᵢ xᵢ`, with fixed irregular weights `w` of mean 0 and mean square 1.
///
/// A plain sum would miss errors of opposite signs.
#[derive(Debug, Default)]
pub(super) struct Checksum {
    /// The weights for each width and dtype seen so far, `[1, numbers]`.
    weights: Vec<Tensor<2>>,
}

impl Checksum {
    /// The checksum of each sample of `x`, `[batch]`.
    fn of<T: Variable>(&mut self, x: &T) -> Tensor<1> {
        let weighted = x.rows().into_iter().map(|rows| {
            let weights = self.weights(&rows);
            (rows * weights).sum_dim(1)
        });
        sum(weighted)
    }

    /// The relative error of each sample of `x`, `|Σ wᵢ x′ᵢ − Σ wᵢ xᵢ| / √(Σ x′ᵢ²)`: independent
    /// errors of relative size ε give about ε, whatever the number of features.
    pub(super) fn drift<T: Variable>(&mut self, seen: Tensor<1>, x: &T) -> Tensor<1> {
        let squares = x.rows().into_iter().map(|rows| rows.square().sum_dim(1));
        // A sample of zeros has not drifted.
        let length = sum(squares).sqrt().add_scalar(TINY);
        (self.of(x) - seen).abs() / length
    }

    fn weights(&mut self, rows: &Tensor<2>) -> Tensor<2> {
        let numbers = rows.dims()[1];
        let (device, dtype) = (rows.device(), rows.dtype());
        let fits = |known: &&Tensor<2>| known.dims()[1] == numbers && known.dtype() == dtype;
        if let Some(known) = self.weights.iter().find(fits) {
            return known.clone();
        }
        let golden = 0.5 * (1.0 + 5f64.sqrt());
        let angle = |i: usize| std::f64::consts::TAU * golden * i as f64;
        let weights = (0..numbers).map(|i| std::f64::consts::SQRT_2 * (angle(i) + 0.4).cos());
        let weights = from_host(weights.collect(), [1, numbers], &device, dtype);
        self.weights.push(weights.clone());
        weights
    }
}

const TINY: f64 = 1e-30;

/// The sum of one or more columns.
fn sum(columns: impl Iterator<Item = Tensor<2>>) -> Tensor<1> {
    let sum = columns.reduce(Tensor::add);
    sum.expect("data and latents have at least one tensor")
        .squeeze_dim(1)
}
