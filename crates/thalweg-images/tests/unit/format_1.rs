//! Densities of images in files of format 1 are read forever, and give what they gave when they were written.
//!
//! Each file in `tests/fixtures/format-1` has a JSON file beside it with images and what the density said of them. Missing
//! files are written by
//!
//! ```text
//! THALWEG_WRITE_FIXTURES=1 cargo test --workspace --test unit format_1::write_fixtures
//! ```
//!
//! which leaves the files that are there as they are.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thalweg_data::Images;
use thalweg_device::cpu_devices;
use thalweg_images::{FittedImages, ImageDensity, ImageKind};

/// CPU backends round in their own ways, and integrations take their own steps.
const TOLERANCE: f64 = 1e-4;

pub(crate) fn place(kind: ImageKind, ending: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1");
    folder.join(format!("{kind}.{ending}"))
}

/// Images of 4 × 4 pixels and 8 levels, of a pattern.
pub(crate) fn patterns(count: usize) -> Images {
    let pixel = |at: usize| ((at / 16 + at * at) % 7 + (at % 4) / 3) as u8;
    Images::from_pixels([1, 4, 4], 8, (0..16 * count).map(pixel).collect()).expect("images")
}

/// Nats, p-values and the first latent. The p-values are those of the recorded nats where there are any: an image that ties
/// with a held-out one jumps by a rank with the last bit, which backends round differently.
fn found(model: &FittedImages, images: &Images, recorded: Option<&[f64]>) -> Vec<f64> {
    let nats = model.log_prob(images).expect("nats");
    let p_values = model.p_values(recorded.unwrap_or(&nats));
    let p_values = p_values.expect("p-values");
    let latent = model
        .encode(&images.select(&[0]))
        .expect("latents")
        .remove(0);
    let latent = latent.expect("a latent").into_iter().map(f64::from);
    nats.into_iter().chain(p_values).chain(latent).collect()
}

#[test]
fn each_density_gives_what_it_gave() {
    for kind in ImageKind::ALL {
        let text = std::fs::read_to_string(place(kind, "json")).expect("a record");
        let record: Value = serde_json::from_str(&text).expect("JSON");
        let pixels = serde_json::from_value(record["pixels"].clone()).expect("pixels");
        let images = Images::from_pixels([1, 4, 4], 8, pixels).expect("images");
        let expected: Vec<f64> = serde_json::from_value(record["found"].clone()).expect("numbers");
        for device in cpu_devices() {
            let model = FittedImages::load(place(kind, "safetensors"), &device).expect("a model");
            let found = found(&model, &images, Some(&expected[..images.count()]));
            assert_eq!(found.len(), expected.len(), "{kind}");
            for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
                let bound = TOLERANCE * expected.abs().max(1.0);
                assert!(
                    (found - expected).abs() <= bound,
                    "{kind} on {device:?}: number {place} is {found}, not {expected}"
                );
            }
        }
    }
}

#[test]
fn write_fixtures() {
    if std::env::var_os("THALWEG_WRITE_FIXTURES").is_none() {
        return;
    }
    for kind in ImageKind::ALL {
        let (path, beside) = (place(kind, "safetensors"), place(kind, "json"));
        if !path.exists() {
            let density = ImageDensity::new()
                .model(kind)
                .depth(1)
                .hidden(4)
                .steps(3)
                .seed(7);
            let model = density.fit(&patterns(40)).expect("a fit");
            model.save(&path).expect("written");
        }
        if !beside.exists() {
            let images = patterns(44).select(&[40, 41, 43]);
            let model = FittedImages::load(&path, &Default::default()).expect("a model");
            let record = json!({"pixels": images.pixels(), "found": found(&model, &images, None)});
            std::fs::write(&beside, format!("{record}\n")).expect("written");
        }
    }
}
