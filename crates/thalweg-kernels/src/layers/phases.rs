//! The order of pixels in a channel's row.

use std::ops::Range;

/// Images whose pixels are row-major, `period` 1, or divided into those of even and of odd rows and
/// columns, `period` 2: vectors then hold whole pixels and their neighbours however narrow an image is.
///
/// A row of images is `[period², images, height / period, width / period]`: planes, each with its part
/// of every image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Phases {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) period: usize,
}

/// The images that layers run on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Images {
    pub(super) phases: Phases,
    /// The largest number in a piece.
    pub(super) samples: usize,
    /// The number in all for which a kernel is packed once.
    pub(super) total: usize,
}

impl Phases {
    /// Pixels of an image.
    pub(super) fn positions(self) -> usize {
        self.height * self.width
    }

    pub(super) fn planes(self) -> usize {
        self.period * self.period
    }

    /// Rows and columns of an image in a plane.
    pub(super) fn of_plane(self) -> [usize; 2] {
        [self.height / self.period, self.width / self.period]
    }

    /// Whether samples with this stride are rows of images without a copy.
    pub(super) fn keeps_order(self, samples: usize, channels: usize, stride: usize) -> bool {
        let one = samples == 1 || (channels == 1 && stride == self.positions());
        self.period == 1 && one
    }

    /// `[samples, channels, positions]` with a stride of samples as rows of images, one a channel.
    pub(super) fn rows(self, x: &[f32], channels: usize, stride: usize) -> Vec<f32> {
        let (samples, positions) = (x.len().div_ceil(stride), self.positions());
        let row = samples * positions;
        if self.period == 1 {
            let mut out = Vec::with_capacity(channels * row);
            for channel in 0..channels {
                for x in x.chunks(stride) {
                    out.extend_from_slice(&x[channel * positions..][..positions]);
                }
            }
            return out;
        }
        let mut out = vec![0.0; channels * row];
        for (sample, x) in x.chunks(stride).enumerate() {
            let images = x.chunks_exact(positions);
            for (image, row) in images.zip(out.chunks_exact_mut(row)) {
                for (first, run) in self.runs([samples, sample]) {
                    let pixels = image[first..].iter().step_by(self.period);
                    row[run].iter_mut().zip(pixels).for_each(|(to, x)| *to = *x);
                }
            }
        }
        out
    }

    /// The inverse of [`rows`](Self::rows), for contiguous samples.
    pub(super) fn samples(self, x: &[f32], channels: usize) -> Vec<f32> {
        let (row, positions) = (x.len() / channels, self.positions());
        let samples = row / positions;
        if self.period == 1 {
            let mut out = Vec::with_capacity(x.len());
            for sample in 0..samples {
                for row in x.chunks_exact(row) {
                    out.extend_from_slice(&row[sample * positions..][..positions]);
                }
            }
            return out;
        }
        let mut out = vec![0.0; x.len()];
        for (sample, out) in out.chunks_exact_mut(channels * positions).enumerate() {
            for (image, row) in out.chunks_exact_mut(positions).zip(x.chunks_exact(row)) {
                for (first, run) in self.runs([samples, sample]) {
                    let pixels = image[first..].iter_mut().step_by(self.period);
                    pixels.zip(&row[run]).for_each(|(to, x)| *to = *x);
                }
            }
        }
        out
    }

    /// Pixels of an image that are neighbours in a row of images: each `period`-th from the first on.
    fn runs(self, [samples, sample]: [usize; 2]) -> impl Iterator<Item = (usize, Range<usize>)> {
        let ([height, width], period) = (self.of_plane(), self.period);
        let lines = (0..self.planes()).flat_map(move |plane| (0..height).map(move |y| (plane, y)));
        lines.map(move |(plane, y)| {
            let first = (y * period + plane / period) * self.width + plane % period;
            let start = ((plane * samples + sample) * height + y) * width;
            (first, start..start + width)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Phases;

    #[test]
    fn rows_of_images_are_read_back() {
        for [period, height, width, samples, channels, gap] in [
            [1, 3, 5, 2, 3, 0],
            [2, 4, 6, 3, 2, 7],
            [2, 2, 2, 1, 4, 0],
            [1, 2, 2, 3, 1, 5],
        ] {
            let phases = Phases {
                height,
                width,
                period,
            };
            let each = channels * height * width;
            let stride = each + gap;
            let x: Vec<f32> = (0..samples * stride - gap).map(|i| i as f32).collect();
            let rows = phases.rows(&x, channels, stride);
            let back = phases.samples(&rows, channels);
            let wanted: Vec<f32> = x.chunks(stride).flat_map(|x| x[..each].to_vec()).collect();
            assert_eq!(back, wanted);
            // The second image's pixel of row 1 and column 1, in the last channel.
            if samples > 1 {
                let at = (channels - 1) * height * width + width + 1;
                let [h, w] = phases.of_plane();
                let plane = phases.planes() - 1;
                let place = (plane * samples + 1) * h * w + if period == 1 { width + 1 } else { 0 };
                let row = rows.len() / channels;
                assert_eq!(rows[(channels - 1) * row + place], x[stride + at]);
            }
        }
    }
}
