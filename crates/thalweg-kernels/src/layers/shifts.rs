//! Images moved by the pixels of a kernel.

/// A kernel's pixels, and the images that they move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shifts {
    /// Of the kernel, odd.
    pub(super) side: usize,
    /// Of the images.
    pub(super) height: usize,
    /// Of the images.
    pub(super) width: usize,
}

/// Whether a pixel looks as far as it lies from the kernel's middle, or as far the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Along,
    Against,
}

impl Shifts {
    pub(super) fn count(self) -> usize {
        self.side * self.side
    }

    fn positions(self) -> usize {
        self.height * self.width
    }

    /// How far each pixel looks, down and to the right.
    fn offsets(self, look: Look) -> impl Iterator<Item = (isize, isize)> {
        let middle = (self.side / 2) as isize;
        let sign = match look {
            Look::Along => 1,
            Look::Against => -1,
        };
        let side = self.side as isize;
        (0..side * side).map(move |at| (sign * (at / side - middle), sign * (at % side - middle)))
    }

    /// For each channel of rows of images, one after the other, and for each pixel, the images that
    /// the pixel sees: `out[p] = x[p + offset]`, zero outside.
    pub(super) fn spread(self, x: &[f32], row: usize, look: Look) -> Vec<f32> {
        let mut out = Vec::with_capacity(x.len() * self.count());
        for channel in x.chunks_exact(row) {
            for (down, right) in self.offsets(look) {
                for image in channel.chunks_exact(self.positions()) {
                    let start = out.len();
                    let (from, to) = self.overlap(down, right);
                    out.resize(start + to.start, 0.0);
                    out.extend_from_slice(&image[from]);
                    out.resize(start + self.positions(), 0.0);
                    self.clear_columns(&mut out[start..], right);
                }
            }
        }
        out
    }

    /// The sums over the pixels of what they see, `out[p] = Σ x[p + offset]`: the transpose of
    /// [`spread`](Self::spread) with the other look. What lies outside is cleared on the way.
    pub(super) fn gather(self, mut x: Vec<f32>, row: usize, look: Look) -> Vec<f32> {
        let mut out = vec![0.0; x.len() / self.count()];
        let channels = x.chunks_exact_mut(row * self.count());
        for (channel, out) in channels.zip(out.chunks_exact_mut(row)) {
            for (pixel, (down, right)) in channel.chunks_exact_mut(row).zip(self.offsets(look)) {
                let images = pixel.chunks_exact_mut(self.positions());
                for (image, out) in images.zip(out.chunks_exact_mut(self.positions())) {
                    self.clear_columns(image, -right);
                    let (from, to) = self.overlap(down, right);
                    for (out, x) in out[to].iter_mut().zip(&image[from]) {
                        *out += x;
                    }
                }
            }
        }
        out
    }

    /// Positions from and to which a shift moves an image, as if its rows were one.
    fn overlap(
        self,
        down: isize,
        right: isize,
    ) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let (size, offset) = (self.positions(), down * self.width as isize + right);
        let distance = offset.unsigned_abs().min(size);
        match offset >= 0 {
            true => (distance..size, 0..size - distance),
            false => (0..size - distance, distance..size),
        }
    }

    /// Clears the columns for which a look to the right, or to the left if negative, leaves the
    /// image: the row above or below stands there.
    fn clear_columns(self, image: &mut [f32], right: isize) {
        let distance = right.unsigned_abs().min(self.width);
        if distance == 0 {
            return;
        }
        for row in image.chunks_exact_mut(self.width) {
            match right > 0 {
                true => row[self.width - distance..].fill(0.0),
                false => row[..distance].fill(0.0),
            }
        }
    }
}
