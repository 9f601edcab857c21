//! An f-VAE on faces in colour of 16 × 16 pixels, beside a VAE and a Glow of the same size, each trained for 5 minutes.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;
use thalweg::flow::Latents;
use thalweg::flow::latent::Path;
use thalweg::models::FvaeStyle;
use thalweg::models::vae::VaeNetwork;
use thalweg::models::variational::{ElboLoss, KlForm, LikelihoodStyle};
use thalweg::prelude::*;
use thalweg_examples::{Common, Deadline, ImageRun, ImageSet, Report, beside, run, tiles};
use thalweg_examples::{mean_importance, mean_log_prob};

/// Three models of one size and one training time.
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
    #[arg(long, default_value_t = 50)]
    importance: usize,
}

const TEMPERATURES: [f64; 5] = [0.0, 0.5, 0.7, 0.85, 1.0];
const STRIP: usize = 9;

/// Samples at several temperatures, reconstructions, ways between two images and among four.
fn draw(fvae: &Fvae, images: Tensor<4>, common: &Common) -> Result<(), Box<dyn Error>> {
    let file = |name: &str| common.file("fvae", &format!("{name}.png"));
    let seeded = || Noise::seeded(common.seed);
    let rows = TEMPERATURES.map(|t| fvae.sample(10, t, &mut seeded()));
    tiles(Tensor::cat(rows.into(), 0), 10, file("temperatures"))?;
    let pairs = (images.dims()[0] / 2).min(9);
    let (y, _) = fvae
        .dequantize()
        .apply(images.narrow(0, 0, 2 * pairs), &mut seeded());
    let both = Tensor::cat(vec![y.clone(), fvae.reconstruct(y.clone())], 0);
    tiles(both, 2 * pairs, file("reconstructions"))?;
    let z = fvae.encode(y);
    let shapes = z.shapes();
    let z = z.flatten();
    let decode = |z| fvae.decode(Latents::restore(z, &shapes));
    let [from, to] = [0, pairs].map(|first| z.clone().narrow(0, first, pairs));
    tiles(
        decode(Path::Linear.strip(from, to, STRIP)),
        STRIP,
        file("interpolation"),
    )?;
    tiles(
        decode(Path::Linear.grid(z.narrow(0, 0, 4), STRIP)),
        STRIP,
        file("four_corners"),
    )
}

fn fvae(options: &Options) -> Result<(), Box<dyn Error>> {
    let common = &options.common;
    let selected = common.device()?;
    let (device, mut report) = (&selected.device, Report::start("fvae", selected.name));
    let set = match &common.data {
        Some(folder) => ImageSet::folder(folder, options.side, common.seed)?,
        None => ImageSet::faces()?,
    };
    let [train, validation, test] = set.planes(device);
    let (training, size, k) = (device.clone().autodiff(), set.size(), options.importance);
    let (seeded, first) = (
        |seed| Noise::seeded(common.seed + seed),
        ImageRun::first(&train),
    );
    let mut config = FvaeConfig::fvae_small(size).with_seed(common.seed);
    if options.staged {
        config.style = FvaeStyle::Staged { steps: 2 };
    }
    let fvae = config
        .try_init(&training)?
        .initialize(first.clone(), &mut seeded(0))?;
    let (channels, blocks) = (vec![32, 128], 2);
    let vae = VaeConfig::new(size, LikelihoodStyle::Gaussian, 64).with_seed(common.seed);
    let vae = vae
        .with_network(VaeNetwork::Conv { channels, blocks })
        .try_init(&training)?;
    let vae = vae.initialize(first.clone().flatten(1, 3), &(), &mut seeded(0))?;
    let glow = GlowConfig::openai(size)
        .with_scales(3)
        .with_depth(9)
        .with_hidden(64);
    let glow = glow
        .with_seed(common.seed)
        .try_init(&training)?
        .initialize(first, &mut seeded(0))?;
    let sizes = [fvae.num_params(), vae.num_params(), glow.num_params()];
    println!("parameters of f-VAE, VAE and Glow: {sizes:?}");

    let units = fvae.units();
    let run = |name| ImageRun {
        common,
        name,
        set: &set,
        epochs: Some(1_000_000),
        units,
    };
    let until = || Deadline::minutes(options.minutes);
    let trained = run("fvae").fit_until(
        until(),
        fvae,
        [train.clone(), validation.clone()],
        |fvae: &Fvae, x, seed| fvae.loss(x, &mut Noise::seeded(seed)),
        |fvae, path| Ok(fvae.save(path)?),
    );
    report.check(&trained.outcome)?;
    let (history, fvae) = (trained.history.clone(), trained.into_best());
    let rows = |part: &Tensor<4>| part.clone().flatten::<2>(1, 3);
    let trained = run("fvae/vae").fit_until(
        until(),
        vae,
        [rows(&train), rows(&validation)],
        |vae: &Vae, x, seed| vae.loss(x, &(), &ElboLoss::default(), &mut Noise::seeded(seed)),
        |vae, path| Ok(vae.save(path)?),
    );
    report.check(&trained.outcome)?;
    let vae = trained.into_best();
    let trained = run("fvae/glow").fit_until(
        until(),
        glow,
        [train.clone(), validation],
        |glow: &Glow, x, seed| glow.loss(x, &mut Noise::seeded(seed)),
        |glow, path| Ok(glow.save(path)?),
    );
    report.check(&trained.outcome)?;
    let glow = trained.into_best();

    let (mut noise, count) = (seeded(1), test.dims()[0]);
    let bound = |x| vae.elbo(x, &(), KlForm::Analytic, &mut seeded(2)).bound();
    let found = [
        (
            "fvae",
            mean_log_prob(test.clone(), |x| fvae.bound(x, &mut noise))?,
        ),
        ("vae", mean_log_prob(rows(&test), bound)?),
        (
            "glow",
            mean_log_prob(test.clone(), |x| glow.log_prob(x, &mut noise))?,
        ),
        (
            "fvae_importance",
            mean_importance(&test, count, |x| fvae.importance(x, k, &mut noise))?,
        ),
        (
            "vae_importance",
            mean_importance(&rows(&test), count, |x| {
                vae.importance(x, &(), k, &mut noise)
            })?,
        ),
    ];
    for (name, (nats, error)) in found {
        println!(
            "{name}: {nats:.1} ± {error:.1} nats, {:.3} bits/dim",
            units.from_nats(nats)
        );
        report.set(&format!("{name}_nats"), nats);
    }
    run("fvae").report(&history, found[0].1.0, &mut report)?;
    draw(&fvae, ImageRun::first(&train), common)?;
    let [_, c, h, w] = test.dims();
    let samples = |t: f64| {
        [
            fvae.sample(48, t, &mut seeded(3)),
            vae.sample(48, &(), t, &mut seeded(3))
                .reshape([48, c, h, w]),
            glow.sample(48, t, &mut seeded(3)),
        ]
    };
    tiles(
        beside(samples(1.0), 6),
        20,
        common.file("fvae", "fvae_vae_glow_t1.png"),
    )?;
    tiles(
        beside(samples(0.7), 6),
        20,
        common.file("fvae", "fvae_vae_glow_t0.7.png"),
    )?;
    report.finish(common, "fvae");
    Ok(())
}

fn main() -> ExitCode {
    run(|| fvae(&Options::parse()))
}
