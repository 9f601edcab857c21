//! Latents without a loss, and paths.

use thalweg_images::{Codes, CodesError, ImageError, ImageKind};

use crate::{few_digits, few_faces, fitted, tiny};

#[test]
fn latents_of_flows_give_every_pixel_back() {
    let images = few_digits();
    for model in fitted().iter().filter(|model| model.is_lossless()) {
        let latents = model.encode(&images).expect("latents");
        let latents: Result<Vec<Vec<f32>>, ImageError> = latents.into_iter().collect();
        let latents = latents.expect("all come back").concat();
        assert_eq!(latents.len(), 120 * model.latent_width());
        let back = model.decode(&latents).expect("images");
        assert_eq!(back.pixels(), images.pixels(), "{}", model.kind());
    }
    let faces = few_faces();
    let glow = tiny(ImageKind::Glow).fit(&faces).expect("a fit");
    let latents = glow.encode(&faces).expect("latents");
    let latents: Result<Vec<Vec<f32>>, _> = latents.into_iter().collect();
    let back = glow.decode(&latents.expect("all come back").concat());
    assert_eq!(back.expect("images").pixels(), faces.pixels());
}

#[test]
fn codes_of_autoencoders_are_smaller_and_not_lossless() {
    let images = few_digits();
    for model in fitted().iter().filter(|model| !model.is_lossless()) {
        assert!(model.latent_width() < 64);
        let latents = model.encode(&images).expect("latents");
        let latents: Vec<f32> = latents.into_iter().flat_map(Result::unwrap).collect();
        let back = model.decode(&latents).expect("images");
        assert_eq!(back.size(), images.size());
        assert_ne!(back.pixels(), images.pixels());
    }
}

#[test]
fn paths_begin_and_end_at_their_images() {
    let images = few_digits();
    for model in fitted() {
        let strip = model.strip(&images.select(&[0, 1]), 5).expect("a strip");
        let square = model
            .square(&images.select(&[0, 1, 2, 3]), 3)
            .expect("a square");
        assert_eq!((strip.count(), square.count()), (5, 9));
        if model.is_lossless() {
            assert_eq!(strip.image(0), images.image(0), "{}", model.kind());
            assert_eq!(strip.image(4), images.image(1), "{}", model.kind());
            for (corner, image) in [(0, 0), (2, 1), (6, 2), (8, 3)] {
                assert_eq!(
                    square.image(corner),
                    images.image(image),
                    "{}",
                    model.kind()
                );
            }
            assert_ne!(strip.image(2), strip.image(0));
        }
    }
    let error = fitted()[0]
        .strip(&images.select(&[0]), 5)
        .expect_err("one image");
    assert!(error.to_string().contains("must be 2"), "{error}");
}

#[test]
fn files_of_codes_are_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("z.safetensors");
    let codes = Codes::new(2, vec![1.0, 2.0, 3.0, 4.0], vec!["a".into(), "b".into()]);
    codes.save(&path).expect("written");
    assert_eq!(Codes::load(&path).expect("read"), codes);

    let model = folder.path().join("model.safetensors");
    fitted()[0].save(&model).expect("written");
    let error = Codes::load(&model).expect_err("a model");
    assert!(matches!(error, CodesError::Content { .. }), "{error}");

    let bytes = std::fs::read(&path).expect("bytes");
    for length in 0..bytes.len() {
        std::fs::write(&path, &bytes[..length]).expect("written");
        assert!(Codes::load(&path).is_err(), "{length} bytes");
    }
    let codes = Codes::new(1, vec![f32::NAN], vec!["a".into()]);
    codes.save(&path).expect("written");
    let error = Codes::load(&path).expect_err("not a number").to_string();
    assert!(error.contains("not finite"), "{error}");
}
