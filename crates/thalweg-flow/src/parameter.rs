//! Values and ids of parameters.

use burn::module::{Module, ModuleMapper, Param, ParamId, ParameterValue};
use burn::tensor::{Int, Tensor};

/// `param` with another value: a leaf of the graph, trainable if it was, on the device and in the dtype of
/// the new value.
///
/// A plain map of a tracked tensor would leave an inner node of the graph, which no optimizer finds.
///
/// ```
/// use burn::module::Param;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::parameter::with_value;
///
/// let device = Device::default().autodiff();
/// let param = Param::from_tensor(Tensor::<1>::ones([2], &device));
/// let id = param.id;
/// let param = with_value(param, |old| old * 3.0);
/// assert_eq!(param.val().sum().into_scalar::<f32>(), 6.0);
/// assert!(param.id == id && param.val().is_require_grad());
/// ```
pub fn with_value<const D: usize>(
    param: Param<Tensor<D>>,
    value: impl FnOnce(Tensor<D>) -> Tensor<D>,
) -> Param<Tensor<D>> {
    param.map(|old| {
        let (tracked, trainable) = (old.is_autodiff(), old.is_require_grad());
        let plain = |tensor: Tensor<D>| {
            if tensor.is_autodiff() {
                tensor.inner()
            } else {
                tensor
            }
        };
        let new = plain(value(plain(old)));
        if !tracked {
            return new;
        }
        let new = new.autodiff();
        if trainable { new.require_grad() } else { new }
    })
}

/// The same module with new ids for its float and integer parameters, so that one optimizer can train two
/// copies of a model.
///
/// A copy of a model, and a model loaded from a file, has the ids of the original. An optimizer finds its
/// state of a parameter by the id.
///
/// ```
/// use burn::module::list_param_ids;
/// use burn::tensor::Device;
/// use thalweg_flow::{DiagonalScale, parameter::fresh_ids};
///
/// let one = DiagonalScale::<2>::new(3, &Device::default());
/// let ensemble = (one.clone(), fresh_ids(one));
/// assert_ne!(list_param_ids(&ensemble.0), list_param_ids(&ensemble.1));
/// ```
pub fn fresh_ids<M: Module>(module: M) -> M {
    struct Fresh;
    impl ModuleMapper for Fresh {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            with_id(param, ParamId::new())
        }

        fn map_int<const D: usize>(
            &mut self,
            param: Param<Tensor<D, Int>>,
        ) -> Param<Tensor<D, Int>> {
            with_id(param, ParamId::new())
        }
    }
    module.map(&mut Fresh)
}

/// `param` under another id.
///
/// ```
/// use burn::module::{Param, ParamId};
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::parameter::with_id;
///
/// let param = Param::from_tensor(Tensor::<1>::ones([2], &Device::default()));
/// let id = ParamId::new();
/// assert_eq!(with_id(param, id).id, id);
/// ```
pub fn with_id<T: ParameterValue>(param: Param<T>, id: ParamId) -> Param<T> {
    let (_, value, mapper) = param.consume();
    Param::from_mapped_value(id, value, mapper)
}
