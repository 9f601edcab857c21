//! Transformers of couplings.

use std::fmt::Debug;

use thalweg_kernels::{Blocks, Direction, Map, Places, apply_in_place};

use super::{Compile, assert_parameters, host_f32};
use crate::transformer::{ByMap, ScaleMap};
use crate::{Additive, Affine, RationalQuadratic};

/// A transformer of one sample's numbers, in place: parameter `p` of number `f` is number
/// `p · numbers + f`. Another number of parameters panics.
pub trait Transform: Debug + Send + Sync {
    /// `y = τ(x)`; gives the sum of the logarithms of the slopes.
    fn forward(&self, x: &mut [f32], parameters: &[f32]) -> f64;

    /// `x = τ⁻¹(y)`; gives the sum of the logarithms of the slopes.
    fn inverse(&self, y: &mut [f32], parameters: &[f32]) -> f64;

    /// `x = τ⁻¹(y)`.
    fn invert(&self, y: &mut [f32], parameters: &[f32]) {
        self.inverse(y, parameters);
    }
}

/// A map of the kernels, and the amplitudes that its conditioner does not give.
#[derive(Debug)]
struct Mapped {
    map: Map,
    given: usize,
    amplitudes: Option<Vec<f32>>,
}

impl Mapped {
    fn apply(&self, direction: Direction, x: &mut [f32], given: &[f32]) -> f64 {
        let mut with_amplitudes: Vec<f32>;
        let mut parameters = given;
        assert_parameters(self.given, x.len(), parameters);
        if let Some(amplitudes) = &self.amplitudes {
            with_amplitudes = parameters.to_vec();
            let positions = x.len() / amplitudes.len();
            let repeated = amplitudes
                .iter()
                .flat_map(|a| std::iter::repeat_n(*a, positions));
            with_amplitudes.extend(repeated);
            parameters = &with_amplitudes;
        }
        let (numbers, mut log_det) = (x.len(), [0.0]);
        let places = (Places::all(numbers), [numbers, 1]);
        let blocks = &mut Blocks::default();
        apply_in_place(
            &self.map,
            direction,
            x,
            places,
            parameters,
            &mut log_det,
            blocks,
        );
        log_det[0]
    }
}

impl Transform for Mapped {
    fn forward(&self, x: &mut [f32], parameters: &[f32]) -> f64 {
        self.apply(Direction::Forward, x, parameters)
    }

    fn inverse(&self, y: &mut [f32], parameters: &[f32]) -> f64 {
        self.apply(Direction::Inverse, y, parameters)
    }
}

fn mapped<T: ByMap>(transformer: &T, amplitudes: Option<Vec<f32>>) -> Box<dyn Transform> {
    Box::new(Mapped {
        map: transformer.map(),
        given: transformer.given(),
        amplitudes,
    })
}

impl Compile for Additive {
    type Plain = Box<dyn Transform>;

    fn compile(&self) -> Box<dyn Transform> {
        mapped(self, None)
    }
}

impl Compile for RationalQuadratic {
    type Plain = Box<dyn Transform>;

    fn compile(&self) -> Box<dyn Transform> {
        mapped(self, None)
    }
}

impl<S: ScaleMap> Compile for Affine<S> {
    type Plain = Box<dyn Transform>;

    fn compile(&self) -> Box<dyn Transform> {
        assert!(
            self.scale_map.known().is_some(),
            "{} is no scale map of the kernels",
            std::any::type_name::<S>()
        );
        mapped(self, self.scale_map.amplitude().map(host_f32))
    }
}
