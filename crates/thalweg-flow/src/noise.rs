//! Where random numbers come from.

use burn::tensor::{DType, Device, Distribution, Tensor, TensorData};
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

use crate::numerics::from_host;

/// A source of noise for samples, dequantization and initial weights.
///
/// By default the numbers are drawn on the host by ChaCha8, so that one seed gives the same
/// latents on every backend and nothing that runs beside it can disturb them. Burn's own
/// generators differ between backends and are one a process.
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

/// Bits of a uniform number: with them `k / 2²⁴` is exact in f32 and in f64.
const UNIFORM_BITS: u32 = 24;

impl Noise {
    /// Noise that this seed determines, on every backend.
    pub fn seeded(seed: u64) -> Self {
        Self {
            host: ChaCha8Rng::seed_from_u64(seed),
            on_device: false,
        }
    }

    /// Draws tensors with the device's own generator instead: no copy from the host, but other
    /// values on each backend.
    ///
    /// Seed that generator by `device.seed(..)`. Orders of features still come from the host.
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
        self.draw(shape, device, dtype, |rng| rng.sample(StandardNormal))
    }

    /// Uniform numbers in `[0, 1)`, multiples of `2⁻²⁴`.
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

    /// Which of `2^bits` cells uniform numbers lie in, on the host: all at once, which takes a fifth of the
    /// time of one after the other.
    fn host_cells(&mut self, bits: u32, count: usize) -> impl Iterator<Item = u32> + use<> {
        let mut words = vec![0u32; count];
        self.host.fill(words.as_mut_slice());
        words
            .into_iter()
            .map(move |word| word >> (u32::BITS - bits))
    }

    /// What [`midpoints`](Self::midpoints) fills tensors of f32 with, on the host; for bits of f32.
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

    /// Uniform numbers in `(0, 1)`, the midpoints of `2²³` cells: safe to take the logarithm of
    /// either side of.
    pub fn open_uniform<const D: usize>(
        &mut self,
        shape: [usize; D],
        device: &Device,
        dtype: DType,
    ) -> Tensor<D> {
        self.midpoints(UNIFORM_BITS - 1, shape, device, dtype)
    }

    /// Uniform numbers in `(0, 1)`, the midpoints of `2^bits` cells, so that sums with small
    /// integers stay exact in f32 and away from other integers.
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

    /// A standard normal number, on the host: what [`normal`](Self::normal) fills tensors with.
    pub(crate) fn host_normal(&mut self) -> f64 {
        self.host.sample(StandardNormal)
    }

    /// A uniform number in `(0, 1)`, on the host: what [`open_uniform`](Self::open_uniform) fills
    /// tensors with.
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

    /// Standard normal numbers on the host.
    pub(crate) fn host_normals(&mut self, count: usize) -> Vec<f64> {
        (0..count)
            .map(|_| self.host.sample(StandardNormal))
            .collect()
    }

    /// A random order of `0..n`, from the host.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        order.shuffle(&mut self.host);
        order
    }

    fn draw<const D: usize>(
        &mut self,
        shape: [usize; D],
        device: &Device,
        dtype: DType,
        mut one: impl FnMut(&mut ChaCha8Rng) -> f64,
    ) -> Tensor<D> {
        let count = shape.iter().product();
        let values = (0..count).map(|_| one(&mut self.host)).collect();
        from_host(values, shape, device, dtype)
    }
}
