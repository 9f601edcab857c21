//! Images that a model draws.

use thalweg_data::Images;
use thalweg_flow::Noise;

use crate::{AnyImages, ImagesError};

/// Images that are drawn together.
const DRAWN: usize = 100;

impl AnyImages {
    /// `n` images at a temperature, which multiplies the width of the prior: 1 for the model's own distribution, less for
    /// images nearer to its middle; [`temperature`](Self::temperature) is a good one.
    ///
    /// Of a VAE and an f-VAE they are the means of the decoder, without the noise around them.
    ///
    /// See [`sample_scales`](Self::sample_scales) for an example.
    ///
    /// # Errors
    ///
    /// A temperature that is negative or not finite; an integration that fails.
    pub fn sample(&self, n: usize, temperature: f64, seed: u64) -> Result<Images, ImagesError> {
        self.sample_scales(n, &vec![temperature; self.scales()], seed)
    }

    /// The number of scales that the prior has: 1 but for flows of several scales, such as Glow and RealNVP.
    pub fn scales(&self) -> usize {
        self.model.scales()
    }

    /// `n` images with a temperature for each scale, finest first. The coarsest scale holds what an image shows, the finest
    /// its details.
    ///
    /// ```
    /// use thalweg_images::AnyImages;
    /// use thalweg_models::{ImageSize, RealNvpConfig};
    ///
    /// let size = ImageSize::new([1, 8, 8]).with_levels(17);
    /// let config = RealNvpConfig::paper(size).with_scales(2).with_blocks(1).with_hidden(4);
    /// let model = AnyImages::of_flow(config.init(&Default::default()))?;
    /// assert_eq!(model.scales(), 2);
    /// let drawn = model.sample_scales(3, &[0.5, 1.0], 0)?;
    /// assert_eq!((drawn.count(), drawn.size()), (3, [1, 8, 8]));
    /// assert_eq!(model.sample_scales(3, &[0.7, 0.7], 0)?, model.sample(3, 0.7, 0)?);
    /// let middle = model.sample(2, 0.0, 0)?;
    /// assert_eq!(middle.image(0), middle.image(1)); // without any noise
    /// # Ok::<(), thalweg_images::ImagesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Another number of temperatures than [`scales`](Self::scales); as [`sample`](Self::sample).
    pub fn sample_scales(
        &self,
        n: usize,
        temperatures: &[f64],
        seed: u64,
    ) -> Result<Images, ImagesError> {
        ImagesError::setting(
            "the number of temperatures",
            temperatures.len(),
            temperatures.len() == self.scales(),
            "one for each scale of the model",
        )?;
        for temperature in temperatures {
            let holds = *temperature >= 0.0 && temperature.is_finite();
            ImagesError::setting(
                "the temperature",
                temperature,
                holds,
                "a finite number from 0 on",
            )?;
        }
        let noise = &mut Noise::seeded(seed);
        let mut pixels = Vec::with_capacity(n.saturating_mul(self.image().numbers()));
        for start in (0..n).step_by(DRAWN) {
            let count = DRAWN.min(n - start);
            let y = self
                .model
                .sample(count, temperatures, noise, self.image())?;
            pixels.extend(self.quantized(y)?);
        }
        self.images_of(pixels)
    }
}
