//! Pictures: rotated, complete, and no other files.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageFormat, RgbImage};
use thalweg_data::{DataError, FileError, Images, Resize};

use super::{file_error, folder, message, write};

const SIDE: u32 = 16;

/// A picture whose quarters are red, green (on top), blue and white.
fn quarters() -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        image::Rgb(match (x < SIDE / 2, y < SIDE / 2) {
            (true, true) => [255, 0, 0],
            (false, true) => [0, 255, 0],
            (true, false) => [0, 0, 255],
            (false, false) => [255, 255, 255],
        })
    })
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(quarters())
        .write_to(&mut bytes, format)
        .expect("a picture");
    bytes.into_inner()
}

/// EXIF data with an orientation, in both byte orders.
fn exif(orientation: u8, big: bool) -> Vec<u8> {
    let head = match big {
        true => b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
        false => b"II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
    };
    let mut bytes = [head, &[orientation]].concat();
    bytes.resize(26, 0);
    bytes
}

fn checksum(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
    !bytes
        .iter()
        .fold(!0, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), step))
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let named = [name.as_slice(), data].concat();
    let length = (data.len() as u32).to_be_bytes();
    [length.as_slice(), &named, &checksum(&named).to_be_bytes()].concat()
}

/// A PNG with EXIF data before the pixels, which begin after the header's 33 bytes, or after them.
fn png_with(exif: &[u8], behind: bool) -> Vec<u8> {
    let png = encoded(ImageFormat::Png);
    let at = if behind { png.len() - 12 } else { 33 };
    [&png[..at], &chunk(b"eXIf", exif), &png[at..]].concat()
}

fn jpeg_with(exif: &[u8]) -> Vec<u8> {
    let jpeg = encoded(ImageFormat::Jpeg);
    let data = [b"Exif\0\0".as_slice(), exif].concat();
    let length = (data.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &data, &jpeg[2..]].concat()
}

fn read_folder(folder: &Path) -> Result<Images, DataError> {
    Images::from_folder(folder, Resize { side: 2 })
}

fn read(name: &str, bytes: &[u8]) -> Result<Images, DataError> {
    let folder = folder();
    write(&folder, name, bytes);
    read_folder(folder.path())
}

/// The four pixels by name, rows from the top.
fn seen(images: &Images) -> String {
    let pixel = |i: usize| {
        let [r, g, b] = [0, 4, 8].map(|plane| images.image(0)[plane + i] > 127);
        match (r, g, b) {
            (true, true, true) => 'w',
            (true, false, false) => 'r',
            (false, true, false) => 'g',
            (false, false, true) => 'b',
            _ => '?',
        }
    };
    (0..4).map(pixel).collect()
}

#[test]
fn every_orientation_is_applied() {
    // TIFF 6.0, page 36: the places of the first row and column of the file in the picture.
    let upright = [
        "rgbw", "grwb", "wbgr", "bwrg", "rbgw", "brwg", "wgbr", "gwrb",
    ];
    for (orientation, expected) in (1..).zip(upright) {
        for big in [false, true] {
            let exif = exif(orientation, big);
            for (name, bytes) in [
                ("a.png", png_with(&exif, false)),
                ("a.png", png_with(&exif, true)),
                ("a.jpg", jpeg_with(&exif)),
            ] {
                let images = read(name, &bytes).expect("a picture");
                assert_eq!(seen(&images), expected, "{name} {orientation}");
            }
        }
    }
    for unknown in [0, 9, 255] {
        let images = read("a.jpg", &jpeg_with(&exif(unknown, true))).expect("a picture");
        assert_eq!(seen(&images), "rgbw");
    }
}

#[test]
fn a_picture_that_ends_early_is_refused_wherever_it_ends() {
    let mut longer = jpeg_with(&exif(1, true));
    longer.extend(b"after the end");
    assert!(
        read("a.jpg", &longer).is_ok(),
        "bytes after the end are ignored"
    );
    for (name, whole) in [
        ("a.png", png_with(&exif(1, true), true)),
        ("a.jpg", jpeg_with(&exif(1, false))),
        ("a.png", grey(true, &INTERLACED)),
    ] {
        assert!(read(name, &whole).is_ok(), "{name}");
        for end in 0..whole.len() {
            let error = file_error(read(name, &whole[..end]));
            assert!(
                matches!(
                    error,
                    FileError::ImageTruncated { .. } | FileError::Image(_)
                ),
                "{name} {end}: {error}"
            );
        }
        // Interrupted downloads can end in zeros.
        let mut zeros = whole.clone();
        let half = whole.len() / 2;
        zeros[half..].fill(0);
        message(read(name, &zeros), name);
    }
    let said = message(read("a.jpg", &jpeg_with(&exif(1, true))[..400]), "a.jpg");
    assert!(said.contains("ends early, after 400 bytes"), "{said}");
}

/// A grey PNG of 2 × 2 pixels.
fn grey(interlaced: bool, pixels: &[u8]) -> Vec<u8> {
    let header = [0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, interlaced.into()];
    raw_png(&header, pixels)
}

/// Rows of 2 × 2 pixels, each after its filter.
const STRAIGHT: [u8; 6] = [0, 10, 20, 0, 30, 40];

/// The same pixels interlaced by Adam7: passes of 1, 1 and 2 pixels.
const INTERLACED: [u8; 7] = [0, 10, 0, 20, 0, 30, 40];

fn raw_png(header: &[u8], pixels: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(pixels).expect("compressed");
    let data = zlib.finish().expect("compressed");
    let chunks = [
        chunk(b"IHDR", header),
        chunk(b"IDAT", &data),
        chunk(b"IEND", &[]),
    ];
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunks.concat()].concat()
}

#[test]
fn pixels_that_end_early_inside_a_whole_file_are_refused() {
    for (interlaced, pixels) in [(false, STRAIGHT.as_slice()), (true, &INTERLACED)] {
        assert!(read("a.png", &grey(interlaced, pixels)).is_ok());
        for end in 0..pixels.len() {
            message(read("a.png", &grey(interlaced, &pixels[..end])), "a.png");
        }
    }
}

#[test]
fn channels_of_every_kind() {
    let header = |depth: u8, kind: u8| [0, 0, 0, 1, 0, 0, 0, 1, depth, kind, 0, 0, 0];
    for (depth, kind, pixel, expected) in [
        (16, 0, [0, 0x80, 0x12].as_slice(), [0x80; 3]),
        (8, 4, &[0, 100, 0], [255; 3]),
        (8, 6, &[0, 10, 20, 30, 255], [10, 20, 30]),
        (16, 2, &[0, 1, 0, 2, 0, 3, 0], [1, 2, 3]),
        (1, 0, &[0, 0x80], [255; 3]),
    ] {
        let images = read("a.PNG", &raw_png(&header(depth, kind), pixel)).expect("a picture");
        let plane = |i: usize| images.image(0)[4 * i];
        assert_eq!([plane(0), plane(1), plane(2)], expected, "{depth} {kind}");
    }
}

#[test]
fn what_systems_leave_in_folders_is_passed_over() {
    let folder = folder();
    write(&folder, "a.png", &encoded(ImageFormat::Png));
    for other in [
        "._a.png",
        ".DS_Store",
        ".b.jpg",
        "Thumbs.db",
        "desktop.ini",
        "labels.csv",
    ] {
        write(&folder, other, b"\0\x05\x16\x07no picture");
    }
    fs::create_dir(folder.path().join(".ipynb_checkpoints")).expect("a folder");
    let images = read_folder(folder.path()).expect("one picture");
    assert_eq!(images.names().expect("names"), ["a.png"]);
    write(&folder, "b.jfif", &encoded(ImageFormat::Jpeg));
    assert_eq!(read_folder(folder.path()).expect("two").count(), 2);

    // A picture of another format is an error.
    let webp = write(&folder, "c.WebP", b"RIFF");
    let said = message(read_folder(folder.path()), "c.WebP");
    assert!(said.contains("neither PNG nor JPEG"), "{said}");
    fs::remove_file(webp).expect("removed");
    #[cfg(unix)]
    {
        let link = folder.path().join("link.png");
        std::os::unix::fs::symlink(folder.path().join("a.png"), &link).expect("a link");
        assert_eq!(read_folder(folder.path()).expect("three").count(), 3);
        fs::remove_file(&link).expect("removed");
        std::os::unix::fs::symlink("gone.png", &link).expect("a link");
        message(read_folder(folder.path()), "link.png");
    }
}

#[test]
fn a_folder_of_folders_says_so() {
    let folder = folder();
    fs::create_dir(folder.path().join("cats")).expect("a folder");
    let said = message(read_folder(folder.path()), "holds no file");
    assert!(said.contains("give one of them"), "{said}");
}
