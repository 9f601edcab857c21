//! Sound files give their content; unsound ones give errors that say what and where.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use tempfile::TempDir;
use thalweg_data::{Columns, DataError, Images, Resize, Table};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a file");
    path
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

/// An IDX file of these sizes with bytes 0, 1, 2, ….
fn idx(sizes: &[u32], count: usize) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, sizes.len() as u8];
    bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
    bytes.extend((0..count).map(|i| i as u8));
    bytes
}

fn read_idx(bytes: &[u8]) -> Result<Images, DataError> {
    let folder = folder();
    Images::from_idx(&write(&folder, "images", bytes), None)
}

fn read_csv(text: impl AsRef<[u8]>, columns: &Columns) -> Result<Table, DataError> {
    let folder = folder();
    Table::from_csv(&write(&folder, "rows.csv", text.as_ref()), columns)
}

/// The error's message, which must name the file.
fn message<T: std::fmt::Debug>(result: Result<T, DataError>, file: &str) -> String {
    let message = result.expect_err("an error").to_string();
    assert!(message.contains(file), "{message}");
    message
}

#[test]
fn idx_is_read_plain_and_compressed_whatever_the_name() {
    let bytes = idx(&[2, 2, 3], 12);
    for bytes in [bytes.clone(), gzip(&bytes)] {
        let images = read_idx(&bytes).expect("images");
        assert_eq!((images.count(), images.channels()), (2, 1));
        assert_eq!(
            (images.height(), images.width(), images.levels()),
            (2, 3, 256)
        );
        assert_eq!(images.image(1), [6, 7, 8, 9, 10, 11]);
        assert!(images.labels().is_none());
    }
}

#[test]
fn colour_is_put_channels_first() {
    let images = read_idx(&idx(&[2, 1, 2, 3], 12)).expect("images");
    assert_eq!((images.channels(), images.dim()), (3, 6));
    assert_eq!(images.image(0), [0, 3, 1, 4, 2, 5]);
    assert_eq!(images.image(1), [6, 9, 7, 10, 8, 11]);
}

#[test]
fn a_folder_of_mnist_is_found() {
    let folder = folder();
    let (images, labels) = (idx(&[3, 2, 2], 12), idx(&[3], 3));
    write(&folder, "train-images-idx3-ubyte", &images);
    write(&folder, "train-labels-idx1-ubyte.gz", &gzip(&labels));
    write(&folder, "t10k-images-idx3-ubyte.gz", &gzip(&images));
    let missing = message(Images::mnist(folder.path()), "t10k-labels-idx1-ubyte");
    assert!(missing.contains(".gz"), "{missing}");

    write(&folder, "t10k-labels-idx1-ubyte", &labels);
    let (train, test) = Images::mnist(folder.path()).expect("both parts");
    assert_eq!(train, test);
    assert_eq!(train.labels(), Some([0, 1, 2].as_slice()));
}

#[test]
fn unsound_idx_is_refused() {
    let good = idx(&[2, 2, 3], 12);
    assert!(matches!(
        read_idx(&good[..20]),
        Err(DataError::IdxTruncated {
            expected: 28,
            found: 20,
            ..
        })
    ));
    assert!(matches!(
        read_idx(&good[..6]),
        Err(DataError::IdxTruncated {
            expected: 8,
            found: 6,
            ..
        })
    ));
    assert!(matches!(
        read_idx(&[]),
        Err(DataError::IdxTruncated {
            expected: 4,
            found: 0,
            ..
        })
    ));
    assert!(matches!(
        read_idx(&[good.clone(), vec![0]].concat()),
        Err(DataError::IdxTrailing { expected: 28, .. })
    ));
    assert!(matches!(
        read_idx(b"\x89PNG...."),
        Err(DataError::IdxMagic { .. })
    ));
    assert!(matches!(
        read_idx(&idx(&[12], 12)),
        Err(DataError::IdxMagic { .. })
    ));
    assert!(matches!(
        read_idx(&idx(&[0, 2, 3], 0)),
        Err(DataError::Empty { .. })
    ));
    assert!(matches!(
        read_idx(&idx(&[5, 2, 0], 0)),
        Err(DataError::Empty { .. })
    ));
    assert!(matches!(
        read_idx(&gzip(&good)[..20]),
        Err(DataError::Read { .. })
    ));

    let huge = message(read_idx(&idx(&[u32::MAX; 4], 0)), "images");
    assert!(
        huge.contains("4294967295") && huge.contains("4294967296 bytes"),
        "{huge}"
    );
    let magic = message(read_idx(b"GIF89a"), "images");
    assert!(
        magic.contains("[47, 49, 46, 38]") && magic.contains("00 00 08 03"),
        "{magic}"
    );
}

#[test]
fn more_than_the_header_says_is_not_unfolded() {
    let mut bytes = idx(&[1, 2, 2], 4);
    bytes.resize(50_000_000, 0);
    assert!(matches!(
        read_idx(&gzip(&bytes)),
        Err(DataError::IdxTrailing { expected: 20, .. })
    ));
}

#[test]
fn labels_must_fit_their_images() {
    let folder = folder();
    let images = write(&folder, "images", &idx(&[3, 1, 1], 3));
    let labels = write(&folder, "labels", &idx(&[4], 4));
    let text = message(Images::from_idx(&images, Some(&labels)), "labels");
    assert!(text.contains("4 labels for 3 images"), "{text}");
    let swapped = Images::from_idx(&labels, Some(&images));
    assert!(matches!(swapped, Err(DataError::IdxMagic { .. })));
}

#[test]
fn levels_bound_the_pixels() {
    let images = read_idx(&idx(&[3, 1, 2], 6)).expect("images");
    assert_eq!(images.clone().with_levels(6).expect("levels").levels(), 6);
    assert!(matches!(
        images.clone().with_levels(3),
        Err(DataError::Levels {
            image: 1,
            pixel: 3,
            levels: 3
        })
    ));
    assert!(images.clone().with_levels(257).is_err());
    assert!(images.with_levels(0).is_err());
}

#[test]
fn files_that_are_not_there_are_named() {
    let gone = Path::new("no/such/file");
    let read = |result: DataError| matches!(result, DataError::Read { .. });
    assert!(read(Images::from_idx(gone, None).expect_err("nothing")));
    assert!(read(
        Table::from_csv(gone, &Columns::all()).expect_err("nothing")
    ));
    assert!(read(
        Images::from_folder(gone, Resize { side: 8 }).expect_err("nothing")
    ));
    message(Images::mnist(gone), "no/such/file");
    let folder = folder();
    assert!(read(
        Images::from_idx(folder.path(), None).expect_err("a folder")
    ));
}

#[test]
fn csv_gives_columns_in_the_order_asked() {
    let text = "a, b ,kind,c\n1,2,x,3\n-4e1,5.5,w,6\n7,8,x,9\n";
    for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
        let columns = Columns::named(&["c", "b"]).with_label("kind");
        let table = read_csv(bytes, &columns).expect("a table");
        assert_eq!((table.rows(), table.columns()), (3, 2));
        assert_eq!(table.values(), [3.0, 2.0, 6.0, 5.5, 9.0, 8.0]);
        assert_eq!(table.classes(), ["w", "x"]);
        assert_eq!(table.labels(), Some([1, 0, 1].as_slice()));
        let part = table.select(&[2, 1]);
        assert_eq!(
            (part.row(0), part.labels()),
            ([9.0, 8.0].as_slice(), Some([1, 0].as_slice()))
        );
    }
    let all = read_csv(text, &Columns::all().with_label("kind")).expect("a table");
    assert_eq!(all.names(), ["a", "b", "c"]);
}

#[test]
fn unsound_csv_is_refused_by_row_and_column() {
    let all = Columns::all();
    let text = message(read_csv("a,b\n1,2\n3,many\n", &all), "rows.csv");
    assert!(text.contains("row 2 column \"b\": \"many\""), "{text}");
    for bad in [
        "",
        "NaN",
        "inf",
        "-Infinity",
        "1e999",
        "1 2",
        "0x10",
        "1_000",
    ] {
        let result = read_csv(format!("a,b\n1,2\n3,4\n5,\"{bad}\"\n"), &all);
        assert!(
            matches!(&result, Err(DataError::Number { row: 3, text, .. }) if text == bad),
            "{bad}: {result:?}"
        );
    }
    let ragged = read_csv("a,b\n1,2\n3\n", &all);
    assert!(matches!(
        ragged,
        Err(DataError::Ragged {
            row: 2,
            expected: 2,
            found: 1,
            ..
        })
    ));
    let column = message(read_csv("a,b\n1,2\n", &Columns::named(&["z"])), "rows.csv");
    assert!(
        column.contains("\"z\"") && column.contains("[\"a\", \"b\"]"),
        "{column}"
    );
    assert!(read_csv("a,b\n1,2\n", &all.clone().with_label("z")).is_err());
    assert!(matches!(read_csv("", &all), Err(DataError::Empty { .. })));
    assert!(matches!(
        read_csv("a,b\n", &all),
        Err(DataError::Empty { .. })
    ));
    assert!(matches!(
        read_csv("a\nx\n", &all.clone().with_label("a")),
        Err(DataError::Empty { .. })
    ));
    assert!(matches!(
        read_csv(b"a,b\n1,\xff\n", &all),
        Err(DataError::Csv { row: 1, .. })
    ));
    let cut = gzip(format!("a,b\n{}", "1,2\n".repeat(50)).as_bytes());
    assert!(matches!(
        read_csv(&cut[..cut.len() - 9], &all),
        Err(DataError::Read { .. })
    ));
}

#[test]
fn long_fields_are_cut_in_messages() {
    let error = read_csv(format!("a\n{}\n", "é".repeat(5000)), &Columns::all());
    assert!(message(error, "rows.csv").chars().count() < 300);
}

#[test]
fn widths_must_fit_the_columns() {
    let table = read_csv("a,b\n1,2\n", &Columns::all()).expect("a table");
    assert_eq!(table.clone().dequantize(0), table);
    for bad in [
        vec![1.0],
        vec![1.0, -0.1],
        vec![1.0, f64::NAN],
        vec![f64::INFINITY, 0.0],
    ] {
        assert!(matches!(
            table.clone().with_widths(bad),
            Err(DataError::Widths { columns: 2, .. })
        ));
    }
    let noisy = table
        .with_widths(vec![0.5, 0.0])
        .expect("widths")
        .dequantize(0);
    assert_ne!(noisy.row(0)[0], 1.0);
    assert_eq!(noisy.row(0)[1], 2.0);
}

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
    assert!(matches!(read(8), Err(DataError::Empty { .. })));
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

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(0),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Cut anywhere and with any bit flipped, a file gives data or an error.
    #[test]
    fn damaged_idx_never_panics(cut in 0usize..=64, at in 0usize..64, bit in 0u8..8, packed: bool) {
        let mut bytes = idx(&[4, 2, 2, 3], 48);
        if packed {
            bytes = gzip(&bytes);
        }
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        bytes.truncate(cut.max(at + 1));
        if let Ok(images) = read_idx(&bytes) {
            prop_assert_eq!(images.pixels().len(), images.count() * images.dim());
        }
    }

    #[test]
    fn damaged_csv_never_panics(cut in 0usize..=64, at in 0usize..64, bit in 0u8..8, packed: bool) {
        let mut bytes = b"a,b,kind\n1.5,2,x\n-3,4e2,y\n5,6,\"x\"\n".to_vec();
        if packed {
            bytes = gzip(&bytes);
        }
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        bytes.truncate(cut.max(at + 1));
        if let Ok(table) = read_csv(&bytes, &Columns::all().with_label("kind")) {
            prop_assert!(table.values().iter().all(|value| value.is_finite()));
            prop_assert_eq!(table.labels().map(<[usize]>::len), Some(table.rows()));
        }
    }
}
