//! Images and labels from a pair of IDX files.

use std::path::Path;

use super::idx;
use crate::{DataError, Images, read};

impl Images {
    /// Reads images, and labels if given, from IDX files, plain or compressed by gzip.
    ///
    /// Images are unsigned bytes of shape `[count, height, width]` (magic `00 00 08 03`) or
    /// `[count, height, width, channels]` (`00 00 08 04`), labels of shape `[count]`
    /// (`00 00 08 01`); sizes are big-endian. Whether a file is compressed is read off its first
    /// bytes, whatever its name. The images get 256 levels; see [`with_levels`](Self::with_levels).
    ///
    /// # Errors
    ///
    /// [`DataError::Read`], [`DataError::IdxMagic`], [`DataError::IdxTruncated`],
    /// [`DataError::IdxTrailing`], [`DataError::TooLarge`], [`DataError::Empty`] and
    /// [`DataError::LabelCount`], each with the file's path.
    pub fn from_idx(images: &Path, labels: Option<&Path>) -> Result<Self, DataError> {
        let this = idx::images(images, read::open(images)?)?;
        match labels {
            Some(path) => this.labelled(path, idx::labels(path, read::open(path)?)?),
            None => Ok(this),
        }
    }

    /// IDX files that lie inside the program; names stand in errors only.
    pub(crate) fn from_idx_bytes(
        (images_name, images): (&str, &[u8]),
        labels: Option<(&str, &[u8])>,
    ) -> Result<Self, DataError> {
        let unfold = |name: &Path, bytes| {
            read::decompressed(bytes).map_err(|source| read::failed(name, source))
        };
        let path = Path::new(images_name);
        let this = idx::images(path, unfold(path, images)?)?;
        match labels {
            Some((name, bytes)) => {
                let path = Path::new(name);
                this.labelled(path, idx::labels(path, unfold(path, bytes)?)?)
            }
            None => Ok(this),
        }
    }

    fn labelled(mut self, path: &Path, labels: Vec<u8>) -> Result<Self, DataError> {
        if labels.len() != self.count() {
            return Err(DataError::LabelCount {
                path: path.to_path_buf(),
                labels: labels.len(),
                images: self.count(),
            });
        }
        self.labels = Some(labels);
        Ok(self)
    }
}
