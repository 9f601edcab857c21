//! Images and labels in IDX files.

use proptest::prelude::*;
use thalweg_data::{DataError, FileError, Images};

use thalweg_mutate::{cases, damaged, damages};

use super::{file_error, folder, gzip, message, write};

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

fn read_labelled(images: &[u8], labels: &[u8]) -> Result<Images, DataError> {
    let folder = folder();
    let images = write(&folder, "images", images);
    Images::from_idx(&images, Some(&write(&folder, "labels", labels)))
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
fn mnist_is_found_in_its_other_spelling_and_where_torchvision_puts_it() {
    let (images, labels) = (idx(&[3, 2, 2], 12), idx(&[3], 3));
    let fill = |folder: &std::path::Path, dotted: bool, packed: bool| {
        std::fs::create_dir_all(folder).expect("a folder");
        for part in ["train", "t10k"] {
            for (name, bytes) in [("images-idx3", &images), ("labels-idx1", &labels)] {
                let name = format!("{part}-{name}-ubyte");
                let name = if dotted {
                    name.replace("-idx", ".idx")
                } else {
                    name
                };
                match packed {
                    true => std::fs::write(folder.join(name + ".gz"), gzip(bytes)),
                    false => std::fs::write(folder.join(name), bytes),
                }
                .expect("a file");
            }
        }
    };
    for (inside, dotted, packed) in [
        ("", true, false),
        ("", true, true),
        ("raw", false, false),
        ("MNIST/raw", false, true),
        ("FashionMNIST/raw", true, false),
    ] {
        let folder = folder();
        fill(&folder.path().join(inside), dotted, packed);
        let (train, test) = Images::mnist(folder.path()).expect("both parts");
        assert_eq!((train.count(), &train), (3, &test), "{inside}");
    }
    // Kaggle's folders have the names of their files.
    let nested = folder();
    for name in ["train-images", "train-labels", "t10k-images", "t10k-labels"] {
        let (kind, bytes) = match name.ends_with("images") {
            true => ("-idx3-ubyte", &images),
            false => ("-idx1-ubyte", &labels),
        };
        let name = format!("{name}{kind}");
        std::fs::create_dir(nested.path().join(&name)).expect("a folder");
        write(&nested, &format!("{name}/{name}"), bytes);
    }
    assert!(Images::mnist(nested.path()).is_ok());
    // Two sets side by side are an error.
    let two = folder();
    fill(&two.path().join("MNIST/raw"), false, false);
    fill(&two.path().join("KMNIST/raw"), false, false);
    let said = message(Images::mnist(two.path()), "KMNIST");
    assert!(said.contains("give the folder of one of them"), "{said}");
    let none = message(Images::mnist(folder().path()), "train-images-idx3-ubyte");
    assert!(none.contains("train-images.idx3-ubyte"), "{none}");
}

#[test]
fn unsound_idx_is_refused() {
    let good = idx(&[2, 2, 3], 12);
    for (found, expected) in [(20, 28), (6, 8), (0, 4)] {
        let FileError::IdxTruncated {
            expected: declared,
            found: bytes,
        } = file_error(read_idx(&good[..found]))
        else {
            panic!("{found} bytes");
        };
        assert_eq!((bytes, declared), (found as u64, expected));
    }
    let error = |bytes: &[u8]| file_error(read_idx(bytes));
    let longer = error(&[good.clone(), vec![0]].concat());
    assert!(matches!(longer, FileError::IdxTrailing { expected: 28 }));
    for foreign in [b"\x89PNG....".to_vec(), idx(&[12], 12)] {
        assert!(matches!(error(&foreign), FileError::IdxMagic { .. }));
    }
    for sizes in [[0, 2, 3], [5, 2, 0]] {
        assert!(matches!(error(&idx(&sizes, 0)), FileError::Empty(_)));
    }
    let half = &gzip(&good)[..20];
    assert!(matches!(error(half), FileError::Read(_)));

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
        file_error(read_idx(&gzip(&bytes))),
        FileError::IdxTrailing { expected: 20, .. }
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
    assert!(matches!(file_error(swapped), FileError::IdxMagic { .. }));
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

proptest! {
    #![proptest_config(cases(256))]

    /// A damaged file gives data or an error.
    #[test]
    fn damage_never_panics(damages in damages(), channels in 0..2_u8, packed: bool) {
        let shape: &[u32] = if channels == 0 { &[4, 4, 3] } else { &[4, 2, 2, 3] };
        let sound = idx(shape, 48);
        let sound = if packed { gzip(&sound) } else { sound };
        let bytes = damaged(&sound, &damages, &idx(&[4], 4));
        if let Ok(images) = read_idx(&bytes) {
            prop_assert_eq!(images.pixels().len(), images.count() * images.dim());
        }
        if let Ok(images) = read_labelled(&idx(&[4, 4, 3], 48), &bytes) {
            prop_assert_eq!(images.labels().map(<[u8]>::len), Some(images.count()));
        }
    }
}
