//! A fit that was interrupted goes on.

use thalweg_images::{ImageDensity, ImageKind, ImagesError};
use thalweg_train::Signal;

use crate::{few_digits, tiny};

fn long() -> ImageDensity {
    tiny(ImageKind::Glow).steps(8)
}

#[test]
fn an_interrupted_fit_ends_as_one_that_was_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let images = few_digits();
    let whole = long().fit(&images).expect("a fit");

    let begun = long()
        .resume(folder.path())
        .on_epoch(|progress| match progress.epoch {
            2 => Signal::interrupt(),
            _ => Signal::CONTINUE,
        });
    let error = begun.fit(&images).expect_err("interrupted");
    assert!(matches!(error, ImagesError::Interrupted), "{error}");
    assert!(folder.path().join("fit.json").exists());

    let other = long().seed(9).resume(folder.path()).fit(&images);
    let error = other.expect_err("another seed").to_string();
    assert!(error.contains("seed"), "{error}");
    let other = long()
        .resume(folder.path())
        .fit(&images.select(&(0..100).collect::<Vec<_>>()));
    assert!(matches!(other, Err(ImagesError::Resume(_))));

    let done = long().resume(folder.path()).fit(&images).expect("a fit");
    assert_eq!(done.summary().steps, whole.summary().steps);
    let [done, whole] = [done, whole].map(|model| model.log_prob(&images).expect("nats"));
    assert_eq!(done, whole);
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("a folder").count(),
        0
    );
}
