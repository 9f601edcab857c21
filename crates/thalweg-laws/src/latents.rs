//! The latents of several scales, for the laws.

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::Latents;

use crate::{Batched, Flat};

impl Batched for Latents {
    fn batch_size(&self) -> Option<usize> {
        Some(Latents::batch_size(self))
    }

    fn select_rows(&self, rows: &[usize]) -> Self {
        self.clone().map(|_, scale| scale.select_rows(rows))
    }
}

impl Flat for Latents {
    fn kinds(&self) -> Vec<(DType, Device)> {
        self.scales().iter().flat_map(Flat::kinds).collect()
    }

    fn to_rows(&self) -> Tensor<2> {
        self.clone().flatten()
    }

    fn with_rows(&self, rows: Tensor<2>) -> Self {
        Latents::restore(rows, &self.shapes())
    }

    fn other_shapes(&self) -> Vec<Self> {
        let scales = self.clone().into_scales().other_shapes();
        scales.into_iter().map(Latents::new).collect()
    }
}
