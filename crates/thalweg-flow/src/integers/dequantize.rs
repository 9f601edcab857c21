//! Integers as continuous data: noise of exactly one bin.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::integers::level::{are_levels, first_that_is_none};
use crate::{BitsPerDim, FlowError, LogDet, Noise, Warning, warnings};

/// Uniform dequantization `y = (x + u) / levels`, `u ~ U(0, 1)`, of `x ∈ {0, …, levels − 1}`.
///
/// It is stochastic, hence not a bijection: it stands in front of a flow and carries its own term.
/// By Jensen, `log P(x) ≥ E_u[log p(y)] − d ln levels`, with the right-hand side what
/// [`apply`](Self::apply) plus a flow's `log_prob` give.
///
/// `u` is the midpoint of one of `2^(22 − bits)` cells, `bits = ⌈log₂ levels⌉`: `x + u` is exact in
/// f32, and the division cannot round it into another bin. Plain f32 noise is 0 now and then, and
/// rounds `255 + u` up to 256: a logit is infinite at both.
///
/// # References
///
/// Theis, van den Oord, Bethge: *A note on the evaluation of generative models*, 2016, section 3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dequantize {
    levels: u32,
}

/// Two less than the bits of an f32: one for the midpoints, one for the rounding of a division by
/// levels that are no power of two.
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

    /// How many values a feature can have.
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
    /// `x` holds levels as floats, which [`check`](Self::check) makes sure of first.
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

    /// What [`apply`](Self::apply) makes of levels in the host's memory, from the same noise, which here is
    /// always drawn on the host; without the term. `numbers` are those of one sample.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply); the numbers are then as they were.
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

    /// The level that each value of the unit cube lies in: `⌊y · levels⌋`, clipped to the levels.
    pub fn quantize<const D: usize>(&self, y: Tensor<D>) -> Tensor<D> {
        let levels = f64::from(self.levels);
        y.mul_scalar(levels).floor().clamp(0.0, levels - 1.0)
    }

    /// What [`quantize`](Self::quantize) makes of numbers in the host's memory.
    pub fn quantize_numbers(&self, y: &[f32]) -> Vec<f32> {
        let levels = self.levels as f32;
        let level = |y: &f32| (y * levels).floor().clamp(0.0, levels - 1.0);
        y.iter().map(level).collect()
    }

    /// Whether every value is a level.
    ///
    /// On the host it is one pass over the numbers. On other devices it is one reduction, whose
    /// result, a truth value, is waited for.
    ///
    /// # Errors
    ///
    /// [`FlowError::NotALevel`], naming the first row and feature that is not.
    pub fn check<const D: usize>(&self, x: &Tensor<D>) -> Result<(), FlowError> {
        let numbers: usize = x.dims()[1..].iter().product();
        match first_that_is_none(x, self.levels - 1) {
            None => Ok(()),
            Some((index, value)) => Err(self.not_a_level(index, value, numbers)),
        }
    }

    /// [`check`](Self::check) of data that a model is to be fitted to, with a
    /// [warning](crate::Warning) where all are levels of a scale that looks like another one.
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
        // Dark pictures use few levels too, but hardly a batch of them so few.
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
/// Negative, so that clipping a picture to `[0, 1]` removes it. Its width is not that of a bin
/// (1/255), so a log-density under it is no bound on the log-probability of the pixels: report
/// such a number as what it is and use [`Dequantize`](crate::Dequantize) for bits/dim.
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
    /// `x − amplitude · u`. For training only: at test time the blog feeds `x` itself.
    pub fn apply<const D: usize>(&self, x: Tensor<D>, noise: &mut Noise) -> Tensor<D> {
        let u = noise.uniform(x.dims(), &x.device(), x.dtype());
        x - u.mul_scalar(self.amplitude)
    }
}
