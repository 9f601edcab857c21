//! Folders of pictures.

use std::fs;
use std::path::Path;

use thalweg_data::{DataError, FileError, Images, Resize};

use super::{file_error, folder, message, write};

/// A picture whose left third is red, whose middle is `middle`, whose right third is blue.
fn flag(path: &Path, middle: [u8; 4]) {
    let picture = image::RgbaImage::from_fn(30, 10, |x, _| match x {
        0..10 => image::Rgba([255, 0, 0, 255]),
        10..20 => image::Rgba(middle),
        _ => image::Rgba([0, 0, 255, 255]),
    });
    let picture = image::DynamicImage::ImageRgba8(picture);
    if path.extension().is_some_and(|e| e == "png") {
        picture.save(path).expect("saved");
    } else {
        let jpeg = image::ImageFormat::Jpeg;
        picture
            .to_rgb8()
            .save_with_format(path, jpeg)
            .expect("saved");
    }
}

#[test]
fn a_folder_of_pictures_is_cut_and_sorted() {
    let folder = folder();
    flag(&folder.path().join("b.png"), [0, 200, 0, 255]);
    flag(&folder.path().join("a.JPG"), [10, 20, 30, 255]);
    flag(&folder.path().join("c.png"), [0, 0, 0, 0]);
    write(&folder, "notes.txt", b"not a picture");
    fs::create_dir(folder.path().join("more.png")).expect("a folder");

    let images = Images::from_folder(folder.path(), Resize { side: 4 }).expect("images");
    assert_eq!(images.names().expect("names"), ["a.JPG", "b.png", "c.png"]);
    assert_eq!(
        (images.count(), images.channels(), images.levels()),
        (3, 3, 256)
    );
    assert_eq!((images.height(), images.width()), (4, 4));
    assert_eq!(images.image(1), [[0; 16], [200; 16], [0; 16]].concat());
    assert_eq!(images.image(2), [255; 48], "transparent pixels turn white");
    let near = |plane: &[u8], value: i32| plane.iter().all(|&p| (i32::from(p) - value).abs() < 60);
    let jpeg = images.image(0);
    assert!(
        near(&jpeg[..16], 10) && near(&jpeg[16..32], 20) && near(&jpeg[32..], 30),
        "{jpeg:?}"
    );
}

#[test]
fn unsound_folders_are_refused() {
    let folder = folder();
    let read = |side| Images::from_folder(folder.path(), Resize { side });
    assert!(matches!(file_error(read(8)), FileError::Empty { .. }));
    assert!(matches!(read(0), Err(DataError::Side { side: 0, .. })));
    assert!(matches!(
        read(5000),
        Err(DataError::Side { side: 5000, .. })
    ));

    flag(&folder.path().join("a.png"), [0, 0, 0, 255]);
    let good = fs::read(folder.path().join("a.png")).expect("a picture");
    for bad in [b"not a picture".as_slice(), &good[..good.len() / 2], b""] {
        write(&folder, "b.png", bad);
        message(read(8), "b.png");
    }
}
