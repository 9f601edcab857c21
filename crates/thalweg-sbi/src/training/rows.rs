//! Pairs of a density's numbers and its conditions, as networks take them.

use burn::tensor::{Device, Tensor, TensorData};

use crate::residual::Residual;

/// Rows of `dims` numbers whose density is learned, and the `conditions` numbers that it is learned under.
#[derive(Debug)]
pub(crate) struct Rows {
    r: Vec<f32>,
    z: Vec<f32>,
    /// `ln |dr|` over the change of what the density is of.
    log_slopes: Vec<f64>,
    pub(crate) dims: usize,
    pub(crate) conditions: usize,
}

impl Rows {
    /// Of coordinates `u`, with the slopes of the maps to them, and conditions `z`. Where `is_linear`, what a regression on
    /// the conditions finds is left to the [`Residual`].
    pub(crate) fn new(
        u: &[f64],
        z: Vec<f32>,
        mut log_slopes: Vec<f64>,
        is_linear: bool,
    ) -> (Self, Residual) {
        let count = log_slopes.len();
        let (dims, conditions) = (u.len() / count, z.len() / count);
        let residual = Residual::fit(u, dims, if is_linear { &z } else { &[] });
        let of = |(u, z): (&[f64], &[f32])| residual.forward(u, &residual.mean(z));
        let rows = u.chunks_exact(dims).zip(z.chunks_exact(conditions));
        let r = rows.flat_map(of).map(|r| r as f32).collect();
        let log_slope = residual.log_slope();
        log_slopes.iter_mut().for_each(|slope| *slope += log_slope);
        let rows = Self {
            r,
            z,
            log_slopes,
            dims,
            conditions,
        };
        (rows, residual)
    }

    pub(crate) fn len(&self) -> usize {
        self.log_slopes.len()
    }

    /// Some rows: numbers and conditions.
    pub(crate) fn select(&self, rows: &[usize], device: &Device) -> (Tensor<2>, Tensor<2>) {
        let of = |values: &[f32], width: usize| {
            let chosen = rows.iter().flat_map(|row| &values[row * width..][..width]);
            let data = TensorData::new(chosen.copied().collect::<Vec<f32>>(), [rows.len(), width]);
            Tensor::from_data(data, device)
        };
        (of(&self.r, self.dims), of(&self.z, self.conditions))
    }

    /// `Σ ln |dr|` of some rows.
    pub(crate) fn log_slopes(&self, rows: &[usize]) -> f64 {
        rows.iter().map(|row| self.log_slopes[*row]).sum()
    }
}
