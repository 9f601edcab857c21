//! On which device, and in which dtype, samples are made.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Tensor};

/// A device and a dtype.
#[derive(Debug, Clone)]
pub struct Placement {
    /// Where tensors are made.
    pub device: Device,
    /// Of which type.
    pub dtype: DType,
}

impl Placement {
    /// That of the first float parameter of `module`; `Device::default()` in f32 when it has none.
    pub fn of<M: Module>(module: &M) -> Self {
        let mut finder = Finder(None);
        module.visit(&mut finder);
        finder.0.unwrap_or_else(|| Self {
            device: Device::default(),
            dtype: DType::F32,
        })
    }
}

struct Finder(Option<Placement>);

impl ModuleVisitor for Finder {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.0.is_none() {
            let tensor = param.val();
            self.0 = Some(Placement {
                device: tensor.device(),
                dtype: tensor.dtype(),
            });
        }
    }
}
