//! Between tensors and numbers on the host.

use burn::tensor::{DType, Device, Tensor, TensorData};

pub(crate) const BOTH: [DType; 2] = [DType::F64, DType::F32];

pub(crate) fn host<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

pub(crate) fn tensor<const D: usize>(
    values: impl Into<Vec<f64>>,
    shape: [usize; D],
    device: &Device,
    dtype: DType,
) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.into(), shape), (device, dtype))
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

pub(crate) fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values);
    let squares: Vec<f64> = values.iter().map(|v| (v - centre).powi(2)).collect();
    mean(&squares).sqrt()
}

#[track_caller]
pub(crate) fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!(
            (f - e).abs() <= tolerance * e.abs().max(1.0),
            "[{i}] is {f:e}, should be {e:e}"
        );
    }
}

/// The points of a grid of `count` a side over `low..high` in every dimension, at the middle of
/// their cells, and the volume of a cell.
pub(crate) fn grid(
    [low, high]: [f64; 2],
    count: usize,
    dims: usize,
    device: &Device,
) -> (Tensor<2>, f64) {
    let width = (high - low) / count as f64;
    let points = count.pow(dims as u32);
    let coordinate = |i: usize| low + (i as f64 + 0.5) * width;
    let values: Vec<f64> = (0..points)
        .flat_map(|p| (0..dims).map(move |d| p / count.pow(d as u32) % count))
        .map(coordinate)
        .collect();
    let points = tensor(values, [points, dims], device, DType::F64);
    (points, width.powi(dims as i32))
}
