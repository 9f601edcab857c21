//! Held-out log-densities, and a baseline for them.

use std::error::Error;

use thalweg::burn::tensor::Tensor;
use thalweg::data::{Batches, Rows};
use thalweg::flow::base::StandardNormal;
use thalweg::flow::{Dequantize, Flow, FlowError, Noise, Whiten};
use thalweg::train::IntoLoss;

/// Mean and standard error of a log-density over held-out rows, read batch by batch in f64.
pub fn mean_log_prob<R: Rows, L: IntoLoss>(
    rows: R,
    mut log_prob: impl FnMut(R) -> L,
) -> Result<(f64, f64), Box<dyn Error>> {
    let mut values: Vec<f64> = vec![];
    for batch in Batches::new(rows, 500, 0).in_order() {
        let data = log_prob(batch)
            .into_loss()?
            .try_into_data()
            .map_err(|error| format!("{error:?}"))?;
        values.extend(data.iter::<f64>());
    }
    Ok(mean_and_error(&values))
}

/// Mean and standard error of numbers of one sample each.
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Mean and standard error of a bound of many samples over the first `count` held-out rows.
pub fn mean_importance<R: Rows>(
    rows: &R,
    count: usize,
    mut bound: impl FnMut(R) -> Result<Vec<f64>, FlowError>,
) -> Result<(f64, f64), Box<dyn Error>> {
    let mut values: Vec<f64> = vec![];
    for batch in Batches::new(rows.clone(), 100, 0).in_order() {
        if values.len() >= count {
            break;
        }
        values.extend(bound(batch)?);
    }
    values.truncate(count);
    Ok(mean_and_error(&values))
}

/// The baseline: mean log-density of held-out rows under a full-covariance Gaussian fitted to the
/// training rows, both dequantized into the unit cube.
pub fn gaussian_nats(
    train: Tensor<2>,
    test: Tensor<2>,
    levels: u32,
    noise: &mut Noise,
) -> Result<f64, Box<dyn Error>> {
    let (dequantize, features) = (Dequantize::uniform(levels), train.dims()[1]);
    let whiten = Whiten::fit(&dequantize.apply(train, noise)?.0, 0.0)?;
    let gaussian = Flow::new(whiten, StandardNormal::new(features));
    let log_prob = |x| {
        let (y, _) = dequantize.apply(x, noise)?;
        Ok::<_, FlowError>(gaussian.log_prob(y))
    };
    Ok(mean_log_prob(test, log_prob)?.0)
}
