//! Data in three parts, and the sets of images that the examples use so.

use std::path::Path;

use crate::{DataError, FileError, Images, Resize, RowSplit, digits, fashion_mnist, noto_people};

/// Data to train on, to choose settings by, and to measure the chosen model with.
///
/// ```
/// use thalweg_data::Parts;
///
/// let digits = Parts::digits().map(|images| images.to_tensor(&Default::default()));
/// assert_eq!(digits.train.dims(), [1439, 64]);
/// assert_eq!(digits.test.dims(), [179, 64]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<T> {
    /// To train on.
    pub train: T,
    /// To choose settings and stop by.
    pub validation: T,
    /// For the final figure.
    pub test: T,
}

impl<T> Parts<T> {
    /// The same function of each part.
    pub fn map<U>(self, mut each: impl FnMut(T) -> U) -> Parts<U> {
        Parts {
            train: each(self.train),
            validation: each(self.validation),
            test: each(self.test),
        }
    }

    /// The same function of each part.
    ///
    /// ```
    /// use thalweg_data::Parts;
    ///
    /// let parts = Parts::fashion().try_map(|images| images.to_bins(32))?;
    /// assert_eq!(parts.train.levels(), 32);
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The first error of the function.
    pub fn try_map<U, E>(self, mut each: impl FnMut(T) -> Result<U, E>) -> Result<Parts<U>, E> {
        Ok(Parts {
            train: each(self.train)?,
            validation: each(self.validation)?,
            test: each(self.test)?,
        })
    }
}

impl RowSplit {
    /// The rows of each part, taken by `select`.
    ///
    /// ```
    /// use thalweg_data::{RowSplit, penguins};
    ///
    /// let table = penguins();
    /// let split = RowSplit::random(table.rows(), [0.8, 0.1, 0.1], 0)?;
    /// let parts = split.parts(|rows| table.select(rows));
    /// assert_eq!(parts.train.rows() + parts.validation.rows() + parts.test.rows(), 342);
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn parts<T>(&self, select: impl Fn(&[usize]) -> T) -> Parts<T> {
        Parts {
            train: select(&self.train),
            validation: select(&self.validation),
            test: select(&self.test),
        }
    }
}

impl Parts<Images> {
    /// A training set, its last `validation` images held out, and a test set.
    ///
    /// ```
    /// use thalweg_data::{Parts, fashion_mnist};
    ///
    /// let (train, test) = fashion_mnist();
    /// let parts = Parts::held_out(&train, 300, test);
    /// assert_eq!((parts.train.count(), parts.validation.count(), parts.test.count()), (1700, 300, 400));
    /// ```
    ///
    /// # Panics
    ///
    /// If the training set has fewer images.
    pub fn held_out(train: &Images, validation: usize, test: Images) -> Self {
        let count = train.count();
        assert!(
            validation <= count,
            "{validation} images to validate with, and only {count} images to train on"
        );
        let rows: Vec<usize> = (0..count).collect();
        let (first, last) = rows.split_at(count - validation);
        Self {
            train: train.select(first),
            validation: train.select(last),
            test,
        }
    }

    /// MNIST, or a set in its format, from a [folder](Images::mnist): the last `validation` training
    /// images are held out.
    ///
    /// ```
    /// use thalweg_data::{Parts, digits};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// for (part, count) in [("train", 10), ("t10k", 4)] {
    ///     let few = digits().select(&(0..count).collect::<Vec<_>>());
    ///     few.save_idx(folder.path().join(format!("{part}-images-idx3-ubyte")))?;
    ///     let labels = [&[0, 0, 8, 1, 0, 0, 0, count as u8][..], few.labels().unwrap()].concat();
    ///     std::fs::write(folder.path().join(format!("{part}-labels-idx1-ubyte")), labels)?;
    /// }
    /// let counts = Parts::mnist(folder.path(), 3)?.map(|images| images.count());
    /// assert_eq!(counts, Parts { train: 7, validation: 3, test: 4 });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Images::mnist`].
    ///
    /// # Panics
    ///
    /// If there are fewer training images.
    pub fn mnist(folder: &Path, validation: usize) -> Result<Self, DataError> {
        let (train, test) = Images::mnist(folder)?;
        Ok(Self::held_out(&train, validation, test))
    }

    /// The embedded [digits] by [`RowSplit::modulo`].
    pub fn digits() -> Self {
        let all = digits();
        RowSplit::modulo(all.count()).parts(|rows| all.select(rows))
    }

    /// The embedded part of [Fashion-MNIST](fashion_mnist): 1,800, 200 and 400 images.
    pub fn fashion() -> Self {
        let (train, test) = fashion_mnist();
        Self::held_out(&train, 200, test)
    }

    /// The embedded [faces](noto_people), 80, 10 and 10 percent of the designs.
    ///
    /// ```
    /// use thalweg_data::Parts;
    ///
    /// let designs = Parts::faces()?.map(|images| images.groups().unwrap().to_vec());
    /// // No design is in two parts.
    /// assert!(designs.test.iter().all(|design| !designs.train.contains(design)));
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`RowSplit::by_group`].
    pub fn faces() -> Result<Self, DataError> {
        let all = noto_people();
        let groups = all.groups().unwrap_or_default();
        let split = RowSplit::by_group(groups, [0.8, 0.1, 0.1], 0)?;
        Ok(split.parts(|rows| all.select(rows)))
    }

    /// The images of a folder: [MNIST's files](Self::mnist) where it has them, with 1,000 images to
    /// validate with, else its [pictures](Images::from_folder), split 80, 10 and 10 percent.
    ///
    /// ```
    /// use thalweg_data::{Parts, Resize, digits};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// digits().select(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).save_pictures(&folder)?;
    /// let parts = Parts::open(folder.path(), Resize { side: 8 }, 0)?;
    /// assert_eq!(parts.map(|images| images.count()), Parts { train: 8, validation: 1, test: 1 });
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Images::mnist`] and [`Images::from_folder`].
    pub fn open(folder: &Path, resize: Resize, seed: u64) -> Result<Self, DataError> {
        match Self::mnist(folder, 1000) {
            Err(DataError::File {
                problem: FileError::Missing { .. },
                ..
            }) => {}
            found => return found,
        }
        let all = Images::from_folder(folder, resize)?;
        let split = RowSplit::random(all.count(), [0.8, 0.1, 0.1], seed)?;
        Ok(split.parts(|rows| all.select(rows)))
    }
}
