//! Enums of layers.

/// An enum whose variants are layers, for a layer that a configuration chooses.
///
/// It derives `Module` and implements the traits listed below it. Each method is passed on to the
/// layer of the variant, provided methods included: an enum that left one out would replace a
/// layer's fast body by the slow default.
///
/// | clause | implements |
/// |---|---|
/// | `impl Transformer;` | [`Transformer`](crate::Transformer) |
/// | `impl<C> Bijection<C>: Data => Latent;` | [`Bijection`](crate::Bijection) |
/// | `impl<C> Base<C>: Latent;` | [`Base`](crate::Base) |
/// | `impl<C> Network<C, 2>;` | [`Network`](crate::Network) |
/// | `impl<C> Lower<C>;` | [`Lower`](crate::Lower), the compiled form |
/// | `impl Trait { fn method(&self, x: X) -> Y; }` | any other trait, by its associated types and the signatures of its methods |
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ActNorm, Bijection, DiagonalScale, layer_enum};
///
/// layer_enum! {
///     /// Normalizes the features.
///     pub enum Normalize {
///         /// By a batch.
///         Batch(ActNorm),
///         /// By learned factors.
///         Learned(DiagonalScale),
///     }
///     impl<C> Bijection<C>: Tensor<2> => Tensor<2>;
/// }
///
/// let layer = Normalize::Learned(DiagonalScale::new(3, &Device::default()));
/// let (z, log_det) = layer.forward(Tensor::ones([2, 3], &Device::default()), &());
/// assert_eq!((z.dims(), log_det.dims()), ([2, 3], [2]));
/// ```
#[macro_export]
macro_rules! layer_enum {
    // The impls, one by one. Each trait's list of methods stands beside the trait.
    (@impls $name:ident $variants:tt) => {};
    (@impls $name:ident $variants:tt impl Transformer; $($rest:tt)*) => {
        $crate::transformer_enum! { $name $variants }
        $crate::layer_enum! { @impls $name $variants $($rest)* }
    };
    (
        @impls $name:ident $variants:tt
        impl $(<$($generic:ident),+>)? Bijection<$context:ty>: $data:ty => $latent:ty;
        $($rest:tt)*
    ) => {
        $crate::bijection_enum! {
            $name $variants [$($($generic),+)?] $context: $data => $latent
        }
        $crate::layer_enum! { @impls $name $variants $($rest)* }
    };
    (
        @impls $name:ident $variants:tt
        impl $(<$($generic:ident $(: $bound:path)?),+>)? Base<$context:ty>: $latent:ty;
        $($rest:tt)*
    ) => {
        $crate::base_enum! {
            $name $variants [$($($generic $(: $bound)?),+)?] $context: $latent
        }
        $crate::layer_enum! { @impls $name $variants $($rest)* }
    };
    (
        @impls $name:ident $variants:tt
        impl $(<$($generic:ident),+>)? Network<$context:ty, $dims:literal>;
        $($rest:tt)*
    ) => {
        $crate::network_enum! { $name $variants [$($($generic),+)?] $context, $dims }
        $crate::layer_enum! { @impls $name $variants $($rest)* }
    };
    (@impls $name:ident $variants:tt impl<$c:ident> Lower<$context:ty>; $($rest:tt)*) => {
        $crate::layer_enum! {
            @impls $name $variants
            impl<$c> $crate::Lower<$context> {
                fn lower(&self, plan: &mut $crate::compiled::Lowering);
                fn data_shape(&self, latent: [usize; 3]) -> [usize; 3];
            }
            $($rest)*
        }
    };
    (
        @impls $name:ident $variants:tt
        impl $(<$($generic:ident $(: $bound:path)?),+>)? $trait:path { $($methods:tt)* }
        $($rest:tt)*
    ) => {
        #[deny(clippy::missing_trait_methods)]
        impl $(<$($generic $(: $bound)?),+>)? $trait for $name {
            $crate::layer_enum! { @methods $variants $trait; $($methods)* }
        }
        $crate::layer_enum! { @impls $name $variants $($rest)* }
    };
    // The bodies of methods that take `&self`, from their signatures.
    (@methods $variants:tt $trait:path;) => {};
    (@methods $variants:tt $trait:path; type $type:ident = $value:ty; $($rest:tt)*) => {
        type $type = $value;
        $crate::layer_enum! { @methods $variants $trait; $($rest)* }
    };
    (
        @methods $variants:tt $trait:path;
        fn $method:ident $(<const $dims:ident: usize>)? (&self $(, $argument:ident: $type:ty)*)
            $(-> $output:ty)?;
        $($rest:tt)*
    ) => {
        fn $method $(<const $dims: usize>)? (&self $(, $argument: $type)*) $(-> $output)? {
            $crate::layer_enum! {
                @match self $variants layer => <_ as $trait>::$method(layer $(, $argument)*)
            }
        }
        $crate::layer_enum! { @methods $variants $trait; $($rest)* }
    };
    (@match $self:tt [$($variant:ident)+] $layer:ident => $body:expr) => {
        match $self {
            $(Self::$variant($layer) => $body),+
        }
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $name:ident {
            $($(#[$about:meta])* $variant:ident($($layer:tt)+)),+ $(,)?
        }
        $($impls:tt)*
    ) => {
        $(#[$attribute])*
        #[derive(::burn::module::Module, Debug)]
        // A box is no module.
        #[allow(clippy::large_enum_variant)]
        $visibility enum $name {
            $($(#[$about])* $variant($($layer)+)),+
        }
        $crate::layer_enum! { @impls $name [$($variant)+] $($impls)* }
    };
}

/// Enums of this crate, where clippy compares the lists of methods with the traits.
#[cfg(test)]
mod tests {
    use burn::tensor::Tensor;

    use crate::base::{StandardLogistic, StandardNormal};
    use crate::{ActNorm, Additive, Affine, DiagonalScale, Mlp, ResidualMlp};

    layer_enum! {
        enum AnyTransformer { Shift(Additive), Scale(Affine) }
        impl Transformer;
    }

    layer_enum! {
        enum AnyBijection { Batch(ActNorm), Learned(DiagonalScale) }
        impl<C> Bijection<C>: Tensor<2> => Tensor<2>;
    }

    layer_enum! {
        enum AnyBase { Normal(StandardNormal), Logistic(StandardLogistic) }
        impl<C> Base<C>: Tensor<2>;
    }

    layer_enum! {
        enum AnyNetwork { Plain(Mlp), Residual(ResidualMlp) }
        impl<C> Network<C, 2>;
    }

    fn implements<T: crate::Transformer, B: crate::Bijection, P: crate::Base, N: crate::Network>() {
    }

    #[test]
    fn enums_implement_the_traits_of_their_layers() {
        implements::<AnyTransformer, AnyBijection, AnyBase, AnyNetwork>();
    }
}
