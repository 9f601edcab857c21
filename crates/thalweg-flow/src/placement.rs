//! The device and the dtype of a module.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Tensor};

use crate::precision::Wide;

/// A device and a dtype.
///
/// ```
/// use burn::tensor::{DType, Device};
/// use thalweg_flow::{DiagonalScale, Placement, precision::cast};
///
/// let layer = DiagonalScale::<2>::new(3, &Device::default());
/// assert_eq!(Placement::of(&layer).dtype, DType::F32);
/// assert_eq!(Placement::of(&cast(layer, DType::F64)?).dtype, DType::F64);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Placement {
    /// The device.
    pub device: Device,
    /// The dtype.
    pub dtype: DType,
}

impl Placement {
    /// The placement of the first float parameter of `module`; `Device::default()` in f32 when there is
    /// none. Layers that [`cast`](crate::precision::cast) leaves in F32 count last.
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
