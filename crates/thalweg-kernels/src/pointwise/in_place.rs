//! A map on slices, each way, and its gradient.

use pulp::{Simd, WithSimd};

use super::block::{BLOCK, InPlace, Layout, Register, load, store};
use super::{Map, Pointwise, with_map};
use crate::places::Grid;
use crate::sum::sum_of;
use crate::vectorized::arch;
use crate::{Direction, Places};

/// Memory of blocks, which calls use again.
///
/// See [`apply_in_place`] for an example.
#[derive(Debug, Clone, Default)]
pub struct Blocks(Vec<f32>);

impl Blocks {
    /// Room for the parameters of a block. Lanes without a number compute with old parameters; their results
    /// are dropped.
    fn of(&mut self, parameters: usize) -> &mut [f32] {
        self.0.resize(parameters * BLOCK, 0.0);
        &mut self.0
    }
}

/// Maps some features of samples `[features, positions]` in place, and adds each sample's `Σ ln |slope|`
/// to its number.
///
/// Of a sample, parameter `k` of every mapped number lies before parameter `k + 1` of any. It runs on
/// this thread, and allocates nothing after the first call with the same `blocks`.
///
/// ```
/// use thalweg_kernels::{AffineMap, Blocks, Direction, LogScale, Map, Places, apply_in_place};
///
/// // One sample of three features, the last two of which are mapped: their shifts, then their log-scales.
/// let map = Map::Affine(AffineMap::new(LogScale::Plain));
/// let sizes = (Places { first: 1, step: 1, count: 2 }, [3, 1]);
/// let p = [10.0, 20.0, 0.5, 0.25];
/// let (mut x, mut log_det, mut blocks) = ([1.0, 2.0, 3.0], [0.0], Blocks::default());
/// apply_in_place(&map, Direction::Forward, &mut x, sizes, &p, &mut log_det, &mut blocks);
/// assert_eq!((x[0], log_det), (1.0, [0.75]));
/// apply_in_place(&map, Direction::Inverse, &mut x, sizes, &p, &mut log_det, &mut blocks);
/// assert!((x[1] - 2.0).abs() < 1e-5 && (x[2] - 3.0).abs() < 1e-5);
/// assert_eq!(log_det, [0.0]);
/// ```
///
/// # Panics
///
/// When the slices are not those of as many samples.
pub fn apply_in_place(
    map: &Map,
    direction: Direction,
    x: &mut [f32],
    (places, [features, positions]): (Places, [usize; 2]),
    parameters: &[f32],
    log_dets: &mut [f64],
    blocks: &mut Blocks,
) {
    let samples = log_dets.len();
    let mapped = places.count * positions;
    assert!(
        x.len() == samples * features * positions
            && parameters.len() == samples * mapped * map.parameters(),
        "{samples} samples of {features} × {positions} numbers, {mapped} of them mapped by {} \
         parameters each, got {} numbers and {} parameters",
        map.parameters(),
        x.len(),
        parameters.len()
    );
    if mapped == 0 || samples == 0 {
        return;
    }
    let layout = Layout {
        grid: Grid::new(features, positions),
        places,
        parameters: map.parameters(),
    };
    let block = blocks.of(map.parameters());
    forward(map, direction, &layout, x, parameters, log_dets, block);
}

pub(super) fn forward(
    map: &Map,
    direction: Direction,
    layout: &Layout,
    x: &mut [f32],
    parameters: &[f32],
    log_dets: &mut [f64],
    block: &mut [f32],
) {
    if layout.places.step == 1 && layout.mapped() >= ENOUGH {
        let done = with_map!(map, map => reads(map).then(|| arch().dispatch(Direct {
            map,
            direction,
            layout,
            x: &mut *x,
            parameters,
            log_dets: &mut *log_dets,
        })));
        if done.is_some() {
            return;
        }
    }
    let (mut numbers, mut slopes) = ([0.0; BLOCK], [0.0; BLOCK]);
    for part in layout.blocks(log_dets.len()) {
        layout.read(&part, x, &mut numbers);
        layout.read_parameters(&part, parameters, block);
        let count = part.count();
        values(map, direction, count, [&mut numbers, &mut slopes], block);
        layout.write(&part, &numbers, x);
        for (sample, range) in part.parts() {
            log_dets[sample] += f64::from(sum(&slopes[range]));
        }
    }
}

/// Mapped numbers of a sample from which a map runs where they lie: with fewer, registers would be half empty.
const ENOUGH: usize = 16;

fn reads<T: Pointwise>(_: &T) -> bool {
    T::READS
}

/// Contiguous numbers of each sample, with their parameters, where they lie.
struct Direct<'a, T> {
    map: &'a T,
    direction: Direction,
    layout: &'a Layout,
    x: &'a mut [f32],
    parameters: &'a [f32],
    log_dets: &'a mut [f64],
}

impl<T: Pointwise> WithSimd for Direct<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (layout, mapped) = (self.layout, self.layout.mapped());
        let first = layout.places.first * layout.grid.positions();
        let samples = self.x.chunks_exact_mut(layout.grid.each());
        let parameters = self.parameters.chunks_exact(layout.parameters * mapped);
        for ((x, parameters), log_det) in samples.zip(parameters).zip(self.log_dets) {
            let x = &mut x[first..first + mapped];
            let mut slopes = [0.0; BLOCK];
            for start in (0..mapped).step_by(BLOCK) {
                let end = mapped.min(start + BLOCK);
                for begin in (start..end).step_by(S::F32_LANES) {
                    let at = begin..end.min(begin + S::F32_LANES);
                    let (numbers, part) = (&mut x[at.clone()], begin - start..at.end - start);
                    let mut columns = InPlace {
                        simd,
                        parameters,
                        stride: mapped,
                        at,
                    };
                    let number = load(simd, numbers);
                    let [y, log_slope] = self.map.value(self.direction, number, &mut columns);
                    store(numbers, y);
                    store(&mut slopes[part], log_slope);
                }
                *log_det += f64::from(sum(&slopes[..end - start]));
            }
        }
    }
}

/// A sum in one order, whatever the processor.
fn sum(numbers: &[f32]) -> f32 {
    match numbers.len() {
        0..8 => numbers.iter().sum(),
        _ => sum_of(numbers, numbers, |x, _| x),
    }
}

/// The first numbers of a block, which are replaced, and the logarithms of their slopes. Parameter `k` of
/// number `i` is number `k · BLOCK + i` of the block; it may be overwritten.
pub(crate) fn values(
    map: &Map,
    direction: Direction,
    count: usize,
    [numbers, slopes]: [&mut [f32; BLOCK]; 2],
    block: &mut [f32],
) {
    with_map!(map, map => arch().dispatch(Values {
        map,
        direction,
        count,
        numbers: &mut *numbers,
        slopes: &mut *slopes,
        block: &mut *block,
    }));
}

struct Values<'a, T> {
    map: &'a T,
    direction: Direction,
    count: usize,
    numbers: &'a mut [f32; BLOCK],
    slopes: &'a mut [f32; BLOCK],
    block: &'a mut [f32],
}

impl<T: Pointwise> WithSimd for Values<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in (0..self.count).step_by(S::F32_LANES) {
            let x = load(simd, &self.numbers[at..]);
            let block = &mut *self.block;
            let [y, log_slope] =
                self.map
                    .value(self.direction, x, &mut Register { simd, block, at });
            store(&mut self.numbers[at..], y);
            store(&mut self.slopes[at..], log_slope);
        }
    }
}

/// The gradients that go through [`forward`]: `to_x` holds those of the outputs and becomes those of the
/// inputs; `of_log_dets` are those of the sums.
#[cfg(feature = "host")]
pub(super) fn backward(
    map: &Map,
    direction: Direction,
    layout: &Layout,
    [x, parameters, of_log_dets]: [&[f32]; 3],
    [to_x, to_parameters]: [&mut [f32]; 2],
    block: &mut [f32],
) {
    let [mut numbers, mut gradients, mut of_slopes] = [[0.0; BLOCK]; 3];
    for part in layout.blocks(of_log_dets.len()) {
        layout.read(&part, x, &mut numbers);
        layout.read(&part, to_x, &mut gradients);
        layout.read_parameters(&part, parameters, block);
        for (sample, range) in part.parts() {
            of_slopes[range].fill(of_log_dets[sample]);
        }
        let count = part.count();
        with_map!(map, map => arch().dispatch(Gradients {
            map,
            direction,
            count,
            numbers: &numbers,
            gradients: &mut gradients,
            of_slopes: &of_slopes,
            block,
        }));
        layout.write(&part, &gradients, to_x);
        layout.write_parameters(&part, block, to_parameters);
    }
}

#[cfg(feature = "host")]
struct Gradients<'a, T> {
    map: &'a T,
    direction: Direction,
    count: usize,
    numbers: &'a [f32; BLOCK],
    gradients: &'a mut [f32; BLOCK],
    of_slopes: &'a [f32; BLOCK],
    block: &'a mut [f32],
}

#[cfg(feature = "host")]
impl<T: Pointwise> WithSimd for Gradients<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in (0..self.count).step_by(S::F32_LANES) {
            let x = load(simd, &self.numbers[at..]);
            let gradients = [
                load(simd, &self.gradients[at..]),
                load(simd, &self.of_slopes[at..]),
            ];
            let block = &mut *self.block;
            let mut p = Register { simd, block, at };
            let to_x = self.map.gradient(self.direction, x, &mut p, gradients);
            store(&mut self.gradients[at..], to_x);
        }
    }
}
