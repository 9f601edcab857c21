//! Densities of vectors behind one interface.

use std::fmt::Debug;
use std::path::Path;

use burn::tensor::{Device, Tensor};
use thalweg_flow::compiled::LowerBase;
use thalweg_flow::{
    Base, Bijection, Continuous, FlowError, Latents, Lower, Noise, Placement, VectorField,
};

use super::{ModelVisitor, visit_file};
use crate::continuous_flow::{FieldConfig, FieldFlow};
use crate::file::{FileProblem, ModelFile};
use crate::image::ImageConfig;
use crate::model::ModelConfig;
use crate::vector::{VectorConfig, VectorContext};
use crate::{ImageFlow, ModelFileError, Nice, NiceConfig, VectorFlow};

/// Rows whose densities are computed together.
const CHUNK: usize = 4096;

/// A density of vectors of whatever kind, from a file: `p(x)`, or `p(x | c)` of a model with a condition.
///
/// Every method takes the condition as `Some` of `[1, context]` or `[batch, context]` where [`context`](Self::context) is above
/// 0, and as `None` where it is 0.
///
/// See [`vectors`] for an example.
///
/// # Panics
///
/// Every method panics for another number of features, and for a condition that the model does not take.
pub trait AnyVectors: Debug + Send + Sync {
    /// The kind of model, such as `coupling flow`.
    fn kind(&self) -> &'static str;

    /// The number of features.
    fn features(&self) -> usize;

    /// The numbers of a condition; 0 of a model without one.
    fn context(&self) -> usize;

    /// The device and the dtype of the weights, which conditions and latents have too.
    fn placement(&self) -> Placement;

    /// `ln p` of each row of `x`, `[batch, features]`, in nats.
    ///
    /// # Errors
    ///
    /// A number that is not finite, named by its row, and an integration that fails.
    fn log_prob(&self, x: &Tensor<2>, given: Option<&Tensor<2>>) -> Result<Vec<f64>, FlowError>;

    /// The latents of rows.
    ///
    /// # Errors
    ///
    /// An integration that fails.
    fn encode(&self, x: Tensor<2>, given: Option<&Tensor<2>>) -> Result<Tensor<2>, FlowError>;

    /// The rows of latents.
    ///
    /// # Errors
    ///
    /// An integration that fails.
    fn decode(&self, z: Tensor<2>, given: Option<&Tensor<2>>) -> Result<Tensor<2>, FlowError>;

    /// `n` samples, `[n, features]`.
    ///
    /// # Errors
    ///
    /// An integration that fails.
    fn sample(
        &self,
        n: usize,
        temperature: f64,
        given: Option<&Tensor<2>>,
        noise: &mut Noise,
    ) -> Result<Tensor<2>, FlowError>;
}

/// The density of vectors in a file, on `device`, of whatever kind it is.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::file::ModelFile;
/// use thalweg_models::{AutoregressiveFlowConfig, any};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-any-{}", std::process::id()));
/// # let path = folder.join("flow.safetensors");
/// let device = Device::default();
/// AutoregressiveFlowConfig::maf(3).init(&device).save(&path)?;
/// let model: Box<dyn any::AnyVectors> = any::vectors(&path, &device)?;
/// let again = any::vectors_of(&ModelFile::open(&path)?, &device)?;
/// # std::fs::remove_dir_all(folder).ok();
/// assert_eq!((model.kind(), model.features(), model.context()), ("autoregressive flow", 3, 0));
/// let x = Tensor::<2>::ones([2, 3], &device);
/// let nats = model.log_prob(&x, None)?;
/// // The untrained model is a standard normal density.
/// let normal = -1.5 * (1.0 + std::f64::consts::TAU.ln());
/// assert!(nats.len() == 2 && (nats[0] - normal).abs() < 1e-5);
/// assert_eq!(again.log_prob(&x, None)?, nats);
/// let back = model.decode(model.encode(x.clone(), None)?, None)?;
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// As [`load_model`](crate::file::load_model), and a file that holds no density of vectors.
pub fn vectors(
    path: impl AsRef<Path>,
    device: &Device,
) -> Result<Box<dyn AnyVectors>, ModelFileError> {
    vectors_of(&ModelFile::open(path)?, device)
}

/// The density of vectors in a file that was read, on `device`, of whatever kind it is.
///
/// See [`vectors`] for an example.
///
/// # Errors
///
/// As [`ModelFile::model`], and a file that holds no density of vectors.
pub fn vectors_of(
    file: &ModelFile,
    device: &Device,
) -> Result<Box<dyn AnyVectors>, ModelFileError> {
    visit_file(file, device, Boxed)?.map_err(|found| ModelFileError {
        path: file.path().to_owned(),
        problem: FileProblem::OtherModel {
            found,
            wanted: "density of vectors",
        },
    })
}

/// The interface of a model, whose methods give tensors, or results that `$done` leaves as they are.
macro_rules! any_vectors {
    ([$($generics:tt)*] $model:ty, $done:path) => {
        impl<$($generics)*> AnyVectors for $model {
            fn kind(&self) -> &'static str {
                K::KIND
            }

            fn features(&self) -> usize {
                self.config().features()
            }

            fn context(&self) -> usize {
                self.config().context()
            }

            fn placement(&self) -> Placement {
                Placement::of(&self.flow)
            }

            fn log_prob(
                &self,
                x: &Tensor<2>,
                given: Option<&Tensor<2>>,
            ) -> Result<Vec<f64>, FlowError> {
                self.given(&K::Context::of(given)).log_probs(x, CHUNK)
            }

            fn encode(
                &self,
                x: Tensor<2>,
                given: Option<&Tensor<2>>,
            ) -> Result<Tensor<2>, FlowError> {
                $done(self.given(&K::Context::of(given)).encode(x))
            }

            fn decode(
                &self,
                z: Tensor<2>,
                given: Option<&Tensor<2>>,
            ) -> Result<Tensor<2>, FlowError> {
                $done(self.given(&K::Context::of(given)).decode(z))
            }

            fn sample(
                &self,
                n: usize,
                temperature: f64,
                given: Option<&Tensor<2>>,
                noise: &mut Noise,
            ) -> Result<Tensor<2>, FlowError> {
                let context = K::Context::of(given);
                $done(self.given(&context).sample(n, temperature, noise))
            }
        }
    };
}

any_vectors! {
    [
        B: Bijection<K::Context, Data = Tensor<2>, Latent = Tensor<2>> + Sync,
        P: Base<K::Context, Latent = Tensor<2>> + Sync,
        K: VectorConfig<Bijection = B, Base = P>,
    ]
    VectorFlow<B, P, K>, Ok
}

any_vectors! {
    [F: VectorField<K::Context> + Sync, K: FieldConfig<Field = F>]
    FieldFlow<F, K>, std::convert::identity
}

/// Puts a density of vectors behind the interface; of others it returns the kind.
struct Boxed;

impl ModelVisitor for Boxed {
    type Output = Result<Box<dyn AnyVectors>, String>;

    fn vectors<B, P, K>(self, model: VectorFlow<B, P, K>) -> Self::Output
    where
        B: Bijection<K::Context, Data = Tensor<2>, Latent = Tensor<2>>
            + Lower<K::Context>
            + Sync
            + 'static,
        P: Base<K::Context, Latent = Tensor<2>> + LowerBase<K::Context> + Sync + 'static,
        K: VectorConfig<Bijection = B, Base = P>,
    {
        Ok(Box::new(model))
    }

    fn field<F, K>(self, model: FieldFlow<F, K>) -> Self::Output
    where
        F: VectorField<K::Context> + Sync + 'static,
        Continuous<F>: Lower<K::Context> + Sync + 'static,
        K: FieldConfig<Field = F>,
    {
        Ok(Box::new(model))
    }

    fn levels(self, _: Nice) -> Self::Output {
        Err(NiceConfig::KIND.to_owned())
    }

    fn images<B, K>(self, _: ImageFlow<B, K>) -> Self::Output
    where
        B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower + Sync + 'static,
        K: ImageConfig<Bijection = B>,
    {
        Err(K::KIND.to_owned())
    }

    fn other(self, kind: String) -> Self::Output {
        Err(kind)
    }
}
