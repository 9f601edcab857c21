//! Tests of densities of images.

mod any;
#[cfg(feature = "check")]
mod check;
mod damage;
mod errors;
mod fit;
mod format_1;
mod latents;
mod report;
mod resume;
mod score;

use std::sync::OnceLock;

use thalweg_data::{Images, digits, noto_people};
use thalweg_images::{FittedImages, ImageDensity, ImageKind};

/// A small model of a kind, for tests.
fn tiny(kind: ImageKind) -> ImageDensity {
    let (depth, hidden) = match kind {
        ImageKind::Nice | ImageKind::FlowMatching | ImageKind::Vae => (2, 16),
        _ => (1, 8),
    };
    let density = ImageDensity::new().model(kind);
    density.depth(depth).hidden(hidden).steps(6).seed(1)
}

/// The first digits.
fn few_digits() -> Images {
    digits().select(&(0..120).collect::<Vec<_>>())
}

/// The first faces, of some designs.
fn few_faces() -> Images {
    noto_people().select(&(0..150).collect::<Vec<_>>())
}

/// Each kind, hardly trained on digits.
fn fitted() -> &'static [FittedImages] {
    static MODELS: OnceLock<Vec<FittedImages>> = OnceLock::new();
    MODELS.get_or_init(|| {
        let fit = |kind| tiny(kind).fit(&few_digits()).expect("a fit");
        ImageKind::ALL.map(fit).into()
    })
}
