//! A classifier on data that it has not seen.

use burn::tensor::{Int, Tensor};
use thalweg_flow::{FlowError, Noise};

use super::{Classification, Vib};

impl Vib {
    /// Classifies any number of rows, in the memory of `batch` rows; probabilities are averaged over
    /// `samples` draws of the noise, 0 for the noise off. Returns the [`Classification`] and the mean
    /// [`rate`](Self::rate) in nats.
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::VibConfig;
    ///
    /// let device = Device::default();
    /// let vib = VibConfig::new(4, 3).with_hidden(vec![16]).with_width(2).init(&device);
    /// let x = Tensor::<2>::ones([5, 4], &device);
    /// let labels = Tensor::<1, Int>::from_ints([0, 0, 0, 0, 0], &device);
    /// let (found, rate) = vib.evaluate((&x, &labels), 0, 64, &mut Noise::seeded(0))?;
    /// // All rows are alike: they are all right, or all wrong.
    /// assert!([0.0, 1.0].contains(&found.accuracy()) && rate > 0.0);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`classify`](Self::classify).
    ///
    /// # Panics
    ///
    /// As there, and when `batch` is 0.
    pub fn evaluate(
        &self,
        (x, labels): (&Tensor<2>, &Tensor<1, Int>),
        samples: usize,
        batch: usize,
        noise: &mut Noise,
    ) -> Result<(Classification, f64), FlowError> {
        assert!(batch > 0, "a classification in batches of 0 rows");
        let (mut found, mut nats, rows) = (Classification::default(), 0.0, x.dims()[0]);
        for start in (0..rows).step_by(batch) {
            let count = batch.min(rows - start);
            let x = x.clone().narrow(0, start, count);
            let labels = labels.clone().narrow(0, start, count);
            nats += self.rate(x.clone())?.try_into_scalar::<f64>()? * count as f64;
            self.classify(x, labels, samples, noise, &mut found)?;
        }
        Ok((found, nats / rows as f64))
    }
}
