//! The models on a GPU and on the CPU: a training step with Adam, densities and samples in milliseconds, and the
//! largest difference of log-densities between the two, of the same weights, data and noise.
//!
//! RealNVP (10 couplings of 2×100, batch 1024) and a neural spline flow (8 couplings of 2×128, 8 bins, batch 1024) on
//! 43 features, with 10,000 densities and samples; Glow (3 scales of 8 steps, 128 hidden channels) with 16 images;
//! a VAE (784-512-20) with 128. The device is that of `BURN_DEVICE`, or the first that is compiled in.
//!
//! `gpu.sh` builds and runs it. An argument names a file of the figures of PyTorch, `{"model part": milliseconds}`.

use std::collections::BTreeMap;
use std::error::Error;

use thalweg::device::{Selected, from_env, resolve};
use thalweg::flow::{Activation, WeightInit};
use thalweg::models::vae::VaeNetwork;
use thalweg::models::variational::{ElboLoss, KlForm};
use thalweg::prelude::*;
use thalweg_benches::realnvp::{RealNvp, TABULAR};
use thalweg_benches::{Stopwatch, adam, levels};

const WARM_UP: usize = 5;
const ROUNDS: usize = 20;
const POINTS: usize = 10_000;
const IMAGES: usize = 16;
const DIGITS: usize = 128;
const PARTS: [&str; 3] = ["step", "log_prob", "sample"];

type Failure = Box<dyn Error + Send + Sync>;

/// A model, and data for it on one device.
trait Work {
    type Model: Module;
    /// Called so in the output.
    const NAME: &'static str;

    /// The data, on a device.
    fn on(device: &Device) -> Self;
    fn init(&self, device: &Device) -> Result<Self::Model, Failure>;
    fn loss(&self, model: &Self::Model, noise: &mut Noise) -> Result<Tensor<1>, Failure>;
    fn log_prob(&self, model: &Self::Model, noise: &mut Noise) -> Result<Tensor<1>, Failure>;
    /// Samples, awaited.
    fn sample(&self, model: &Self::Model, noise: &mut Noise);
}

fn main() -> Result<(), Failure> {
    let (gpu, cpu) = (from_env()?, resolve("flex")?);
    if gpu.name == cpu.name {
        return Err("there is no GPU to compare: build with the feature `cuda` or `vulkan`".into());
    }
    let torch = match std::env::args().nth(1) {
        Some(file) => serde_json::from_str(&std::fs::read_to_string(file)?)?,
        None => BTreeMap::new(),
    };
    println!(
        "{:<10} {:<9} {:>10} {:>10} {:>10}",
        "model", "part", gpu.name, cpu.name, "torch"
    );
    beside::<Affines>(&gpu, &cpu, &torch)?;
    beside::<Splines>(&gpu, &cpu, &torch)?;
    beside::<Images>(&gpu, &cpu, &torch)?;
    beside::<Digits>(&gpu, &cpu, &torch)
}

/// Prints the figures of one model.
fn beside<W: Work>(
    gpu: &Selected,
    cpu: &Selected,
    torch: &BTreeMap<String, f64>,
) -> Result<(), Failure> {
    let (there, here) = (W::on(&gpu.device), W::on(&cpu.device));
    let model = here.init(&cpu.device.clone().autodiff())?;
    // Trained weights: those of a fresh model make densities too simple to differ.
    let (model, on_cpu) = timed(&here, model, &cpu.device)?;
    let expected = nats(&here, &model)?;
    let model = model.fork(&gpu.device.clone().autodiff());
    let found = nats(&there, &model)?;
    let (_, on_gpu) = timed(&there, model, &gpu.device)?;
    for (part, (gpu, cpu)) in PARTS.iter().zip(on_gpu.into_iter().zip(on_cpu)) {
        let torch = torch.get(&format!("{} {part}", W::NAME));
        let torch = torch.map_or("-".to_owned(), |ms| format!("{ms:.3}"));
        println!(
            "{:<10} {part:<9} {gpu:>10.3} {cpu:>10.3} {torch:>10}",
            W::NAME
        );
    }
    let difference = found.iter().zip(&expected).map(|(a, b)| (a - b).abs());
    let largest = difference.fold(0.0, |largest: f64, next| match next.is_nan() {
        true => f64::INFINITY,
        false => largest.max(next),
    });
    let size = expected
        .iter()
        .fold(0.0, |size: f64, nats| size.max(nats.abs()));
    println!(
        "{:<10} log-densities differ by up to {largest:.1e} nats, of up to {size:.0}",
        W::NAME
    );
    Ok(())
}

/// Log-densities, with noise that depends on nothing.
fn nats<W: Work>(work: &W, model: &W::Model) -> Result<Vec<f64>, Failure> {
    let log_prob = work.log_prob(&model.valid(), &mut Noise::seeded(3))?;
    Ok(log_prob.into_data().iter::<f64>().collect())
}

/// The model after some steps, and the medians of its parts.
fn timed<W: Work>(
    work: &W,
    mut model: W::Model,
    device: &Device,
) -> Result<(W::Model, [f64; 3]), Failure> {
    let (mut adam, mut noise) = (adam(), Noise::seeded(2));
    let mut training = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        let loss = |model: &W::Model| work.loss(model, &mut noise);
        model = training
            .training_step(device, model, &mut adam, 1e-3, loss)
            .map_err(|error| error.to_string())?;
    }
    let plain = model.valid();
    let mut use_it = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        use_it.time(PARTS[1], || {
            work.log_prob(&plain, &mut noise).map(Tensor::into_data)
        })?;
        use_it.time(PARTS[2], || work.sample(&plain, &mut noise));
    }
    let step = training.median_round(WARM_UP);
    let [log_prob, sample] = use_it.medians(WARM_UP)[..] else {
        unreachable!("two parts");
    };
    Ok((model, [step, log_prob.1, sample.1]))
}

/// A batch to train on and points, `[rows, 43]`.
struct Rows {
    batch: Tensor<2>,
    points: Tensor<2>,
}

impl Rows {
    fn on(device: &Device) -> Self {
        let mut noise = Noise::seeded(0);
        let mut normal = |count| noise.normal([count, TABULAR.features], device, DType::F32);
        Self {
            batch: normal(TABULAR.batch),
            points: normal(POINTS),
        }
    }
}

struct Affines(Rows);

impl Work for Affines {
    type Model = RealNvp;
    const NAME: &'static str = "RealNVP";

    fn on(device: &Device) -> Self {
        Self(Rows::on(device))
    }

    fn init(&self, device: &Device) -> Result<RealNvp, Failure> {
        Ok(TABULAR.init(WeightInit::Zero, &mut Noise::seeded(1), device))
    }

    fn loss(&self, model: &RealNvp, _: &mut Noise) -> Result<Tensor<1>, Failure> {
        Ok(model.log_prob(self.0.batch.clone()).mean().neg())
    }

    fn log_prob(&self, model: &RealNvp, _: &mut Noise) -> Result<Tensor<1>, Failure> {
        Ok(model.log_prob(self.0.points.clone()))
    }

    fn sample(&self, model: &RealNvp, noise: &mut Noise) {
        drop(model.sample(POINTS, 1.0, noise).into_data());
    }
}

struct Splines(Rows);

impl Work for Splines {
    type Model = CouplingFlow;
    const NAME: &'static str = "NSF";

    fn on(device: &Device) -> Self {
        Self(Rows::on(device))
    }

    fn init(&self, device: &Device) -> Result<CouplingFlow, Failure> {
        let config = CouplingFlowConfig::nsf(TABULAR.features).with_couplings(8);
        let flow = config.with_hidden(vec![128, 128]).try_init(device)?;
        Ok(flow.initialize(&self.0.batch)?)
    }

    fn loss(&self, model: &CouplingFlow, _: &mut Noise) -> Result<Tensor<1>, Failure> {
        Ok(model.loss(self.0.batch.clone()))
    }

    fn log_prob(&self, model: &CouplingFlow, _: &mut Noise) -> Result<Tensor<1>, Failure> {
        Ok(model.log_prob(self.0.points.clone()))
    }

    fn sample(&self, model: &CouplingFlow, noise: &mut Noise) {
        drop(model.sample(POINTS, 1.0, noise).into_data());
    }
}

struct Images(Tensor<4>);

impl Work for Images {
    type Model = Glow;
    const NAME: &'static str = "Glow";

    fn on(device: &Device) -> Self {
        Self(levels([IMAGES, 3, 32, 32], device))
    }

    fn init(&self, device: &Device) -> Result<Glow, Failure> {
        let mut config = GlowConfig::openai(ImageSize::new([3, 32, 32]));
        config.normalized_networks = false; // biases, as in the peer
        let glow = config.with_depth(8).with_hidden(128).try_init(device)?;
        Ok(glow.initialize(self.0.clone(), &mut Noise::seeded(1))?)
    }

    fn loss(&self, model: &Glow, noise: &mut Noise) -> Result<Tensor<1>, Failure> {
        Ok(model.loss(self.0.clone(), noise)?)
    }

    fn log_prob(&self, model: &Glow, noise: &mut Noise) -> Result<Tensor<1>, Failure> {
        Ok(model.log_prob(self.0.clone(), noise)?)
    }

    fn sample(&self, model: &Glow, noise: &mut Noise) {
        drop(model.sample(IMAGES, 0.7, noise).into_data());
    }
}

struct Digits(Tensor<2>);

impl Work for Digits {
    type Model = Vae;
    const NAME: &'static str = "VAE";

    fn on(device: &Device) -> Self {
        Self(levels([DIGITS, 784], device))
    }

    fn init(&self, device: &Device) -> Result<Vae, Failure> {
        let config = VaeConfig::bernoulli(ImageSize::new([1, 28, 28]), 20);
        let network = VaeNetwork::Mlp {
            hidden: vec![512],
            activation: Activation::Relu,
        };
        Ok(config.with_network(network).try_init(device)?)
    }

    fn loss(&self, model: &Vae, noise: &mut Noise) -> Result<Tensor<1>, Failure> {
        Ok(model.loss(self.0.clone(), &(), &ElboLoss::default(), noise)?)
    }

    /// The bound of one sample an image.
    fn log_prob(&self, model: &Vae, noise: &mut Noise) -> Result<Tensor<1>, Failure> {
        let elbo = model.elbo(self.0.clone(), &(), KlForm::Analytic, noise)?;
        Ok(elbo.bound())
    }

    fn sample(&self, model: &Vae, noise: &mut Noise) {
        drop(model.sample(DIGITS, &(), 1.0, noise).into_data());
    }
}
