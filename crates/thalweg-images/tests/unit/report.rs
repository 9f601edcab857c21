//! Reports on held-out images.

use thalweg_data::Images;
use thalweg_images::{FittedImages, ImageKind, ImagesReport, PValues};

use crate::{few_digits, fitted};

fn glow() -> &'static FittedImages {
    &fitted()[0]
}

fn p_values(report: &ImagesReport) -> &PValues {
    report.p_values.as_ref().expect("p-values of a fit")
}

/// Digits, and one of them of noise.
fn with_noise() -> Images {
    let noise: Vec<u8> = (0_u32..64).map(|at| (at * 7919 % 17) as u8).collect();
    let noise = Images::from_pixels([1, 8, 8], 17, noise).expect("an image");
    let names = (0..121).map(|k| format!("{k}.png")).collect();
    Images::join(&[few_digits(), noise])
        .expect("images")
        .with_names(names)
}

#[test]
fn figures_are_those_of_all_images() {
    let images = with_noise();
    let report = glow().report(&images).expect("a report");
    let nats = glow().log_prob(&images).expect("nats");
    let mean = nats.iter().sum::<f64>() / 121.0;
    let found = report.nats.expect("nats");
    assert!(
        (found - mean).abs() < 1e-9 * mean.abs(),
        "{found} and {mean}"
    );
    let bits = report.bits_per_dim.expect("bits");
    assert!((bits - glow().units().from_nats(mean)).abs() < 1e-9);
    // Bits are nats in another unit, of the other sign: so are their errors.
    let [error, of_bits] =
        [report.nats_error, report.bits_error].map(|error| error.expect("an error"));
    let unit = 64.0 * std::f64::consts::LN_2;
    assert!(
        (error - of_bits * unit).abs() < 1e-9 * error,
        "{error} and {of_bits}"
    );
    assert_eq!(
        (report.images, report.errors, report.impossible),
        (121, 0, 0)
    );

    assert_eq!(report.worst[0].name, "120.png");
    assert_eq!(p_values(&report).counts.iter().sum::<usize>(), 121);
    assert_eq!((report.best.len(), report.worst.len()), (10, 10));
    assert!(report.best.is_sorted_by_key(|score| score.bits_per_dim));
    assert!(
        report
            .worst
            .iter()
            .rev()
            .is_sorted_by_key(|score| score.bits_per_dim)
    );
    let lowest = nats.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!((report.best[0].bits_per_dim - glow().units().from_nats(lowest)).abs() < 1e-12);
}

#[test]
fn strange_images_have_low_p_values() {
    let noise: Vec<u8> = (0_u32..64 * 40)
        .map(|at| (at.wrapping_mul(at) % 17) as u8)
        .collect();
    let noise = Images::from_pixels([1, 8, 8], 17, noise).expect("images");
    let report = glow().report(&noise).expect("a report");
    assert!(p_values(&report).p_value < 1e-3, "{report}");
    assert!(
        p_values(&report).counts[..2].iter().sum::<usize>() > 30,
        "{report}"
    );
    let digits = glow().report(&few_digits()).expect("a report");
    assert!(p_values(&digits).p_value > 1e-3, "{digits}");
}

#[test]
fn parts_make_the_report_of_all() {
    let images = with_noise();
    let whole = glow().report(&images).expect("a report");
    let mut builder = glow().reporting();
    for rows in (0..121).collect::<Vec<_>>().chunks(37) {
        builder.add(&images.select(rows)).expect("images");
    }
    builder.refuse("121.png", "it ends early");
    let parted = builder.finish().expect("a report");
    assert_eq!((parted.images, parted.errors), (122, 1));
    assert_eq!(
        parted.first_error.as_deref(),
        Some("121.png: it ends early")
    );
    let [a, b] = [&whole, &parted].map(|report| report.nats.expect("nats"));
    assert!((a - b).abs() < 1e-3, "{a} and {b}");
    let names = |report: &ImagesReport| -> Vec<String> {
        report
            .worst
            .iter()
            .map(|score| score.name.clone())
            .collect()
    };
    assert_eq!(names(&whole), names(&parted));
    let text = parted.to_string();
    assert!(
        text.contains("121 images; 1 more have no score (121.png"),
        "{text}"
    );
}

#[test]
fn every_kind_has_a_report_and_files() {
    let folder = tempfile::tempdir().expect("a folder");
    for model in fitted() {
        let report = model.report(&few_digits()).expect("a report");
        assert_eq!(
            report.bound,
            matches!(model.kind(), ImageKind::Vae | ImageKind::Fvae)
        );
        assert_eq!(report.to_string().contains("(a bound)"), report.bound);
    }
    let report = glow().report(&with_noise()).expect("a report");
    for (name, start) in [
        ("a.png", &b"\x89PNG"[..]),
        ("a.svg", b"<svg"),
        ("a.txt", b"Held out: "),
        ("a.json", b"{"),
    ] {
        let path = folder.path().join(name);
        report.save(&path).expect("a file");
        let bytes = std::fs::read(&path).expect("the file");
        assert!(bytes.starts_with(start), "{name}");
    }
    let json = std::fs::read_to_string(folder.path().join("a.json")).expect("the file");
    let read: ImagesReport = serde_json::from_str(&json).expect("JSON");
    assert_eq!(read.worst, report.worst);
    // Without its images, a report has its histogram of p-values.
    read.save(folder.path().join("b.png")).expect("a picture");
    let error = report.save(folder.path().join("a")).expect_err("no ending");
    assert!(
        error.to_string().contains(".png, .svg, .json or .txt"),
        "{error}"
    );
}

#[test]
fn no_image_is_an_error() {
    let none = few_digits().select(&[]);
    let text = glow().report(&none).expect_err("no image").to_string();
    assert!(text.contains("none of 0 images"), "{text}");
    let mut builder = glow().reporting();
    builder.refuse("a.png", "it ends early");
    let text = builder.finish().expect_err("no image").to_string();
    assert!(
        text.contains("none of 1 images") && text.contains("a.png: it ends early"),
        "{text}"
    );
    let faces = crate::few_faces();
    let text = glow().report(&faces).expect_err("other images").to_string();
    assert!(text.contains("16"), "{text}");
}
