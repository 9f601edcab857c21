//! Products of one vector and a matrix that is packed once.

use pulp::{Simd, WithSimd};

use crate::number::Lanes;
use crate::pointwise::{load, store};
use crate::vectorized::arch;

/// A matrix `W`, `[inputs, outputs]`, for products `y + x W` of one vector at a time.
///
/// It lies in strips of 128 columns, whose sums stay in registers while the rows go by. The row of an input that
/// is 0, which a ReLU often gives, is not read; and no branch depends on an input, since the processor would guess
/// half of them wrong. Each product is added with one rounding, input after input, on every processor.
///
/// ```
/// use thalweg_kernels::PackedMatrix;
///
/// let weight = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
/// let matrix = PackedMatrix::new([2, 3], |input, output| weight[input][output]);
/// assert_eq!(matrix.sizes(), [2, 3]);
/// let mut y = [0.5, 0.5, 0.5];
/// matrix.add(&[10.0, 1.0], &mut y);
/// assert_eq!(y, [14.5, 25.5, 36.5]);
/// ```
#[derive(Debug, Clone)]
pub struct PackedMatrix {
    inputs: usize,
    outputs: usize,
    /// Strip by strip, row by row. The last strip is filled up with zeros to whole [`LANES`].
    strips: Vec<f32>,
}

/// Columns of a strip: eight registers of AVX-512. Rows of half a kilobyte come faster than shorter ones, of which
/// some are left out.
const WIDTH: usize = 128;

/// Numbers of the widest register.
const LANES: usize = 16;

/// Inputs that are searched for zeros at a time.
const TOGETHER: usize = 128;

impl PackedMatrix {
    /// Packs the matrix with these numbers of inputs and outputs, given its numbers.
    pub fn new([inputs, outputs]: [usize; 2], weight: impl Fn(usize, usize) -> f32) -> Self {
        let mut strips = Vec::with_capacity(inputs * outputs.next_multiple_of(LANES));
        for start in (0..outputs).step_by(WIDTH) {
            let columns = start..outputs.min(start + WIDTH);
            for input in 0..inputs {
                strips.extend(columns.clone().map(|output| weight(input, output)));
                strips.resize(strips.len().next_multiple_of(LANES), 0.0);
            }
        }
        Self {
            inputs,
            outputs,
            strips,
        }
    }

    /// The numbers of inputs and outputs.
    pub fn sizes(&self) -> [usize; 2] {
        [self.inputs, self.outputs]
    }

    /// `y ← y + x W`.
    ///
    /// # Panics
    ///
    /// When `x` or `y` has another length than the matrix has inputs or outputs.
    pub fn add(&self, x: &[f32], y: &mut [f32]) {
        let (found, sizes) = ([x.len(), y.len()], self.sizes());
        assert!(
            found == sizes,
            "a matrix of {} inputs and {} outputs got {} and {}",
            sizes[0],
            sizes[1],
            found[0],
            found[1]
        );
        let matrix = self;
        arch().dispatch(Add { matrix, x, y });
    }
}

struct Add<'a> {
    matrix: &'a PackedMatrix,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { matrix, x, y } = self;
        let mut found = [(0, 0.0); TOGETHER];
        for (index, x) in x.chunks(TOGETHER).enumerate() {
            let mut count = 0;
            for (row, x) in (index * TOGETHER..).zip(x) {
                found[count] = (row, *x);
                count += usize::from(*x != 0.0);
            }
            let strips = matrix.strips.chunks(WIDTH * matrix.inputs);
            for (rows, y) in strips.zip(y.chunks_mut(WIDTH)) {
                add_to_strip(simd, &found[..count], rows, y);
            }
        }
    }
}

#[inline(always)]
fn add_to_strip<S: Simd>(simd: S, x: &[(usize, f32)], rows: &[f32], y: &mut [f32]) {
    let width = y.len().next_multiple_of(LANES);
    let mut sums = [0.0; WIDTH];
    sums[..y.len()].copy_from_slice(y);
    let mut at = 0;
    while at < width {
        let part = (rows, width, at);
        macro_rules! by_registers {
            ($($registers:literal)*) => {
                match (width - at) / S::F32_LANES {
                    0 => unreachable!("whole registers are left"),
                    $($registers => add_to_registers::<S, $registers>(simd, x, part, &mut sums),)*
                    _ => add_to_registers::<S, 8>(simd, x, part, &mut sums),
                }
            };
        }
        at += S::F32_LANES * by_registers!(1 2 3 4 5 6 7);
    }
    y.copy_from_slice(&sums[..y.len()]);
}

/// Some registers of a strip; returns how many.
#[inline(always)]
fn add_to_registers<S: Simd, const N: usize>(
    simd: S,
    x: &[(usize, f32)],
    (rows, width, at): (&[f32], usize, usize),
    sums: &mut [f32; WIDTH],
) -> usize {
    let length = N * S::F32_LANES;
    let mut registers = [simd.splat_f32s(0.0); N];
    let starts = (at..).step_by(S::F32_LANES);
    for (register, start) in registers.iter_mut().zip(starts.clone()) {
        *register = load(simd, &sums[start..]).1;
    }
    for (row, x) in x {
        let x = simd.splat_f32s(*x);
        let row = &rows[row * width + at..][..length];
        for (register, weights) in registers.iter_mut().zip(S::as_simd_f32s(row).0) {
            *register = simd.mul_add_f32s(x, *weights, *register);
        }
    }
    for (register, start) in registers.into_iter().zip(starts) {
        store(&mut sums[start..], Lanes(simd, register));
    }
    N
}
