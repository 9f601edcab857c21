//! Scales and shifts of each feature.

use burn::tensor::{DType, Tensor};

use super::{Compile, Layer, Layers, Scratch, assert_same_length, finite, host, host_f32};
use crate::numerics::exponents;
use crate::{ActNorm, DiagonalScale, ElementwiseAffine, Standardize};

/// `z = (x − c) ⊙ exp(s) + t`, feature by feature.
#[derive(Debug)]
pub struct PerFeature {
    centre: Vec<f32>,
    scale: Vec<f32>,
    inverse_scale: Vec<f32>,
    shift: Vec<f32>,
    log_det: f64,
}

impl PerFeature {
    /// Of centres `c`, log-scales `s` and shifts `t`, as many of each.
    ///
    /// # Panics
    ///
    /// When their numbers differ.
    pub fn new(centre: Vec<f32>, log_scale: &[f64], shift: Vec<f32>) -> Self {
        let features = log_scale.len();
        assert!(
            centre.len() == features && shift.len() == features,
            "a map of {features} log-scales takes as many centres and shifts, got {} and {}",
            centre.len(),
            shift.len()
        );
        Self {
            scale: scales(log_scale, 1.0),
            inverse_scale: scales(log_scale, -1.0),
            log_det: log_scale.iter().sum(),
            centre,
            shift,
        }
    }

    /// The one layer of a bijection that centres first.
    fn centred(centre: Tensor<1>, log_scale: Vec<f64>) -> Layers {
        let shift = vec![0.0; log_scale.len()];
        vec![Box::new(Self::new(host_f32(centre), &log_scale, shift))]
    }

    /// The one layer of a bijection that shifts last.
    fn shifted(log_scale: Tensor<1>, shift: Vec<f32>) -> Layers {
        let log_scale = host(log_scale);
        let centre = vec![0.0; log_scale.len()];
        vec![Box::new(Self::new(centre, &log_scale, shift))]
    }
}

/// `exp(±s)`, of log-scales whose exponentials are numbers.
fn scales(log_scale: &[f64], sign: f64) -> Vec<f32> {
    let most = exponents(DType::F32);
    let scale = |s: &f64| (sign * s.clamp(-most, most)).exp() as f32;
    log_scale.iter().map(scale).collect()
}

/// `(x − from) scale + to`.
fn apply(x: &mut [f32], from: &[f32], scale: &[f32], to: &[f32]) {
    assert_same_length(scale.len(), x);
    let constants = from.iter().zip(scale).zip(to);
    for (x, ((from, scale), to)) in x.iter_mut().zip(constants) {
        *x = finite((*x - from) * scale + to);
    }
}

impl Layer for PerFeature {
    fn forward(&self, x: &mut [f32], _: &mut Scratch) -> f64 {
        apply(x, &self.centre, &self.scale, &self.shift);
        self.log_det
    }

    fn inverse(&self, z: &mut [f32], _: &mut Scratch) -> f64 {
        apply(z, &self.shift, &self.inverse_scale, &self.centre);
        -self.log_det
    }
}

impl Compile for ActNorm {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        PerFeature::centred(self.mean(), host(self.log_scale()))
    }
}

impl Compile for Standardize {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        PerFeature::centred(self.mean.val(), host(self.log_deviation.val().neg()))
    }
}

impl Compile for DiagonalScale {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        let log_scale = self.log_scale();
        let shift = vec![0.0; log_scale.dims()[0]];
        PerFeature::shifted(log_scale, shift)
    }
}

impl Compile for ElementwiseAffine {
    type Plain = Layers;

    fn compile(&self) -> Layers {
        PerFeature::shifted(self.log_scale.val(), host_f32(self.shift.val()))
    }
}
