//! What to fit, and how.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use burn::tensor::Device;
use thalweg_data::Images;
use thalweg_train::{Progress, Signal, Watcher};

use crate::fit::{Estimate, ImagesPlan};
use crate::{FittedImages, ImageKind, ImagesError, fit};

/// A density of images of one size, to be fitted: which model and, where the defaults do not suit, how large and how
/// long.
///
/// ```
/// use thalweg_data::digits;
/// use thalweg_images::{ImageDensity, ImageKind};
///
/// let plan = ImageDensity::new().model(ImageKind::Nice).steps(500).plan(&digits())?;
/// assert_eq!((plan.kind, plan.steps), (ImageKind::Nice, Some(500)));
/// println!("{plan}");
/// let glow = ImageDensity::new().depth(4).hidden(32).seed(7).progress(true).device(&Default::default());
/// let plan = glow.clone().epochs(3).plan(&digits())?;
/// assert_eq!(plan.steps, Some(3 * (plan.train / plan.batch))); // in whole batches
/// assert_eq!(glow.clone().minutes(5.0).plan(&digits())?.steps, None);
/// assert!(glow.minutes(0.0).plan(&digits()).is_err());
/// # Ok::<(), thalweg_images::ImagesError>(())
/// ```
#[derive(Clone)]
pub struct ImageDensity {
    pub(crate) kind: ImageKind,
    pub(crate) depth: Option<usize>,
    pub(crate) hidden: Option<usize>,
    pub(crate) steps: Option<usize>,
    pub(crate) epochs: Option<usize>,
    pub(crate) minutes: Option<f64>,
    pub(crate) seed: u64,
    pub(crate) progress: bool,
    pub(crate) resume: Option<PathBuf>,
    pub(crate) watch: Option<Watcher>,
    pub(crate) device: Device,
}

impl Default for ImageDensity {
    fn default() -> Self {
        Self::new()
    }
}

impl ImageDensity {
    /// A Glow, of a size that the images suggest.
    pub fn new() -> Self {
        Self {
            kind: ImageKind::default(),
            depth: None,
            hidden: None,
            steps: None,
            epochs: None,
            minutes: None,
            seed: 0,
            progress: false,
            resume: None,
            watch: None,
            device: Device::default(),
        }
    }

    /// The model.
    pub fn model(mut self, kind: ImageKind) -> Self {
        self.kind = kind;
        self
    }

    /// The steps a scale of a Glow; residual blocks of a RealNVP or an f-VAE; hidden layers of the others' networks.
    pub fn depth(mut self, depth: usize) -> Self {
        self.depth = Some(depth);
        self
    }

    /// Channels or numbers of the networks' hidden layers.
    pub fn hidden(mut self, hidden: usize) -> Self {
        self.hidden = Some(hidden);
        self
    }

    /// The number of steps, where the training does not stop before. Of this, [`epochs`](Self::epochs) and
    /// [`minutes`](Self::minutes) the one that is set last counts.
    pub fn steps(mut self, steps: usize) -> Self {
        (self.steps, self.epochs, self.minutes) = (Some(steps), None, None);
        self
    }

    /// The passes over the training images, in place of a number of steps.
    pub fn epochs(mut self, epochs: usize) -> Self {
        (self.steps, self.epochs, self.minutes) = (None, Some(epochs), None);
        self
    }

    /// The time for the training, in place of a number of steps.
    pub fn minutes(mut self, minutes: f64) -> Self {
        (self.steps, self.epochs, self.minutes) = (None, None, Some(minutes));
        self
    }

    /// The seed of all random choices; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// A progress bar.
    pub fn progress(mut self, progress: bool) -> Self {
        self.progress = progress;
        self
    }

    /// Keeps the training in a file of this folder, so that the same call goes on with it after Ctrl-C, or after the
    /// process was killed: to the bit on a CPU with the same number of threads, without [`minutes`](Self::minutes). The file
    /// is removed when the training is done.
    ///
    /// Other images, another seed, model or size are an error; more steps or minutes are not.
    ///
    /// ```
    /// use thalweg_data::digits;
    /// use thalweg_images::{ImageDensity, ImageKind, ImagesError};
    /// use thalweg_train::Signal;
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-resume-images-{}", std::process::id()));
    /// let images = digits().select(&(0..100).collect::<Vec<_>>());
    /// let density = ImageDensity::new().model(ImageKind::Nice).depth(1).hidden(8).steps(6);
    /// let begun = density.clone().resume(&folder).on_epoch(|progress| match progress.epoch {
    ///     2 => Signal::interrupt(),
    ///     _ => Signal::CONTINUE,
    /// });
    /// assert!(matches!(begun.fit(&images), Err(ImagesError::Interrupted)));
    /// let resumed = density.clone().resume(&folder).fit(&images)?;
    /// assert_eq!(resumed.log_prob(&images)?, density.fit(&images)?.log_prob(&images)?);
    /// # std::fs::remove_dir_all(folder).ok();
    /// # Ok::<(), ImagesError>(())
    /// ```
    pub fn resume(mut self, folder: impl Into<PathBuf>) -> Self {
        self.resume = Some(folder.into());
        self
    }

    /// Calls a function after each epoch: to log the losses, or to end the training by the [`Signal`] that it returns.
    ///
    /// [`Signal::stop`] ends the training, and its best weights count. [`Signal::interrupt`] ends the fit by
    /// [`ImagesError::Interrupted`], to go on with it by [`resume`](Self::resume).
    ///
    /// See [`resume`](Self::resume) for an example.
    pub fn on_epoch(mut self, watch: impl Fn(&Progress) -> Signal + Send + Sync + 'static) -> Self {
        self.watch = Some(Arc::new(watch));
        self
    }

    /// The device of the networks.
    pub fn device(mut self, device: &Device) -> Self {
        self.device = device.clone();
        self
    }

    /// Fits the density to images: 80 percent train, 10 choose the weights, 10 calibrate p-values and give the figures of
    /// the summary; of many images at most 2,000 and 5,000. Images of a [group](Images::groups) are in the same part.
    ///
    /// See [`FittedImages`] for an example.
    ///
    /// # Errors
    ///
    /// Too few images, a size that the model cannot have, a setting out of its bounds, a training that failed.
    pub fn fit(&self, images: &Images) -> Result<FittedImages, ImagesError> {
        fit::fit(self, images)
    }

    /// What [`fit`](Self::fit) would do with these images.
    ///
    /// # Errors
    ///
    /// Those of [`fit`](Self::fit) that are known before any training.
    pub fn plan(&self, images: &Images) -> Result<ImagesPlan, ImagesError> {
        fit::plan(self, images)
    }

    /// The time and the memory that [`fit`](Self::fit) would take, about, by three steps.
    ///
    /// ```
    /// use thalweg_data::digits;
    /// use thalweg_images::{ImageDensity, ImageKind};
    ///
    /// let images = digits().select(&(0..100).collect::<Vec<_>>());
    /// let density = ImageDensity::new().model(ImageKind::Nice).depth(1).hidden(8).steps(10);
    /// let estimate = density.estimate(&images)?;
    /// assert!((estimate.cost.seconds / estimate.cost.step_seconds - 10.0).abs() < 1e-6);
    /// assert_eq!(estimate.parameters, density.fit(&images)?.summary().parameters);
    /// # Ok::<(), thalweg_images::ImagesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`plan`](Self::plan), and a step that fails.
    pub fn estimate(&self, images: &Images) -> Result<Estimate, ImagesError> {
        fit::estimate(self, images)
    }
}

impl fmt::Debug for ImageDensity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImageDensity")
            .field("kind", &self.kind)
            .field("depth", &self.depth)
            .field("hidden", &self.hidden)
            .field("steps", &self.steps)
            .field("epochs", &self.epochs)
            .field("minutes", &self.minutes)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
