//! Random numbers.

use burn::tensor::{DType, Device, Distribution, Tensor, TensorData};
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use crate::numerics::from_host;

/// A source of noise for samples, dequantization and initial weights.
///
/// By default ChaCha8 draws the numbers on the host, so that a seed gives the same latents on every
/// backend, whatever else runs in the process. Burn's generators differ between backends, and a process
/// shares one.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::Noise;
///
/// let device = Device::default();
/// let a: Tensor<2> = Noise::seeded(7).normal([4, 2], &device, DType::F32);
/// let b: Tensor<2> = Noise::seeded(7).normal([4, 2], &device, DType::F32);
/// assert_eq!(a.into_data(), b.into_data());
/// ```
#[derive(Debug)]
pub struct Noise {
    host: ChaCha8Rng,
    on_device: bool,
}

/// Bits of a uniform number; `k / 2²⁴` is exact in f32 and in f64.
const UNIFORM_BITS: u32 = 24;

impl Noise {
    /// Noise from a seed, the same on every backend.
    pub fn seeded(seed: u64) -> Self {
        Self {
            host: ChaCha8Rng::seed_from_u64(seed),
            on_device: false,
        }
    }

    /// Draws tensors with the device's generator: without a copy from the host, but different on each
    /// backend. `device.seed(..)` seeds it. Permutations still come from the host.
    ///
    /// ```
    /// use burn::tensor::{DType, Device, Tensor};
    /// use thalweg_flow::Noise;
    ///
    /// let device = Device::default();
    /// let draw = || -> Tensor<1> {
    ///     device.seed(7);
    ///     Noise::seeded(0).on_device().normal([4], &device, DType::F32)
    /// };
    /// assert_eq!(draw().to_data(), draw().to_data());
    /// // They are not the numbers of the seed.
    /// let of_the_host: Tensor<1> = Noise::seeded(0).normal([4], &device, DType::F32);
    /// assert_ne!(draw().to_data(), of_the_host.to_data());
    /// ```
    pub fn on_device(self) -> Self {
        Self {
            on_device: true,
            ..self
        }
    }

    /// Standard normal numbers.
    pub fn normal<const D: usize>(
        &mut self,
        shape: [usize; D],
        device: &Device,
        dtype: DType,
    ) -> Tensor<D> {
        if self.on_device {
            return Tensor::random(shape, Distribution::Normal(0.0, 1.0), (device, dtype));
        }
        let count = shape.iter().product();
        if dtype == DType::F32 {
            // Rounded one by one: a million rows in f64 would be a second copy, of twice the size.
            let values: Vec<f32> = (0..count).map(|_| self.host_normal() as f32).collect();
            return Tensor::from_data(TensorData::new(values, shape), (device, dtype));
        }
        from_host(self.host_normals(count), shape, device, dtype)
    }

    /// Uniform numbers in `[0, 1)`, multiples of `2⁻²⁴`.
    ///
    /// ```
    /// use burn::tensor::{DType, Device, Tensor};
    /// use thalweg_flow::Noise;
    ///
    /// let u: Tensor<1> = Noise::seeded(0).uniform([1000], &Device::default(), DType::F32);
    /// assert!((u.clone().mean().into_scalar::<f32>() - 0.5).abs() < 0.05);
    /// assert!(u.clone().min().into_scalar::<f32>() >= 0.0 && u.max().into_scalar::<f32>() < 1.0);
    /// ```
    pub fn uniform<const D: usize>(
        &mut self,
        shape: [usize; D],
        device: &Device,
        dtype: DType,
    ) -> Tensor<D> {
        self.uniform_bits(UNIFORM_BITS, shape, device, dtype)
    }

    /// Uniform numbers in `[0, 1)`, multiples of `2^−bits`.
    fn uniform_bits<const D: usize>(
        &mut self,
        bits: u32,
        shape: [usize; D],
        device: &Device,
        dtype: DType,
    ) -> Tensor<D> {
        let steps = f64::from(1u32 << bits);
        if self.on_device {
            let raw = Tensor::random(shape, Distribution::Uniform(0.0, 1.0), (device, dtype));
            return raw
                .mul_scalar(steps)
                .floor()
                .clamp_max(steps - 1.0)
                .div_scalar(steps);
        }
        let cells = self.host_cells(bits, shape.iter().product());
        if dtype == DType::F32 && bits <= f32::MANTISSA_DIGITS {
            let step = (1.0 / steps) as f32;
            let values: Vec<f32> = cells.map(|cell| cell as f32 * step).collect();
            return Tensor::from_data(TensorData::new(values, shape), (device, dtype));
        }
        let values = cells.map(|cell| f64::from(cell) / steps).collect();
        from_host(values, shape, device, dtype)
    }

    /// Uniform integers below `2^bits` on the host. Filling the buffer at once takes a fifth of the time
    /// of drawing one by one.
    fn host_cells(&mut self, bits: u32, count: usize) -> impl Iterator<Item = u32> + use<> {
        let mut words = vec![0u32; count];
        self.host.fill(words.as_mut_slice());
        words
            .into_iter()
            .map(move |word| word >> (u32::BITS - bits))
    }

    /// The numbers of [`midpoints`](Self::midpoints) in f32, on the host.
    pub(crate) fn host_midpoints(
        &mut self,
        bits: u32,
        count: usize,
    ) -> impl Iterator<Item = f32> + use<> {
        let step = 1.0 / f64::from(1u32 << bits);
        let (step, half_cell) = (step as f32, (0.5 * step) as f32);
        let cells = self.host_cells(bits, count);
        cells.map(move |cell| cell as f32 * step + half_cell)
    }

    /// Uniform numbers `u` in `(0, 1)`, the midpoints of `2²³` cells, so that `ln u` and `ln(1 − u)` are
    /// finite.
    ///
    /// ```
    /// use burn::tensor::{DType, Device, Tensor};
    /// use thalweg_flow::Noise;
    ///
    /// let u: Tensor<1> = Noise::seeded(0).open_uniform([1000], &Device::default(), DType::F32);
    /// assert!(u.clone().min().into_scalar::<f32>() > 0.0 && u.clone().max().into_scalar::<f32>() < 1.0);
    /// // −ln u has the mean 1.
    /// assert!((u.log().mean().into_scalar::<f32>() + 1.0).abs() < 0.1);
    /// ```
    pub fn open_uniform<const D: usize>(
        &mut self,
        shape: [usize; D],
        device: &Device,
        dtype: DType,
    ) -> Tensor<D> {
        self.midpoints(UNIFORM_BITS - 1, shape, device, dtype)
    }

    /// Uniform numbers in `(0, 1)`, the midpoints of `2^bits` cells, so that sums with small integers are
    /// exact in f32 and not integers.
    pub(crate) fn midpoints<const D: usize>(
        &mut self,
        bits: u32,
        shape: [usize; D],
        device: &Device,
        dtype: DType,
    ) -> Tensor<D> {
        let half_cell = 0.5 / f64::from(1u32 << bits);
        self.uniform_bits(bits, shape, device, dtype)
            .add_scalar(half_cell)
    }

    /// One number of [`normal`](Self::normal), on the host.
    pub(crate) fn host_normal(&mut self) -> f64 {
        self.host.sample(StandardNormal)
    }

    /// One number of [`open_uniform`](Self::open_uniform), on the host.
    pub(crate) fn host_open_uniform(&mut self) -> f64 {
        let bits = UNIFORM_BITS - 1;
        let cell = f64::from(self.host.random::<u32>() >> (u32::BITS - bits));
        (cell + 0.5) / f64::from(1u32 << bits)
    }

    /// A uniform number in `[0, 1)`, on the host, as [`uniform`](Self::uniform) fills tensors with.
    pub(crate) fn host_uniform(&mut self) -> f64 {
        let cell = f64::from(self.host.random::<u32>() >> (u32::BITS - UNIFORM_BITS));
        cell / f64::from(1u32 << UNIFORM_BITS)
    }

    /// A seed for a generator of its own, from the host.
    pub(crate) fn host_seed(&mut self) -> u64 {
        self.host.random()
    }

    /// Standard normal numbers on the host.
    pub(crate) fn host_normals(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.host_normal()).collect()
    }

    /// A random permutation of `0..n`, from the host.
    ///
    /// ```
    /// use thalweg_flow::Noise;
    ///
    /// let mut order = Noise::seeded(0).permutation(5);
    /// order.sort();
    /// assert_eq!(order, [0, 1, 2, 3, 4]);
    /// ```
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        order.shuffle(&mut self.host);
        order
    }
}
