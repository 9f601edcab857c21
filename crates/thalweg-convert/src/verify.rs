//! A comparison with the library's own numbers.

use std::path::Path;

use burn::tensor::DType;

use crate::state::StateDict;
use crate::weights::Place;
use crate::{ConvertError, Model};

/// How far a model is from the library that its weights come from.
///
/// See [`verify`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verified {
    /// The number of rows.
    pub rows: usize,
    /// The largest difference of a log-density, in nats.
    pub largest: f64,
    /// Of the log-density with that difference, the library's value.
    pub at: f64,
}

/// Compares log-densities with those in a safetensors file: `x`, `[rows, features]`, or `[rows, channels, height, width]`
/// as the library takes them, `context`, `[rows, context]`, of a model with a context, and `log_prob`, `[rows]`, of the library. Other
/// tensors of the file are not read.
///
/// ```no_run
/// use burn::tensor::{DType, Device};
/// use thalweg_convert::{Options, Source, convert, verify};
///
/// let (device, options) = (Device::default(), Options::default());
/// let model = convert("maf.safetensors", Source::Nflows, &options, &device, DType::F64)?.model;
/// let verified = verify(&model, "vectors.safetensors", (&device, DType::F64))?;
/// assert!(verified.largest < 1e-9);
/// # Ok::<(), thalweg_convert::ConvertError>(())
/// ```
///
/// # Errors
///
/// A file that cannot be read, tensors that are missing or have other shapes, and numbers that are not finite.
pub fn verify(
    model: &Model,
    vectors: impl AsRef<Path>,
    place: (&burn::tensor::Device, DType),
) -> Result<Verified, ConvertError> {
    let path = vectors.as_ref();
    let bytes = std::fs::read(path).map_err(|problem| ConvertError::io(path, problem))?;
    let mut vectors = StateDict::read(&bytes)?;
    let x = vectors.take("x")?;
    let shape = model.shape();
    let rows = match x.shape.split_first() {
        Some((rows, sample)) if sample == shape && *rows > 0 => *rows,
        _ => {
            let expected = format!(
                "rows of {shape:?}, one or more; of images, the option `image` tells the size"
            );
            return Err(x.misshapen(expected));
        }
    };
    let expected = vectors.vector("log_prob", rows)?;
    let place = Place {
        device: place.0.clone(),
        dtype: place.1,
    };
    let given = match model.context() {
        0 => None,
        context => {
            let given = vectors.take("context")?.of(&[rows, context])?;
            Some(place.tensor(given, [rows, context]))
        }
    };
    let found = model.log_prob(x.values, rows, given.as_ref(), &place)?;
    let mut worst = Verified {
        rows,
        largest: 0.0,
        at: expected[0],
    };
    for (found, expected) in found.into_iter().zip(expected) {
        let difference = (found - expected).abs();
        // A difference that is no number is the largest of all.
        if difference > worst.largest || difference.is_nan() {
            worst.largest = if difference.is_nan() {
                f64::INFINITY
            } else {
                difference
            };
            worst.at = expected;
        }
    }
    Ok(worst)
}
