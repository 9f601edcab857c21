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
            "{} numbers are no images of {apart} numbers each",
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
        let mut nothing = vec![(); self.count()];
        self.change_with(each, &mut nothing, |index, image, ()| change(index, image));
    }

    /// The same, and adds what comes back to each image's number.
    pub fn change_and_add(
        &mut self,
        each: usize,
        log_dets: &mut [f64],
        change: impl Fn(usize, &mut [f32]) -> f64 + Sync,
    ) {
        self.change_with(each, log_dets, |index, image, log_det| {
            *log_det += change(index, image);
        });
    }

    /// With something for each image.
    fn change_with<T: Send>(
        &mut self,
        each: usize,
        with: &mut [T],
        change: impl Fn(usize, &mut [f32], &mut T) + Sync,
    ) {
        let enough = self.count() * each > ENOUGH;
        let images = self.numbers.chunks_exact_mut(self.apart).zip(with);
        let change = |(index, (image, with)): (usize, (&mut [f32], &mut T))| {
            change(index, &mut image[..each], with);
        };
        match enough {
            true => share(images.enumerate(), change),
            false => images.enumerate().for_each(change),
        }
    }
}
