//! Compiled transformers.

use std::cell::RefCell;

use thalweg_kernels::{
    Blocks, Direction, Map, PackedAutoregressive, PackedMasked, Places, apply_in_place,
};

use super::{assert_parameters, host_f32};
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
/// use thalweg_flow::compiled::{Direction, LowerTransformer};
/// use thalweg_flow::{Affine, Exp};
///
/// // Two features: the shifts, then the log-scales.
/// let transform = Affine::with_scale_map(Exp {}).lower_transformer();
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

thread_local! {
    /// Memory of the thread that transforms: several may share the samples of a batch.
    static MEMORY: RefCell<(Blocks, Vec<f32>)> = RefCell::default();
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
        MEMORY.with_borrow_mut(|(blocks, joined)| {
            let mut all = parameters;
            if !self.constants.is_empty() {
                let positions = x.len() / self.constants.len();
                let repeated = |number: &f32| std::iter::repeat_n(*number, positions);
                joined.clear();
                joined.extend_from_slice(parameters);
                joined.extend(self.constants.iter().flat_map(repeated));
                all = joined;
            }
            apply_in_place(&self.map, direction, x, places, all, &mut log_det, blocks);
        });
        log_det[0]
    }
}
