//! Images to files: pictures and IDX.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};

use crate::read::FileError;
use crate::{DataError, Images};

impl Images {
    /// Writes each image as a PNG of its own size into a folder, which is made where it is not there, and returns the
    /// paths. Levels are spread over 0 to 255; [`to_levels`](Self::to_levels) of the pictures gives them back.
    ///
    /// The files are called by the images' [names](Self::names), with `.png` in place of another ending, or else by
    /// their numbers, from `0.png` on with as many digits as the last one has.
    ///
    /// See [`Images::from_folder`] for an example.
    ///
    /// # Errors
    ///
    /// [`DataError::Channels`] unless there are 1 or 3 channels, [`DataError::LevelCount`] for one level,
    /// [`DataError::FileName`] for a name that is no name of a file or that two images share, and
    /// [`DataError::File`] for a file that cannot be written.
    pub fn save_pictures(&self, folder: impl AsRef<Path>) -> Result<Vec<PathBuf>, DataError> {
        let paths = self.picture_paths(folder.as_ref())?;
        let images = self.to_levels(256)?;
        for (index, path) in paths.iter().enumerate() {
            let bytes = images.png(index)?;
            thalweg_file::write(path, &bytes).map_err(|error| FileError::Write(error).at(path))?;
        }
        Ok(paths)
    }

    /// The paths of [`save_pictures`](Self::save_pictures), which it writes.
    ///
    /// ```
    /// use std::path::Path;
    /// use thalweg_data::digits;
    ///
    /// let names = ["nought.jpg", "one"].map(str::to_owned);
    /// let two = digits().select(&[0, 1]).with_names(names.into());
    /// assert_eq!(two.picture_paths("out")?, ["out/nought.png", "out/one.png"].map(Path::new));
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::FileName`] as there.
    pub fn picture_paths(&self, folder: impl AsRef<Path>) -> Result<Vec<PathBuf>, DataError> {
        Self::paths_of_pictures(folder, self.count(), self.names())
    }

    /// The paths of [`save_pictures`](Self::save_pictures) of images that are not there yet: of their number, and of their
    /// names where they will have some.
    ///
    /// ```
    /// use thalweg_data::Images;
    ///
    /// let paths = Images::paths_of_pictures("out", 11, None)?;
    /// assert!(paths.len() == 11 && paths[3].ends_with("out/03.png"));
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::FileName`] as there.
    ///
    /// # Panics
    ///
    /// For names of another number of images.
    pub fn paths_of_pictures(
        folder: impl AsRef<Path>,
        count: usize,
        names: Option<&[String]>,
    ) -> Result<Vec<PathBuf>, DataError> {
        if let Some(names) = names {
            assert!(
                names.len() == count,
                "there must be one name an image, got {} names and {count} images",
                names.len()
            );
        }
        let digits = count.saturating_sub(1).to_string().len();
        let name = |index: usize| match names {
            None => Ok(format!("{index:0digits$}.png")),
            Some(names) => file_name(&names[index]),
        };
        let names: Vec<String> = (0..count).map(name).collect::<Result<_, _>>()?;
        let mut sorted: Vec<&String> = names.iter().collect();
        sorted.sort();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(DataError::FileName {
                name: pair[0].clone(),
                problem: "two images have it",
            }),
            None => {
                let paths = names.iter().map(|name| folder.as_ref().join(name));
                Ok(paths.collect())
            }
        }
    }

    /// Writes the images as one IDX file of unsigned bytes, `[count, height, width]` or, of several channels,
    /// `[count, height, width, channels]`, as [`from_idx`](Self::from_idx) reads it; without labels and names.
    ///
    /// See [`Images::from_idx`] for an example.
    ///
    /// # Errors
    ///
    /// [`DataError::File`] for a file that cannot be written, and for a size beyond 32 bits.
    pub fn save_idx(&self, path: impl AsRef<Path>) -> Result<(), DataError> {
        let path = path.as_ref();
        let mut sizes = vec![self.count(), self.height, self.width];
        if self.channels > 1 {
            sizes.push(self.channels);
        }
        let mut bytes = vec![0, 0, 8, sizes.len() as u8];
        for size in sizes {
            let size = u32::try_from(size)
                .map_err(|_| FileError::TooLarge(format!("a size of {size}")).at(path))?;
            bytes.extend(size.to_be_bytes());
        }
        let images = self.pixels.chunks(self.dim());
        bytes.extend(images.flat_map(|image| self.channels_last(image)));
        thalweg_file::write(path, &bytes).map_err(|error| FileError::Write(error).at(path))
    }

    /// The bytes of an image, from channels first to channels last.
    fn channels_last<'a>(&self, image: &'a [u8]) -> impl Iterator<Item = u8> + use<'a> {
        let plane = self.height * self.width;
        (0..plane).flat_map(move |at| image.iter().skip(at).step_by(plane).copied())
    }

    /// The bytes of the PNG of an image of 256 levels.
    fn png(&self, index: usize) -> Result<Vec<u8>, DataError> {
        let (width, height) = (self.width as u32, self.height as u32);
        let bytes: Vec<u8> = self.channels_last(self.image(index)).collect();
        let picture = match self.channels {
            1 => GrayImage::from_raw(width, height, bytes).map(DynamicImage::from),
            3 => RgbImage::from_raw(width, height, bytes).map(DynamicImage::from),
            _ => None,
        };
        let wrong = DataError::Channels {
            channels: self.channels,
        };
        let mut png = Cursor::new(Vec::new());
        let written = picture.ok_or(wrong)?.write_to(&mut png, ImageFormat::Png);
        written.map_err(|error| FileError::Image(error).at("a picture".as_ref()))?;
        Ok(png.into_inner())
    }
}

/// A name of an image as the name of a PNG file.
fn file_name(name: &str) -> Result<String, DataError> {
    let wrong = |problem| DataError::FileName {
        name: name.to_owned(),
        problem,
    };
    if name.contains(['/', '\\', '\0']) || name.is_empty() || name.starts_with('.') {
        return Err(wrong(
            "it is empty, hidden or the name of a folder; give other names",
        ));
    }
    let known = [".png", ".jpg", ".jpeg", ".jpe", ".jfif"];
    let lower = name.to_ascii_lowercase();
    let ending = known.iter().find(|ending| lower.ends_with(**ending));
    let stem = &name[..name.len() - ending.map_or(0, |ending| ending.len())];
    Ok(format!("{stem}.png"))
}
