//! Models of whatever kind a file holds.
//!
//! [`visit`] reads the kind of a file, loads the model as the type that it is, and hands it to a [`ModelVisitor`]: the one
//! list of kinds. [`vectors`] is such a visitor. It gives any density of vectors behind one interface.

mod rows;

pub use rows::{AnyVectors, vectors, vectors_of};

use std::path::Path;

use burn::tensor::{Device, Tensor};
use thalweg_flow::compiled::LowerBase;
use thalweg_flow::{Base, Bijection, Continuous, Latents, Lower, VectorField};

use crate::autoregressive_flow::AutoregressiveFlowConfig;
use crate::continuous_flow::{FieldConfig, FieldFlow};
use crate::file::ModelFile;
use crate::image::ImageConfig;
use crate::model::ModelConfig;
use crate::vector::{Conditional, VectorConfig};
use crate::{
    ComposedConfig, ContinuousFlowConfig, CouplingFlowConfig, DiagonalGlowConfig, EdgeGlowConfig,
    GlowConfig, ImageFlow, ModelFileError, Nice, NiceConfig, RealNvpConfig, VectorFlow,
};

/// What to do with a model of whatever kind.
///
/// A method may ask of a model what its bounds state: a density, a draw, the compiled form.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::compiled::Lower;
/// use thalweg_flow::{Base, Bijection, Continuous, Latents, VectorField, compiled::LowerBase};
/// use thalweg_models::any::{ModelVisitor, visit, visit_file};
/// use thalweg_models::continuous_flow::{FieldConfig, FieldFlow};
/// use thalweg_models::file::ModelFile;
/// use thalweg_models::vector::VectorConfig;
/// use thalweg_models::{CouplingFlowConfig, ImageFlow, Nice, VectorFlow, image::ImageConfig};
///
/// /// What a model is a density of.
/// struct Describe;
///
/// impl ModelVisitor for Describe {
///     type Output = String;
///
///     fn vectors<B, P, K>(self, model: VectorFlow<B, P, K>) -> String
///     where
///         B: Bijection<K::Context, Data = Tensor<2>, Latent = Tensor<2>>
///             + Lower<K::Context> + Sync + 'static,
///         P: Base<K::Context, Latent = Tensor<2>> + LowerBase<K::Context> + Sync + 'static,
///         K: VectorConfig<Bijection = B, Base = P>,
///     {
///         format!("{} features", model.config().features())
///     }
/// #
/// #     fn field<F, K>(self, model: FieldFlow<F, K>) -> String
/// #     where
/// #         F: VectorField<K::Context> + Sync + 'static,
/// #         Continuous<F>: Lower<K::Context> + Sync + 'static,
/// #         K: FieldConfig<Field = F>,
/// #     {
/// #         format!("{} features", model.config().features())
/// #     }
/// #
/// #     fn levels(self, _: Nice) -> String {
/// #         "levels".into()
/// #     }
///
///     fn images<B, K>(self, model: ImageFlow<B, K>) -> String
///     where
///         B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower + Sync + 'static,
///         K: ImageConfig<Bijection = B>,
///     {
///         format!("images of {:?}", model.config().image().shape())
///     }
///
///     // And so on for `field` and `levels`.
///
///     fn other(self, kind: String) -> String {
///         kind
///     }
/// }
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-visit-{}", std::process::id()));
/// # let path = folder.join("flow.safetensors");
/// let device = Device::default();
/// CouplingFlowConfig::nsf(2).init(&device).save(&path)?;
/// assert_eq!(visit(&path, &device, Describe)?, "2 features");
/// assert_eq!(visit_file(&ModelFile::open(&path)?, &device, Describe)?, "2 features");
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok::<(), thalweg_models::ModelFileError>(())
/// ```
pub trait ModelVisitor: Sized {
    /// What comes of it.
    type Output;

    /// A density of vectors, perhaps given vectors.
    fn vectors<B, P, K>(self, model: VectorFlow<B, P, K>) -> Self::Output
    where
        B: Bijection<K::Context, Data = Tensor<2>, Latent = Tensor<2>>
            + Lower<K::Context>
            + Sync
            + 'static,
        P: Base<K::Context, Latent = Tensor<2>> + LowerBase<K::Context> + Sync + 'static,
        K: VectorConfig<Bijection = B, Base = P>;

    /// A density of vectors by a differential equation, perhaps given vectors.
    fn field<F, K>(self, model: FieldFlow<F, K>) -> Self::Output
    where
        F: VectorField<K::Context> + Sync + 'static,
        Continuous<F>: Lower<K::Context> + Sync + 'static,
        K: FieldConfig<Field = F>;

    /// A density of vectors of levels.
    fn levels(self, model: Nice) -> Self::Output;

    /// A density of images.
    fn images<B, K>(self, model: ImageFlow<B, K>) -> Self::Output
    where
        B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower + Sync + 'static,
        K: ImageConfig<Bijection = B>;

    /// A file of another kind, of which nothing was loaded but the kind.
    fn other(self, kind: String) -> Self::Output;
}

/// The kinds of files, and the method of a visitor that takes the model of each.
macro_rules! kinds {
    ($of:ident) => {
        $of! {
            CouplingFlowConfig => vectors,
            AutoregressiveFlowConfig => vectors,
            ComposedConfig => vectors,
            ContinuousFlowConfig => field,
            Conditional<CouplingFlowConfig> => vectors,
            Conditional<AutoregressiveFlowConfig> => vectors,
            Conditional<ComposedConfig> => vectors,
            Conditional<ContinuousFlowConfig> => field,
            NiceConfig => levels,
            GlowConfig => images,
            EdgeGlowConfig => images,
            DiagonalGlowConfig => images,
            RealNvpConfig => images,
        }
    };
}

/// Hands the model in a file, on `device`, to a visitor.
///
/// See [`ModelVisitor`] for an example.
///
/// # Errors
///
/// As [`load_model`](crate::file::load_model).
pub fn visit<V: ModelVisitor>(
    path: impl AsRef<Path>,
    device: &Device,
    visitor: V,
) -> Result<V::Output, ModelFileError> {
    visit_file(&ModelFile::open(path)?, device, visitor)
}

/// Hands the model of a file that was read, on `device`, to a visitor.
///
/// See [`ModelVisitor`] for an example.
///
/// # Errors
///
/// As [`ModelFile::model`].
pub fn visit_file<V: ModelVisitor>(
    file: &ModelFile,
    device: &Device,
    visitor: V,
) -> Result<V::Output, ModelFileError> {
    macro_rules! of {
        ($($config:ty => $method:ident),+ $(,)?) => {
            match file.kind() {
                $(<$config as ModelConfig>::KIND => visitor.$method(file.model::<$config>(device)?),)+
                other => visitor.other(other.to_owned()),
            }
        };
    }
    Ok(kinds!(of))
}

/// Whether files of a kind hold densities of vectors, which [`vectors`] takes.
///
/// ```
/// use thalweg_models::any::is_of_vectors;
///
/// assert!(is_of_vectors("coupling flow"));
/// assert!(!is_of_vectors("glow"));
/// ```
pub fn is_of_vectors(kind: &str) -> bool {
    macro_rules! of {
        ($($config:ty => $method:ident),+ $(,)?) => {
            match kind {
                $(<$config as ModelConfig>::KIND => ["vectors", "field"].contains(&stringify!($method)),)+
                _ => false,
            }
        };
    }
    kinds!(of)
}
