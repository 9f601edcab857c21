//! Models of the library and their files as models of images.

use std::path::PathBuf;

use burn::module::Module;
use burn::tensor::Device;
use thalweg_data::Images;
use thalweg_flow::Noise;
use thalweg_images::{AnyImages, FittedImages, ImagesError};
use thalweg_models::file::FileProblem;
use thalweg_models::variational::LikelihoodStyle;
use thalweg_models::{
    CouplingFlowConfig, GlowConfig, ImageSize, NiceConfig, RealNvp, RealNvpConfig, VaeConfig,
};
use thalweg_train::fingerprint;

use crate::{few_digits, few_faces, fitted};

/// A file of `thalweg-models`.
fn stored(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../thalweg-models/tests/fixtures/format-1")
        .join(format!("{name}.safetensors"))
}

fn opened(name: &str) -> AnyImages {
    AnyImages::load(stored(name), None, &Device::default()).expect(name)
}

/// Files of images of 4 × 4 pixels and of 3 numbers, and whether they are lossless.
const STORED: [(&str, bool); 9] = [
    ("glow-openai", true),
    ("glow-blog", true),
    ("glow-edge", true),
    ("realnvp", true),
    ("nice", true),
    ("nice-blog", true),
    ("nice-f64", true),
    ("vae-logistic", false),
    ("fvae-scalar", false),
];

#[test]
fn each_file_scores_draws_and_encodes() {
    for (name, lossless) in STORED {
        let model = opened(name);
        assert_eq!(model.is_lossless(), lossless, "{name}");
        assert_eq!(model.is_bound(), !lossless, "{name}");
        let images = model.sample(5, 1.0, 3).expect(name);
        assert_eq!((images.count(), images.size()), (5, model.image().shape()));
        let nats = model.log_prob(&images).expect(name);
        assert!(nats.iter().all(|nats| nats.is_finite()), "{name}: {nats:?}");
        let latents: Result<Vec<_>, _> = model.encode(&images).expect(name).into_iter().collect();
        let back = model.decode(&latents.expect(name).concat()).expect(name);
        assert_eq!(back.pixels() == images.pixels(), lossless, "{name}");
        let strip = model.strip(&images.select(&[0, 1]), 3).expect(name);
        assert_eq!(strip.count(), 3);
    }
}

/// The noise of an image's score is of its own pixels.
#[test]
fn nats_are_those_of_the_model_itself() {
    let path = stored("realnvp");
    let itself = RealNvp::load(&path, &Device::default()).expect("a model");
    let model = opened("realnvp");
    let images = model.sample(4, 1.0, 7).expect("images");
    let nats = model.log_prob(&images).expect("nats");
    for (row, nats) in nats.into_iter().enumerate() {
        let seed = fingerprint(images.image(row).iter().copied());
        let levels = images.select(&[row]).to_planes(&Device::default());
        let found = itself.log_prob(levels, &mut Noise::seeded(seed));
        let found = found.expect("nats").into_scalar::<f64>();
        assert!((nats - found).abs() < 1e-4, "{nats} and {found}");
    }
}

#[test]
fn a_model_in_double_precision_has_the_nats_of_the_single_one() {
    let [single, double] = ["nice", "nice-f64"].map(opened);
    let images = single.sample(8, 1.0, 0).expect("images");
    let [single, double] = [single, double].map(|model| model.log_prob(&images).expect("nats"));
    for (single, double) in single.iter().zip(&double) {
        assert!((single - double).abs() < 1e-4, "{single} and {double}");
    }
}

#[test]
fn the_file_of_a_fit_keeps_scores_and_p_values() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    for fitted in [&fitted()[0], &fitted()[4]] {
        fitted.save(&path).expect("written");
        let model = AnyImages::load(&path, Some([1, 8, 8]), &Device::default()).expect("read");
        assert_eq!(model.temperature(), fitted.kind().temperature());
        let images = few_digits().select(&[0, 1, 2]);
        let nats = model.log_prob(&images).expect("nats");
        assert_eq!(nats, fitted.log_prob(&images).expect("nats"));
        let p_values = fitted.p_values(&nats).expect("p-values");
        assert_eq!(model.p_values(&nats).expect("p-values"), p_values);
    }
}

#[test]
fn rows_of_a_nice_are_square_images_unless_a_shape_is_said() {
    let nice = |features| {
        let config = NiceConfig::paper(features, 256).with_hidden(4);
        config.with_depth(1).init(&Device::default())
    };
    let shape = |features, shape| {
        let model = AnyImages::of_nice(nice(features), shape);
        model.map(|model| model.image().shape())
    };
    assert_eq!(shape(784, None).expect("grey"), [1, 28, 28]);
    assert_eq!(shape(3072, None).expect("in colour"), [3, 32, 32]);
    assert_eq!(shape(20, Some([1, 4, 5])).expect("said"), [1, 4, 5]);
    let error = shape(20, None).expect_err("no square");
    assert!(matches!(error, ImagesError::NoShape { features: 20 }));
    assert!(error.to_string().contains("--shape"), "{error}");
    for wrong in [[1, 4, 4], [3, usize::MAX, 2]] {
        let error = shape(20, Some(wrong)).expect_err("another number");
        assert!(error.to_string().contains("20 numbers"), "{error}");
    }
    let error = AnyImages::load(stored("realnvp"), Some([1, 4, 5]), &Device::default());
    let error = error.expect_err("another shape").to_string();
    assert!(error.contains("1 × 4 × 4"), "{error}");
}

#[test]
fn models_of_other_data_are_refused() {
    let device = Device::default();
    let size = ImageSize::new([1, 4, 4]);
    let many = RealNvpConfig::paper(size.with_levels(257)).with_scales(1);
    let many = many.with_hidden(2).with_blocks(1).init(&device);
    let error = AnyImages::of_flow(many).expect_err("257 levels");
    assert!(matches!(error, ImagesError::Levels { levels: 257 }));
    let gaussian = VaeConfig::new(size, LikelihoodStyle::Gaussian, 2).init(&device);
    let error = AnyImages::of_vae(gaussian).expect_err("no levels");
    assert!(error.to_string().contains("Gaussian"), "{error}");

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("flow.safetensors");
    let flow = CouplingFlowConfig::realnvp(4).init(&device);
    flow.save(&path).expect("written");
    for path in [path, stored("glow-conditional"), stored("vib")] {
        let error = AnyImages::load(path, None, &device).expect_err("no images");
        let ImagesError::File(error) = error else {
            panic!("{error}");
        };
        assert!(matches!(error.problem, FileProblem::OtherModel { .. }));
    }
    assert!(FittedImages::load(stored("realnvp"), &device).is_err());
}

#[test]
fn without_a_fit_there_are_no_p_values() {
    let model = opened("glow-openai");
    assert!(!model.has_p_values() && fitted()[0].has_p_values());
    let error = model.p_values(&[0.0]).expect_err("no reference");
    assert!(matches!(error, ImagesError::NoReference));
    assert_eq!(model.temperature(), 0.7);
}

/// The lowest bits are dropped, as the programs that train models of few bits do.
#[test]
fn pixels_of_256_levels_become_bins() {
    let size = ImageSize::new([1, 16, 16]).with_levels(32);
    let glow = GlowConfig::openai(size).with_scales(1).with_depth(1);
    let glow = AnyImages::of_flow(glow.with_hidden(2).init(&Device::default()).valid());
    let glow = glow.expect("a model");
    let every: Vec<u8> = (0..=255).collect();
    let images = Images::from_pixels([1, 16, 16], 256, every).expect("an image");
    let bins = glow.conform(&images).expect("bins");
    let expected: Vec<u8> = (0..=255_u8).map(|pixel| pixel / 8).collect();
    assert_eq!(bins.pixels(), expected);
    // What is spread over 0 to 255, as in a picture, comes back.
    let spread = bins.to_levels(256).expect("a picture");
    assert_eq!(glow.conform(&spread).expect("bins").pixels(), expected);
    assert!(glow.conform(&few_faces()).is_ok(), "in grey");
}

#[cfg(feature = "check")]
#[test]
fn a_report_is_about_the_flow_of_a_file() {
    let options = thalweg_check::Options {
        rows: 4,
        jacobians: 1,
        sweep_rows: 2,
        ..Default::default()
    };
    let model = opened("glow-edge");
    let images = model.sample(4, 1.0, 0).expect("images");
    let report = model.check(&images, &options).expect("a report");
    assert_eq!(report.verdict, thalweg_check::Verdict::Ok, "{report}");
}
