//! The command line.

use std::path::PathBuf;
use std::time::{Duration, TryFromFloatSecsError};

use clap::{Args, Parser, ValueEnum};
use thalweg::data::{DataError, Parts, Resize};
use thalweg::device::{self, DeviceError, Selected};
use thalweg::models::variational::{Binarization, ElboLoss, KlForm, LikelihoodStyle};
use thalweg::prelude::{Device, ImageSize, Tensor};

/// The flags of every example.
#[derive(Debug, Parser)]
pub struct Common {
    /// Stop after this many steps; the default is the full run.
    #[arg(long)]
    pub steps: Option<usize>,
    /// Determines weights, noise and the order of the data.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// A data set in place of the embedded one: a folder, or a CSV file where the example reads tables.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Folder for pictures, logs and models.
    #[arg(long, default_value = "out")]
    pub out: PathBuf,
    /// Print one JSON object as the last line of standard output.
    #[arg(long)]
    pub json: bool,
    /// Threads that share each batch of images, for backends whose operations run on one. Results are
    /// repeatable for each number of threads, and differ between numbers.
    #[arg(long, default_value_t = 1)]
    pub workers: usize,
    /// Backend to run on; the default is BURN_DEVICE, else the first that is compiled in, GPUs before CPUs.
    #[arg(long)]
    pub device: Option<String>,
}

impl Common {
    /// The device that the flags, or else the environment, name.
    pub fn device(&self) -> Result<Selected, DeviceError> {
        match &self.device {
            Some(name) => device::resolve(name),
            None => device::from_env(),
        }
    }
}

/// The flags of the examples that compare models of images after the same training time.
#[derive(Debug, Args)]
pub struct Comparison {
    /// Side that the pictures of a folder are scaled to, a multiple of 8.
    #[arg(long, default_value_t = 32)]
    side: u32,
    /// Minutes to train each model for.
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// Samples of the importance-weighted bounds.
    #[arg(long, default_value_t = 10)]
    pub importance: usize,
}

impl Comparison {
    /// The training time.
    pub fn time(&self) -> Result<Duration, TryFromFloatSecsError> {
        Duration::try_from_secs_f64(60.0 * self.minutes)
    }

    /// The images of `--data`, or the embedded faces, and their size. Colour images are joined by their
    /// mirror images for training: there are few, and their left and right mean nothing.
    pub fn load(
        &self,
        common: &Common,
        device: &Device,
    ) -> Result<(ImageSize, Parts<Tensor<4>>), DataError> {
        let parts = match &common.data {
            Some(folder) => Parts::open(folder, Resize { side: self.side }, common.seed)?,
            None => Parts::faces()?,
        };
        let size = ImageSize::new(parts.train.size()).with_levels(parts.train.levels());
        let mut images = parts.map(|images| images.to_planes(device));
        if size.channels > 1 {
            let mirrored = images.train.clone().flip([3]);
            images.train = Tensor::cat(vec![images.train, mirrored], 0);
        }
        Ok((size, images))
    }
}

/// The flags of a variational bound.
#[derive(Debug, Args)]
pub struct Bound {
    /// The density of the pixels.
    #[arg(long, value_enum, default_value_t = Pixels::Dynamic)]
    pixels: Pixels,
    /// Weight of the divergence.
    #[arg(long, default_value_t = 1.0)]
    beta: f64,
    /// Nats that each latent may diverge at no cost.
    #[arg(long, default_value_t = 0.0)]
    free_nats: f64,
    /// Samples of the importance-weighted bound [default: 5000 on MNIST, 500 otherwise].
    #[arg(long)]
    pub importance: Option<usize>,
    /// Test images that it is computed on.
    #[arg(long, default_value_t = 1000)]
    pub importance_rows: usize,
}

impl Bound {
    /// The likelihood of the chosen density of pixels.
    pub fn likelihood(&self) -> LikelihoodStyle {
        match self.pixels {
            Pixels::Dynamic => LikelihoodStyle::Bernoulli(Binarization::Dynamic),
            Pixels::Static => LikelihoodStyle::Bernoulli(Binarization::Static),
            Pixels::Threshold => LikelihoodStyle::Bernoulli(Binarization::Threshold),
            Pixels::Gaussian => LikelihoodStyle::Gaussian,
            Pixels::Logistic => LikelihoodStyle::DiscretizedLogistic,
        }
    }

    /// The loss, with the analytic divergence.
    pub fn loss(&self) -> ElboLoss {
        ElboLoss {
            beta: self.beta,
            free_nats: self.free_nats,
            kl: KlForm::Analytic,
        }
    }
}

/// Densities of pixels by name.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Pixels {
    /// Black and white, drawn anew at each step.
    Dynamic,
    /// Black and white, drawn once.
    Static,
    /// Black and white, cut in the middle.
    Threshold,
    /// Normal, on dequantized levels.
    Gaussian,
    /// Logistic, on levels.
    Logistic,
}
