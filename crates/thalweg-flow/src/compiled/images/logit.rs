//! From the unit cube to the whole space.

use burn::tensor::DType;

use super::{Batch, CompileImages, ImageLayer, ImageLayers};
use crate::Logit;
use crate::layers::Ends;

/// `z = ln y − ln(1 − y)`, `y = α + (1 − 2α) x`.
#[derive(Debug)]
struct PlainLogit {
    alpha: f32,
    width: f32,
    inside: [f32; 2],
    share: [f32; 2],
    nearest: [f32; 2],
    each: usize,
}

impl PlainLogit {
    /// `z`, and the logarithm of `y (1 − y)`.
    fn logit(&self, x: f32) -> (f32, f32) {
        let y = x * self.width + self.alpha;
        let y = y.clamp(self.share[0], self.share[1]);
        let (log_y, log_rest) = (y.ln(), (-y).ln_1p());
        let outside = x < self.inside[0] || x > self.inside[1];
        let cost = if outside {
            f32::INFINITY
        } else {
            log_y + log_rest
        };
        (log_y - log_rest, cost)
    }

    fn logistic(&self, z: f32) -> f32 {
        let from_end = ((1.0 + z.abs().exp()).recip() - self.alpha) / self.width;
        let x = if z > 0.0 { 1.0 - from_end } else { from_end };
        x.clamp(self.nearest[0], self.nearest[1])
    }
}

impl ImageLayer for PlainLogit {
    fn forward(&self, x: &mut Batch<'_>, log_dets: &mut [f64]) {
        let constant = self.each as f64 * f64::from(self.width).ln();
        x.change_and_add(self.each, log_dets, |_, x| {
            let mut log_det = constant;
            for x in x {
                let (z, cost) = self.logit(*x);
                *x = z;
                log_det -= f64::from(cost);
            }
            log_det
        });
    }

    fn inverse(&self, z: &mut Batch<'_>) {
        z.change(self.each, |_, z| {
            z.iter_mut().for_each(|z| *z = self.logistic(*z));
        });
    }
}

impl CompileImages for Logit<4> {
    fn compile_images(&self, layers: &mut ImageLayers) {
        let each = layers.numbers();
        let [alpha, width] = [self.alpha(), self.width()].map(|number| number as f32);
        let Ends {
            inside,
            share,
            nearest,
        } = self.ends(DType::F32);
        let [inside, share, nearest] =
            [inside, share, nearest].map(|ends| ends.map(|end| end as f32));
        layers.add(PlainLogit {
            alpha,
            width,
            inside,
            share,
            nearest,
            each,
        });
    }
}
