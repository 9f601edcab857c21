//! Two kernel densities of the same rows, as parameters that do not train.

use std::sync::OnceLock;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::KernelDensity;

/// A kernel density of rows in standard units and one of the same rows without covariance; either may be absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KernelPair {
    width: usize,
    /// The numbers of centres; 0 where there is no density.
    centres: [usize; 2],
}

/// The kernels of a [`KernelPair`].
#[derive(Module, Debug)]
pub(crate) struct KernelPairModel {
    /// Each `centres × (width + 2)`, as [`KernelDensity::to_rows`] says.
    kernels: [Param<Tensor<2>>; 2],
    /// The densities on the host, which the first use makes. The parameters do not train, and are loaded before that.
    #[module(skip)]
    host: [OnceLock<KernelDensity>; 2],
}

impl KernelPairModel {
    fn new(kernels: [Param<Tensor<2>>; 2]) -> Self {
        Self {
            kernels,
            host: Default::default(),
        }
    }

    /// The device of the kernels.
    pub(crate) fn device(&self) -> Device {
        self.kernels[0].val().device()
    }
}

impl KernelPair {
    /// Puts two densities of rows of `width` numbers into parameters.
    pub(crate) fn new(
        width: usize,
        kernels: [Option<KernelDensity>; 2],
        device: &Device,
    ) -> (Self, KernelPairModel) {
        let rows = kernels.map(|kernels| kernels.map_or(vec![], |kernels| kernels.to_rows()));
        let centres = [0, 1].map(|k| rows[k].len() / (width + 2));
        let kernels = rows.map(|rows| {
            let shape = [rows.len() / (width + 2), width + 2];
            let tensor = Tensor::from_data(TensorData::new(rows, shape), device);
            Param::from_tensor(tensor).set_require_grad(false)
        });
        (Self { width, centres }, KernelPairModel::new(kernels))
    }

    /// The model without its kernels, to load them into.
    pub(crate) fn build(&self, device: &Device) -> KernelPairModel {
        let zeros = |centres| Param::from_tensor(Tensor::zeros([centres, self.width + 2], device));
        KernelPairModel::new(self.centres.map(zeros))
    }

    /// The number of values in all kernels.
    pub(crate) fn parameters(&self) -> u128 {
        let centres: u128 = self.centres.iter().map(|centres| *centres as u128).sum();
        centres * (self.width as u128 + 2)
    }

    /// Whether it is a pair of rows of this many numbers.
    pub(crate) fn is_consistent(&self, width: usize) -> bool {
        self.width == width
    }

    /// The density in standard units, 0, or the one without covariance, 1, on the host.
    pub(crate) fn density<'a>(
        &self,
        model: &'a KernelPairModel,
        k: usize,
    ) -> Option<&'a KernelDensity> {
        let density = || {
            let rows: Vec<f32> = model.kernels[k].val().into_data().iter().collect();
            KernelDensity::of_rows(&rows, self.width)
        };
        (self.centres[k] > 0).then(|| model.host[k].get_or_init(density))
    }
}
