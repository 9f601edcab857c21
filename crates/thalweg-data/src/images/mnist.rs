//! Folders with the four files of MNIST, or of another set in its format.

use std::path::{Path, PathBuf};

use crate::read::FileError;
use crate::{DataError, Images};

impl Images {
    /// Reads the training and the test part of MNIST, or of a set in its format, from a folder.
    ///
    /// The folder holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
    /// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, or `train-images.idx3-ubyte` and so
    /// on, each plain or with `.gz` appended; the plain file goes before the compressed one. A file
    /// may also lie in a folder of its own name. A folder with none of these files may hold them in
    /// `raw`, `MNIST/raw`, `FashionMNIST/raw`, `KMNIST/raw` or `QMNIST/raw`, as torchvision stores
    /// them.
    ///
    /// ```no_run
    /// use std::path::Path;
    /// use thalweg_data::Images;
    ///
    /// let (train, test) = Images::mnist(Path::new("data/mnist"))?;
    /// assert_eq!((train.count(), test.count()), (60_000, 10_000));
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::File`] with [`FileError::Missing`] if a file is not there, with
    /// [`FileError::Several`] if torchvision's folders hold several sets, and as
    /// [`from_idx`](Self::from_idx).
    pub fn mnist(folder: &Path) -> Result<(Self, Self), DataError> {
        let folder = folder_of_set(folder).map_err(|problem| problem.at(folder))?;
        let part = |images, labels| {
            let find = |name| find(&folder, name).map_err(|problem| problem.at(&folder));
            Self::from_idx(&find(images)?, Some(&find(labels)?))
        };
        let [images, labels, test_images, test_labels] = FILES;
        Ok((part(images, labels)?, part(test_images, test_labels)?))
    }
}

const FILES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

const SUBFOLDERS: [&str; 5] = [
    "raw",
    "MNIST/raw",
    "FashionMNIST/raw",
    "KMNIST/raw",
    "QMNIST/raw",
];

/// The folder itself, or the one of its [`SUBFOLDERS`] that has files of a set.
fn folder_of_set(folder: &Path) -> Result<PathBuf, FileError> {
    let has_files = |folder: &PathBuf| FILES.iter().any(|name| find(folder, name).is_ok());
    let itself = folder.to_path_buf();
    if has_files(&itself) {
        return Ok(itself);
    }
    let subfolders = SUBFOLDERS.iter().map(|name| folder.join(name));
    let mut found: Vec<PathBuf> = subfolders.filter(has_files).collect();
    match found.len() {
        0 | 1 => Ok(found.pop().unwrap_or(itself)),
        _ => Err(FileError::Several(found)),
    }
}

fn find(folder: &Path, name: &'static str) -> Result<PathBuf, FileError> {
    let dotted = name.replacen("-idx", ".idx", 1);
    let mut paths = [name, &dotted].into_iter().flat_map(|name| {
        let plain = folder.join(name);
        let compressed = folder.join(format!("{name}.gz"));
        [plain.clone(), compressed, plain.join(name)]
    });
    let found = paths.find(|path| path.is_file());
    found.ok_or(FileError::Missing { name })
}
