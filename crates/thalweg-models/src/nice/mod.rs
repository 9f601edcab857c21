//! NICE: non-linear independent components estimation.

mod bijection;
mod config;
mod prior;

pub use bijection::NiceBijection;
pub use config::{NiceConfig, NiceStyle};
pub use prior::NicePrior;

use std::path::Path;

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use thalweg_flow::compiled::{ChannelMap, CompiledFlow, Lower, Lowering};
use thalweg_flow::points::{Points, log_probs};
use thalweg_flow::{
    BitsPerDim, BlogNoise, Dequantize, Flow, FlowError, Noise, Reversible, Warning, warnings,
};

use crate::door::{assert_shape, mean, mean_of};
use crate::{ModelFileError, file};

/// NICE on discrete data: additive couplings, a diagonal scale and a factorial prior, with the
/// data's dequantization in front.
///
/// Data are levels `0 ..= levels − 1` as floats, `[batch, features]`. Every method that takes them
/// looks at them first: a value that is no level is an error, and another number of features panics.
/// Log-densities are those of
/// the dequantized data in the unit cube, in nats a sample, the unit of the paper's tables.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::NiceConfig;
///
/// let device = Device::default();
/// let nice = NiceConfig::paper(16, 256).with_hidden(32).init(&device);
/// let pixels = Tensor::<2>::ones([4, 16], &device) * 128.0;
/// let nats = nice.log_prob(pixels, &mut Noise::seeded(0))?;
/// let bits = nice.units().of_each(nats);
/// assert_eq!(bits.dims(), [4]);
/// let images = nice.sample(9, 0.75, &mut Noise::seeded(1));
/// assert_eq!(images.dims(), [9, 16]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE: Non-linear Independent Components Estimation*, 2014. Su Jianlin:
/// *Flow 1: NICE*, kexue.fm/archives/5776, 2018.
#[derive(Module, Debug)]
pub struct Nice {
    /// From data in the unit cube (paper) or in `[0, 1]` as the blog scales it, to latents.
    pub flow: Flow<NiceBijection, NicePrior>,
    #[module(skip)]
    config: NiceConfig,
    #[module(skip)]
    warnings: Vec<Warning>,
}

const KIND: &str = "nice";

impl Nice {
    /// What the model was made of.
    pub fn config(&self) -> &NiceConfig {
        &self.config
    }

    /// What [`initialize`](Self::initialize) found to look wrong with its data.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Nats a sample to bits a dimension.
    pub fn units(&self) -> BitsPerDim {
        self.dequantize().bits_per_dim(self.config.features)
    }

    /// `log p(y)` in nats, `[batch]`, of levels dequantized into the unit cube by uniform noise
    /// of one bin: a bound on the discrete log-probability, see [`units`](Self::units).
    ///
    /// # Errors
    ///
    /// A value that is no level.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn log_prob(&self, levels: Tensor<2>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        let (x, log_det) = self.rescale(self.dequantized(levels, noise)?);
        Ok(self.flow.log_prob(x).add_scalar(log_det))
    }

    /// [`log_prob`](Self::log_prob) of any number of rows, in order, in f64 and in the memory of
    /// `batch` rows; [`units`](Self::units) makes bits a dimension of them. The rows are a tensor, or lie
    /// in the host's memory.
    ///
    /// # Errors
    ///
    /// A value that is no level, named by its row, and rows of several lengths.
    ///
    /// # Panics
    ///
    /// When `batch` is 0, and for another number of features.
    pub fn log_probs(
        &self,
        levels: &(impl Points<2> + ?Sized),
        batch: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError> {
        let nice = self.valid();
        log_probs(levels, batch, &nice.flow.placement(), |levels, _| {
            nice.log_prob(levels, noise)
        })
    }

    /// What training minimizes: the mean of `−log p` over the batch, `[1]`, under the noise of
    /// the preset.
    ///
    /// For the paper's preset that is `−log_prob`. The blog's noise is 2.5 bins wide, so its loss
    /// is not comparable with [`log_prob`](Self::log_prob), which stays a bound for either. The loss of
    /// an empty batch is 0.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob).
    ///
    /// # Panics
    ///
    /// As there.
    pub fn loss(&self, levels: Tensor<2>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        let (x, log_det) = self.training_data(levels, noise)?;
        let log_prob = self.flow.log_prob(x).add_scalar(log_det);
        Ok(mean(self, log_prob).neg())
    }

    /// The [`loss`](Self::loss) and its gradient, in memory that does not grow with the number of
    /// couplings.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob).
    ///
    /// # Panics
    ///
    /// As there, and as [`Flow::loss_and_gradients`].
    pub fn loss_and_gradients(
        &self,
        levels: Tensor<2>,
        noise: &mut Noise,
        how: &Reversible,
    ) -> Result<(Tensor<1>, GradientsParams), FlowError> {
        let (x, log_det) = self.training_data(levels, noise)?;
        let loss = |log_prob: Tensor<1>| mean_of(log_prob.add_scalar(log_det)).neg();
        Ok(self.flow.loss_and_gradients(x, how, loss))
    }

    /// What the flow is trained on, under the noise of the preset, and what is added to its
    /// log-density.
    fn training_data(
        &self,
        levels: Tensor<2>,
        noise: &mut Noise,
    ) -> Result<(Tensor<2>, f64), FlowError> {
        Ok(match self.config.style {
            NiceStyle::Paper => self.rescale(self.dequantized(levels, noise)?),
            NiceStyle::Blog => {
                self.assert_features(&levels);
                self.dequantize().check(&levels)?;
                let white = f64::from(self.config.levels - 1);
                let x = BlogNoise::default().apply(levels.div_scalar(white), noise);
                (x, 0.0)
            }
        })
    }

    /// Levels in the unit cube.
    fn dequantized(&self, levels: Tensor<2>, noise: &mut Noise) -> Result<Tensor<2>, FlowError> {
        self.assert_features(&levels);
        Ok(self.dequantize().apply(levels, noise)?.0)
    }

    fn assert_features(&self, x: &Tensor<2>) {
        assert_shape(KIND, "takes rows", x, &[self.config.features]);
    }

    /// Fits standardization (the paper's style) and diagonal scale to data, so that the latents
    /// start with the prior's deviation. Wanted once, before training.
    ///
    /// Adam would need thousands of steps to bring the scales of pixels that hardly vary there:
    /// the log-likelihood on MNIST starts at 1233 nats with it and far below 0 without.
    ///
    /// What looks wrong with the data is said once, see [`warnings`](Self::warnings).
    ///
    /// # Errors
    ///
    /// Fewer than two rows, or values that are no levels.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn initialize(mut self, levels: Tensor<2>, noise: &mut Noise) -> Result<Self, FlowError> {
        let rows = levels.dims()[0];
        if rows < 2 {
            return Err(FlowError::TooFewRows {
                what: "a NICE",
                rows,
                needed: 2,
            });
        }
        let (fitted, warnings) = warnings::gather(|| {
            self.assert_features(&levels);
            self.dequantize().check_for_fitting(&levels)?;
            let (x, _) = self.rescale(self.dequantized(levels, noise)?);
            let deviation = self.flow.base.deviation();
            self.flow.bijection.clone().initialize(x, deviation)
        });
        self.flow.bijection = fitted?;
        self.warnings = warnings;
        Ok(self)
    }

    /// The latents of dequantized levels, `[batch, features]`.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob).
    ///
    /// # Panics
    ///
    /// As there.
    pub fn encode(&self, levels: Tensor<2>, noise: &mut Noise) -> Result<Tensor<2>, FlowError> {
        let y = self.dequantized(levels, noise)?;
        Ok(self.flow.encode(self.rescale(y).0))
    }

    /// Data of the unit cube from latents; a little outside it where the model is unsure.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn decode(&self, z: Tensor<2>) -> Tensor<2> {
        assert_shape(KIND, "takes latents", &z, &[self.config.features]);
        self.unscale(self.flow.decode(z))
    }

    /// `n` samples of the unit cube, see [`decode`](Self::decode) and [`Flow::sample`].
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Tensor<2> {
        self.unscale(self.flow.sample(n, temperature, noise))
    }

    /// The model without tensors, for points of the unit cube: its `log_prob` is that of dequantized levels,
    /// its samples are those of [`sample`](Self::sample).
    pub fn compile(&self) -> CompiledFlow {
        CompiledFlow::of_vectors(&Rescaled(self), &self.flow.base)
    }

    /// The levels that data of the unit cube fall into.
    pub fn quantize(&self, y: Tensor<2>) -> Tensor<2> {
        self.dequantize().quantize(y)
    }

    /// Saves configuration, preprocessing and weights in one file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelFileError> {
        file::save(path.as_ref(), KIND, &self.config, self)
    }

    /// The model in a file, on `device`.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered NICE of this or an earlier version.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, ModelFileError> {
        let init = |config: &NiceConfig| config.try_init(device);
        let (_, nice) = file::load(path.as_ref(), KIND, NiceConfig::count, init)?;
        Ok(nice)
    }

    fn dequantize(&self) -> Dequantize {
        Dequantize::uniform(self.config.levels)
    }

    /// The unit cube in the range that the flow is trained on, and the log-determinant of that.
    ///
    /// The blog divides by 255, not 256, and its noise goes downwards: a bin there is
    /// `(x − 1, x] / 255`, so `x = (L y − 1) / (L − 1)`.
    fn rescale(&self, y: Tensor<2>) -> (Tensor<2>, f64) {
        match self.config.style {
            NiceStyle::Paper => (y, 0.0),
            NiceStyle::Blog => {
                let levels = f64::from(self.config.levels);
                let scale = levels / (levels - 1.0);
                let x = y
                    .mul_scalar(levels)
                    .sub_scalar(1.0)
                    .div_scalar(levels - 1.0);
                (x, self.config.features as f64 * scale.ln())
            }
        }
    }

    /// The inverse of [`rescale`](Self::rescale).
    fn unscale(&self, x: Tensor<2>) -> Tensor<2> {
        match self.config.style {
            NiceStyle::Paper => x,
            NiceStyle::Blog => {
                let levels = f64::from(self.config.levels);
                x.mul_scalar(levels - 1.0)
                    .add_scalar(1.0)
                    .div_scalar(levels)
            }
        }
    }
}

/// The bijection of a NICE, behind the blog's map of the unit cube, `(L y − 1) / (L − 1)` for `L` levels.
struct Rescaled<'a>(&'a Nice);

impl Lower for Rescaled<'_> {
    fn lower(&self, plan: &mut Lowering) {
        let NiceConfig {
            features,
            levels,
            style,
            ..
        } = self.0.config;
        if style == NiceStyle::Blog {
            let levels = f64::from(levels);
            let log_scale = (levels / (levels - 1.0)).ln();
            let centre = vec![levels.recip() as f32; features];
            plan.map(ChannelMap::scales(centre, &vec![log_scale; features]));
        }
        Lower::<()>::lower(&self.0.flow.bijection, plan);
    }
}
