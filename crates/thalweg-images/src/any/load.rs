//! Models of images in files.

use std::path::Path;

use burn::tensor::{Device, Tensor};
use thalweg_flow::compiled::LowerBase;
use thalweg_flow::{Base, Bijection, Continuous, Latents, Lower, VectorField};
use thalweg_models::any::{ModelVisitor, visit_file};
use thalweg_models::continuous_flow::{FieldConfig, FieldFlow};
use thalweg_models::file::{FileProblem, ModelFile};
use thalweg_models::image::ImageConfig;
use thalweg_models::vector::VectorConfig;
use thalweg_models::{
    FvaeConfig, ImageFlow, ModelConfig, ModelFileError, Nice, VaeConfig, VectorFlow,
};

use super::AnyImages;
use crate::{FILE_KIND, FittedImages, ImagesError};

impl AnyImages {
    /// The model of images in a file, on `device`, of whatever kind it is: of [`FittedImages::save`], or of `save` of a flow
    /// of images, a [`Nice`], a VAE or an f-VAE.
    ///
    /// The shape, `[channels, height, width]`, is for a NICE, whose file does not say it; see [`of_nice`](Self::of_nice).
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_images::AnyImages;
    /// use thalweg_models::{NiceConfig, file::ModelFile};
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-any-images-{}", std::process::id()));
    /// # let path = folder.join("nice.safetensors");
    /// let device = Device::default();
    /// NiceConfig::paper(64, 17).with_depth(1).with_hidden(4).init(&device).save(&path)?;
    /// let square = AnyImages::load(&path, None, &device)?;
    /// assert_eq!(square.image().shape(), [1, 8, 8]);
    /// let wide = AnyImages::of_file(&ModelFile::open(&path)?, Some([1, 4, 16]), &device)?;
    /// assert_eq!(wide.image().shape(), [1, 4, 16]);
    /// # std::fs::remove_dir_all(folder).ok();
    /// # Ok::<(), thalweg_images::ImagesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered model of images, and those of [`of_nice`](Self::of_nice),
    /// [`of_vae`](Self::of_vae) and [`of_shape`](Self::of_shape).
    pub fn load(
        path: impl AsRef<Path>,
        shape: Option<[usize; 3]>,
        device: &Device,
    ) -> Result<Self, ImagesError> {
        Self::of_file(&ModelFile::open(path)?, shape, device)
    }

    /// The model of images of a file that was read, see [`load`](Self::load).
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), as far as they are not of reading.
    pub fn of_file(
        file: &ModelFile,
        shape: Option<[usize; 3]>,
        device: &Device,
    ) -> Result<Self, ImagesError> {
        let opened = Opened {
            file,
            shape,
            device,
        };
        let model = visit_file(file, device, opened)??;
        match shape {
            Some(shape) => model.of_shape(shape),
            None => Ok(model),
        }
    }
}

/// Takes the model of a file as one of images.
struct Opened<'a> {
    file: &'a ModelFile,
    shape: Option<[usize; 3]>,
    device: &'a Device,
}

impl Opened<'_> {
    fn refuse(&self, found: &str) -> ImagesError {
        let problem = FileProblem::OtherModel {
            found: found.to_owned(),
            wanted: "model of images",
        };
        let path = self.file.path().to_owned();
        ModelFileError { path, problem }.into()
    }
}

impl ModelVisitor for Opened<'_> {
    type Output = Result<AnyImages, ImagesError>;

    fn vectors<B, P, K>(self, _: VectorFlow<B, P, K>) -> Self::Output
    where
        B: Bijection<K::Context, Data = Tensor<2>, Latent = Tensor<2>>
            + Lower<K::Context>
            + Sync
            + 'static,
        P: Base<K::Context, Latent = Tensor<2>> + LowerBase<K::Context> + Sync + 'static,
        K: VectorConfig<Bijection = B, Base = P>,
    {
        Err(self.refuse(K::KIND))
    }

    fn field<F, K>(self, _: FieldFlow<F, K>) -> Self::Output
    where
        F: VectorField<K::Context> + Sync + 'static,
        Continuous<F>: Lower<K::Context> + Sync + 'static,
        K: FieldConfig<Field = F>,
    {
        Err(self.refuse(K::KIND))
    }

    fn levels(self, model: Nice) -> Self::Output {
        AnyImages::of_nice(model, self.shape)
    }

    fn images<B, K>(self, model: ImageFlow<B, K>) -> Self::Output
    where
        B: Bijection<Data = Tensor<4>, Latent = Latents> + Lower + Sync + 'static,
        K: ImageConfig<Bijection = B>,
    {
        AnyImages::of_flow(model)
    }

    fn other(self, kind: String) -> Self::Output {
        match kind.as_str() {
            FILE_KIND => Ok(FittedImages::of_file(self.file, self.device)?.into_any()),
            VaeConfig::KIND => AnyImages::of_vae(self.file.model::<VaeConfig>(self.device)?),
            FvaeConfig::KIND => AnyImages::of_fvae(self.file.model::<FvaeConfig>(self.device)?),
            _ => Err(self.refuse(&kind)),
        }
    }
}
