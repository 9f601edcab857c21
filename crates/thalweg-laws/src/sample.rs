//! Recipes for inputs: numbers from a seed, and the edges of their domain.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use crate::{Batched, Flat};

/// A recipe for inputs, the same on every device and in every dtype.
///
/// Implemented for the results of [`normal`], [`uniform`], [`unit()`] and [`labels`], for tuples and
/// vectors of recipes, and for `()`, the empty context.
///
/// See [`normal`] and [`labels`] for an example.
pub trait Sample {
    /// The type of the value, e.g. `Tensor<2>`.
    type Value;

    /// A value from this seed.
    fn sample(&self, device: &Device, dtype: DType, seed: u64) -> Self::Value;

    /// A batch of values at the edges of the domain, see
    /// [`finite_at_the_edges`](crate::laws::finite_at_the_edges).
    fn edges(&self, device: &Device, dtype: DType) -> Self::Value;
}

impl Sample for () {
    type Value = ();

    fn sample(&self, _device: &Device, _dtype: DType, _seed: u64) -> Self::Value {}

    fn edges(&self, _device: &Device, _dtype: DType) -> Self::Value {}
}

/// Zero, numbers beside it, and tails, with both signs.
pub const REAL_EDGES: [f64; 9] = [0.0, 1e-30, -1e-30, 1e-6, -1e-6, 1.0, -1.0, 30.0, -30.0];

/// The edges of the unit interval, and its middle.
pub const UNIT_EDGES: [f64; 5] = [1e-6, 1.0 - 1e-6, 0.5, 1e-3, 1.0 - 1e-3];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Draw {
    Normal,
    Uniform(f64, f64),
}

/// A recipe for a float tensor: see [`normal`], [`uniform`] and [`unit()`].
///
/// See [`normal`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Floats<const D: usize> {
    shape: [usize; D],
    draw: Draw,
    edges: Vec<f64>,
}

/// Standard normal numbers of this shape, the batch first; the edges are [`REAL_EDGES`].
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_laws::{Floats, REAL_EDGES, Sample, normal};
///
/// let (device, recipe): (_, Floats<2>) = (Device::default(), normal([5, 4]));
/// assert_eq!(recipe.sample(&device, DType::F64, 1).dims(), [5, 4]);
/// // Rows of one edge each, and mixed ones.
/// assert_eq!(recipe.edges(&device, DType::F64).dims(), [2 * REAL_EDGES.len(), 4]);
/// ```
pub fn normal<const D: usize>(shape: [usize; D]) -> Floats<D> {
    Floats {
        shape,
        draw: Draw::Normal,
        edges: REAL_EDGES.into(),
    }
}

/// Uniform numbers in `low..high`; the edges are the two ends and the middle.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_laws::{Sample, uniform};
///
/// let recipe = uniform([100, 2], -1.0, 3.0);
/// let x: Tensor<2> = recipe.sample(&Device::default(), DType::F32, 0);
/// assert!(x.clone().min().into_scalar::<f32>() >= -1.0 && x.max().into_scalar::<f32>() < 3.0);
/// ```
pub fn uniform<const D: usize>(shape: [usize; D], low: f64, high: f64) -> Floats<D> {
    Floats {
        shape,
        draw: Draw::Uniform(low, high),
        edges: vec![low, high, 0.5 * (low + high)],
    }
}

/// Uniform numbers of the unit interval, a fiftieth away from its ends; the edges are
/// [`UNIT_EDGES`].
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_laws::{Sample, UNIT_EDGES, unit};
///
/// let device = Device::default();
/// let x: Tensor<2> = unit([100, 2]).sample(&device, DType::F32, 0);
/// assert!(x.clone().min().into_scalar::<f32>() >= 0.02 && x.max().into_scalar::<f32>() <= 0.98);
/// let edges: Tensor<2> = unit([100, 2]).edges(&device, DType::F64);
/// assert_eq!(edges.min().into_scalar::<f64>(), UNIT_EDGES[0]);
/// ```
pub fn unit<const D: usize>(shape: [usize; D]) -> Floats<D> {
    uniform(shape, 0.02, 0.98).with_edges(&UNIT_EDGES)
}

impl<const D: usize> Floats<D> {
    /// The same recipe with other edges.
    ///
    /// ```
    /// use burn::tensor::{DType, Device};
    /// use thalweg_laws::{Sample, normal};
    ///
    /// let edges = normal([5, 1]).with_edges(&[-2.0, 3.0]).edges(&Device::default(), DType::F32);
    /// assert_eq!(edges.into_data().try_to_vec::<f32>().unwrap(), [-2.0, 3.0, -2.0, 3.0]);
    /// ```
    pub fn with_edges(mut self, edges: &[f64]) -> Self {
        self.edges = edges.into();
        self
    }
}

impl<const D: usize> Sample for Floats<D> {
    type Value = Tensor<D>;

    fn sample(&self, device: &Device, dtype: DType, seed: u64) -> Self::Value {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let count = self.shape.iter().product();
        let values: Vec<f64> = (0..count)
            .map(|_| match self.draw {
                Draw::Normal => StandardNormal.sample(&mut rng),
                Draw::Uniform(low, high) => rng.random_range(low..high),
            })
            .collect();
        Tensor::from_data(TensorData::new(values, self.shape), (device, dtype))
    }

    fn edges(&self, device: &Device, dtype: DType) -> Self::Value {
        edge_rows(&Tensor::zeros(self.shape, (device, dtype)), &self.edges)
    }
}

/// A recipe for class labels: see [`labels`].
///
/// See [`labels`] for an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels<const D: usize> {
    shape: [usize; D],
    classes: usize,
}

/// Labels `0..classes` of this shape, each class in turn.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_laws::{Labels, Sample, labels};
///
/// let recipe: Labels<1> = labels([5], 3);
/// let each = recipe.sample(&Device::default(), DType::F32, 0);
/// assert_eq!(each.into_data().iter::<i64>().max(), Some(2));
/// ```
pub fn labels<const D: usize>(shape: [usize; D], classes: usize) -> Labels<D> {
    Labels { shape, classes }
}

impl<const D: usize> Sample for Labels<D> {
    type Value = Tensor<D, Int>;

    fn sample(&self, device: &Device, _dtype: DType, seed: u64) -> Self::Value {
        let count: usize = self.shape.iter().product();
        let first = (seed % self.classes as u64) as usize;
        let values: Vec<i64> = (0..count)
            .map(|i| ((first + i) % self.classes) as i64)
            .collect();
        Tensor::from_data(TensorData::new(values, self.shape), device)
    }

    fn edges(&self, device: &Device, dtype: DType) -> Self::Value {
        self.sample(device, dtype, 0)
    }
}

impl<S: Sample> Sample for Vec<S> {
    type Value = Vec<S::Value>;

    fn sample(&self, device: &Device, dtype: DType, seed: u64) -> Self::Value {
        self.iter()
            .zip(0..)
            .map(|(part, i)| part.sample(device, dtype, part_seed(seed, i)))
            .collect()
    }

    fn edges(&self, device: &Device, dtype: DType) -> Self::Value {
        self.iter().map(|part| part.edges(device, dtype)).collect()
    }
}

macro_rules! tuple {
    ($($part:ident $index:tt),+) => {
        impl<$($part: Sample),+> Sample for ($($part,)+) {
            type Value = ($($part::Value,)+);

            fn sample(&self, device: &Device, dtype: DType, seed: u64) -> Self::Value {
                ($(self.$index.sample(device, dtype, part_seed(seed, $index)),)+)
            }

            fn edges(&self, device: &Device, dtype: DType) -> Self::Value {
                ($(self.$index.edges(device, dtype),)+)
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);

/// Another seed for each part, so that parts differ.
fn part_seed(seed: u64, part: u64) -> u64 {
    seed.wrapping_mul(31).wrapping_add(part)
}

/// A batch of samples like `template`: one row of each value alone, and rows that mix the values.
///
/// ```
/// use burn::tensor::{Device, Tensor};
///
/// let template = Tensor::<2>::zeros([5, 3], &Device::default());
/// assert_eq!(thalweg_laws::edge_rows(&template, &[-30.0, 30.0]).dims(), [4, 3]);
/// ```
pub fn edge_rows<F: Flat>(template: &F, values: &[f64]) -> F {
    let rows = template.to_rows();
    let (width, kinds) = (rows.dims()[1], (rows.device(), rows.dtype()));
    let alike = values.iter().map(|v| vec![*v; width]);
    let mixed = (0..values.len()).map(|first| {
        (0..width)
            .map(|column| values[(first + column) % values.len()])
            .collect()
    });
    let rows: Vec<f64> = alike.chain(mixed).flat_map(|row: Vec<f64>| row).collect();
    let rows = TensorData::new(rows, [2 * values.len(), width]);
    template.with_rows(Tensor::from_data(rows, (&kinds.0, kinds.1)))
}

/// The rows of `context` repeated until there are `rows` of them.
pub(crate) fn repeat_rows<C: Batched>(context: &C, rows: usize) -> C {
    match context.batch_size() {
        Some(size) if size > 0 => {
            context.select_rows(&(0..rows).map(|r| r % size).collect::<Vec<_>>())
        }
        _ => context.clone(),
    }
}
