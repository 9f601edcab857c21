//! Flow matching: a regression on the velocities of straight paths.

use burn::tensor::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Pairing, VectorField};
use crate::Noise;
use crate::numerics::{assert_features, from_host, sum_features};

/// Trains a field without an integration: `E ‖v(t, x_t; c) − u‖²` with noise `x₀`, data `x₁`,
/// `x_t = (1 − (1 − σ) t) x₀ + t x₁` and `u = x₁ − (1 − σ) x₀`.
///
/// Its minimum over all fields is the field whose flow carries the standard normal density to that of the data,
/// blurred by normal noise of deviation `σ`. The sum goes over features, the mean over the batch.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{FlowMatching, Noise, TimeMlpConfig};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let field = TimeMlpConfig::new(2, vec![32, 32]).init(&mut noise, &device);
/// let data = Tensor::<2>::ones([64, 2], &device);
/// let loss = FlowMatching::default().loss(&field, data, &(), &mut noise);
/// assert_eq!(loss.dims(), [1]);
/// ```
///
/// Standardize the data first, for example by [`Standardize`](crate::Standardize): the noise has the deviation 1, and
/// a field of data of another size is harder to learn.
///
/// The times are stratified: row `i` has `t = (π(i) + u) / n` with a random order `π` and `u` uniform in
/// `[0, 1)`. Each `t` is uniform, so the mean of the loss is that of independent times, and its variance is
/// smaller.
///
/// # References
///
/// Lipman, Chen, Ben-Hamu, Nickel, Le: *Flow matching for generative modeling*, 2023, eq. 20–23.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FlowMatching {
    /// The deviation `σ` that is left of the noise at time 1; 1e-4 by default. With 0 the exact field of a finite
    /// data set grows without bound as `t → 1`.
    pub sigma_min: f64,
    /// Which noise belongs to which row.
    pub pairing: Pairing,
}

impl Default for FlowMatching {
    fn default() -> Self {
        Self {
            sigma_min: 1e-4,
            pairing: Pairing::default(),
        }
    }
}

/// One draw of flow matching: a point of a path for each row, and its velocity.
///
/// See [`FlowMatching::draw`] for an example.
#[derive(Debug, Clone)]
pub struct PathPoint {
    /// `t`, `[batch, 1]`.
    pub time: Tensor<2>,
    /// `x_t`, `[batch, features]`.
    pub x: Tensor<2>,
    /// `u`, `[batch, features]`.
    pub velocity: Tensor<2>,
}

impl FlowMatching {
    /// The same with another deviation at time 1.
    pub fn with_sigma_min(self, sigma_min: f64) -> Self {
        Self { sigma_min, ..self }
    }

    /// The same with another pairing.
    pub fn with_pairing(self, pairing: Pairing) -> Self {
        Self { pairing, ..self }
    }

    /// The loss of a batch, `[1]`.
    ///
    /// # Panics
    ///
    /// When the data have another number of features than the field.
    pub fn loss<C, F: VectorField<C>>(
        &self,
        field: &F,
        data: Tensor<2>,
        context: &C,
        noise: &mut Noise,
    ) -> Tensor<1> {
        self.losses(field, data, context, noise).mean()
    }

    /// The loss of each row, `[batch]`, for weights.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{FlowMatching, Noise, TimeMlpConfig};
    ///
    /// let device = Device::default();
    /// let field = TimeMlpConfig::new(2, vec![8]).init(&mut Noise::seeded(0), &device);
    /// let (matching, data) = (FlowMatching::default(), Tensor::<2>::ones([64, 2], &device));
    /// let each = matching.losses(&field, data.clone(), &(), &mut Noise::seeded(1));
    /// let mean = matching.loss(&field, data, &(), &mut Noise::seeded(1));
    /// assert_eq!(each.dims(), [64]);
    /// assert!((each.mean() - mean).abs().into_scalar::<f32>() < 1e-5);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`loss`](Self::loss).
    pub fn losses<C, F: VectorField<C>>(
        &self,
        field: &F,
        data: Tensor<2>,
        context: &C,
        noise: &mut Noise,
    ) -> Tensor<1> {
        assert_features("flow matching", field.features(), &data);
        let PathPoint { time, x, velocity } = self.draw(data, noise);
        let v = field.velocity(time, x, context);
        sum_features((v - velocity).square())
    }

    /// A point of a path for each row of the data.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{FlowMatching, Noise, PathPoint};
    ///
    /// let matching = FlowMatching::default().with_sigma_min(0.0);
    /// let data = Tensor::<2>::ones([64, 2], &Device::default());
    /// let PathPoint { time, x, velocity } = matching.draw(data.clone(), &mut Noise::seeded(0));
    /// // At its velocity each point reaches its row of the data at time 1.
    /// let end = x + velocity * time.neg().add_scalar(1.0);
    /// assert!((end - data).abs().max().into_scalar::<f32>() < 1e-5);
    /// ```
    pub fn draw(&self, data: Tensor<2>, noise: &mut Noise) -> PathPoint {
        let ([batch, features], device, dtype) = (data.dims(), data.device(), data.dtype());
        let start = noise.normal([batch, features], &device, dtype);
        let start = self.pairing.pair(start, &data);
        let time = stratified(batch, &device, dtype, noise);
        let shrinks = 1.0 - self.sigma_min;
        let left = time.clone().mul_scalar(-shrinks).add_scalar(1.0);
        PathPoint {
            x: start.clone() * left + data.clone() * time.clone(),
            velocity: data - start.mul_scalar(shrinks),
            time,
        }
    }
}

/// Uniform times in `[0, 1)`, one in each of `n` strata, in random order: `[n, 1]`.
fn stratified(n: usize, device: &Device, dtype: DType, noise: &mut Noise) -> Tensor<2> {
    let order = noise.permutation(n);
    let times = order.into_iter().map(|stratum| {
        let within = noise.host_uniform();
        (stratum as f64 + within) / n as f64
    });
    from_host(times.collect(), [n, 1], device, dtype)
}
