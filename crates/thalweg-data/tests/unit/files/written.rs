//! Images that are written and read again.

use std::fs;

use thalweg_data::{DataError, Images, Resize, digits, noto_people};

use super::folder;

#[test]
fn pictures_have_the_images_names_and_pixels() {
    let folder = folder();
    let people = noto_people().select(&[0, 5, 9]);
    let names = ["a.jpg", "b", "c.png"].map(str::to_owned);
    let paths = people
        .clone()
        .with_names(names.into())
        .save_pictures(folder.path());
    let names = paths.expect("written").into_iter();
    let names: Vec<_> = names
        .map(|path| path.file_name().expect("a name").to_owned())
        .collect();
    assert_eq!(names, ["a.png", "b.png", "c.png"]);
    let read = Images::from_folder(folder.path(), Resize { side: 16 }).expect("read");
    assert_eq!(read.pixels(), people.pixels());
    let one = Images::from_picture(&folder.path().join("b.png"), Resize { side: 16 });
    assert_eq!(one.expect("read").pixels(), people.image(1));
    assert_eq!(Images::pictures_of(folder.path()).expect("paths").len(), 3);
}

#[test]
fn levels_are_spread_and_come_back() {
    let folder = folder();
    let digits = digits().select(&(0..11).collect::<Vec<_>>());
    let paths = digits
        .save_pictures(folder.path().join("digits"))
        .expect("written");
    assert!(
        paths[3].ends_with("digits/03.png"),
        "{}",
        paths[3].display()
    );
    let read =
        Images::from_folder(&folder.path().join("digits"), Resize { side: 8 }).expect("read");
    assert!(read.is_grey());
    let back = read.to_grey().to_levels(17).expect("levels");
    assert_eq!((back.pixels(), back.levels()), (digits.pixels(), 17));
}

#[test]
fn idx_is_read_as_it_was_written() {
    let folder = folder();
    let path = folder.path().join("images.idx");
    for images in [digits(), noto_people()] {
        images.save_idx(&path).expect("written");
        let read = Images::from_idx(&path, None).expect("read");
        assert_eq!(
            (read.size(), read.pixels()),
            (images.size(), images.pixels())
        );
    }
}

#[test]
fn names_that_are_no_files_are_refused() {
    let folder = folder();
    let two = digits().select(&[0, 1]);
    for names in [
        ["../up", "b"],
        ["", "b"],
        [".hidden", "b"],
        ["a.png", "a.jpg"],
    ] {
        let named = two.clone().with_names(names.map(str::to_owned).into());
        let error = named.save_pictures(folder.path()).expect_err("a bad name");
        assert!(matches!(error, DataError::FileName { .. }), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    let error = two.to_levels(257).expect_err("levels").to_string();
    assert!(error.contains("257"), "{error}");
}
