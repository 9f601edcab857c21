//! Batches of any size: rows of data, log-densities in constant memory, and empty batches.

use std::ops::Range;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

use crate::{FlowError, Placement, TensorMap, Variable};

/// Rows of data that convert to tensors batch by batch: a tensor `[rows, ..]`, or rows in the host's
/// memory such as `Vec<Vec<f64>>`, `Vec<Vec<f32>>` and slices of arrays.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::{FlowError, Placement, points::Points};
///
/// let placement = Placement { device: Device::default(), dtype: DType::F32 };
/// let table = vec![vec![1.0, 2.0], vec![3.0, 4.0], vec![5.0]];
/// assert_eq!(table.count(), 3);
/// assert_eq!(table.rows(0..2, &placement)?.dims(), [2, 2]);
/// assert!(matches!(table.rows(0..3, &placement), Err(FlowError::Ragged { .. })));
/// # Ok::<(), FlowError>(())
/// ```
pub trait Points<const D: usize> {
    /// The number of rows.
    fn count(&self) -> usize;

    /// A range of rows on a device and in a dtype.
    ///
    /// # Errors
    ///
    /// [`FlowError::Ragged`] when a row has another length than the first.
    fn rows(&self, range: Range<usize>, placement: &Placement) -> Result<Tensor<D>, FlowError>;
}

impl<const D: usize> Points<D> for Tensor<D> {
    fn count(&self) -> usize {
        self.dims()[0]
    }

    fn rows(&self, range: Range<usize>, placement: &Placement) -> Result<Tensor<D>, FlowError> {
        let rows = self.clone().narrow(0, range.start, range.len());
        let rows = match rows.is_autodiff() {
            true => rows.inner(),
            false => rows,
        };
        Ok(rows.to_device(&placement.device).cast(placement.dtype))
    }
}

macro_rules! host_rows {
    ([$($size:tt)*] $row:ty) => {
        impl<$($size)*> Points<2> for [$row] {
            fn count(&self) -> usize {
                self.len()
            }

            fn rows(
                &self,
                range: Range<usize>,
                placement: &Placement,
            ) -> Result<Tensor<2>, FlowError> {
                let expected = self.first().map_or(0, |row| row.len());
                let mut values = Vec::with_capacity(range.len() * expected);
                for row in range.clone() {
                    let found = self[row].len();
                    if found != expected {
                        return Err(FlowError::Ragged { row, found, expected });
                    }
                    values.extend_from_slice(&self[row]);
                }
                let data = TensorData::new(values, [range.len(), expected]);
                Ok(Tensor::from_data(data, (&placement.device, placement.dtype)))
            }
        }
    };
}

host_rows!([] Vec<f64>);
host_rows!([] Vec<f32>);
host_rows!([const N: usize] [f64; N]);
host_rows!([const N: usize] [f32; N]);

impl<R, const D: usize> Points<D> for Vec<R>
where
    [R]: Points<D>,
{
    fn count(&self) -> usize {
        self.as_slice().count()
    }

    fn rows(&self, range: Range<usize>, placement: &Placement) -> Result<Tensor<D>, FlowError> {
        self.as_slice().rows(range, placement)
    }
}

/// One number a row, in f64 and in the memory of `batch` rows.
///
/// `log_prob` maps a batch and its range of rows to numbers, `[rows]`. Use a model without a tape
/// (`model.valid()`), since the numbers are read at once.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::points::log_probs;
/// use thalweg_flow::{Base, Placement, base::StandardNormal};
///
/// let rows = vec![vec![0.0, 1.0]; 1000];
/// let placement = Placement { device: Device::default(), dtype: DType::F32 };
/// let base = StandardNormal::new(2);
/// let nats = log_probs(&rows, 64, &placement, |x, _| Ok(base.log_prob(x, &())))?;
/// assert_eq!(nats.len(), 1000);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Errors
///
/// A row of another length than the first, and the errors of `log_prob`; both name the row of the data.
///
/// # Panics
///
/// When `batch` is 0, or `log_prob` does not return one number a row.
pub fn log_probs<const D: usize>(
    points: &(impl Points<D> + ?Sized),
    batch: usize,
    placement: &Placement,
    mut log_prob: impl FnMut(Tensor<D>, Range<usize>) -> Result<Tensor<1>, FlowError>,
) -> Result<Vec<f64>, FlowError> {
    assert!(batch > 0, "log-densities in batches of 0 rows");
    let count = points.count();
    let mut found = Vec::with_capacity(count);
    for start in (0..count).step_by(batch) {
        let range = start..count.min(start + batch);
        let rows = points.rows(range.clone(), placement)?;
        let values = log_prob(rows, range.clone()).map_err(|error| error.after_rows(start))?;
        let values = values.try_into_data()?;
        found.extend(values.iter::<f64>());
        assert_eq!(
            found.len(),
            range.end,
            "values for rows {range:?}: one for each"
        );
    }
    Ok(found)
}

/// The number of rows of a batch.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::points::{no_rows, one_row, rows};
///
/// let batch = Tensor::<2>::ones([5, 3], &Device::default());
/// assert_eq!(rows(&batch), 5);
/// assert_eq!(one_row(batch.clone()).dims(), [1, 3]);
/// assert_eq!(no_rows(batch).dims(), [0, 3]);
/// ```
pub fn rows<V: Variable>(batch: &V) -> usize {
    struct Count(usize);
    impl TensorMap for Count {
        fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
            self.0 = tensor.dims()[0];
            tensor
        }
    }
    let mut count = Count(0);
    batch.clone().map(&mut count);
    count.0
}

/// One row of zeros of a batch's shape.
///
/// See [`rows`] for an example.
pub fn one_row<V: Variable>(batch: V) -> V {
    batch.map(&mut Zeros(1))
}

/// A batch of the same shape without rows.
///
/// See [`rows`] for an example.
pub fn no_rows<V: Variable>(batch: V) -> V {
    batch.map(&mut Zeros(0))
}

struct Zeros(usize);

impl TensorMap for Zeros {
    fn map<const D: usize>(&mut self, tensor: Tensor<D>) -> Tensor<D> {
        let mut shape = tensor.dims();
        shape[0] = self.0;
        Tensor::zeros(shape, (&tensor.device(), tensor.dtype()))
    }
}

/// The number 0, `[1]`, with a gradient of 0 in each trainable parameter: the loss of an empty batch.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::{DiagonalScale, points::zero_of};
///
/// let layer = DiagonalScale::<2>::new(3, &Device::default().autodiff());
/// let zero = zero_of(&layer);
/// assert_eq!(zero.clone().into_scalar::<f32>(), 0.0);
/// let gradients = zero.backward();
/// let gradient = layer.log_scale().grad(&gradients).unwrap();
/// assert_eq!(gradient.abs().sum().into_scalar::<f32>(), 0.0);
/// ```
pub fn zero_of<M: Module>(module: &M) -> Tensor<1> {
    let Placement { device, dtype } = Placement::of(module);
    struct Sum(Tensor<1>);
    impl ModuleVisitor for Sum {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if param.is_require_grad() {
                let zero = param.val().sum().mul_scalar(0.0);
                self.0 = self.0.clone() + zero.cast(self.0.dtype());
            }
        }
    }
    let mut sum = Sum(Tensor::zeros([1], (&device, dtype)));
    module.visit(&mut sum);
    sum.0
}
