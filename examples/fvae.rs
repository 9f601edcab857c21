//! An f-VAE on faces in colour of 16 × 16 pixels, or the files of MNIST or Fashion-MNIST, beside a VAE
//! and a Glow, each trained for 5 minutes.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::models::FvaeStyle;
use thalweg::models::vae::VaeNetwork;
use thalweg::models::variational::{ElboLoss, LikelihoodStyle};
use thalweg::prelude::*;
use thalweg_examples::{Common, ImageRun, ImageSet, compare_samples, draw_fvae};
use thalweg_examples::{loss_curve, mean_importance, run};

/// Three models and one training time.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    /// Minutes that each model is trained for.
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// Side that the pictures of a folder are scaled to, a multiple of 8.
    #[arg(long, default_value_t = 32)]
    side: u32,
    /// Deviations and means that depend on the image, with two steps of flow between.
    #[arg(long)]
    staged: bool,
    /// Samples of the importance-weighted bounds.
    #[arg(long, default_value_t = 10)]
    importance: usize,
}

fn fvae(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let selected = common.device()?;
    let (device, mut report) = (&selected.device, common.report("fvae", selected.name)?);
    let set = &match &common.data {
        Some(folder) if ImageSet::is_mnist(folder) => ImageSet::mnist(folder)?,
        Some(folder) => ImageSet::folder(folder, options.side, common.seed)?,
        None => ImageSet::faces()?,
    };
    let [train, validation, test] = set.planes(device);
    let test = test.clone().narrow(0, 0, test.dims()[0].min(1000));
    let (training, size, minutes) = (device.clone().autodiff(), set.size(), options.minutes);
    let (seed, k, grey) = (common.seed, options.importance, size.channels == 1);
    let train = set.with_mirrored(train);
    let (first, noise) = (ImageRun::first(&train), &mut Noise::seeded(seed));

    // A code of a third or half of the image's numbers: what is beyond it, the decoder smooths.
    let small = FvaeConfig::fvae_small(size).with_seed(seed);
    let mut config = small.with_stages(if grey { vec![48, 8] } else { vec![48, 16] });
    config.blocks = 4;
    if grey {
        config.flow = config.flow.with_scales(1).with_depth(12);
    }
    if options.staged {
        config.style = FvaeStyle::Staged { steps: 2 };
    }
    let fvae = config
        .try_init(&training)?
        .initialize(first.clone(), noise)?;
    let (channels, blocks) = (vec![32, if grey { 48 } else { 128 }], 2);
    let vae = VaeConfig::new(size, LikelihoodStyle::Gaussian, 64).with_seed(seed);
    let vae = vae.with_network(VaeNetwork::Conv { channels, blocks });
    let vae = vae
        .try_init(&training)?
        .initialize(first.clone().flatten(1, 3), &(), noise)?;
    let glow = GlowConfig::openai(size)
        .with_scales(set.scales)
        .with_depth(9);
    let glow = glow.with_hidden(64).with_seed(seed).try_init(&training)?;
    let glow = glow.initialize(first.clone(), noise)?;
    let sizes = [fvae.num_params(), vae.num_params(), glow.num_params()];
    println!("parameters of f-VAE, VAE and Glow: {sizes:?}; {minutes} minutes each");

    let units = fvae.units();
    let run = |name| ImageRun::new(common, name, set, units);
    let rows = [&train, &validation, &test].map(|part| part.clone().flatten::<2>(1, 3));
    let planes = [train.clone(), validation];
    let loss = |fvae: &Fvae, x, seed| fvae.loss(x, &mut Noise::seeded(seed));
    let fit = run("fvae").fit_for(minutes, fvae, planes.clone(), loss, |m, path| m.save(path));
    let (fvae, history) = fit?;
    let parts = [rows[0].clone(), rows[1].clone()];
    let elbo = ElboLoss::default();
    let loss = |vae: &Vae, x, seed| vae.loss(x, &(), &elbo, &mut Noise::seeded(seed));
    let (vae, _) = run("fvae/vae").fit_for(minutes, vae, parts, loss, |m, path| m.save(path))?;
    let loss = |glow: &Glow, x, seed| glow.loss(x, &mut Noise::seeded(seed));
    let (glow, _) =
        run("fvae/glow").fit_for(minutes, glow, planes, loss, |m, path| m.save(path))?;

    let all = test.dims()[0];
    for (k, suffix) in [(1, ""), (k, "_importance")] {
        let ours = mean_importance(&test, all, |x| fvae.importance(x, k, noise))?;
        let vae = mean_importance(&rows[2], all, |x| vae.importance(x, &(), k, noise))?;
        let glow = mean_importance(&test, all, |x| glow.importance(x, k, noise))?;
        for (name, found) in [("", ours), ("vae_", vae), ("glow_", glow)] {
            report.bound(&format!("{name}nats{suffix}"), found, k, units);
        }
    }
    loss_curve(&history, "bits/dim", |loss| units.from_nats(-loss))
        .save(common.file("fvae", "loss.png"))?;
    draw_fvae(&fvae, first.narrow(0, 0, 18), common)?;
    compare_samples((&fvae, &vae, &glow), [train, test], common, &mut report)?;
    report.finish(common, "fvae");
    Ok(())
}

fn main() -> ExitCode {
    run(|| fvae(&Options::parse()))
}
