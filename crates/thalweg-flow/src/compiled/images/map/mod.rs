//! Maps of the channels, the same at every position.

mod at_each;

use burn::tensor::Tensor;

use super::super::{host, host_f32};
use super::{CompileImages, ImageLayers};
use crate::{ActNorm, Invertible1x1, LinearForm, Standardize};

/// `z = W (x − c)` at every position, with a matrix or a scale of each channel `W`.
///
/// The centre is subtracted first: in `W x − W c`, the digits of channels that vary little around a
/// large mean would be lost.
#[derive(Debug)]
pub struct ChannelMap {
    centre: Vec<f32>,
    is_matrix: bool,
    /// A matrix row by row, or scales; and the inverse.
    weights: [Vec<f64>; 2],
    /// At a position.
    log_det: f64,
}

impl ChannelMap {
    /// `z = (x − c) ⊙ exp(s)`.
    ///
    /// # Panics
    ///
    /// When there are not as many centres as log-scales.
    pub fn scales(centre: Vec<f32>, log_scales: &[f64]) -> Self {
        assert!(
            centre.len() == log_scales.len(),
            "a map of {} log-scales takes as many centres, got {}",
            log_scales.len(),
            centre.len()
        );
        let exp = |sign: f64| log_scales.iter().map(|s| (sign * s).exp()).collect();
        Self {
            centre,
            is_matrix: false,
            weights: [exp(1.0), exp(-1.0)],
            log_det: log_scales.iter().sum(),
        }
    }

    /// `z = W x`, of `W` and its inverse, row by row, and `ln |det W|`.
    ///
    /// # Panics
    ///
    /// Unless both have as many rows as columns.
    pub fn matrix(weight: Vec<f64>, inverse: Vec<f64>, log_det: f64) -> Self {
        let channels = weight.len().isqrt();
        assert!(
            channels * channels == weight.len() && weight.len() == inverse.len(),
            "{} and {} numbers are no square matrix and its inverse",
            weight.len(),
            inverse.len()
        );
        Self {
            centre: vec![0.0; channels],
            is_matrix: true,
            weights: [weight, inverse],
            log_det,
        }
    }

    pub(super) fn channels(&self) -> usize {
        self.centre.len()
    }

    /// Whether a matrix behind this map is one with it: behind scales, where it has no centre of its own.
    pub(super) fn joins(&self, next: &Self) -> bool {
        let centred = next.centre.iter().any(|centre| *centre != 0.0);
        !self.is_matrix && next.is_matrix && !centred
    }

    /// Both as one, where [`joins`](Self::joins) says so.
    pub(super) fn then(self, next: Self) -> Self {
        let channels = self.channels();
        let ([scales, inverse_scales], [weight, inverse]) = (&self.weights, &next.weights);
        let columns = weight.iter().zip(scales.iter().cycle());
        let rows = inverse.chunks_exact(channels).zip(inverse_scales);
        let rows = rows.flat_map(|(row, scale)| row.iter().map(move |w| w * scale));
        Self {
            is_matrix: true,
            weights: [
                columns.map(|(w, scale)| w * scale).collect(),
                rows.collect(),
            ],
            log_det: self.log_det + next.log_det,
            centre: self.centre,
        }
    }
}

impl CompileImages for ActNorm<4> {
    fn compile_images(&self, layers: &mut ImageLayers) {
        layers.map(ChannelMap::scales(
            host_f32(self.mean()),
            &host(self.log_scale()),
        ));
    }
}

impl CompileImages for Standardize<4> {
    fn compile_images(&self, layers: &mut ImageLayers) {
        let log_scale = host(self.log_deviation.val().neg());
        layers.map(ChannelMap::scales(host_f32(self.mean.val()), &log_scale));
    }
}

/// # Panics
///
/// When the matrix is singular, which only [`Full`](crate::Full) can be.
impl<F: LinearForm> CompileImages for Invertible1x1<F> {
    fn compile_images(&self, layers: &mut ImageLayers) {
        let (weight, log_det) = self.form().weight();
        let weight: Tensor<2> = weight.inner();
        let inverse = self.inverse_weight(weight.clone());
        let log_det = host(log_det).into_iter().sum();
        layers.map(ChannelMap::matrix(host(weight), host(inverse), log_det));
    }
}
