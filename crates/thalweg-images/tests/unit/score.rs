//! Scores of images.

use thalweg_data::Images;
use thalweg_images::{ImageDensity, ImageKind};

use crate::{few_digits, fitted};

#[test]
fn the_figure_of_an_image_does_not_depend_on_the_others() {
    let images = few_digits();
    for model in fitted() {
        let all = model.log_prob(&images).expect("nats");
        let some = model.log_prob(&images.select(&[7, 3])).expect("nats");
        // An integration takes the steps of its batch.
        let bound = match model.kind() {
            ImageKind::FlowMatching => 0.05,
            _ => 1e-3,
        };
        for (row, found) in [7, 3].into_iter().zip(some) {
            let error = (found - all[row]).abs();
            assert!(error <= bound, "{}: {found} and {}", model.kind(), all[row]);
        }
        assert!(
            model
                .log_prob(&images.select(&[]))
                .expect("nats")
                .is_empty()
        );
    }
}

#[test]
fn p_values_count_held_out_images() {
    let glow = &fitted()[0];
    let found = glow.p_values(&[f64::INFINITY, f64::NEG_INFINITY, f64::NAN]);
    let found = found.expect("p-values");
    // Of 12 held-out images and the new one.
    assert_eq!(found, [1.0, 1.0 / 13.0, 1.0 / 13.0]);
    let mean = glow.summary().nats;
    let middle = glow.p_values(&[mean]).expect("p-values")[0];
    assert!((0.1..0.9).contains(&middle), "{middle}");
}

#[test]
fn noise_is_stranger_than_digits() {
    let images = few_digits();
    let noise: Vec<u8> = (0_u32..64).map(|at| (at * 7919 % 17) as u8).collect();
    let noise = Images::from_pixels([1, 8, 8], 17, noise).expect("an image");
    // A field and a decoder of six steps know nothing yet.
    let learned = |kind| !matches!(kind, ImageKind::FlowMatching | ImageKind::Fvae);
    for model in fitted().iter().filter(|model| learned(model.kind())) {
        let strange = model.log_prob(&noise).expect("nats")[0];
        let plain = model.log_prob(&images).expect("nats");
        let lower = plain.iter().filter(|nats| **nats < strange).count();
        assert!(lower < 6, "{}: {lower} digits are stranger", model.kind());
    }
}

#[test]
fn a_bound_lies_near_the_density_of_a_longer_training() {
    // Even levels have 0 nats, and independent pixels of digits about 40: a bound of another unit would be far off.
    let images = few_digits();
    let fit = |kind| {
        let density = ImageDensity::new().model(kind).depth(1).hidden(32);
        density
            .steps(60)
            .fit(&images)
            .expect("a fit")
            .summary()
            .nats
    };
    let [vae, glow] = [ImageKind::Vae, ImageKind::Glow].map(fit);
    assert!(vae > 10.0 && (vae - glow).abs() < 60.0, "{vae} and {glow}");
}
