//! A folder with the four files of MNIST, or of a set published in its form.

use std::path::{Path, PathBuf};

use crate::{DataError, Images};

impl Images {
    /// Reads the training and the test part of MNIST, or of Fashion-MNIST, from a folder.
    ///
    /// The folder holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
    /// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, or `train-images.idx3-ubyte` and so
    /// on, each plain or with `.gz` appended; where both exist the plain one is read. A folder of
    /// that name with the file in it will do. Where the folder has none of the files they are looked
    /// for in `raw`, `MNIST/raw`, `FashionMNIST/raw`, `KMNIST/raw` and `QMNIST/raw`, as torchvision
    /// lays them out.
    ///
    /// # Errors
    ///
    /// [`DataError::Missing`] if a file is not there, [`DataError::Several`] if torchvision's folders
    /// hold several sets, and those of [`from_idx`](Self::from_idx).
    pub fn mnist(folder: &Path) -> Result<(Self, Self), DataError> {
        let folder = &folder_of_files(folder)?;
        let train = part(folder, "train-images-idx3-ubyte", "train-labels-idx1-ubyte")?;
        let test = part(folder, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")?;
        Ok((train, test))
    }
}

fn part(folder: &Path, images: &'static str, labels: &'static str) -> Result<Images, DataError> {
    let images = find(folder, images)?;
    let labels = find(folder, labels)?;
    Images::from_idx(&images, Some(&labels))
}

const FILES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

const INSIDE: [&str; 5] = [
    "raw",
    "MNIST/raw",
    "FashionMNIST/raw",
    "KMNIST/raw",
    "QMNIST/raw",
];

/// The folder itself, or the one inside that has files of a set.
fn folder_of_files(folder: &Path) -> Result<PathBuf, DataError> {
    let has_files = |folder: &PathBuf| FILES.iter().any(|name| find(folder, name).is_ok());
    let itself = folder.to_path_buf();
    if has_files(&itself) {
        return Ok(itself);
    }
    let inside = INSIDE.iter().map(|name| folder.join(name));
    let found: Vec<PathBuf> = inside.filter(has_files).collect();
    match found.as_slice() {
        [] => Ok(itself),
        [only] => Ok(only.clone()),
        _ => Err(DataError::Several {
            folder: itself,
            found,
        }),
    }
}

fn find(folder: &Path, name: &'static str) -> Result<PathBuf, DataError> {
    let other = name.replacen("-idx", ".idx", 1);
    let spellings = [name, &other].map(|name| {
        let plain = folder.join(name);
        [
            plain.clone(),
            folder.join(format!("{name}.gz")),
            plain.join(name),
        ]
    });
    spellings
        .into_iter()
        .flatten()
        .find(|path| path.is_file())
        .ok_or_else(|| DataError::Missing {
            folder: folder.to_path_buf(),
            name,
        })
}
