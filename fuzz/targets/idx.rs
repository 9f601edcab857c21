//! IDX files, as images and as labels.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thalweg_data::Images;

/// Two images of one pixel.
const IMAGES: [u8; 18] = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 7, 9];

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let [file, images] = ["file", "images"].map(|name| folder.path().join(name));
    std::fs::write(&file, bytes).expect("a file");
    std::fs::write(&images, IMAGES).expect("a file");
    Images::from_idx(&file, None).ok();
    Images::from_idx(&images, Some(&file)).ok();
});
