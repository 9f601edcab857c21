//! An f-VAE, a VAE and a Glow side by side.

use std::error::Error;

use thalweg::burn::tensor::Tensor;
use thalweg::models::{Fvae, Glow, Vae};
use thalweg::prelude::Noise;

use crate::patches::detail_distances;
use crate::{Common, Report, beside, tiles};

/// Draws samples of the three at two temperatures, of one seed, and reports how far each is in its
/// details from the second images; what other images of the kind reach is the distance of the first.
/// Both are levels.
pub fn compare_samples(
    (fvae, vae, glow): (&Fvae, &Vae, &Glow),
    images: [Tensor<4>; 2],
    common: &Common,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    const SHOWN: usize = 48;
    let levels = f64::from(fvae.config().image.levels);
    let [others, held_out] = images.map(|levels_of| (levels_of + 0.5) / levels);
    let [count, channels, height, width] = held_out.dims();
    let count = count.max(SHOWN);
    let distance = |images: Tensor<4>| {
        let found = detail_distances(images, held_out.clone(), 0);
        found.map_err(|error| format!("{error:?}"))
    };
    let reached = distance(others)?;
    report.set("details_images", reached);
    for temperature in [0.7, 1.0] {
        let noise = || Noise::seeded(common.seed);
        let of_vae = vae.sample(count, &(), temperature, &mut noise());
        let samples = [
            fvae.sample(count, temperature, &mut noise()),
            of_vae.reshape([count, channels, height, width]),
            glow.sample(count, temperature, &mut noise()),
        ];
        let shown = samples.clone().map(|images| images.narrow(0, 0, SHOWN));
        let name = format!("fvae_vae_glow_t{temperature}.png");
        tiles(beside(shown, 6), 20, common.file("fvae", &name))?;
        for (name, samples) in ["", "vae_", "glow_"].iter().zip(samples) {
            let found = distance(samples)?;
            println!(
                "{name}details at temperature {temperature}: {found:.1?}, images {reached:.1?}"
            );
            report.set(&format!("{name}details_t{temperature}"), found);
        }
    }
    Ok(())
}
