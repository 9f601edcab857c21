//! Named structs as chains.

/// Implements [`Bijection`](crate::Bijection) for a struct whose fields are applied in the order
/// listed, and undone in the reverse: a tuple with names, for models whose parameters should keep
/// readable paths.
///
/// Generics come first, in brackets, the context among them; then the struct, the types of its
/// ends, and its fields. With `; lowered [generics]` behind them the chain has a compiled form as well
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
        by $($field:ident),+ $(,)?; lowered $lowered:tt
    ) => {
        $crate::chain! { $generics $chain, given $context: $data => $latent, by $($field),+ }
        $crate::chain! { @lower $lowered $chain, $context; [$($field)+] [$($field)+] }
    };
    (
        [$($generics:tt)*] $chain:ty, given $context:ty: $data:ty => $latent:ty,
        by $first:ident $(, $field:ident)* $(,)?
    ) => {
        impl<$($generics)*> $crate::Bijection<$context> for $chain {
            type Data = $data;
            type Latent = $latent;

            fn forward(&self, x: $data, context: &$context) -> ($latent, $crate::LogDet) {
                $crate::Bijection::forward_on(self, x, context, &mut $crate::Trail::none())
            }

            fn forward_on(
                &self,
                x: $data,
                context: &$context,
                trail: &mut $crate::Trail,
            ) -> ($latent, $crate::LogDet) {
                let (h, log_det) = $crate::probe::step(stringify!($first), || {
                    $crate::Bijection::forward_on(&self.$first, x, context, trail)
                });
                $(
                    let (h, step) = $crate::probe::step(stringify!($field), || {
                        $crate::Bijection::forward_on(&self.$field, h, context, trail)
                    });
                    let log_det = log_det + step;
                )*
                (h, log_det)
            }

            fn backward_on(
                &self,
                z: $crate::Slope<$latent>,
                context: &$context,
                way: &mut $crate::WayBack,
            ) -> $crate::Slope<$data> {
                $crate::chain!(@backward self, z, context, way; [$first $($field)*])
            }

            fn inverse(&self, z: $latent, context: &$context) -> ($data, $crate::LogDet) {
                $crate::chain!(@inverse self, z, context; [$first $($field)*])
            }

            fn initialize(
                mut self,
                x: $data,
                context: &$context,
            ) -> Result<(Self, $latent), $crate::FlowError> {
                let ($first, h) = $crate::Bijection::initialize(self.$first, x, context)?;
                self.$first = $first;
                $(
                    let ($field, h) = $crate::Bijection::initialize(self.$field, h, context)?;
                    self.$field = $field;
                )*
                Ok((self, h))
            }
        }
    };
    // Reverses the fields for the shape of data, then lowers them in their order.
    (@lower $generics:tt $chain:ty, $context:ty; $fields:tt [$next:ident $($rest:ident)*] $($done:ident)*) => {
        $crate::chain! { @lower $generics $chain, $context; $fields [$($rest)*] $next $($done)* }
    };
    (@lower [$($generics:tt)*] $chain:ty, $context:ty; [$($field:ident)+] [] $($back:ident)+) => {
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
    // Reverses the fields, then undoes the last one first.
    (@inverse $chain:ident, $z:ident, $context:ident; [$next:ident $($rest:ident)*] $($done:ident)*) => {
        $crate::chain!(@inverse $chain, $z, $context; [$($rest)*] $next $($done)*)
    };
    (@inverse $chain:ident, $z:ident, $context:ident; [] $last:ident $($field:ident)*) => {{
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
    (@backward $chain:ident, $z:ident, $context:ident, $way:ident; [$next:ident $($rest:ident)*] $($done:ident)*) => {
        $crate::chain!(@backward $chain, $z, $context, $way; [$($rest)*] $next $($done)*)
    };
    (@backward $chain:ident, $z:ident, $context:ident, $way:ident; [] $last:ident $($field:ident)*) => {{
        let h = $crate::Bijection::backward_on(&$chain.$last, $z, $context, $way);
        $(let h = $crate::Bijection::backward_on(&$chain.$field, h, $context, $way);)*
        h
    }};
}
