//! Data and options that the tests share.

use burn::tensor::{DType, Device, Tensor};
use thalweg_check::Options;
use thalweg_flow::Noise;

/// Few rows and evaluations.
pub(crate) fn options() -> Options {
    Options {
        rows: 64,
        evaluations: 30_000,
        sweep_rows: 4,
        ..Options::default()
    }
}

/// Normal rows.
pub(crate) fn normal(features: usize) -> Tensor<2> {
    Noise::seeded(1).normal([200, features], &Device::default(), DType::F32)
}

/// Normal rows, each column in a unit ten times that of the one before.
pub(crate) fn rows(features: usize) -> Tensor<2> {
    let unit = |column: usize| 10_f32.powi(column as i32 - 1);
    let units: Vec<f32> = (0..features).map(unit).collect();
    let units = Tensor::<1>::from_floats(units.as_slice(), &Device::default());
    normal(features) * units.unsqueeze()
}
