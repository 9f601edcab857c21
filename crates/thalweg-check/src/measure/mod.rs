//! The measures, one file each.

mod compiled;
mod deviation;
mod integral;
mod jacobian;
mod layers;
mod names;
mod quadrature;
mod round_trip;
mod singular;
mod sweep;

pub use compiled::CompiledErrors;
pub use deviation::Deviation;
pub use integral::Integral;
pub use jacobian::LogDetError;
pub use layers::{Condition, Layer};
pub use round_trip::RoundTrip;
pub use sweep::{Input, SweepPoint};

pub(crate) use compiled::compiled;
pub(crate) use integral::{Drawn, integral};
pub(crate) use jacobian::log_det;
pub(crate) use layers::layers;
pub(crate) use round_trip::round_trip;
pub(crate) use singular::singular;
pub(crate) use sweep::sweep;

use burn::tensor::Tensor;
use thalweg_flow::{Placement, TensorMap, Variable};

use crate::{Options, Subject};

/// A model on its rows.
pub(crate) struct Case<'a, S: Subject<D>, const D: usize> {
    /// Without a tape.
    pub(crate) model: &'a S,
    /// Points of the density, one row each.
    pub(crate) x: Tensor<D>,
    /// One row for each point, or one for all.
    pub(crate) context: S::Context,
    pub(crate) placement: Placement,
    pub(crate) options: &'a Options,
}

impl<S: Subject<D>, const D: usize> Case<'_, S, D> {
    /// The number of points.
    pub(crate) fn rows(&self) -> usize {
        self.x.dims()[0]
    }

    /// The numbers of a point.
    pub(crate) fn numbers(&self) -> usize {
        self.x.dims()[1..].iter().product()
    }

    /// The points of these numbers, row by row.
    pub(crate) fn points(&self, numbers: Vec<f64>) -> Tensor<D> {
        let mut shape = self.x.dims();
        shape[0] = numbers.len() / self.numbers();
        let data = burn::tensor::TensorData::new(numbers, shape);
        Tensor::from_data(data, (&self.placement.device, self.placement.dtype))
    }
}

/// The numbers of a tensor.
fn host<const K: usize>(tensor: Tensor<K>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// One row a sample: `[batch, numbers]`.
fn flat<V: Variable>(value: &V) -> Tensor<2> {
    let mut rows = value.rows();
    match rows.len() {
        1 => rows.remove(0),
        _ => Tensor::cat(rows, 1),
    }
}

/// A value of the structure of `like` with these rows.
fn restored<V: Variable>(like: &V, rows: Tensor<2>) -> V {
    struct Columns {
        rows: Tensor<2>,
        next: usize,
    }

    impl TensorMap for Columns {
        fn map<const K: usize>(&mut self, tensor: Tensor<K>) -> Tensor<K> {
            let mut shape = tensor.dims();
            shape[0] = self.rows.dims()[0];
            let width = shape[1..].iter().product();
            let columns = self.rows.clone().narrow(1, self.next, width);
            self.next += width;
            columns.reshape(shape)
        }
    }

    like.clone().map(&mut Columns { rows, next: 0 })
}

/// The row of this index.
fn row<V: Variable>(value: &V, index: usize) -> V {
    restored(value, flat(value).narrow(0, index, 1))
}
