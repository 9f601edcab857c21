//! A configuration and the model that it describes.

use std::fmt::Debug;

use burn::module::Module;
use burn::tensor::Device;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{ConfigError, SamplingCost};

/// The configuration of a model: sizes and choices, from which the untrained model is built.
///
/// A model with a configuration is saved and loaded in one file, by
/// [`file::save_model`](crate::file::save_model) and
/// [`file::load_model`](crate::file::load_model).
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_models::{CouplingFlow, CouplingFlowConfig, ModelConfig, file};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-model-{}", std::process::id()));
/// # let path = folder.join("flow.safetensors");
/// let (device, config) = (Device::default(), CouplingFlowConfig::nsf(2));
/// config.check()?;
/// let flow = config.init(&device);
/// assert_eq!(flow.config(), &config);
/// assert!(CouplingFlowConfig::nsf(0).try_init(&device).is_err());
///
/// flow.save(&path)?;
/// let (loaded, info) = (CouplingFlow::load(&path, &device)?, file::describe(&path)?);
/// # std::fs::remove_dir_all(folder).ok();
/// assert_eq!(loaded.config(), &config);
/// assert_eq!(info.kind, CouplingFlowConfig::KIND);
/// assert!(config.count() <= info.parameters());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ModelConfig:
    Debug + Clone + Send + Sync + Serialize + DeserializeOwned + 'static
{
    /// The name of the model in its file and in its errors.
    const KIND: &'static str;
    /// The model.
    type Model: Module;

    /// Checks that each size lies within its bounds.
    ///
    /// # Errors
    ///
    /// The first field that does not.
    fn check(&self) -> Result<(), ConfigError>;

    /// A lower bound on the number of values in all parameters, fixed ones included, for a
    /// configuration that passes [`check`](Self::check). A file that holds fewer is not loaded, so
    /// that no configuration allocates more memory than its file justifies.
    fn count(&self) -> u128;

    /// The untrained model of a configuration that passes [`check`](Self::check).
    fn build(&self, device: &Device) -> Self::Model;

    /// Completes the configuration in a file of an earlier version with the fields that it lacks.
    #[doc(hidden)]
    fn complete(_config: &mut serde_json::Value) {}

    /// The passes through the model's networks for a density and for a sample.
    fn sampling_cost(&self) -> SamplingCost;
}

/// `init` and `try_init` of a configuration, and a text on the errors of the latter.
macro_rules! init {
    ([$($generics:tt)*] $config:ty => $model:ty, $errors:literal) => {
        impl<$($generics)*> $config {
            /// The untrained model.
            ///
            /// See [`ModelConfig`](crate::ModelConfig) for an example.
            ///
            /// # Panics
            ///
            /// Where [`try_init`](Self::try_init) returns an error.
            pub fn init(&self, device: &burn::tensor::Device) -> $model {
                self.try_init(device)
                    .unwrap_or_else(|error| panic!("{error}"))
            }

            /// The untrained model.
            ///
            /// See [`ModelConfig`](crate::ModelConfig) for an example.
            ///
            /// # Errors
            ///
            #[doc = $errors]
            pub fn try_init(
                &self,
                device: &burn::tensor::Device,
            ) -> Result<$model, $crate::ConfigError> {
                $crate::model::ModelConfig::check(self)?;
                Ok($crate::model::ModelConfig::build(self, device))
            }
        }
    };
    ($config:ty => $model:ty, $errors:literal) => {
        $crate::model::init! { [] $config => $model, $errors }
    };
}

/// The methods of a model with a field `config`, and optionally a field `warnings`.
macro_rules! model {
    ([$($generics:tt)*] $model:ty, of $config:ty $(, with $warnings:ident)?) => {
        impl<$($generics)*> $model {
            /// The configuration of the model.
            ///
            /// See [`ModelConfig`](crate::ModelConfig) for an example.
            pub fn config(&self) -> &$config {
                &self.config
            }

            $(
                /// The warnings about the sizes of the model, and about the data of the
                /// initialization: data that are legal but look wrong, such as constant features.
                pub fn $warnings(&self) -> &[thalweg_flow::Warning] {
                    &self.$warnings
                }
            )?

            /// Saves configuration, preprocessing and weights in one file.
            ///
            /// See [`ModelConfig`](crate::ModelConfig) for an example.
            ///
            /// # Errors
            ///
            /// When the file cannot be written.
            pub fn save(
                &self,
                path: impl AsRef<std::path::Path>,
            ) -> Result<(), $crate::ModelFileError>
            where
                $config: $crate::ModelConfig<Model = Self>,
            {
                $crate::file::save_model(&self.config, self, path)
            }

            /// The model in a file, on `device`.
            ///
            /// See [`ModelConfig`](crate::ModelConfig) for an example.
            ///
            /// # Errors
            ///
            /// When the file is not a whole and unaltered model of this kind, in this format or an
            /// earlier one.
            pub fn load(
                path: impl AsRef<std::path::Path>,
                device: &burn::tensor::Device,
            ) -> Result<Self, $crate::ModelFileError>
            where
                $config: $crate::ModelConfig<Model = Self>,
            {
                $crate::file::load_model::<$config>(path, device)
            }
        }
    };
}

/// Methods of a model without a condition: those of the model given `()`.
macro_rules! without_condition {
    (
        $given:ident:
        $(fn $method:ident($($argument:ident: $type:ty),* $(,)?) -> $output:ty;)+
    ) => {$(
        #[doc = concat!(
            "[`", stringify!($given), "::", stringify!($method), "`] without a condition. Shapes, errors and panics stand there."
        )]
        pub fn $method(&self, $($argument: $type),*) -> $output {
            self.given(&()).$method($($argument),*)
        }
    )+};
}

pub(crate) use {init, model, without_condition};
