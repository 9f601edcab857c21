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
/// In this example `checkpoint` writes names, shapes and numbers of tensors as safetensors.
///
/// ```
/// use std::f32::consts::TAU;
///
/// use burn::tensor::{DType, Device};
/// use thalweg_convert::{Options, Source, Verified, convert_bytes, verify};
///
/// # fn checkpoint(tensors: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
/// #     use safetensors::tensor::{Dtype, TensorView, serialize};
/// #     let bytes = |values: &[f32]| values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
/// #     let bytes: Vec<Vec<u8>> = tensors.iter().map(|(_, _, values)| bytes(values)).collect();
/// #     let view = |shape: &[usize], bytes| TensorView::new(Dtype::F32, shape.to_vec(), bytes).expect("a tensor");
/// #     let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| (*name, view(shape, bytes)));
/// #     serialize(views, None).expect("tensors")
/// # }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = std::env::temp_dir().join(format!("thalweg-verify-{}.safetensors", std::process::id()));
/// // The standard normal density of `z = 2 x + 1`, at `z = 0` and `z = 1`.
/// let flow = checkpoint(&[("_transform._scale", &[1], &[2.0]), ("_transform._shift", &[1], &[1.0])]);
/// let (device, options) = (Device::default(), Options::default());
/// let model = convert_bytes(&flow, Source::Nflows, &options, &device, DType::F64)?.model;
/// let peak = 2_f32.ln() - 0.5 * TAU.ln();
/// let vectors = checkpoint(&[("x", &[2, 1], &[-0.5, 0.0]), ("log_prob", &[2], &[peak, peak - 0.5])]);
/// std::fs::write(&path, vectors)?;
/// let Verified { rows, largest, .. } = verify(&model, &path, (&device, DType::F64))?;
/// assert!(rows == 2 && largest < 1e-6);
///
/// let vectors = checkpoint(&[("x", &[2, 1], &[-0.5, 0.0]), ("log_prob", &[2], &[peak, 0.0])]);
/// std::fs::write(&path, vectors)?;
/// let wrong = verify(&model, &path, (&device, DType::F64))?;
/// assert_eq!(wrong.at, 0.0); // the value that is wrong
/// assert!((wrong.largest - f64::from(0.5 - peak)).abs() < 1e-6);
/// # std::fs::remove_file(path)?;
/// # Ok(())
/// # }
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
