//! An f-VAE on faces in colour of 16 × 16 pixels, or with `--data DIR` on the files of MNIST or Fashion-MNIST,
//! or a folder of pictures, trained for 5 minutes. `fvae_beside` then trains a VAE and a Glow as long.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::flow::latent;
use thalweg::models::FvaeStyle;
use thalweg::models::held_out::Estimate;
use thalweg::prelude::*;
use thalweg::train::{CtrlC, Workers, records};
use thalweg_examples::{Common, Comparison, bits_curve, first, run, tiles, walk_latents};

/// An f-VAE learns images, draws new ones and goes from one to another.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    comparison: Comparison,
    /// Deviations and means that depend on the image, with two steps of flow between.
    #[arg(long)]
    staged: bool,
}

fn fvae(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let example = common.start("fvae")?;
    let (size, images) = options.comparison.load(common, &example.device)?;

    let grey = size.channels == 1;
    // A code of a third or half of the image's numbers; the decoder smooths what the code leaves out.
    let stages = if grey { vec![48, 8] } else { vec![48, 16] };
    let config = FvaeConfig::fvae_small(size).with_seed(common.seed);
    let mut config = config.with_stages(stages);
    config.blocks = 4;
    if grey {
        config.flow = config.flow.with_scales(1).with_depth(12);
    }
    if options.staged {
        config.style = FvaeStyle::Staged { steps: 2 };
    }
    let fvae = config.try_init(&example.autodiff())?;
    let fvae = fvae.initialize(first(&images.train, 256), &mut example.noise(0))?;
    let units = fvae.units();
    println!("{} parameters", fvae.num_params());

    let batches = Batches::new(images.train.clone(), 32, common.seed).drop_last(true);
    let held_out = Batches::new(images.validation, 250, 0);
    let loss = |fvae: &Fvae, x, seed| fvae.loss(x, &mut Noise::seeded(seed));
    let trained = Trainer::annealed_for_time(options.comparison.time()?, 1e-3)
        .max_steps(example.steps(usize::MAX))
        .seed(common.seed)
        .fit_with(
            fvae,
            SingleGradient::adam().clip_norm(500.0),
            &Data::train(|epoch| batches.epoch(epoch)).validate(|_| held_out.in_order()),
            Workers::new(common.workers, loss),
            &mut (
                ProgressBar::new().loss_format(units.loss_format()),
                records(example.folder(), |fvae: &Fvae, path| fvae.save(path)),
                CtrlC::new(),
            ),
        );
    example.trained(&trained);
    let (history, fvae) = (trained.history.clone(), trained.finish()?);

    let test = first(&images.test, 1000);
    for (k, name) in [
        (1, "nats"),
        (options.comparison.importance, "nats_importance"),
    ] {
        let importance = |x| fvae.importance(x, k, &mut example.noise(1));
        let batches = Batches::new(test.clone(), 100, 0);
        let bounds: Result<Vec<_>, _> = batches.in_order().map(importance).collect();
        let nats = Estimate::of(&bounds?.concat());
        let bits = nats.in_bits(&units);
        println!("bound of {k} samples: {nats:.1} nats, {bits:.3} bits/dim");
        example.set(name, nats.mean);
    }

    let file = |name: &str| example.file(name);
    bits_curve(&history, units).save(file("loss.png"))?;
    let rows = [0.0, 0.5, 0.7, 0.85, 1.0].map(|t| fvae.sample(10, t, &mut example.noise(1)));
    tiles(Tensor::cat(rows.into(), 0), 10, file("temperatures.png"))?;
    let seen = first(&images.train, 18);
    let (y, _) = fvae.dequantize().apply(seen, &mut example.noise(0))?;
    let both = Tensor::cat(vec![y.clone(), fvae.reconstruct(y.clone())], 0);
    tiles(both, 18, file("reconstructions.png"))?;
    let decode = |z| fvae.decode(z);
    walk_latents(fvae.encode(y), latent::Path::Linear, decode, file)?;
    example.finish();
    Ok(())
}

fn main() -> ExitCode {
    run(|| fvae(&Options::parse()))
}
