//! Images of one size, in memory.

mod convert;
mod folder;
mod idx;
mod mnist;
mod picture;
mod write;

pub use folder::Resize;

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::DataError;

/// Images of one size: whole pixel values in `0..levels`, channels first.
///
/// An image is a row of `dim() = channels × height × width` bytes; pixel `(c, y, x)` has the index
/// `(c · height + y) · width + x`. Labels, names and groups are optional.
///
/// ```
/// use thalweg_data::Images;
///
/// let digits: Images = thalweg_data::digits();
/// assert_eq!((digits.count(), digits.height(), digits.width()), (1797, 8, 8));
/// assert_eq!((digits.channels(), digits.size(), digits.dim()), (1, [1, 8, 8], 64));
/// assert_eq!(digits.levels(), 17);
/// let two = digits.select(&[0, 5]);
/// assert_eq!(two.pixels(), [digits.image(0), digits.image(5)].concat());
/// assert_eq!(two.to_tensor(&Default::default()).dims(), [2, 64]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    channels: usize,
    height: usize,
    width: usize,
    levels: u32,
    pixels: Vec<u8>,
    labels: Option<Vec<u8>>,
    names: Option<Vec<String>>,
    groups: Option<Vec<String>>,
}

impl Images {
    /// Images of 256 levels from pixels `[count, channels, height, width]`; no size may be 0.
    fn new([channels, height, width]: [usize; 3], pixels: Vec<u8>) -> Self {
        debug_assert_eq!(pixels.len() % (channels * height * width), 0);
        Self {
            channels,
            height,
            width,
            levels: 256,
            pixels,
            labels: None,
            names: None,
            groups: None,
        }
    }

    /// The same images with a name and a group each.
    pub(crate) fn named(mut self, names: Vec<String>, groups: Vec<String>) -> Self {
        debug_assert!(names.len() == self.count() && groups.len() == self.count());
        self.names = Some(names);
        self.groups = Some(groups);
        self
    }

    /// The same images, whose pixels lie in `0..levels`.
    ///
    /// ```
    /// use thalweg_data::Images;
    ///
    /// let images = Images::from_pixels([1, 1, 2], 256, vec![0, 3])?;
    /// assert_eq!(images.clone().with_levels(4)?.levels(), 4);
    /// assert!(images.with_levels(3).is_err()); // the pixel 3
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Levels`] if `levels` is above 256 or a pixel is not below `levels`.
    pub fn with_levels(mut self, levels: u32) -> Result<Self, DataError> {
        let outside = |pixel: &u8| u32::from(*pixel) >= levels;
        let found = self.pixels.iter().position(outside);
        if let Some(at) = found.or((levels > 256).then_some(0)) {
            return Err(DataError::Levels {
                image: at / self.dim(),
                pixel: self.pixels[at],
                levels,
            });
        }
        self.levels = levels;
        Ok(self)
    }

    /// The number of images.
    pub fn count(&self) -> usize {
        self.pixels.len() / self.dim()
    }

    /// The number of channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The number of rows of pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The number of columns of pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// `[channels, height, width]`.
    pub fn size(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }

    /// The number of values of an image: `channels × height × width`.
    pub fn dim(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// The number of values a pixel may take, at most 256.
    pub fn levels(&self) -> u32 {
        self.levels
    }

    /// All pixels, image by image, `count() × dim()`.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The pixels of one image.
    ///
    /// # Panics
    ///
    /// If there is no such image.
    pub fn image(&self, index: usize) -> &[u8] {
        &self.pixels[index * self.dim()..(index + 1) * self.dim()]
    }

    /// The class of each image.
    pub fn labels(&self) -> Option<&[u8]> {
        self.labels.as_deref()
    }

    /// The name of each image.
    ///
    /// See [`groups`](Self::groups) for an example.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// The group of each image: images of a group are variants of each other. See
    /// [`RowSplit::by_group`](crate::RowSplit::by_group).
    ///
    /// ```
    /// let people = thalweg_data::noto_people();
    /// let (names, groups) = (people.names().unwrap(), people.groups().unwrap());
    /// assert_eq!((&names[1][..], &groups[1][..]), ("santa+1F3FB", "santa")); // in one skin tone of five
    /// assert_eq!(thalweg_data::digits().groups(), None);
    /// ```
    pub fn groups(&self) -> Option<&[String]> {
        self.groups.as_deref()
    }

    /// The images with these indices, in this order; an index may repeat.
    ///
    /// # Panics
    ///
    /// If an index is not below [`count`](Self::count).
    pub fn select(&self, indices: &[usize]) -> Self {
        fn pick<T: Clone>(all: &Option<Vec<T>>, indices: &[usize]) -> Option<Vec<T>> {
            let all = all.as_ref()?;
            Some(indices.iter().map(|&i| all[i].clone()).collect())
        }
        Self {
            pixels: indices
                .iter()
                .flat_map(|&i| self.image(i))
                .copied()
                .collect(),
            labels: pick(&self.labels, indices),
            names: pick(&self.names, indices),
            groups: pick(&self.groups, indices),
            ..*self
        }
    }

    /// All images as `[count, dim]`, each pixel a whole number in `0..levels` as a float.
    pub fn to_tensor(&self, device: &Device) -> Tensor<2> {
        let values: Vec<f32> = self.pixels.iter().map(|&pixel| pixel.into()).collect();
        Tensor::from_data(TensorData::new(values, [self.count(), self.dim()]), device)
    }

    /// All images as `[count, channels, height, width]`, with the values of
    /// [`to_tensor`](Self::to_tensor).
    pub fn to_planes(&self, device: &Device) -> Tensor<4> {
        let shape = [self.count(), self.channels, self.height, self.width];
        self.to_tensor(device).reshape(shape)
    }

    /// The labels as `[count]`.
    pub fn label_tensor(&self, device: &Device) -> Option<Tensor<1, Int>> {
        let labels: Vec<i64> = self.labels.as_ref()?.iter().map(|&l| l.into()).collect();
        let count = labels.len();
        Some(Tensor::from_data(TensorData::new(labels, [count]), device))
    }

    /// The images as [`to_planes`](Self::to_planes) gives them, and their labels.
    ///
    /// ```
    /// use burn::tensor::Device;
    ///
    /// let (digits, device) = (thalweg_data::digits(), Device::default());
    /// let (images, labels) = digits.to_labelled(&device)?;
    /// assert_eq!((images.dims(), labels.dims()), ([1797, 1, 8, 8], [1797]));
    /// assert_eq!(images.into_data(), digits.to_planes(&device).into_data());
    /// assert_eq!(Some(labels.into_data()), digits.label_tensor(&device).map(|labels| labels.into_data()));
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::NoLabels`] if they have none.
    pub fn to_labelled(&self, device: &Device) -> Result<(Tensor<4>, Tensor<1, Int>), DataError> {
        let labels = self.label_tensor(device).ok_or(DataError::NoLabels)?;
        Ok((self.to_planes(device), labels))
    }
}

/// The bytes of an image, from channels last to channels first.
fn planes(image: &[u8], channels: usize) -> impl Iterator<Item = u8> {
    (0..channels).flat_map(move |channel| image.iter().skip(channel).step_by(channels).copied())
}
