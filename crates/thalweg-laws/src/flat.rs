//! Data and latents of any structure as a matrix.

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{Bijection, Latents};

use crate::Batched;

/// A batch that converts to a matrix `[batch, n]` and back.
///
/// The laws compare numbers, select rows and compute Jacobians of that matrix. Implemented for float
/// tensors of every rank, for [`Latents`], and for tuples and vectors of them.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_laws::Flat;
///
/// let device = Device::default();
/// let x = (Tensor::<2>::zeros([5, 3], &device), Tensor::<4>::zeros([5, 2, 1, 2], &device));
/// assert_eq!(x.to_rows().dims(), [5, 7]);
/// let (a, b) = x.with_rows(Tensor::ones([2, 7], &device));
/// assert_eq!((a.dims(), b.dims()), ([2, 3], [2, 2, 1, 2]));
/// ```
pub trait Flat: Batched {
    /// The dtype and device of each tensor.
    fn kinds(&self) -> Vec<(DType, Device)>;

    /// One row a sample: `[batch, n]`.
    ///
    /// # Panics
    ///
    /// Where there is no tensor at all.
    fn to_rows(&self) -> Tensor<2>;

    /// The value with these rows: structure and shapes of `self`; batch size, dtype and device of
    /// `rows`.
    ///
    /// # Panics
    ///
    /// Where `rows` has another width than [`Flat::to_rows`] gives.
    fn with_rows(&self, rows: Tensor<2>) -> Self;

    /// Values of the same batch size with another number of features, axis 1, of each tensor: one more,
    /// one less, and one. Empty by default, for tensors without features.
    fn other_shapes(&self) -> Vec<Self> {
        Vec::new()
    }

    /// The number of columns of [`Flat::to_rows`].
    fn width(&self) -> usize {
        self.to_rows().dims()[1]
    }
}

impl<const D: usize> Flat for Tensor<D> {
    fn kinds(&self) -> Vec<(DType, Device)> {
        vec![(self.dtype(), self.device())]
    }

    fn to_rows(&self) -> Tensor<2> {
        let dims = self.dims();
        self.clone().reshape([dims[0], dims[1..].iter().product()])
    }

    fn with_rows(&self, rows: Tensor<2>) -> Self {
        let mut dims = self.dims();
        dims[0] = rows.dims()[0];
        rows.reshape(dims)
    }

    fn other_shapes(&self) -> Vec<Self> {
        let Some(&features) = self.dims().get(1) else {
            return Vec::new();
        };
        let mut others = vec![features + 1, features.saturating_sub(1), 1];
        others.dedup();
        let others = others.into_iter().filter(|n| *n > 0 && *n != features);
        let with = |features| {
            let mut dims = self.dims();
            dims[1] = features;
            Tensor::zeros(dims, (&self.device(), self.dtype()))
        };
        others.map(with).collect()
    }
}

impl<T: Flat> Flat for Vec<T> {
    fn kinds(&self) -> Vec<(DType, Device)> {
        self.iter().flat_map(T::kinds).collect()
    }

    fn to_rows(&self) -> Tensor<2> {
        side_by_side(self.iter().map(T::to_rows).collect())
    }

    fn with_rows(&self, rows: Tensor<2>) -> Self {
        let mut columns = Columns::new(rows);
        self.iter().map(|part| columns.take(part)).collect()
    }

    fn other_shapes(&self) -> Vec<Self> {
        let parts = self.iter().enumerate();
        let others = parts.flat_map(|(index, part)| {
            part.other_shapes().into_iter().map(move |other| {
                let mut parts = self.clone();
                parts[index] = other;
                parts
            })
        });
        others.collect()
    }
}

macro_rules! tuple {
    ($($part:ident $index:tt),+) => {
        impl<$($part: Flat),+> Flat for ($($part,)+) {
            fn kinds(&self) -> Vec<(DType, Device)> {
                [$(self.$index.kinds()),+].concat()
            }

            fn to_rows(&self) -> Tensor<2> {
                side_by_side(vec![$(self.$index.to_rows()),+])
            }

            fn with_rows(&self, rows: Tensor<2>) -> Self {
                let mut columns = Columns::new(rows);
                ($(columns.take(&self.$index),)+)
            }

            fn other_shapes(&self) -> Vec<Self> {
                let mut others = Vec::new();
                $(
                    for other in self.$index.other_shapes() {
                        let mut parts = self.clone();
                        parts.$index = other;
                        others.push(parts);
                    }
                )+
                others
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

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

/// Casts parts of other dtypes; whether the dtypes are right is a law of its own.
fn side_by_side(parts: Vec<Tensor<2>>) -> Tensor<2> {
    let dtype = parts.first().map(Tensor::dtype);
    if let Some(first) = parts.first().filter(|first| first.dims()[0] == 0) {
        // Burn's gradient of a concatenation of empty tensors reads out of bounds.
        let width = parts.iter().map(|part| part.dims()[1]).sum();
        return first.clone().reshape([0, width]);
    }
    let parts = parts.into_iter().map(|part| match dtype {
        Some(dtype) if part.dtype() != dtype => part.cast(dtype),
        _ => part,
    });
    Tensor::cat(parts.collect(), 1)
}

/// Hands out the columns of a matrix from left to right.
struct Columns {
    rows: Tensor<2>,
    next: usize,
}

impl Columns {
    fn new(rows: Tensor<2>) -> Self {
        Self { rows, next: 0 }
    }

    fn take<T: Flat>(&mut self, template: &T) -> T {
        let width = template.width();
        let rows = self.rows.clone().narrow(1, self.next, width);
        self.next += width;
        template.with_rows(rows)
    }
}

/// A [`Bijection`] with [`Flat`] data and latents; implemented for all of them.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::DiagonalScale;
/// use thalweg_laws::{Options, Sample, Testable, check_all, normal, scramble};
///
/// fn is_lawful<B: Testable<()>>(bijection: &B, x: &B::Data) -> bool {
///     check_all(bijection, x, &(), &Options::default()).is_ok()
/// }
///
/// let device = Device::default().autodiff();
/// let plain = DiagonalScale::<2>::new(3, &device);
/// # let plain = thalweg_flow::precision::cast(plain, DType::F64).unwrap();
/// let x = normal([4, 3]).sample(&device, DType::F64, 0);
/// // The scales of one show nothing.
/// assert!(!is_lawful(&plain, &x) && is_lawful(&scramble(plain, 0.3), &x));
/// ```
pub trait Testable<C>: Bijection<C, Data: Flat, Latent: Flat> {}

impl<C, B: Bijection<C, Data: Flat, Latent: Flat>> Testable<C> for B {}
