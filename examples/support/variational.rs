//! What variational models are worth on data that they have not seen.

use std::error::Error;

use thalweg::burn::tensor::{Device, Int, Tensor, TensorReadError};
use thalweg::data::{Batches, Images};
use thalweg::flow::latent::Path;
use thalweg::flow::{FlowError, Latents, Noise};
use thalweg::models::variational::{KlForm, LatentUse};
use thalweg::models::vib::{Classification, DualAscent, VibLoss};
use thalweg::models::{Fvae, Vae, Vib};
use thalweg::prelude::Module;

use crate::{Common, ImageSet, Report, mean_importance, mean_log_prob, numbers, tiles};

/// The bound of one sample on all rows, that of `k` samples on the first `count`, which it returns,
/// and which latents are used; the likelihood is named.
pub fn report_bounds(
    vae: &Vae,
    test: &Tensor<2>,
    [k, count]: [usize; 2],
    noise: &mut Noise,
    report: &mut Report,
) -> Result<f64, Box<dyn Error>> {
    let count = count.min(test.dims()[0]);
    let one = |x| {
        let elbo = vae.elbo(x, &(), KlForm::Analytic, noise)?;
        Ok::<_, FlowError>(elbo.bound())
    };
    let (elbo, error) = mean_log_prob(test.clone(), one)?;
    let (nats, spread) = mean_importance(test, count, |x| vae.importance(x, &(), k, noise))?;
    let mut latents = LatentUse::default();
    for batch in Batches::new(test.clone(), 500, 0).in_order() {
        let posterior = vae.autoencoder.posterior(vae.observe(batch, noise)?, &());
        latents
            .add(posterior.mean(), posterior.kl())
            .map_err(read)?;
    }
    let likelihood = vae.config().likelihood.to_string();
    println!("{likelihood}; held out: bound of one sample {elbo:.2} ± {error:.2} nats");
    println!("bound of {k} samples {nats:.2} ± {spread:.2} nats on the first {count}");
    println!(
        "{:.2} nats by {} active of {} latents",
        latents.rate(),
        latents.active_units(),
        vae.config().latents
    );
    report.set("likelihood", likelihood);
    report.set("elbo_nats", elbo);
    report.set("importance_samples", k);
    report.set("importance_rows", count);
    report.set("rate", latents.rate());
    report.set("active_units", latents.active_units());
    Ok(nats)
}

/// Rows in `[−1, 1]`, and their labels.
pub type LabelledRows = (Tensor<2>, Tensor<1, Int>);

/// Training, validation and test images in `[−1, 1]`, with their labels.
pub fn labelled_rows(set: &ImageSet, device: &Device) -> Result<[LabelledRows; 3], Box<dyn Error>> {
    let part = |part: &Images| {
        let white = f64::from(part.levels() - 1);
        let x = part.to_tensor(device).mul_scalar(2.0 / white);
        Some((x.sub_scalar(1.0), part.label_tensor(device)?))
    };
    let [a, b, c] = set.parts.each_ref().map(part);
    let missing = "these images have no labels";
    Ok([a.ok_or(missing)?, b.ok_or(missing)?, c.ok_or(missing)?])
}

/// The price of what comes through a bottleneck, batch by batch.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    /// The price now.
    pub loss: VibLoss,
    /// How it finds itself, if it does.
    pub ascent: Option<DualAscent>,
}

impl Price {
    /// The loss to use for a batch, after a look at what comes through where the price finds itself;
    /// validation, on plain tensors, does not move it.
    ///
    /// # Errors
    ///
    /// What the model says of the rows.
    pub fn at(&mut self, vib: &Vib, x: &Tensor<2>) -> Result<VibLoss, FlowError> {
        let training = vib.decoder.weight.val().is_autodiff();
        if let Some(ascent) = self.ascent.as_mut().filter(|_| training) {
            let rate = numbers(vib.valid().rate(x.clone())?)[0];
            self.loss.lambda = ascent.update(f64::from(rate));
        }
        Ok(self.loss)
    }
}

/// Errors, calibration and rate of a classifier under a name, its probabilities averaged over so many
/// samples, with 0 those with the noise off.
pub fn report_classes(
    vib: &Vib,
    test: &LabelledRows,
    samples: usize,
    noise: &mut Noise,
    name: &str,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let (mut found, mut rate) = (Classification::default(), 0.0);
    let total = test.0.dims()[0] as f64;
    for (x, labels) in Batches::new(test.clone(), 500, 0).in_order() {
        rate += f64::from(numbers(vib.rate(x.clone())?)[0]) * x.dims()[0] as f64 / total;
        vib.classify(x, labels, samples, noise, &mut found)?;
    }
    let [error, calibration] = [found.error(), found.calibration_error()];
    println!(
        "{name}, {samples} samples: test error {:.2} %, cross-entropy {:.4} nats, calibration error \
         {:.2} %",
        100.0 * error,
        found.cross_entropy(),
        100.0 * calibration
    );
    if samples > 0 {
        println!("{name}: {rate:.2} nats come through");
        report.set("nats", rate);
    }
    report.set(&format!("{name}_error"), error);
    report.set(&format!("{name}_calibration_error"), calibration);
    report.set(&format!("{name}_cross_entropy"), found.cross_entropy());
    Ok(())
}

/// Samples of an f-VAE at several temperatures, reconstructions of images, ways between pairs of them
/// and a square among four.
pub fn draw_fvae(fvae: &Fvae, images: Tensor<4>, common: &Common) -> Result<(), Box<dyn Error>> {
    let picture = |images, columns, name: &str| tiles(images, columns, common.file("fvae", name));
    let rows = [0.0, 0.5, 0.7, 0.85, 1.0].map(|t| fvae.sample(10, t, &mut Noise::seeded(1)));
    picture(Tensor::cat(rows.into(), 0), 10, "temperatures.png")?;
    let count = images.dims()[0];
    let (y, _) = fvae.dequantize().apply(images, &mut Noise::seeded(0))?;
    let both = Tensor::cat(vec![y.clone(), fvae.reconstruct(y.clone())], 0);
    picture(both, count, "reconstructions.png")?;
    let z = fvae.encode(y);
    let (shapes, z) = (z.shapes(), z.flatten());
    let decode = |z| fvae.decode(Latents::restore(z, &shapes));
    let [from, to] = [0, count / 2].map(|first| z.clone().narrow(0, first, count / 2));
    let strip = Path::Linear.strip(from, to, STRIP);
    picture(decode(strip), STRIP, "interpolation.png")?;
    let square = Path::Linear.grid(z.narrow(0, 0, 4), STRIP);
    Ok(picture(decode(square), STRIP, "four_corners.png")?)
}

/// Images on a way.
const STRIP: usize = 9;

fn read(error: TensorReadError) -> String {
    format!("{error:?}")
}
