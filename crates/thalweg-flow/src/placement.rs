//! On which device, and in which dtype, samples are made.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Tensor};

use crate::precision::Wide;

/// A device and a dtype.
#[derive(Debug, Clone)]
pub struct Placement {
    /// Where tensors are made.
    pub device: Device,
    /// Of which type.
    pub dtype: DType,
}

impl Placement {
    /// That of the first float parameter of `module`, of a layer that stays in F32 where
    /// [`cast`](crate::precision::cast) takes others below it only when there is no other;
    /// `Device::default()` in f32 when it has none.
    pub fn of<M: Module>(module: &M) -> Self {
        let mut finder = Finder::default();
        module.visit(&mut finder);
        finder.first.or(finder.wide).unwrap_or_else(|| Self {
            device: Device::default(),
            dtype: DType::F32,
        })
    }
}

#[derive(Default)]
struct Finder {
    first: Option<Placement>,
    /// Of the layers that stay in F32.
    wide: Option<Placement>,
    inside: Wide,
}

impl ModuleVisitor for Finder {
    fn enter_module(&mut self, _: &str, container: &str) {
        self.inside.enter(container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.inside.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let place = match self.inside.is_inside() {
            true => &mut self.wide,
            false => &mut self.first,
        };
        if place.is_none() {
            let tensor = param.val();
            *place = Some(Placement {
                device: tensor.device(),
                dtype: tensor.dtype(),
            });
        }
    }
}
