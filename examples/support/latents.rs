//! Pictures of ways through the latents.

use std::error::Error;

use thalweg::burn::tensor::Tensor;
use thalweg::flow::Latents;
use thalweg::flow::latent::Path;

use crate::{Common, tiles};

/// Images on a way.
const STRIP: usize = 9;

/// Ways between pairs of the latents' images, `interpolation.png`, and a square among the first four,
/// `four_corners.png`, in the folder of the example `name`. Nothing is drawn of fewer than four.
pub fn ways(
    z: Latents,
    path: Path,
    decode: impl Fn(Latents) -> Tensor<4>,
    common: &Common,
    name: &str,
) -> Result<(), Box<dyn Error>> {
    let (shapes, pairs) = (z.shapes(), (z.batch_size() / 2).min(9));
    if pairs < 2 {
        return Ok(());
    }
    let z = z.flatten();
    let decode = |z| decode(Latents::restore(z, &shapes));
    let [from, to] = [0, pairs].map(|first| z.clone().narrow(0, first, pairs));
    let strip = path.strip(from, to, STRIP);
    tiles(decode(strip), STRIP, common.file(name, "interpolation.png"))?;
    let square = path.grid(z.narrow(0, 0, 4), STRIP);
    tiles(decode(square), STRIP, common.file(name, "four_corners.png"))
}
