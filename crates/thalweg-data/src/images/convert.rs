//! Images from pixels in memory, and images in other channels and levels.

use crate::{DataError, Images};

impl Images {
    /// Images of `[channels, height, width]` from pixels `[count, channels, height, width]`, each below `levels`.
    ///
    /// ```
    /// use thalweg_data::Images;
    ///
    /// let images = Images::from_pixels([1, 2, 2], 16, vec![0, 15, 7, 7, 1, 2, 3, 4])?;
    /// assert_eq!((images.count(), images.image(1)), (2, [1, 2, 3, 4].as_slice()));
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Pixels`] if a size is 0 or the pixels are not those of whole images, and
    /// [`DataError::Levels`] as [`with_levels`](Self::with_levels).
    pub fn from_pixels(shape: [usize; 3], levels: u32, pixels: Vec<u8>) -> Result<Self, DataError> {
        let each = shape
            .iter()
            .try_fold(1_usize, |n, side| n.checked_mul(*side));
        match each.filter(|each| *each > 0 && pixels.len().is_multiple_of(*each)) {
            Some(_) => Self::new(shape, pixels).with_levels(levels),
            None => Err(DataError::Pixels {
                pixels: pixels.len(),
                shape,
            }),
        }
    }

    /// The same images with a name each.
    ///
    /// See [`picture_paths`](Self::picture_paths) for an example.
    ///
    /// # Panics
    ///
    /// For another number of names than of images.
    pub fn with_names(mut self, names: Vec<String>) -> Self {
        assert_eq!(names.len(), self.count(), "one name for each image");
        self.names = Some(names);
        self
    }

    /// All images of these sets, in order, with their names where each set has them; without labels and groups.
    ///
    /// ```
    /// use thalweg_data::Images;
    ///
    /// let (train, test) = thalweg_data::fashion_mnist();
    /// assert_eq!(Images::join(&[train, test])?.count(), 2400);
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Sizes`] if a set has another size or other levels than the first, and [`DataError::Pixels`]
    /// without any set.
    pub fn join(sets: &[Self]) -> Result<Self, DataError> {
        let Some(first) = sets.first() else {
            return Err(DataError::Pixels {
                pixels: 0,
                shape: [0; 3],
            });
        };
        let other = sets
            .iter()
            .find(|set| set.size() != first.size() || set.levels != first.levels);
        if let Some(other) = other {
            return Err(DataError::Sizes {
                expected: first.size(),
                levels: first.levels,
                found: other.size(),
                found_levels: other.levels,
            });
        }
        let pixels = sets.iter().flat_map(|set| &set.pixels).copied().collect();
        let mut joined = Self::new(first.size(), pixels);
        joined.levels = first.levels;
        let names: Option<Vec<_>> = sets.iter().map(|set| set.names.clone()).collect();
        joined.names = names.map(|names| names.concat());
        Ok(joined)
    }

    /// Whether each pixel has the same value in all channels.
    pub fn is_grey(&self) -> bool {
        let plane = self.height * self.width;
        let grey = |image: &[u8]| {
            image
                .chunks(plane)
                .all(|channel| *channel == image[..plane])
        };
        self.pixels.chunks(self.dim()).all(grey)
    }

    /// The images with one channel: the mean of the channels, rounded.
    pub fn to_grey(&self) -> Self {
        let (plane, channels) = (self.height * self.width, self.channels);
        let mean = |image: &[u8], at: usize| {
            let values = image.iter().skip(at).step_by(plane);
            let sum: usize = values.map(|value| usize::from(*value)).sum();
            ((sum + channels / 2) / channels) as u8
        };
        let images = self.pixels.chunks(self.dim());
        let pixels = images.flat_map(|image| (0..plane).map(move |at| mean(image, at)));
        self.with_pixels(1, self.levels, pixels.collect())
    }

    /// Grey images with three equal channels. Images of more channels stay as they are.
    ///
    /// ```
    /// let grey = thalweg_data::digits();
    /// let colour = grey.to_colour();
    /// assert_eq!(colour.size(), [3, 8, 8]);
    /// assert!(colour.is_grey());
    /// assert_eq!(colour.to_grey().pixels(), grey.pixels());
    /// ```
    pub fn to_colour(&self) -> Self {
        if self.channels != 1 {
            return self.clone();
        }
        let images = self.pixels.chunks(self.dim());
        let pixels = images.flat_map(|image| image.repeat(3)).collect();
        self.with_pixels(3, self.levels, pixels)
    }

    /// The images with another number of levels: `p (levels − 1) / (own levels − 1)`, rounded. To more levels and back
    /// it gives the same images.
    ///
    /// ```
    /// let digits = thalweg_data::digits();
    /// let wide = digits.to_levels(256)?;
    /// assert_eq!((wide.levels(), *wide.pixels().iter().max().unwrap()), (256, 255));
    /// assert_eq!(wide.to_levels(17)?.pixels(), digits.pixels());
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::LevelCount`] unless the levels are in `2 ..= 256`, those of these images included.
    pub fn to_levels(&self, levels: u32) -> Result<Self, DataError> {
        self.check_levels(levels)?;
        let [from, to] = [self.levels, levels].map(|levels| levels - 1);
        let scaled = |pixel: &u8| ((u32::from(*pixel) * to * 2 + from) / (2 * from)) as u8;
        Ok(self.with_pixels(
            self.channels,
            levels,
            self.pixels.iter().map(scaled).collect(),
        ))
    }

    /// The images with fewer levels: `⌊p · levels / own levels⌋`. From 256 to 2ᵇ levels it keeps the `b` highest bits, as
    /// models of few bits are trained.
    ///
    /// ```
    /// let (clothes, _) = thalweg_data::fashion_mnist();
    /// let bits = clothes.to_bins(32)?; // the five highest bits
    /// assert!(clothes.pixels().iter().zip(bits.pixels()).all(|(all, high)| all >> 3 == *high));
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::LevelCount`] unless the levels are in `2 ..= 256`, those of these images included.
    pub fn to_bins(&self, levels: u32) -> Result<Self, DataError> {
        self.check_levels(levels)?;
        let bin = |pixel: &u8| (u32::from(*pixel) * levels / self.levels).min(255) as u8;
        let pixels = self.pixels.iter().map(bin).collect();
        Ok(self.with_pixels(self.channels, levels, pixels))
    }

    /// An error unless both numbers of levels are in `2 ..= 256`.
    fn check_levels(&self, levels: u32) -> Result<(), DataError> {
        let mut both = [levels, self.levels].into_iter();
        match both.find(|levels| !(2..=256).contains(levels)) {
            Some(levels) => Err(DataError::LevelCount { levels }),
            None => Ok(()),
        }
    }

    /// Other pixels with the same labels, names and groups.
    fn with_pixels(&self, channels: usize, levels: u32, pixels: Vec<u8>) -> Self {
        Self {
            channels,
            height: self.height,
            width: self.width,
            levels,
            pixels,
            labels: self.labels.clone(),
            names: self.names.clone(),
            groups: self.groups.clone(),
        }
    }
}
