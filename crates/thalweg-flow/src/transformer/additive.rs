//! NICE's transformer.

use burn::module::Module;
use thalweg_kernels::{Map, Shift};

use super::pointwise::{ByMap, transformer_by_map};

/// `y = x + t` (or `x − t`), `ln|det J| = 0`.
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
