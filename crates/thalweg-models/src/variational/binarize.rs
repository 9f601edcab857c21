//! From grey levels to black and white.

use std::fmt;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use thalweg_flow::{Dequantize, FlowError, Noise};

/// The map from levels to 0 and 1.
///
/// Likelihoods under two binarizations are likelihoods of different data and do not compare, so a
/// report names the binarization (`to_string`).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::variational::Binarization;
///
/// let grey = Tensor::<2>::from_floats([[0.0, 128.0, 255.0]], &Device::default());
/// let x = Binarization::Threshold.apply(grey, 256, &mut Noise::seeded(0))?;
/// assert_eq!(x.to_data(), Tensor::<2>::from_floats([[0.0, 1.0, 1.0]], &x.device()).to_data());
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Salakhutdinov, Murray: *On the quantitative analysis of deep belief networks*, 2008, for
/// intensities as probabilities. Burda, Grosse, Salakhutdinov: *Importance weighted autoencoders*,
/// 2016, section 5 and appendix D, for the effect on likelihoods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Binarization {
    /// White from the middle of the levels on.
    Threshold,
    /// White with the probability of the intensity, drawn once for the whole set before training by
    /// [`prepare`](Self::prepare).
    Static,
    /// White with the probability of the intensity, drawn anew at each use of an image.
    Dynamic,
}

impl Binarization {
    /// Prepares a whole data set once, before training: levels 0 and `levels − 1` for a static
    /// binarization or a threshold, no change for a dynamic one.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::variational::Binarization;
    ///
    /// let grey = Tensor::<2>::from_floats([[0.0, 128.0, 255.0]], &Device::default());
    /// let fixed = Binarization::Threshold.prepare(grey, 256, &mut Noise::seeded(0))?;
    /// assert_eq!(fixed.into_data().try_to_vec::<f32>().unwrap(), [0.0, 255.0, 255.0]);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A value that is no level: grey of `[0, 1]` would be black under a threshold, and nearly so
    /// under the others.
    ///
    /// # Panics
    ///
    /// When `levels` is below 2 or above 65,536.
    pub fn prepare<const D: usize>(
        self,
        data: Tensor<D>,
        levels: u32,
        noise: &mut Noise,
    ) -> Result<Tensor<D>, FlowError> {
        Dequantize::uniform(levels).check(&data)?;
        let white = f64::from(levels - 1);
        Ok(match self {
            Self::Threshold => at_half(data, white).mul_scalar(white),
            Self::Static => draw(data, white, noise).mul_scalar(white),
            Self::Dynamic => data,
        })
    }

    /// A batch of levels as 0 and 1. It does not change levels from [`prepare`](Self::prepare).
    ///
    /// # Errors
    ///
    /// As [`prepare`](Self::prepare).
    ///
    /// # Panics
    ///
    /// As [`prepare`](Self::prepare).
    pub fn apply<const D: usize>(
        self,
        data: Tensor<D>,
        levels: u32,
        noise: &mut Noise,
    ) -> Result<Tensor<D>, FlowError> {
        Dequantize::uniform(levels).check(&data)?;
        let white = f64::from(levels - 1);
        Ok(match self {
            Self::Threshold | Self::Static => at_half(data, white),
            Self::Dynamic => draw(data, white, noise),
        })
    }
}

fn at_half<const D: usize>(data: Tensor<D>, white: f64) -> Tensor<D> {
    let dtype = data.dtype();
    data.greater_equal_elem(white / 2.0).float().cast(dtype)
}

fn draw<const D: usize>(data: Tensor<D>, white: f64, noise: &mut Noise) -> Tensor<D> {
    let dtype = data.dtype();
    let u = noise.uniform(data.dims(), &data.device(), dtype);
    u.mul_scalar(white).lower(data).float().cast(dtype)
}

impl fmt::Display for Binarization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Threshold => "binarized by a threshold",
            Self::Static => "static binarization",
            Self::Dynamic => "dynamic binarization",
        })
    }
}
