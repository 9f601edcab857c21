//! Images in a row.

use thalweg_kernels::share;

/// Images whose numbers begin equally far apart. Of each, a layer changes the first: those that have
/// not left at a finer scale, `[channels, height, width]`.
#[derive(Debug)]
pub struct Batch<'a> {
    numbers: &'a mut [f32],
    apart: usize,
}

/// Numbers of a batch below which another thread costs more than it helps.
const ENOUGH: usize = 1 << 14;

impl<'a> Batch<'a> {
    /// Images of so many numbers, one after the other.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole images.
    pub fn new(numbers: &'a mut [f32], apart: usize) -> Self {
        assert!(
            apart > 0 && numbers.len().is_multiple_of(apart),
            "{} numbers are no images of {apart}",
            numbers.len()
        );
        Self { numbers, apart }
    }

    /// How many images there are.
    pub fn count(&self) -> usize {
        self.numbers.len() / self.apart
    }

    /// All numbers, and how far apart the images begin.
    pub fn numbers(&self) -> (&[f32], usize) {
        (self.numbers, self.apart)
    }

    /// Changes the first `each` numbers of every image, several images at once.
    pub fn change(&mut self, each: usize, change: impl Fn(usize, &mut [f32]) + Sync) {
        let enough = self.count() * each > ENOUGH;
        let images = self.numbers.chunks_exact_mut(self.apart).enumerate();
        let change = |(index, image): (usize, &mut [f32])| change(index, &mut image[..each]);
        match enough {
            true => share(images, change),
            false => images.for_each(change),
        }
    }

    /// The same, and adds what comes back to each image's number.
    pub fn change_and_add(
        &mut self,
        each: usize,
        log_dets: &mut [f64],
        change: impl Fn(usize, &mut [f32]) -> f64 + Sync,
    ) {
        let enough = self.count() * each > ENOUGH;
        let images = self.numbers.chunks_exact_mut(self.apart).enumerate();
        let change = |((index, image), log_det): ((usize, &mut [f32]), &mut f64)| {
            *log_det += change(index, &mut image[..each]);
        };
        match enough {
            true => share(images.zip(log_dets), change),
            false => images.zip(log_dets).for_each(change),
        }
    }
}
