//! Named structs and tuples as chains.

/// Implements [`Bijection`](crate::Bijection) for a struct whose fields are applied in order, and
/// inverted in reverse order: a tuple with names, so that parameters have readable paths.
///
/// The invocation lists the generics in brackets, the struct, the context, the types of data and
/// latents, and the fields. With `; lowered [generics]` behind them the chain has a compiled form as well
/// ([`Lower`](crate::Lower)), where its fields have one.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ActNorm, Bijection, DiagonalScale, chain};
///
/// #[derive(Module, Debug)]
/// struct Step {
///     normalize: ActNorm,
///     scale: DiagonalScale,
/// }
///
/// chain! { [C] Step, given C: Tensor<2> => Tensor<2>, by normalize, scale; lowered [C] }
///
/// let device = Device::default();
/// let step = Step {
///     normalize: ActNorm::new(3, &device),
///     scale: DiagonalScale::new(3, &device),
/// };
/// let (z, log_det) = step.forward(Tensor::ones([2, 3], &device), &());
/// assert_eq!((z.dims(), log_det.dims()), ([2, 3], [2]));
/// ```
#[macro_export]
macro_rules! chain {
    (
        $generics:tt $chain:ty, given $context:ty: $data:ty => $latent:ty,
        by $($field:tt),+ $(,)?; lowered $lowered:tt
    ) => {
        $crate::chain! { $generics $chain, given $context: $data => $latent, by $($field),+ }
        $crate::chain! { @lower $lowered $chain, $context; [$($field)+] [$($field)+] }
    };
    (
        [$($generics:tt)*] $chain:ty, given $context:ty: $data:ty => $latent:ty,
        by $first:tt $(, $field:tt)* $(,)?
    ) => {
        #[deny(clippy::missing_trait_methods)]
        impl<$($generics)*> $crate::Bijection<$context> for $chain {
            type Data = $data;
            type Latent = $latent;

            fn forward(&self, x: $data, context: &$context) -> ($latent, $crate::LogDet) {
                let none = &mut $crate::invertible_backprop::Checkpoints::none();
                $crate::Bijection::forward_checkpointed(self, x, context, none)
            }

            fn forward_checkpointed(
                &self,
                x: $data,
                context: &$context,
                checkpoints: &mut $crate::invertible_backprop::Checkpoints,
            ) -> ($latent, $crate::LogDet) {
                let (h, log_det) = $crate::probe::step(stringify!($first), || {
                    $crate::Bijection::forward_checkpointed(&self.$first, x, context, checkpoints)
                });
                $(
                    let (h, step) = $crate::probe::step(stringify!($field), || {
                        $crate::Bijection::forward_checkpointed(&self.$field, h, context, checkpoints)
                    });
                    let log_det = log_det + step;
                )*
                (h, log_det)
            }

            fn backward(
                &self,
                z: $crate::invertible_backprop::WithGradient<$latent>,
                context: &$context,
                pass: &mut $crate::invertible_backprop::BackwardPass,
            ) -> $crate::invertible_backprop::WithGradient<$data> {
                $crate::chain!(@backward self, z, context, pass; [$first $($field)*])
            }

            fn inverse(&self, z: $latent, context: &$context) -> ($data, $crate::LogDet) {
                $crate::chain!(@inverse self, z, context; [$first $($field)*])
            }

            fn walk<V: $crate::walk::Visitor>(
                &self,
                x: $data,
                context: &$context,
                visitor: &mut V,
            ) -> $latent {
                let h = $crate::walk::step(visitor, stringify!($first), |visitor| {
                    $crate::Bijection::walk(&self.$first, x, context, visitor)
                });
                $(
                    let h = $crate::walk::step(visitor, stringify!($field), |visitor| {
                        $crate::Bijection::walk(&self.$field, h, context, visitor)
                    });
                )*
                h
            }

            fn initialize(
                mut self,
                x: $data,
                context: &$context,
            ) -> Result<(Self, $latent), $crate::FlowError> {
                let (layer, h) = $crate::Bijection::initialize(self.$first, x, context)?;
                self.$first = layer;
                $(
                    let (layer, h) = $crate::Bijection::initialize(self.$field, h, context)?;
                    self.$field = layer;
                )*
                Ok((self, h))
            }
        }
    };
    // Reverses the fields for the shape of data, then lowers them in their order.
    (@lower $generics:tt $chain:ty, $context:ty; $fields:tt [$next:tt $($rest:tt)*] $($done:tt)*) => {
        $crate::chain! { @lower $generics $chain, $context; $fields [$($rest)*] $next $($done)* }
    };
    (@lower [$($generics:tt)*] $chain:ty, $context:ty; [$($field:tt)+] [] $($back:tt)+) => {
        impl<$($generics)*> $crate::Lower<$context> for $chain {
            fn lower(&self, plan: &mut $crate::compiled::Lowering) {
                $($crate::Lower::<$context>::lower(&self.$field, plan);)+
            }

            fn data_shape(&self, shape: [usize; 3]) -> [usize; 3] {
                $(let shape = $crate::Lower::<$context>::data_shape(&self.$back, shape);)+
                shape
            }
        }
    };
    // Reverses the fields, then inverts the last one first.
    (@inverse $chain:ident, $z:ident, $context:ident; [$next:tt $($rest:tt)*] $($done:tt)*) => {
        $crate::chain!(@inverse $chain, $z, $context; [$($rest)*] $next $($done)*)
    };
    (@inverse $chain:ident, $z:ident, $context:ident; [] $last:tt $($field:tt)*) => {{
        let (h, log_det) = $crate::probe::step(stringify!($last), || {
            $crate::Bijection::inverse(&$chain.$last, $z, $context)
        });
        $(
            let (h, step) = $crate::probe::step(stringify!($field), || {
                $crate::Bijection::inverse(&$chain.$field, h, $context)
            });
            let log_det = log_det + step;
        )*
        (h, log_det)
    }};
    (@backward $chain:ident, $z:ident, $context:ident, $pass:ident; [$next:tt $($rest:tt)*] $($done:tt)*) => {
        $crate::chain!(@backward $chain, $z, $context, $pass; [$($rest)*] $next $($done)*)
    };
    (@backward $chain:ident, $z:ident, $context:ident, $pass:ident; [] $last:tt $($field:tt)*) => {{
        let h = $crate::Bijection::backward(&$chain.$last, $z, $context, $pass);
        $(let h = $crate::Bijection::backward(&$chain.$field, h, $context, $pass);)*
        h
    }};
}
