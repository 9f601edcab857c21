//! The size of images.

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// The size of images, and their number of levels.
///
/// ```
/// use thalweg_models::ImageSize;
///
/// let digits = ImageSize::new([1, 28, 28]);
/// assert_eq!((digits.levels, digits.numbers()), (256, 784));
/// assert_eq!((digits.with_levels(17).levels, digits.shape()), (17, [1, 28, 28]));
/// // 28 is twice even.
/// assert_eq!((digits.halvings(), digits.scales()), (2, 2));
/// assert_eq!(ImageSize::new([3, 64, 64]).scales(), 3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSize {
    /// 1 for grey, 3 for colour.
    pub channels: usize,
    /// In pixels.
    pub height: usize,
    /// In pixels.
    pub width: usize,
    /// The number of values of a pixel in a channel; 256 for 8 bits.
    pub levels: u32,
}

impl ImageSize {
    /// Images of `[channels, height, width]` with 256 levels.
    pub fn new([channels, height, width]: [usize; 3]) -> Self {
        Self {
            channels,
            height,
            width,
            levels: 256,
        }
    }

    /// The same images with another number of levels.
    pub fn with_levels(self, levels: u32) -> Self {
        Self { levels, ..self }
    }

    /// `[channels, height, width]`.
    pub fn shape(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }

    /// The number of values in an image.
    pub fn numbers(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// The number of times that height and width can both be halved.
    pub fn halvings(&self) -> u32 {
        self.height
            .trailing_zeros()
            .min(self.width.trailing_zeros())
    }

    /// The number of scales, at most 3, that suits a multi-scale flow on such images: each halves the
    /// image, and the last leaves at least 2 × 2 pixels.
    pub fn scales(&self) -> usize {
        let side = self.height.min(self.width);
        let most = self.halvings().min(3) as usize;
        (1..=most)
            .rev()
            .find(|scales| side >> scales >= 2)
            .unwrap_or(1)
    }

    /// Checks that the image has pixels, valid levels, and a size that can be halved `halvings`
    /// times, for a model of `scales` scales.
    pub(crate) fn check(
        &self,
        model: &'static str,
        scales: usize,
        halvings: usize,
    ) -> Result<(), ConfigError> {
        ConfigError::check(model, "channels", self.channels as u64, [1, 65_536])?;
        ConfigError::at_least(
            model,
            [("height", self.height, 1), ("width", self.width, 1)],
        )?;
        // Two sizes of 32 bits have a product of 64.
        let area = self.height as u64 * self.width as u64;
        let numbers = area.saturating_mul(self.channels as u64);
        let most = u64::from(u32::MAX);
        ConfigError::check(model, "numbers of an image", numbers, [1, most])?;
        ConfigError::check(model, "levels", u64::from(self.levels), [2, 65_536])?;
        if halvings as u64 > u64::from(self.halvings()) {
            return Err(ConfigError::Indivisible {
                model,
                height: self.height,
                width: self.width,
                scales,
                halvings,
                most: self.halvings(),
            });
        }
        Ok(())
    }
}
