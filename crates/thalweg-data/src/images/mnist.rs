//! A folder with the four files of MNIST, or of a set published in its form.

use std::path::{Path, PathBuf};

use crate::{DataError, Images};

impl Images {
    /// Reads the training and the test part of MNIST, or of Fashion-MNIST, from a folder.
    ///
    /// The folder holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`,
    /// `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, each plain or with `.gz` appended;
    /// where both exist the plain one is read.
    ///
    /// # Errors
    ///
    /// [`DataError::Missing`] if a file is not there, and those of [`from_idx`](Self::from_idx).
    pub fn mnist(folder: &Path) -> Result<(Self, Self), DataError> {
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

fn find(folder: &Path, name: &'static str) -> Result<PathBuf, DataError> {
    [folder.join(name), folder.join(format!("{name}.gz"))]
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| DataError::Missing {
            folder: folder.to_path_buf(),
            name,
        })
}
