//! What images are like.

use serde::{Deserialize, Serialize};

use crate::ConfigError;

/// The size of images, and how many values a pixel can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSize {
    /// 1 for grey, 3 for colour.
    pub channels: usize,
    /// In pixels.
    pub height: usize,
    /// In pixels.
    pub width: usize,
    /// Values that each number can have; 256 for 8 bits.
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

    /// Numbers in an image.
    pub fn numbers(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// How often height and width can both be halved.
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

    /// Whether the image has pixels, levels that a [`Dequantize`](thalweg_flow::Dequantize) takes,
    /// and a size that can be halved as often as so many scales do.
    pub(crate) fn check(
        &self,
        model: &'static str,
        scales: usize,
        halvings: usize,
    ) -> Result<(), ConfigError> {
        let any = u64::from(u32::MAX);
        let check = |field, value, bounds| ConfigError::check(model, field, value, bounds);
        check("channels", self.channels as u64, [1, 65_536])?;
        check("height", self.height as u64, [1, any])?;
        check("width", self.width as u64, [1, any])?;
        check("levels", u64::from(self.levels), [2, 65_536])?;
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
