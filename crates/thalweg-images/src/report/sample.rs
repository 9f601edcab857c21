//! A random sample of images that come one after the other.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use thalweg_data::Images;

use crate::ImagesError;

/// Images of a sheet.
const MOST: usize = 64;
/// The seed.
const SEED: u64 = 0x7265_706f;

/// A sample in which each image is as likely as any other, in order.
///
/// J. S. Vitter: *Random sampling with a reservoir*, 1985, algorithm R.
#[derive(Debug)]
pub(super) struct Sample {
    rng: ChaCha8Rng,
    seen: usize,
    kept: Vec<(usize, Images)>,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(SEED),
            seen: 0,
            kept: vec![],
        }
    }
}

impl Sample {
    /// Adds an image of several.
    pub(super) fn add(&mut self, images: &Images, row: usize) {
        let place = match self.seen < MOST {
            true => self.seen,
            false => self.rng.random_range(0..=self.seen),
        };
        if place < MOST {
            let image = (self.seen, images.select(&[row]));
            match self.kept.get_mut(place) {
                Some(old) => *old = image,
                None => self.kept.push(image),
            }
        }
        self.seen += 1;
    }

    /// The sample.
    pub(super) fn finish(mut self) -> Result<Images, ImagesError> {
        self.kept.sort_by_key(|(place, _)| *place);
        let images: Vec<Images> = self.kept.into_iter().map(|(_, image)| image).collect();
        Ok(Images::join(&images)?)
    }
}
