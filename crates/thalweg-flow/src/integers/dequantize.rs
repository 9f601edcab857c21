//! Integers as continuous data: noise of exactly one bin.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::integers::level::{are_levels, first_that_is_none};
use crate::{BitsPerDim, FlowError, LogDet, Noise, Warning, warnings};

/// Uniform dequantization `y = (x + u) / levels`, `u ~ U(0, 1)`, of `x ∈ {0, …, levels − 1}`.
///
/// It is stochastic, hence no bijection. By Jensen, `log P(x) ≥ E_u[log p(y)] − d ln levels`; the
/// right-hand side is the term of [`apply`](Self::apply) plus the flow's `log_prob`.
///
/// `u` is the midpoint of one of `2^(22 − bits)` cells, `bits = ⌈log₂ levels⌉`, so that `x + u` is exact
/// in f32 and the division does not round it into another bin. Plain f32 noise can be 0 and can round
/// `255 + u` to 256, where a logit is infinite.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Dequantize, Noise};
///
/// let pixels = Tensor::<2>::from_floats([[0.0, 127.0, 255.0]], &Device::default());
/// let dequantize = Dequantize::uniform(256);
/// let (y, term) = dequantize.apply(pixels.clone(), &mut Noise::seeded(0))?;
/// assert!(y.clone().min().into_scalar::<f32>() > 0.0 && y.clone().max().into_scalar::<f32>() < 1.0);
/// assert!((term.into_scalar::<f32>() + 3.0 * 256.0_f32.ln()).abs() < 1e-4);
/// assert_eq!(dequantize.quantize(y).to_data(), pixels.to_data());
/// // The uniform density has as many bits as the levels.
/// assert_eq!((dequantize.levels(), dequantize.bits_per_dim(3).from_nats(0.0)), (256, 8.0));
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Theis, van den Oord, Bethge: *A note on the evaluation of generative models*, 2016, section 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dequantize {
    levels: u32,
}

/// The bits of an f32 less two: one for the midpoints, one for the rounding of the division.
const CELL_BITS: u32 = 22;

impl Dequantize {
    /// Data of `levels` values, `0 ..= levels − 1`.
    ///
    /// # Panics
    ///
    /// When `levels` is below 2 or above 65,536.
    pub fn uniform(levels: u32) -> Self {
        assert!(
            (2..=65_536).contains(&levels),
            "dequantization takes 2 to 65536 levels, got {levels}"
        );
        Self { levels }
    }

    /// The number of values of a feature.
    pub fn levels(&self) -> u32 {
        self.levels
    }

    /// Nats to bits for samples of `dims` features.
    pub fn bits_per_dim(&self, dims: usize) -> BitsPerDim {
        BitsPerDim::new(dims, self.levels)
    }

    /// `y = (x + u) / levels` in the unit cube, and the term `−d ln levels` that turns a
    /// log-density of `y` into a bound on the log-probability of `x`: `[batch]`.
    ///
    /// `x` contains levels as floats; [`check`](Self::check) verifies it.
    ///
    /// # Errors
    ///
    /// [`FlowError::NotALevel`], as `check`.
    pub fn apply<const D: usize>(
        &self,
        x: Tensor<D>,
        noise: &mut Noise,
    ) -> Result<(Tensor<D>, LogDet), FlowError> {
        self.check(&x)?;
        let dims = x.dims();
        let per_sample: usize = dims[1..].iter().product();
        let levels = f64::from(self.levels);
        let (device, dtype) = (x.device(), x.dtype());
        let u = noise.midpoints(CELL_BITS - self.bits(), dims, &device, dtype);
        let term = Tensor::full(
            [dims[0]],
            -(per_sample as f64) * levels.ln(),
            (&device, dtype),
        );
        Ok(((x + u).div_scalar(levels), term))
    }

    /// [`apply`](Self::apply) for levels in the host's memory with noise from the host, without the
    /// term. `numbers` is the size of a sample.
    ///
    /// ```
    /// use thalweg_flow::{Dequantize, Noise};
    ///
    /// let dequantize = Dequantize::uniform(256);
    /// let mut pixels = [0.0, 127.0, 255.0];
    /// dequantize.apply_in_place(&mut pixels, 3, &mut Noise::seeded(0))?;
    /// assert!(pixels.iter().all(|y| *y > 0.0 && *y < 1.0));
    /// assert_eq!(dequantize.quantize_numbers(&pixels), [0.0, 127.0, 255.0]);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply); `x` is then unchanged.
    pub fn apply_in_place(
        &self,
        x: &mut [f32],
        numbers: usize,
        noise: &mut Noise,
    ) -> Result<(), FlowError> {
        if !are_levels(x, self.levels - 1) {
            let none = |v: &f32| !are_levels(&[*v], self.levels - 1);
            let found = x.iter().copied().enumerate().find(|(_, v)| none(v));
            if let Some((index, value)) = found {
                return Err(self.not_a_level(index, f64::from(value), numbers));
            }
        }
        let (levels, count) = (self.levels as f32, x.len());
        let u = noise.host_midpoints(CELL_BITS - self.bits(), count);
        x.iter_mut()
            .zip(u)
            .for_each(|(x, u)| *x = (*x + u) / levels);
        Ok(())
    }

    /// The level of each value of the unit cube: `⌊y · levels⌋`, clipped to the levels.
    pub fn quantize<const D: usize>(&self, y: Tensor<D>) -> Tensor<D> {
        let levels = f64::from(self.levels);
        y.mul_scalar(levels).floor().clamp(0.0, levels - 1.0)
    }

    /// [`quantize`](Self::quantize) for numbers in the host's memory.
    ///
    /// See [`apply_in_place`](Self::apply_in_place) for an example.
    pub fn quantize_numbers(&self, y: &[f32]) -> Vec<f32> {
        let levels = self.levels as f32;
        let level = |y: &f32| (y * levels).floor().clamp(0.0, levels - 1.0);
        y.iter().map(level).collect()
    }

    /// Whether every value is a level.
    ///
    /// One pass over the numbers on the host, or one reduction and a synchronization on other devices.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Dequantize, FlowError};
    ///
    /// // Pixels that are scaled already.
    /// let x = Tensor::<2>::from_floats([[0.0, 0.5]], &Device::default());
    /// let error = Dequantize::uniform(256).check(&x).unwrap_err();
    /// assert!(matches!(error, FlowError::NotALevel { row: 0, feature: 1, .. }));
    /// ```
    ///
    /// # Errors
    ///
    /// [`FlowError::NotALevel`] with the first such row and feature.
    pub fn check<const D: usize>(&self, x: &Tensor<D>) -> Result<(), FlowError> {
        let numbers: usize = x.dims()[1..].iter().product();
        match first_that_is_none(x, self.levels - 1) {
            None => Ok(()),
            Some((index, value)) => Err(self.not_a_level(index, value, numbers)),
        }
    }

    /// [`check`](Self::check) for training data, with a [warning](crate::Warning) when the values use a
    /// small part of the levels.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Dequantize, Warning};
    ///
    /// // Bits, for a model of bytes.
    /// let x = Tensor::<2>::from_floats([[0.0, 1.0]], &Device::default());
    /// let (checked, found) = Warning::gather(|| Dequantize::uniform(256).check_for_fitting(&x));
    /// checked?;
    /// assert_eq!(found, [Warning::FewLevels { highest: 1, levels: 256 }]);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As `check`.
    pub fn check_for_fitting<const D: usize>(&self, x: &Tensor<D>) -> Result<(), FlowError> {
        self.check(x)?;
        let largest = self.levels - 1;
        if x.shape().num_elements() == 0 {
            return Ok(());
        }
        let highest = x.clone().max().try_into_scalar::<f64>()?;
        // A batch of dark images uses more than an eighth of the levels.
        if highest < f64::from(largest) / 8.0 {
            warnings::warn(Warning::FewLevels {
                highest: highest as u32,
                levels: self.levels,
            });
        }
        Ok(())
    }

    fn not_a_level(&self, index: usize, value: f64, numbers: usize) -> FlowError {
        FlowError::NotALevel {
            row: index / numbers.max(1),
            feature: index % numbers.max(1),
            value,
            largest: self.levels - 1,
            levels: self.levels,
        }
    }

    fn bits(&self) -> u32 {
        u32::BITS - (self.levels - 1).leading_zeros()
    }
}

/// `y = x − amplitude · u`, `u ~ U[0, 1)`, on data scaled to `[0, 1]`; `amplitude` is 0.01.
///
/// The noise is negative, so that clipping an image to `[0, 1]` removes it. Its width is not that of a
/// bin (1/255), so that the log-density is no bound on the log-probability of the pixels: use
/// [`Dequantize`] for bits/dim.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{BlogNoise, Noise};
///
/// let x = Tensor::<2>::zeros([1, 100], &Device::default());
/// let y = BlogNoise::default().apply(x, &mut Noise::seeded(0));
/// assert!(y.clone().max().into_scalar::<f32>() <= 0.0);
/// assert!(y.min().into_scalar::<f32>() > -0.01);
/// ```
///
/// # References
///
/// Su Jianlin: *Flow 1: NICE*, kexue.fm/archives/5776, 2018, and its `nice.py`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BlogNoise {
    /// Width of the noise, 0.01 in the blog.
    pub amplitude: f64,
}

impl Default for BlogNoise {
    fn default() -> Self {
        Self { amplitude: 0.01 }
    }
}

impl BlogNoise {
    /// `x − amplitude · u`, for training only: the blog evaluates `x` itself.
    pub fn apply<const D: usize>(&self, x: Tensor<D>, noise: &mut Noise) -> Tensor<D> {
        let u = noise.uniform(x.dims(), &x.device(), x.dtype());
        x - u.mul_scalar(self.amplitude)
    }
}
