//! NICE's transformer.

use burn::module::Module;
use thalweg_kernels::{Map, Shift};

use super::pointwise::{ByMap, transformer_by_map};

/// `y = x + t` (or `x − t`), `ln|det J| = 0`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Additive, Transformer};
///
/// let device = Device::default();
/// let [x, t] = [3.0, 2.0].map(|number| Tensor::<2>::full([1, 1], number, &device));
/// let (y, log_det) = Additive::new().forward(x.clone(), t.clone());
/// assert_eq!((y.into_scalar::<f32>(), log_det.into_scalar::<f32>()), (5.0, 0.0));
/// assert_eq!(Additive::subtracting().forward(x, t).0.into_scalar::<f32>(), 1.0);
/// ```
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE*, 2014, section 3.2.
#[derive(Module, Debug, Default)]
pub struct Additive {
    pub(crate) subtracts: bool,
}

impl Additive {
    /// `forward` adds the shift, as in the paper.
    pub fn new() -> Self {
        Self { subtracts: false }
    }

    /// `forward` subtracts the shift, so that generating adds it.
    ///
    /// With a conditioner that ends in a ReLU the generator then only adds non-negative amounts,
    /// which suits pixels: the choice of Su Jianlin's code.
    pub fn subtracting() -> Self {
        Self { subtracts: true }
    }
}

impl ByMap for Additive {
    fn map(&self) -> Map {
        let subtracts = self.subtracts;
        Map::Shift(Shift { subtracts })
    }
}

transformer_by_map! { [] Additive }
