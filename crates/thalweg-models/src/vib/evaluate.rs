//! A classifier on data that it has not seen.

use burn::tensor::{Int, Tensor};
use thalweg_flow::{FlowError, Noise};

use super::{Classification, Vib};

impl Vib {
    /// Classifies any number of rows, in the memory of `batch` rows; probabilities are averaged over
    /// `samples` draws of the noise, 0 for the noise off. Returns the [`Classification`] and the mean
    /// [`rate`](Self::rate) in nats.
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
