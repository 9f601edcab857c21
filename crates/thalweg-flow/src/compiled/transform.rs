//! Compiled transformers.

use std::cell::RefCell;
use std::iter::repeat_n;

use thalweg_kernels::{
    Blocks, Direction, Map, PackedAutoregressive, PackedMasked, Places, apply_in_place,
};

use super::{Batch, assert_parameters, host_f32};
use crate::transformer::ByMap;

/// A transformer that has a compiled form.
///
/// See [`Transform`] for an example.
pub trait LowerTransformer {
    /// Reads the parameters from the device, once: the form does not follow them.
    ///
    /// # Panics
    ///
    /// For an [`Affine`](crate::Affine) map with a scale map that is not
    /// [`known`](crate::ScaleMap::known) to the kernels.
    fn lower_transformer(&self) -> Transform;
}

/// A transformer of some of the numbers of a sample, in place: parameter `p` of number `f` is number
/// `p · numbers + f`.
///
/// ```
/// use thalweg_flow::compiled::{Direction, LowerTransformer, Transform};
/// use thalweg_flow::{Affine, Exp};
///
/// // Two features: the shifts, then the log-scales.
/// let transform: Transform = Affine::with_scale_map(Exp {}).lower_transformer();
/// let mut x = [1.0, 2.0];
/// let parameters = [10.0, 20.0, 0.0, 0.0];
/// assert_eq!(transform.parameters_per_number(), 2);
/// assert_eq!(transform.apply(Direction::Forward, &mut x, &parameters), 0.0);
/// assert_eq!(x, [11.0, 22.0]);
/// ```
#[derive(Debug)]
pub struct Transform {
    map: Map,
    /// Parameters of each number that the network gives.
    given: usize,
    /// Parameters of each feature that are the same for all samples, behind those.
    constants: Vec<f32>,
}

/// Memory of a transform.
#[derive(Debug, Default)]
struct Memory {
    blocks: Blocks,
    /// The given parameters and the constant ones.
    joined: Vec<f32>,
    log_dets: Vec<f64>,
}

thread_local! {
    /// Memory of the thread that transforms: several may share the samples of a batch.
    static MEMORY: RefCell<Memory> = RefCell::default();
}

impl Transform {
    pub(crate) fn by_map(transformer: &impl ByMap) -> Self {
        if let Some(unknown) = transformer.unknown() {
            panic!("{unknown} has no compiled form: the kernels know no such scale map");
        }
        Self {
            map: transformer.map(),
            given: transformer.given(),
            constants: transformer.constants().map(host_f32).unwrap_or_default(),
        }
    }

    /// Parameters of each number that the network gives.
    pub fn parameters_per_number(&self) -> usize {
        self.given
    }

    /// Parameters of each feature that are the same for all samples.
    pub(crate) fn constants(&self) -> &[f32] {
        &self.constants
    }

    /// The transform of each feature by a masked network of those before it.
    pub(crate) fn after(self, network: PackedMasked) -> PackedAutoregressive {
        PackedAutoregressive::new(network, self.map, self.constants)
    }

    /// Each `x` becomes `τ(x)`, or `τ⁻¹(x)`; returns the sum of the logarithms of the slopes.
    ///
    /// # Panics
    ///
    /// For another number of parameters.
    pub fn apply(&self, direction: Direction, x: &mut [f32], parameters: &[f32]) -> f64 {
        assert_parameters(self.given, x.len(), parameters);
        let (places, mut log_det) = ((Places::all(x.len()), [x.len(), 1]), [0.0]);
        MEMORY.with_borrow_mut(|Memory { blocks, joined, .. }| {
            let all = self.joined(parameters, [1, x.len()], joined);
            apply_in_place(&self.map, direction, x, places, all, &mut log_det, blocks);
        });
        log_det[0]
    }

    /// [`apply`](Self::apply) to some numbers of each sample, of all samples at once: a register then holds numbers of
    /// several samples, where one alone has too few to fill it. The results have the same bits.
    pub(super) fn apply_together(
        &self,
        direction: Direction,
        x: &mut Batch<'_>,
        places: Places,
        parameters: &[f32],
    ) {
        MEMORY.with_borrow_mut(|memory| {
            let all = self.joined(parameters, [x.count, places.count], &mut memory.joined);
            let (numbers, places) = (&mut *x.numbers, (places, [x.stride, 1]));
            let found = &mut memory.log_dets;
            found.clear();
            found.resize(x.count, 0.0);
            apply_in_place(
                &self.map,
                direction,
                numbers,
                places,
                all,
                found,
                &mut memory.blocks,
            );
            if let Some(log_dets) = &mut x.log_dets {
                let sums = log_dets.iter_mut().zip(found);
                sums.for_each(|(sum, log_det)| *sum += *log_det);
            }
        });
    }

    /// The parameters of samples with these many numbers each, the constant ones behind the given ones.
    fn joined<'a>(
        &self,
        given: &'a [f32],
        [samples, numbers]: [usize; 2],
        joined: &'a mut Vec<f32>,
    ) -> &'a [f32] {
        if self.constants.is_empty() {
            return given;
        }
        let (positions, length) = (numbers / self.constants.len(), self.given * numbers);
        joined.clear();
        for sample in 0..samples {
            joined.extend_from_slice(&given[sample * length..][..length]);
            let repeated = |number: &f32| repeat_n(*number, positions);
            joined.extend(self.constants.iter().flat_map(repeated));
        }
        joined
    }
}
