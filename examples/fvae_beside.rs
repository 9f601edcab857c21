//! A VAE and a Glow beside the f-VAE of the example `fvae`, on the same images and trained as long.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use thalweg::models::ModelFileError;
use thalweg::models::held_out::Estimate;
use thalweg::models::image::detail_distances;
use thalweg::models::vae::VaeNetwork;
use thalweg::models::variational::{ElboLoss, LikelihoodStyle};
use thalweg::prelude::*;
use thalweg::train::{IntoLoss, Workers, records};
use thalweg_examples::{Common, Comparison, Example, beside, first, run, tiles};

/// Three models and one training time. Run `fvae` with the same flags first.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    comparison: Comparison,
}

const NAMES: [&str; 3] = ["fvae", "vae", "glow"];

/// Trains a model and keeps its log and its best weights in the folder `name`.
fn fit<M: Module + 'static, const D: usize, L: IntoLoss>(
    (options, example): (&Options, &Example),
    name: &str,
    model: M,
    [train, validation]: [Tensor<D>; 2],
    loss: impl Fn(&M, Tensor<D>, u64) -> L + Sync,
    save: impl Fn(&M, &Path) -> Result<(), ModelFileError> + Send + 'static,
) -> Result<M, Box<dyn Error>> {
    let common = &options.common;
    let batches = Batches::new(train, 32, common.seed).drop_last(true);
    let held_out = Batches::new(validation, 250, 0);
    println!("{name}: {} parameters", model.num_params());
    let trainer = Trainer::annealed_for_time(options.comparison.time()?, 1e-3).seed(common.seed);
    let trained = trainer.max_steps(example.steps(usize::MAX)).fit_with(
        model,
        SingleGradient::adam().clip_norm(500.0),
        &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
        Workers::new(common.workers, loss),
        &mut (ProgressBar::new(), records(example.file(name), save)),
    );
    Ok(trained.finish()?)
}

fn fvae_beside(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("fvae_beside")?;
    let fvae = Fvae::load(common.out.join("fvae/model.safetensors"), &example.device)?;
    let (size, images) = options.comparison.load(common, &example.device)?;
    let parts = [images.train.clone(), images.validation];
    let rows = parts.clone().map(|part| part.flatten::<2>(1, 3));

    let (channels, blocks) = (vec![32, if size.channels == 1 { 48 } else { 128 }], 2);
    let vae = VaeConfig::new(size, LikelihoodStyle::Gaussian, 64).with_seed(common.seed);
    let vae = vae.with_network(VaeNetwork::Conv { channels, blocks });
    let vae = vae.try_init(&example.autodiff())?;
    let vae = vae.initialize(first(&rows[0], 256), &(), &mut example.noise(0))?;
    let (run, elbo) = ((options, &example), ElboLoss::default());
    let loss = |vae: &Vae, x, seed| vae.loss(x, &(), &elbo, &mut Noise::seeded(seed));
    let save = |vae: &Vae, to: &Path| vae.save(to);
    let vae = fit(run, "vae", vae, rows, loss, save)?;

    let glow = GlowConfig::openai(size).with_scales(size.scales());
    let glow = glow.with_depth(9).with_hidden(64).with_seed(common.seed);
    let glow = glow.try_init(&example.autodiff())?;
    let glow = glow.initialize(first(&parts[0], 256), &mut example.noise(0))?;
    let loss = |glow: &Glow, x, seed| glow.loss(x, &mut Noise::seeded(seed));
    let save = |glow: &Glow, to: &Path| glow.save(to);
    let glow = fit(run, "glow", glow, parts, loss, save)?;

    let (test, noise) = (first(&images.test, 1000), &mut example.noise(1));
    let (rows, k) = (test.clone().flatten(1, 3), options.comparison.importance);
    let bounds = [
        fvae.importance(test.clone(), k, noise)?,
        vae.importance(rows, &(), k, noise)?,
        glow.importance(test.clone(), k, noise)?,
    ];
    let bounds = bounds.map(|bounds| Estimate::of(&bounds));
    example.set("nats", bounds[0].mean);
    for (name, nats) in NAMES.iter().zip(bounds) {
        println!("{name}: bound of {k} samples {nats:.1} nats");
        example.set(&format!("{name}_nats"), nats.mean);
    }

    println!("distances of details from those of held-out images:");
    let unit = |levels: Tensor<4>| (levels + 0.5) / f64::from(size.levels);
    let (held_out, seen) = (unit(test), unit(images.train));
    let found = detail_distances(seen, held_out.clone(), 0)?;
    println!("training images: {found:.1?}");
    let n = held_out.dims()[0].max(48);
    for t in [0.7, 1.0] {
        let of_vae = vae.sample(n, &(), t, &mut example.noise(0));
        let samples = [
            fvae.sample(n, t, &mut example.noise(0)),
            of_vae.reshape([n, size.channels, size.height, size.width]),
            glow.sample(n, t, &mut example.noise(0)),
        ];
        let picture = beside(samples.each_ref().map(|images| first(images, 48)), 6);
        tiles(picture, 20, example.file(&format!("t{t}.png")))?;
        for (name, images) in NAMES.iter().zip(samples) {
            let found = detail_distances(images, held_out.clone(), 0)?;
            println!("{name} at temperature {t}: {found:.1?}");
            example.set(&format!("{name}_details_t{t}"), found);
        }
    }
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| fvae_beside(&Options::parse()))
}
