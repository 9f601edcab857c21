//! One pass to the latents and back.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::keep::Keep;
use super::{CONSTANT, Checkpoints, WithGradient};
use crate::Variable;
use crate::{Base, Bijection, Flow};

/// A loss of a flow at a batch.
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

/// What a pass gave.
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
    /// How much memory the inputs of all layers take.
    pub(super) fn bytes(&self) -> usize {
        let mut trail = Checkpoints::new();
        let plain = self.flow.bijection.valid();
        plain.forward_checkpointed(self.x.clone().plain(), self.context, &mut trail);
        trail.bytes().0
    }

    pub(super) fn run(&self, keep: Keep) -> Passed {
        let mut trail = Checkpoints::keeping(keep);
        let plain = self.flow.bijection.valid();
        let x = self.x.clone().plain();
        let (z, log_det) = plain.forward_checkpointed(x, self.context, &mut trail);
        assert!(!z.is_tracked() && !log_det.is_tracked(), "{CONSTANT}");
        let ((all_bytes, kept_bytes), (layers, kept)) = (trail.bytes(), trail.layers());

        let (at_z, at_log_det) = (z.clone().leaf(), log_det.leaf());
        let log_base = self.flow.base.log_prob(at_z.clone(), self.context);
        let loss = (self.loss)(log_base + at_log_det.clone());
        let mut gradients = loss.backward();
        let slope = WithGradient {
            value: z,
            gradient: at_z.gradient(&mut gradients),
        };
        let mut way = trail.back(at_log_det.gradient(&mut gradients));
        way.gather(&self.flow.base, &mut gradients);
        drop((at_z, at_log_det, gradients));
        self.flow.bijection.backward(slope, self.context, &mut way);
        let (gradients, drifts) = way.finish();
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
    /// The first layer on the way back whose drift is not within the tolerance. A loss that is not
    /// finite says nothing of drift: it was so on the way there.
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

/// The largest number of each, read from the device at once.
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

/// The larger of two, NaN if one is.
fn larger(a: f64, b: f64) -> f64 {
    match a.is_nan() || a > b {
        true => a,
        false => b,
    }
}
