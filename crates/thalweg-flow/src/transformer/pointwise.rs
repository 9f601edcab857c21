//! Transformers that are maps of the kernels: one pass over memory each way.

use burn::tensor::Tensor;
use thalweg_kernels::{Direction, Map, Places, pointwise};

use crate::precision::in_f32;
use crate::walk::Usage;
use crate::{LogDet, Split};

/// A transformer that is a map of the kernels; [`transformer_by_map`] implements the rest.
pub(crate) trait ByMap {
    fn map(&self) -> Map;

    /// Parameters of a number that the conditioner gives.
    fn given(&self) -> usize {
        self.map().parameters()
    }

    /// The name of a part that [`prepare`](Self::prepare) computes with tensors, if there is one.
    fn unknown(&self) -> Option<&'static str> {
        None
    }

    /// Parameters of the map that are the same for all samples, one a feature.
    fn constants(&self) -> Option<Tensor<1>> {
        None
    }

    /// The parameters of the map, of those that the conditioner gives.
    fn prepare<const D: usize>(&self, given: Tensor<D>) -> Tensor<D> {
        given
    }

    /// How the map uses its range, of `x` and the parameters that the conditioner gives.
    fn usage<const D: usize>(&self, _x: Tensor<D>, _given: Tensor<D>) -> Option<Usage> {
        None
    }

    /// The map at the features that a split transforms, or at all, in f32 where the dtype has fewer
    /// digits.
    fn apply<const D: usize>(
        &self,
        direction: Direction,
        x: Tensor<D>,
        split: Option<Split>,
        parameters: Tensor<D>,
    ) -> (Tensor<D>, LogDet) {
        let features = x.dims()[1];
        let all = [Places::NONE, Places::all(features)];
        let places = split.map_or(all, |split| split.both(features));
        in_f32(x, |x| {
            let parameters = self.prepare(parameters.cast(x.dtype()));
            pointwise(self.map(), direction, x, places, parameters)
        })
    }
}

/// Implements [`Transformer`](super::Transformer) by [`ByMap`]. Generics come first, in brackets.
macro_rules! transformer_by_map {
    ([$($generics:tt)*] $transformer:ty) => {
        impl<$($generics)*> $crate::transformer::Transformer for $transformer {
            fn parameters_per_feature(&self) -> usize {
                $crate::transformer::pointwise::ByMap::given(self)
            }

            transformer_by_map! { forward(x, p), Forward, None }
            transformer_by_map! { inverse(x, p), Inverse, None }
            transformer_by_map! { forward_part(x, p, split: $crate::Split), Forward, Some(split) }
            transformer_by_map! { inverse_part(x, p, split: $crate::Split), Inverse, Some(split) }

            fn host_form(&self) -> Option<$crate::compiled::Transform> {
                let known = $crate::transformer::pointwise::ByMap::unknown(self).is_none();
                known.then(|| $crate::compiled::Transform::by_map(self))
            }

            fn usage<const D: usize>(
                &self,
                x: burn::tensor::Tensor<D>,
                parameters: burn::tensor::Tensor<D>,
            ) -> Option<$crate::walk::Usage> {
                $crate::transformer::pointwise::ByMap::usage(self, x, parameters)
            }
        }

        impl<$($generics)*> $crate::compiled::LowerTransformer for $transformer {
            fn lower_transformer(&self) -> $crate::compiled::Transform {
                $crate::compiled::Transform::by_map(self)
            }
        }
    };
    ($method:ident($x:ident, $p:ident $(, $split:ident: $type:ty)?), $direction:ident, $at:expr) => {
        fn $method<const D: usize>(
            &self,
            $x: burn::tensor::Tensor<D>,
            $($split: $type,)?
            $p: burn::tensor::Tensor<D>,
        ) -> (burn::tensor::Tensor<D>, $crate::LogDet) {
            let direction = thalweg_kernels::Direction::$direction;
            $crate::transformer::pointwise::ByMap::apply(self, direction, $x, $at, $p)
        }
    };
}

pub(crate) use transformer_by_map;
