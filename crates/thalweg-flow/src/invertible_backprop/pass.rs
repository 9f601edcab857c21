//! One forward and one backward pass.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::keep::Keep;
use super::reversible::CONSTANT;
use super::{Checkpoints, WithGradient};
use crate::{Base, Bijection, Flow, Variable};

/// The loss of a flow on a batch.
pub(super) struct Pass<'a, B, P, C, X, L>
where
    B: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
{
    pub(super) flow: &'a Flow<B, P>,
    pub(super) context: &'a C,
    pub(super) x: X,
    pub(super) loss: L,
}

/// The result of a pass.
pub(super) struct Passed {
    pub(super) loss: Tensor<1>,
    pub(super) gradients: GradientsParams,
    pub(super) layers: usize,
    pub(super) kept: usize,
    pub(super) kept_bytes: usize,
    pub(super) all_bytes: usize,
    /// The largest drift of each layer that was inverted, last layer first.
    drifts: Vec<(usize, f64)>,
}

impl<B, P, C, L> Pass<'_, B, P, C, B::Data, L>
where
    B: Bijection<C>,
    P: Base<C, Latent = B::Latent>,
    L: Fn(Tensor<1>) -> Tensor<1>,
{
    /// The size in bytes of the inputs of all layers.
    pub(super) fn bytes(&self) -> usize {
        let mut checkpoints = Checkpoints::new();
        let plain = self.flow.bijection.valid();
        plain.forward_checkpointed(self.x.clone().plain(), self.context, &mut checkpoints);
        checkpoints.totals()[0].1
    }

    pub(super) fn run(&self, keep: Keep) -> Passed {
        let mut checkpoints = Checkpoints::keeping(keep);
        let plain = self.flow.bijection.valid();
        let x = self.x.clone().plain();
        let (z, log_det) = plain.forward_checkpointed(x, self.context, &mut checkpoints);
        assert!(!z.is_tracked() && !log_det.is_tracked(), "{CONSTANT}");
        let [(layers, all_bytes), (kept, kept_bytes)] = checkpoints.totals();

        let (at_z, at_log_det) = (z.clone().leaf(), log_det.leaf());
        let log_base = self.flow.base.log_prob(at_z.clone(), self.context);
        let loss = (self.loss)(log_base + at_log_det.clone());
        let mut gradients = loss.backward();
        let z = WithGradient {
            value: z,
            gradient: at_z.gradient(&mut gradients),
        };
        let mut pass = checkpoints.backward(at_log_det.gradient(&mut gradients));
        pass.accumulate(&self.flow.base, &mut gradients);
        drop((at_z, at_log_det, gradients));
        self.flow.bijection.backward(z, self.context, &mut pass);
        let (gradients, drifts) = pass.finish();
        Passed {
            loss: loss.inner(),
            gradients,
            layers,
            kept,
            kept_bytes,
            all_bytes,
            drifts: largest(drifts),
        }
    }
}

impl Passed {
    /// The first layer of the backward pass whose drift exceeds the tolerance. A loss that is not
    /// finite is no drift: the forward pass gave it.
    pub(super) fn first_beyond(&self, tolerance: f64) -> Option<(usize, f64)> {
        let loss = self.loss.clone().try_into_scalar::<f64>();
        if loss.is_ok_and(|loss| !loss.is_finite()) {
            return None;
        }
        let mut drifts = self.drifts.iter().copied();
        drifts.find(|(_, drift)| drift.is_nan() || *drift > tolerance)
    }

    pub(super) fn drift(&self) -> f64 {
        self.drifts
            .iter()
            .fold(0.0, |most, (_, drift)| larger(most, *drift))
    }
}

/// The largest drift of each layer, in one read from the device.
fn largest(drifts: Vec<(usize, Tensor<1>)>) -> Vec<(usize, f64)> {
    let Some(samples) = drifts.first().map(|(_, drifts)| drifts.dims()[0]) else {
        return vec![];
    };
    let (layers, drifts): (Vec<_>, Vec<_>) = drifts.into_iter().unzip();
    let numbers: Vec<f64> = Tensor::cat(drifts, 0).into_data().iter::<f64>().collect();
    let largest = numbers
        .chunks(samples.max(1))
        .map(|drifts| drifts.iter().copied().fold(0.0, larger));
    layers.into_iter().zip(largest).collect()
}

/// The larger of two numbers; NaN if one is NaN.
fn larger(a: f64, b: f64) -> f64 {
    match a.is_nan() || a > b {
        true => a,
        false => b,
    }
}
