//! A report on the model in a file, of whatever kind it is.

use std::path::Path;

use burn::tensor::{Device, Tensor};
use thalweg_flow::compiled::LowerBase;
use thalweg_flow::{Base, Bijection, Continuous, Latents, Lower, Noise, VectorField};
use thalweg_models::any::{ModelVisitor, visit};
use thalweg_models::continuous_flow::{FieldConfig, FieldFlow};
use thalweg_models::image::ImageConfig;
use thalweg_models::model::ModelConfig;
use thalweg_models::vector::{VectorConfig, VectorContext};
use thalweg_models::{ImageFlow, Nice, NiceConfig, VectorFlow};

use crate::{Check, CheckError, Options, check, check_given};

/// Measures the model in a file on rows `[rows, numbers]`: the features, then the numbers of the condition; levels, for
/// NICE and models of images. Without rows it measures on draws from the model.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_check::{Options, check_file};
/// use thalweg_models::CouplingFlowConfig;
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-check-{}", std::process::id()));
/// # let path = folder.join("flow.safetensors");
/// let device = Device::default();
/// CouplingFlowConfig::realnvp(3).init(&device).save(&path)?;
/// let report = check_file(&path, None, &Options::default(), &device)?;
/// # std::fs::remove_dir_all(folder).ok();
/// assert_eq!(report.model, "coupling flow");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// A file that cannot be read, one that holds no flow, rows of another width, no rows for a model with a condition, and
/// those of [`check`].
pub fn check_file(
    path: impl AsRef<Path>,
    rows: Option<&Tensor<2>>,
    options: &Options,
    device: &Device,
) -> Result<Check, CheckError> {
    visit(path, device, Checker { rows, options })?
}

struct Checker<'a> {
    rows: Option<&'a Tensor<2>>,
    options: &'a Options,
}

impl Checker<'_> {
    /// The rows, or draws where there are none.
    fn rows(
        &self,
        kind: &'static str,
        needed: usize,
        draw: impl FnOnce(usize, &mut Noise) -> Result<Tensor<2>, CheckError>,
    ) -> Result<Tensor<2>, CheckError> {
        match self.rows {
            Some(rows) if rows.dims()[1] == needed => Ok(rows.clone()),
            Some(rows) => Err(CheckError::Columns {
                kind,
                needed,
                found: rows.dims()[1],
            }),
            None => draw(self.options.rows, &mut Noise::seeded(self.options.seed)),
        }
    }

    /// The rows of a density of vectors and their conditions.
    fn vectors<K: VectorConfig>(
        &self,
        config: &K,
        draw: impl FnOnce(usize, &mut Noise) -> Result<Tensor<2>, CheckError>,
    ) -> Result<(Tensor<2>, K::Context), CheckError> {
        let (features, context) = (config.features(), config.context());
        let rows = self.rows(K::KIND, features + context, |n, noise| match context {
            0 => draw(n, noise),
            needed => Err(CheckError::NoConditions {
                kind: K::KIND,
                needed,
            }),
        })?;
        let given = (context > 0).then(|| rows.clone().narrow(1, features, context));
        Ok((rows.narrow(1, 0, features), K::Context::of(given.as_ref())))
    }
}

impl ModelVisitor for Checker<'_> {
    type Output = Result<Check, CheckError>;

    fn vectors<B, P, K>(self, model: VectorFlow<B, P, K>) -> Self::Output
    where
        B: Bijection<K::Context, Data = Tensor<2>, Latent = Tensor<2>>
            + Lower<K::Context>
            + 'static,
        P: Base<K::Context, Latent = Tensor<2>> + LowerBase<K::Context> + 'static,
        K: VectorConfig<Bijection = B, Base = P>,
    {
        let (rows, context) = Self::vectors(&self, model.config(), |n, noise| {
            Ok(model.given(&K::Context::of(None)).sample(n, 1.0, noise))
        })?;
        check_given(&model, &rows, &context, self.options)
    }

    fn field<F, K>(self, model: FieldFlow<F, K>) -> Self::Output
    where
        F: VectorField<K::Context> + 'static,
        Continuous<F>: Lower<K::Context>,
        K: FieldConfig<Field = F>,
    {
        let (rows, context) = Self::vectors(&self, model.config(), |n, noise| {
            Ok(model.given(&K::Context::of(None)).sample(n, 1.0, noise)?)
        })?;
        check_given(&model, &rows, &context, self.options)
    }

    fn levels(self, model: Nice) -> Self::Output {
        let rows = self.rows(NiceConfig::KIND, model.config().features, |n, noise| {
            Ok(model.quantize(model.sample(n, 1.0, noise)))
        })?;
        check(&model, &rows, self.options)
    }

    fn images<B, K>(self, model: ImageFlow<B, K>) -> Self::Output
    where
        B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower,
        K: ImageConfig<Bijection = B>,
    {
        let [channels, height, width] = model.config().image().shape();
        let rows = self.rows(K::KIND, channels * height * width, |n, noise| {
            let n = self.options.rows_of(n, channels * height * width);
            Ok(model.quantize(model.sample(n, 1.0, noise)).flatten(1, 3))
        })?;
        let count = rows.dims()[0];
        check(
            &model,
            &rows.reshape([count, channels, height, width]),
            self.options,
        )
    }

    fn other(self, kind: String) -> Self::Output {
        Err(CheckError::NoFlow { kind })
    }
}
