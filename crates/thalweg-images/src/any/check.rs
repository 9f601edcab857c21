//! How far the flow of images can be trusted.

use thalweg_check::{Check, Options};
use thalweg_data::Images;

use crate::{AnyImages, ImagesError};

impl AnyImages {
    /// A report on the flow, on images: round trips, log-determinants, condition numbers, scales.
    ///
    /// ```
    /// use thalweg_check::{Measure, Options, Verdict};
    /// use thalweg_data::digits;
    /// use thalweg_images::AnyImages;
    /// use thalweg_models::NiceConfig;
    ///
    /// let nice = NiceConfig::paper(64, 17).with_depth(1).with_hidden(4);
    /// let model = AnyImages::of_nice(nice.init(&Default::default()), None)?;
    /// let options = Options { rows: 8, jacobians: 1, sweep_rows: 2, ..Options::default() };
    /// let report = model.check(&digits(), &options)?;
    /// assert_eq!((report.rows, report.numbers), (8, 64));
    /// assert_eq!(report.of(Measure::RoundTripOfData), Verdict::Ok);
    /// # Ok::<(), thalweg_images::ImagesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Images of another size, none at all, and a VAE or an f-VAE, which have no flow of images.
    pub fn check(&self, images: &Images, options: &Options) -> Result<Check, ImagesError> {
        self.require(images)?;
        let first: Vec<usize> = (0..images.count().min(options.rows)).collect();
        let levels = self.levels(&images.select(&first));
        Ok(self.model.check(levels, self.dequantize(), options)?)
    }
}
