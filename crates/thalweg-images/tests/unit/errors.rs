//! Errors say what, where and the way out.

use thalweg_data::{Images, digits};
use thalweg_images::{FittedImages, ImageDensity, ImageKind, ImagesError};

use crate::{few_digits, few_faces, fitted};

#[test]
fn settings_and_few_images_are_refused() {
    let images = few_digits();
    let density = ImageDensity::new;
    let cases = [
        (density().steps(0), "the number of steps is 0"),
        (density().epochs(0), "the number of epochs is 0"),
        (density().depth(0), "the depth of the model is 0"),
        (density().hidden(0), "hidden layers is 0"),
        (density().minutes(-1.0), "the number of minutes is -1"),
        (density().minutes(f64::NAN), "NaN"),
    ];
    for (density, part) in cases {
        let error = density.fit(&images).expect_err(part).to_string();
        assert!(error.contains(part), "{error}");
    }
    let error = density().fit(&images.select(&[0; 19])).expect_err("few");
    assert!(
        matches!(error, ImagesError::TooFew { found: 19, .. }),
        "{error}"
    );
    // Three designs are no three parts with two images each.
    let error = density()
        .fit(&few_faces().select(&[0; 40]))
        .expect_err("one design");
    assert!(error.to_string().contains("group"), "{error}");
}

#[test]
fn images_of_another_size_are_refused_and_others_are_converted() {
    let glow = &fitted()[0];
    let error = glow.log_prob(&few_faces()).expect_err("faces").to_string();
    assert!(
        error.contains("3 × 16 × 16") && error.contains("1 × 8 × 8"),
        "{error}"
    );
    assert!(glow.conform(&few_faces()).is_err());

    let images = few_digits();
    let shown = images.to_colour().to_levels(256).expect("levels");
    assert!(glow.log_prob(&shown).is_err());
    let back = glow.conform(&shown).expect("converted");
    assert_eq!(back.pixels(), images.pixels());

    let error = glow
        .decode(&[0.0; 63])
        .expect_err("a number is missing")
        .to_string();
    assert!(error.contains("63") && error.contains("64"), "{error}");
    assert!(glow.sample(1, -1.0, 0).is_err());
    assert!(glow.sample(0, 1.0, 0).expect("no images").count() == 0);
}

#[test]
fn names_of_kinds_are_listed() {
    for kind in ImageKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    let error = "gan".parse::<ImageKind>().expect_err("no kind").to_string();
    assert!(
        error.contains("gan") && error.contains("flow-matching"),
        "{error}"
    );
}

#[test]
fn a_file_of_another_model_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("nice.safetensors");
    let nice = thalweg_models::NiceConfig::paper(64, 17).with_hidden(4);
    nice.init(&Default::default()).save(&path).expect("written");
    let error = FittedImages::load(&path, &Default::default()).expect_err("a nice");
    assert!(error.to_string().contains("nice"), "{error}");
}

#[test]
fn conversions_of_images() {
    let digits = digits();
    assert!(digits.is_grey() && digits.to_colour().is_grey());
    assert_eq!(digits.to_colour().to_grey(), digits);
    let few = few_faces();
    assert!(!few.is_grey());
    assert!(Images::from_pixels([1, 2, 2], 4, vec![0; 5]).is_err());
    assert!(Images::from_pixels([1, 0, 2], 4, vec![]).is_err());
    assert!(Images::from_pixels([1, 1, 2], 4, vec![3, 4]).is_err());
    assert!(Images::join(&[digits.clone(), few]).is_err());
    let joined = Images::join(&[digits.select(&[1]), digits.select(&[0])]).expect("joined");
    assert_eq!(joined.pixels(), digits.select(&[1, 0]).pixels());
}
