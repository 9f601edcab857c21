//! Fits of every kind, and their plans.

use thalweg_data::{Images, digits};
use thalweg_images::{FILE_KIND, FittedImages, ImageDensity, ImageKind};
use thalweg_models::file::kind;

use crate::{few_digits, few_faces, fitted, tiny};

#[test]
fn a_summary_counts_images_and_says_bits() {
    for model in fitted() {
        let summary = model.summary();
        assert_eq!(
            (summary.train, summary.validation, summary.calibration),
            (96, 12, 12)
        );
        assert_eq!(summary.bound, model.kind().is_bound());
        let bits = (64.0 * 17_f64.ln() - summary.nats) / (64.0 * 2_f64.ln());
        assert!((summary.bits_per_dim - bits).abs() < 1e-9);
    }
}

#[test]
fn each_kind_learns() {
    let images = few_digits();
    for kind in ImageKind::ALL {
        let nats = |steps| {
            let model = tiny(kind).steps(steps).fit(&images).expect("a fit");
            model.summary().nats
        };
        let [begun, trained] = [1, 40].map(nats);
        assert!(trained > begun + 0.5, "{kind}: {begun}, then {trained}");
    }
}

#[test]
fn faces_in_colour_are_split_by_design() {
    let images = few_faces();
    for kind in ImageKind::ALL {
        let model = tiny(kind).steps(2).fit(&images).expect("a fit");
        assert_eq!(model.image().shape(), [3, 16, 16]);
        let drawn = model.sample(3, 0.5, 0).expect("images");
        assert_eq!((drawn.count(), drawn.size()), (3, [3, 16, 16]));
    }
    // The same images without groups have other parts.
    let plan = tiny(ImageKind::Glow).plan(&images).expect("a plan");
    let bare = Images::from_pixels(images.size(), 256, images.pixels().to_vec()).expect("images");
    let other = tiny(ImageKind::Glow).plan(&bare).expect("a plan");
    assert_eq!(
        [other.train, other.validation, other.calibration],
        [120, 15, 15]
    );
    let all = plan.train + plan.validation + plan.calibration;
    assert_eq!(all, 150);
}

#[test]
fn sides_that_halve_twice_once_or_never_have_models() {
    for side in [12, 14, 15] {
        let pixels: Vec<u8> = (0..40 * side * side)
            .map(|at| (at * 31 % 16) as u8)
            .collect();
        let images = Images::from_pixels([1, side, side], 16, pixels).expect("images");
        for kind in ImageKind::ALL {
            let plan = tiny(kind).plan(&images);
            let odd = side == 15 && matches!(kind, ImageKind::Glow | ImageKind::Fvae);
            match odd {
                true => {
                    let error = plan.expect_err("an odd side").to_string();
                    assert!(error.contains("another side"), "{error}");
                }
                false => drop(tiny(kind).steps(1).fit(&images).expect("a fit")),
            }
        }
    }
}

#[test]
fn a_plan_says_what_a_fit_does() {
    let plan = ImageDensity::new().plan(&digits()).expect("a plan");
    assert_eq!(plan.kind, ImageKind::Glow);
    assert_eq!(
        (plan.train, plan.validation, plan.calibration),
        (1438, 179, 180)
    );
    let text = plan.to_string();
    assert!(text.contains("8 × 8 pixels, grey, 17 levels"), "{text}");
    let plan = ImageDensity::new()
        .epochs(3)
        .plan(&digits())
        .expect("a plan");
    assert_eq!((plan.steps, plan.batch), (Some(66), 64));

    let density = tiny(ImageKind::Glow);
    let estimate = density.estimate(&few_digits()).expect("an estimate");
    let cost = estimate.cost;
    assert!(cost.step_seconds > 0.0 && cost.seconds > cost.step_seconds);
    assert!(cost.bytes > 24 * estimate.parameters as u64);
    let glow = &fitted()[0];
    assert_eq!(glow.summary().parameters, estimate.parameters);
}

#[test]
fn the_seed_decides_the_model() {
    let nats = |seed| {
        let model = tiny(ImageKind::Nice).seed(seed).fit(&few_digits());
        model.expect("a fit").summary().nats
    };
    assert_eq!(nats(3), nats(3));
    assert_ne!(nats(3), nats(4));
}

#[test]
fn a_file_holds_all_of_a_density() {
    let folder = tempfile::tempdir().expect("a folder");
    let images = few_digits();
    for model in fitted() {
        let path = folder.path().join("model.safetensors");
        model.save(&path).expect("written");
        assert_eq!(kind(&path).expect("a kind"), FILE_KIND);
        let loaded = FittedImages::load(&path, &Default::default()).expect("read");
        assert_eq!(loaded.to_string(), model.to_string());
        let [before, after] = [model, &loaded].map(|model| {
            let nats = model.log_prob(&images).expect("nats");
            (model.p_values(&nats).expect("p-values"), nats)
        });
        assert_eq!(before, after, "{}", model.kind());
    }
}
