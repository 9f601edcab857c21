//! Latents of images, images of latents, and paths between them.

use burn::tensor::{DType, Tensor, TensorData};
use thalweg_data::Images;
use thalweg_flow::FlowError;
use thalweg_flow::latent::Path;

use crate::error::MARGIN;
use crate::{AnyImages, ImageError, ImagesError};

impl AnyImages {
    /// Numbers in a latent.
    pub fn latent_width(&self) -> usize {
        self.model.width(self.image())
    }

    /// Whether [`decode`](Self::decode) gives each image that [`encode`](Self::encode) took back, to the last bit: that
    /// of flows. The latents of a VAE and an f-VAE leave out what their decoder smooths.
    pub fn is_lossless(&self) -> bool {
        !self.is_bound()
    }

    /// The latent of each image, `[latent_width]` numbers.
    ///
    /// A pixel of level `x` of `L` enters as the middle of its bin, `(x + ½)/L`. For a flow the latent is decoded again, and an
    /// image that does not come back is an error of its own: so what [`decode`](Self::decode) gives is known to be the
    /// image. For a VAE and an f-VAE it is the middle of the posterior, and nothing is compared.
    ///
    /// # Errors
    ///
    /// Images of another size or other levels; an integration that fails.
    pub fn encode(
        &self,
        images: &Images,
    ) -> Result<Vec<Result<Vec<f32>, ImageError>>, ImagesError> {
        self.require(images)?;
        let mut found = Vec::with_capacity(images.count());
        for rows in Self::chunks(images.count(), images.dim()) {
            let y = self.middles(&images.select(&rows));
            // What a file of latents holds.
            let z = self.model.encode(y.clone())?.cast(DType::F32);
            let back = match self.is_lossless() {
                true => Some(self.errors(y, z.clone())?),
                false => None,
            };
            let width = self.latent_width();
            let z: Vec<f32> = numbers(z)?;
            let tolerance = self.model.tolerance();
            for (row, z) in z.chunks_exact(width).enumerate() {
                let errors = back.as_ref().map(|errors| {
                    let dim = images.dim();
                    &errors[row * dim..][..dim]
                });
                found.push(checked(z, errors, tolerance));
            }
        }
        Ok(found)
    }

    /// The images of latents, one after the other, `[images, latent_width]`.
    ///
    /// # Errors
    ///
    /// Latents of another width; an integration that fails.
    pub fn decode(&self, latents: &[f32]) -> Result<Images, ImagesError> {
        let width = self.latent_width();
        if !latents.len().is_multiple_of(width) {
            return Err(ImagesError::Latents {
                found: latents.len(),
                expected: width,
            });
        }
        let mut pixels = Vec::new();
        for rows in Self::chunks(latents.len() / width, self.image().numbers()) {
            let part = &latents[rows[0] * width..][..rows.len() * width];
            let z = self.rows(part.to_vec(), width);
            pixels.extend(self.quantized(self.decoded(z)?)?);
        }
        self.images_of(pixels)
    }

    /// `steps` images on the way from one image to another, both included, on a great circle in the latents.
    ///
    /// White: *Sampling generative networks*, 2016; see [`Path::Spherical`].
    ///
    /// See [`square`](Self::square) for an example.
    ///
    /// # Errors
    ///
    /// Fewer than two steps; unless there are two images of the model's size; as [`decode`](Self::decode).
    pub fn strip(&self, ends: &Images, steps: usize) -> Result<Images, ImagesError> {
        let z = self.corners(ends, 2, steps)?;
        let [from, to] = [0, 1].map(|end| z.clone().narrow(0, end, 1));
        self.walked(Path::Spherical.strip(from, to, steps))
    }

    /// `side × side` images between four corners, row by row: top left, top right, bottom left, bottom right.
    ///
    /// ```
    /// use thalweg_data::digits;
    /// use thalweg_images::AnyImages;
    /// use thalweg_models::NiceConfig;
    ///
    /// let nice = NiceConfig::paper(64, 17).with_depth(1).with_hidden(4);
    /// let model = AnyImages::of_nice(nice.init(&Default::default()), None)?;
    /// let corners = digits().select(&[0, 1, 2, 3]);
    /// let strip = model.strip(&corners.select(&[0, 1]), 5)?;
    /// assert_eq!(strip.select(&[0, 4]).pixels(), corners.select(&[0, 1]).pixels());
    /// let square = model.square(&corners, 3)?;
    /// assert_eq!(square.count(), 9);
    /// assert_eq!(square.select(&[0, 2, 6, 8]).pixels(), corners.pixels());
    /// # Ok::<(), thalweg_images::ImagesError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`strip`](Self::strip), of four images.
    pub fn square(&self, corners: &Images, side: usize) -> Result<Images, ImagesError> {
        let z = self.corners(corners, 4, side)?;
        self.walked(Path::Spherical.grid(z, side))
    }

    /// The latents of the images to interpolate between, of which there have to be `count`.
    fn corners(
        &self,
        images: &Images,
        count: usize,
        steps: usize,
    ) -> Result<Tensor<2>, ImagesError> {
        self.require(images)?;
        ImagesError::setting("the number of steps", steps, steps >= 2, "at least 2")?;
        let found = images.count();
        ImagesError::setting(
            "the number of images to interpolate between",
            found,
            found == count,
            if count == 2 { "2" } else { "4" },
        )?;
        Ok(self.model.encode(self.middles(images))?)
    }

    fn walked(&self, z: Tensor<2>) -> Result<Images, ImagesError> {
        self.decode(&numbers(z)?)
    }

    /// The middles of the pixels' bins, in the unit cube.
    fn middles(&self, images: &Images) -> Tensor<4> {
        let levels = self.levels(images).add_scalar(0.5);
        levels.div_scalar(f64::from(self.image().levels))
    }

    /// Images of latents in F32.
    fn decoded(&self, z: Tensor<2>) -> Result<Tensor<4>, ImagesError> {
        let z = z.cast(self.placement.dtype);
        Ok(self.model.decode(z, self.image())?)
    }

    /// The errors of all pixels by way of their latents, in levels.
    fn errors(&self, y: Tensor<4>, z: Tensor<2>) -> Result<Vec<f32>, ImagesError> {
        let back = self.decoded(z)?;
        let errors = (back - y).abs();
        numbers(errors.mul_scalar(f64::from(self.image().levels)))
    }

    fn rows(&self, values: Vec<f32>, width: usize) -> Tensor<2> {
        let shape = [values.len() / width, width];
        Tensor::from_data(
            TensorData::new(values, shape),
            (&self.placement.device, DType::F32),
        )
    }
}

/// A latent, unless it is not finite or does not give its image back.
fn checked(
    z: &[f32],
    errors: Option<&[f32]>,
    tolerance: Option<f64>,
) -> Result<Vec<f32>, ImageError> {
    if z.iter().any(|z| !z.is_finite()) {
        return Err(ImageError::NotFinite);
    }
    let errors = errors
        .unwrap_or_default()
        .iter()
        .map(|error| f64::from(*error));
    // Not a number is no small error.
    let wrong = errors.filter(|error| error.is_nan() || *error > MARGIN);
    let (pixels, error) = wrong.fold((0, 0.0_f64), |(pixels, largest), error| {
        (
            pixels + 1,
            if error > largest || error.is_nan() {
                error
            } else {
                largest
            },
        )
    });
    match pixels {
        0 => Ok(z.to_vec()),
        _ => Err(ImageError::NotBack {
            pixels,
            error,
            tolerance,
        }),
    }
}

/// A tensor's numbers on the host.
fn numbers<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ImagesError> {
    let data = tensor.try_into_data().map_err(FlowError::from)?;
    Ok(data.iter::<f32>().collect())
}
