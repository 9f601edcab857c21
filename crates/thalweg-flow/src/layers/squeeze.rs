//! Space to channels.

use burn::module::Module;
use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::numerics::zero_log_det;
use crate::{Bijection, LogDet};

/// The order of the pixels of a block in the channels.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Squeeze, SqueezeOrder};
///
/// // Two channels of one block: 0 to 3 and 10 to 13.
/// let x = [[[0.0, 1.0], [2.0, 3.0]], [[10.0, 11.0], [12.0, 13.0]]];
/// let x = Tensor::<4>::from_floats([x], &Device::default());
/// let channels = |order| {
///     let (z, _) = Squeeze::with(2, order).forward(x.clone(), &());
///     z.into_data().try_to_vec::<f32>().unwrap()
/// };
/// let first = channels(SqueezeOrder::ChannelFirst);
/// assert_eq!(first, [0.0, 1.0, 2.0, 3.0, 10.0, 11.0, 12.0, 13.0]);
/// let pixels = channels(SqueezeOrder::PixelFirst);
/// assert_eq!(pixels, [0.0, 10.0, 1.0, 11.0, 2.0, 12.0, 3.0, 13.0]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SqueezeOrder {
    /// Channel `c`, row `i`, column `j` of a block become channel `(c f + i) f + j`: Glow, RealNVP
    /// and nflows, also known as pixel unshuffle.
    ChannelFirst,
    /// They become channel `(i f + j) channels + c`: Su Jianlin's Glow. A split in half separates the
    /// rows of a block.
    PixelFirst,
}

/// Reshapes blocks of `f × f` pixels to channels: `[batch, c, h, w]` to `[batch, c f², h/f, w/f]`,
/// `ln|det J| = 0`.
///
/// Its [`inverted`](crate::Invert::inverted) form is the unsqueeze.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Squeeze};
///
/// let x = Tensor::<4>::ones([5, 3, 8, 8], &Device::default());
/// let (z, _) = Squeeze::new().forward(x, &());
/// assert_eq!(z.dims(), [5, 12, 4, 4]);
/// assert_eq!(Squeeze::new().shape([3, 8, 8]), Some([12, 4, 4]));
/// assert_eq!(Squeeze::new().shape([3, 8, 7]), None);
/// ```
///
/// # Panics
///
/// In `forward` when height or width is no multiple of `f`, in `inverse` when the channels are no multiple
/// of `f²`.
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, section 3.6.
#[derive(Module, Debug)]
pub struct Squeeze {
    pub(crate) factor: usize,
    #[module(skip)]
    order: SqueezeOrder,
}

impl Squeeze {
    /// Blocks of 2 × 2 pixels in channel-first order.
    pub fn new() -> Self {
        Self::with(2, SqueezeOrder::ChannelFirst)
    }

    /// Blocks of `factor × factor` pixels.
    ///
    /// # Panics
    ///
    /// When `factor` is 0.
    pub fn with(factor: usize, order: SqueezeOrder) -> Self {
        assert!(factor > 0, "a squeeze needs blocks of 1 pixel or more");
        Self { factor, order }
    }

    /// The output shape for an image `[channels, height, width]`, or `None` where the blocks do not
    /// divide it.
    pub fn shape(&self, [channels, height, width]: [usize; 3]) -> Option<[usize; 3]> {
        let f = self.factor;
        let fits = height.is_multiple_of(f) && width.is_multiple_of(f);
        fits.then(|| [channels * f * f, height / f, width / f])
    }

    /// The input channel, row and column of an output one, for an image of `channels` channels.
    pub(crate) fn source(&self, channels: usize, [channel, row, column]: [usize; 3]) -> [usize; 3] {
        let f = self.factor;
        let [from, i, j] = match self.order {
            SqueezeOrder::ChannelFirst => [channel / (f * f), channel / f % f, channel % f],
            SqueezeOrder::PixelFirst => {
                let pixel = channel / channels;
                [channel % channels, pixel / f, pixel % f]
            }
        };
        [from, row * f + i, column * f + j]
    }
}

impl Default for Squeeze {
    fn default() -> Self {
        Self::new()
    }
}

impl<C> Bijection<C> for Squeeze {
    type Data = Tensor<4>;
    type Latent = Tensor<4>;

    fn forward(&self, x: Tensor<4>, _: &C) -> (Tensor<4>, LogDet) {
        let log_det = zero_log_det(&x);
        let [batch, channels, height, width] = x.dims();
        let f = self.factor;
        let [c, h, w] = self.shape([channels, height, width]).unwrap_or_else(|| {
            panic!(
                "blocks of {f} × {f} pixels do not divide an image of {height} × {width}: a squeeze \
                 takes multiples of {f}"
            )
        });
        let blocks = x.reshape([batch, channels, h, f, w, f]);
        let blocks = match self.order {
            SqueezeOrder::ChannelFirst => blocks.permute([0, 1, 3, 5, 2, 4]),
            SqueezeOrder::PixelFirst => blocks.permute([0, 3, 5, 1, 2, 4]),
        };
        (blocks.reshape([batch, c, h, w]), log_det)
    }

    fn inverse(&self, z: Tensor<4>, _: &C) -> (Tensor<4>, LogDet) {
        let log_det = zero_log_det(&z);
        let [batch, c, h, w] = z.dims();
        let f = self.factor;
        assert!(
            c.is_multiple_of(f * f),
            "an unsqueeze takes {} channels for each of an image, for blocks of {f} × {f} pixels, \
             and got {c}",
            f * f
        );
        let channels = c / (f * f);
        let pixels = match self.order {
            SqueezeOrder::ChannelFirst => z
                .reshape([batch, channels, f, f, h, w])
                .permute([0, 1, 4, 2, 5, 3]),
            SqueezeOrder::PixelFirst => z
                .reshape([batch, f, f, channels, h, w])
                .permute([0, 3, 4, 1, 5, 2]),
        };
        (pixels.reshape([batch, channels, h * f, w * f]), log_det)
    }
}
