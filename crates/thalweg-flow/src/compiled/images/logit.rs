//! From the unit cube to the whole space.

use super::{Batch, CompileImages, ImageLayer, ImageLayers};
use crate::Logit;

/// `z = ln y − ln(1 − y)`, `y = α + (1 − 2α) x`.
#[derive(Debug)]
struct PlainLogit {
    alpha: f32,
    width: f32,
    each: usize,
}

impl ImageLayer for PlainLogit {
    fn forward(&self, x: &mut Batch<'_>, log_dets: &mut [f64]) {
        let constant = self.each as f64 * f64::from(self.width).ln();
        x.change_and_add(self.each, log_dets, |_, x| {
            let mut log_det = constant;
            for x in x {
                let y = *x * self.width + self.alpha;
                let (log_y, log_rest) = (y.ln(), (-y).ln_1p());
                *x = log_y - log_rest;
                log_det -= f64::from(log_y + log_rest);
            }
            log_det
        });
    }

    fn inverse(&self, z: &mut Batch<'_>) {
        z.change(self.each, |_, z| {
            for z in z {
                *z = ((1.0 + (-*z).exp()).recip() - self.alpha) / self.width;
            }
        });
    }
}

impl CompileImages for Logit<4> {
    fn compile_images(&self, layers: &mut ImageLayers) {
        let each = layers.numbers();
        let [alpha, width] = [self.alpha(), self.width()].map(|number| number as f32);
        layers.add(PlainLogit { alpha, width, each });
    }
}
