//! Maps across one plane and around one point, sample by sample in f64.

use thalweg_kernels::{Direction, Number};

use super::{Batch, FlowStep, Lower, Lowering, Scratch, assert_features, host};
use crate::{Planar, Radial};

/// See [`Planar`].
#[derive(Debug)]
struct PlanarStep {
    u_hat: Vec<f64>,
    w: Vec<f64>,
    b: f64,
    /// `1 + w·û`.
    least: f64,
}

impl PlanarStep {
    /// `w·x`.
    fn project(&self, x: &[f32]) -> f64 {
        let products = x.iter().zip(&self.w).map(|(x, w)| f64::from(*x) * w);
        products.sum()
    }

    /// `tanh(a + b)`, and the derivative of the map along `w`.
    fn tanh_and_slope(&self, along: f64) -> [f64; 2] {
        let tanh = (along + self.b).tanh();
        let square = tanh * tanh;
        [tanh, square + (1.0 - square) * self.least]
    }

    /// Adds `û tanh(a + b)` times a sign, and gives `ln|det J|` at that `a`.
    fn shift(&self, x: &mut [f32], along: f64, sign: f64) -> f64 {
        let [tanh, slope] = self.tanh_and_slope(along);
        for (x, u) in x.iter_mut().zip(&self.u_hat) {
            *x = ((f64::from(*x) + sign * tanh * u) as f32).saturated();
        }
        slope.ln()
    }

    /// The `a` with `a + w·û tanh(a + b)` equal to `target`: halves a bracket, then one step of Newton's.
    fn root(&self, target: f64) -> f64 {
        const HALVINGS: usize = 60;
        let bounded = self.least - 1.0;
        let value = |a: f64| {
            let [tanh, slope] = self.tanh_and_slope(a);
            [a + tanh * bounded, slope]
        };
        let (mut low, mut high) = (target - bounded.abs(), target + bounded.abs());
        for _ in 0..HALVINGS {
            let middle = 0.5 * low + 0.5 * high;
            match value(middle)[0] > target {
                true => high = middle,
                false => low = middle,
            }
        }
        let root = 0.5 * low + 0.5 * high;
        let [found, slope] = value(root);
        root + (target - found) / slope
    }
}

impl FlowStep for PlanarStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
        x.change(self.w.len(), |_, x| match direction {
            Direction::Forward => self.shift(x, self.project(x), 1.0),
            Direction::Inverse => -self.shift(x, self.root(self.project(x)), -1.0),
        });
    }
}

impl<C> Lower<C> for Planar {
    fn lower(&self, plan: &mut Lowering) {
        let (u_hat, least) = self.bend();
        let w = host(self.w.val());
        assert_features(w.len(), plan);
        plan.add(PlanarStep {
            u_hat: host(u_hat),
            b: host(self.b.val())[0],
            least: host(least)[0],
            w,
        });
    }
}

/// See [`Radial`].
#[derive(Debug)]
struct RadialStep {
    centre: Vec<f64>,
    /// `|α|`.
    alpha: f64,
    /// `|α| + β̂`.
    sum: f64,
}

impl RadialStep {
    /// `‖x − x₀‖`, which is never 0.
    fn radius(&self, x: &[f32]) -> f64 {
        const TINY: f64 = 1e-60;
        let offsets = x.iter().zip(&self.centre);
        let squares = offsets.map(|(x, centre)| (f64::from(*x) - centre).powi(2));
        (squares.sum::<f64>() + TINY).sqrt()
    }

    /// `1 + h`, and `ln|det J|`, at a radius; see the tensor form for the order of the terms.
    fn stretch(&self, radius: f64) -> [f64; 2] {
        let reach = (self.alpha + radius).recip();
        let near = self.alpha * reach;
        let share = (1.0 - near).max(0.0);
        let stretch = share + self.sum * reach;
        let across = stretch.ln() * (self.centre.len() as f64 - 1.0);
        let along = share * (near + 1.0) + near * self.sum * reach;
        [stretch, across + along.ln()]
    }

    /// The radius that the map stretches to this one.
    fn root(&self, stretched: f64) -> f64 {
        let linear = self.sum - stretched;
        let root = (linear * linear + 4.0 * stretched * self.alpha).sqrt();
        let half = 0.5 * (linear.abs() + root);
        match linear > 0.0 {
            true => stretched * self.alpha / half,
            false => half,
        }
    }

    fn scale(&self, x: &mut [f32], factor: f64) {
        for (x, centre) in x.iter_mut().zip(&self.centre) {
            *x = (((f64::from(*x) - centre) * factor + centre) as f32).saturated();
        }
    }
}

impl FlowStep for RadialStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
        let change = |x: &mut [f32], radius: f64, sign: f64| {
            let [stretch, log_det] = self.stretch(radius);
            self.scale(x, if sign > 0.0 { stretch } else { stretch.recip() });
            sign * log_det
        };
        x.change(self.centre.len(), |_, x| match direction {
            Direction::Forward => change(x, self.radius(x), 1.0),
            Direction::Inverse => change(x, self.root(self.radius(x)), -1.0),
        });
    }
}

impl<C> Lower<C> for Radial {
    fn lower(&self, plan: &mut Lowering) {
        let (alpha, sum) = self.alpha_and_sum();
        let centre = host(self.centre.val());
        assert_features(centre.len(), plan);
        plan.add(RadialStep {
            centre,
            alpha: host(alpha)[0],
            sum: host(sum)[0],
        });
    }
}
