//! Named structs and tuples as chains.

/// Implements [`Bijection`](crate::Bijection) for a struct whose fields are applied in the order
/// listed, and undone in the reverse order: a tuple with names, for models whose parameters should
/// keep readable paths.
///
/// Generics come first, in brackets, the context among them; then the struct, the types of its
/// ends, and its fields.
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
/// chain! { [C] Step, given C: Tensor<2> => Tensor<2>, by normalize, scale }
///
/// let device = Device::default();
/// let step = Step {
///     normalize: ActNorm::new(3, &device),
///     scale: DiagonalScale::new(3, &device),
/// };
/// let (z, log_det) = step.forward(Tensor::ones([2, 3], &device), &());
/// assert_eq!((z.dims(), log_det.dims()), ([2, 3], [2]));
/// ```
///
/// A chain that has a compiled form as well ends in `; [generics] Compile` for vectors, or in
/// `; [generics] CompileImages` for images:
///
/// ```
/// # use burn::module::Module;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_flow::{DiagonalScale, Flow, base::StandardNormal, chain};
/// # #[derive(Module, Debug)]
/// # struct Step { first: DiagonalScale, second: DiagonalScale }
/// chain! { [C] Step, given C: Tensor<2> => Tensor<2>, by first, second; [] Compile }
///
/// let scale = || DiagonalScale::new(3, &Device::default());
/// let step = Step { first: scale(), second: scale() };
/// let compiled = Flow::new(step, StandardNormal::new(3)).compile();
/// ```
#[macro_export]
macro_rules! chain {
    (
        [$($generics:tt)*] $chain:ty, given $context:ty: $data:ty => $latent:ty,
        by $first:tt $(, $field:tt)* $(; [$($compiled:tt)*] $form:ident)?
    ) => {
        #[deny(clippy::missing_trait_methods)]
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
                let (layer, h) = $crate::Bijection::initialize(self.$first, x, context)?;
                self.$first = layer;
                $(
                    let (layer, h) = $crate::Bijection::initialize(self.$field, h, context)?;
                    self.$field = layer;
                )*
                Ok((self, h))
            }
        }
        $crate::chain! { @form [$chain] [$first $($field)*] $([$($compiled)*] $form)? }
    };
    (@form [$chain:ty] [$($field:tt)+]) => {};
    (@form [$chain:ty] [$($field:tt)+] [$($generics:tt)*] Compile) => {
        impl<$($generics)*> $crate::Compile for $chain {
            type Plain = $crate::compiled::Layers;

            fn compile(&self) -> $crate::compiled::Layers {
                let mut layers = vec![];
                $(layers.extend($crate::Compile::compile(&self.$field));)+
                layers
            }
        }
    };
    (@form [$chain:ty] [$($field:tt)+] [$($generics:tt)*] CompileImages) => {
        impl<$($generics)*> $crate::CompileImages for $chain {
            fn compile_images(&self, layers: &mut $crate::compiled::ImageLayers) {
                $($crate::CompileImages::compile_images(&self.$field, layers);)+
            }
        }
    };
    // Reverses the fields, then undoes the last one first.
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
    (@backward $chain:ident, $z:ident, $context:ident, $way:ident; [$next:tt $($rest:tt)*] $($done:tt)*) => {
        $crate::chain!(@backward $chain, $z, $context, $way; [$($rest)*] $next $($done)*)
    };
    (@backward $chain:ident, $z:ident, $context:ident, $way:ident; [] $last:tt $($field:tt)*) => {{
        let h = $crate::Bijection::backward_on(&$chain.$last, $z, $context, $way);
        $(let h = $crate::Bijection::backward_on(&$chain.$field, h, $context, $way);)*
        h
    }};
}
