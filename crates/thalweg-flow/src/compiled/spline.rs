//! Splines.

use super::{Compile, Transform, assert_parameters};
use crate::RationalQuadratic;
use crate::transformer::LEAST_BIN;

/// The spline of [`RationalQuadratic`], one feature after the other, in f64.
#[derive(Debug)]
struct Spline {
    bins: usize,
    bound: f64,
}

/// The piece of a spline between two knots.
struct Piece {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    left: f64,
    right: f64,
}

/// Which coordinate is given.
#[derive(Clone, Copy, PartialEq)]
enum Axis {
    X,
    Y,
}

impl Spline {
    /// The piece in whose bin `at` lies; `raw` gives the numbers of this feature.
    fn piece(&self, at: f64, axis: Axis, raw: impl Fn(usize) -> f64) -> Piece {
        let bins = self.bins;
        let total = |first: usize| {
            let most = (first..first + bins).map(&raw).fold(f64::MIN, f64::max);
            let sum: f64 = (first..first + bins).map(|i| (raw(i) - most).exp()).sum();
            (most, sum)
        };
        let (widths, heights) = (total(0), total(bins));
        let size = |first: usize, bin: usize, (most, sum): (f64, f64)| {
            let share = (raw(first + bin) - most).exp() / sum;
            2.0 * self.bound * (share * (1.0 - LEAST_BIN * bins as f64) + LEAST_BIN)
        };
        let (mut x, mut y) = (-self.bound, -self.bound);
        let mut bin = 0;
        let (mut width, mut height);
        loop {
            (width, height) = (size(0, bin, widths), size(bins, bin, heights));
            if bin + 1 == bins {
                // The last knot is the bound itself, not a sum near it.
                (width, height) = (self.bound - x, self.bound - y);
                break;
            }
            let end = if axis == Axis::X {
                x + width
            } else {
                y + height
            };
            if at < end {
                break;
            }
            (x, y, bin) = (x + width, y + height, bin + 1);
        }
        // The slope at inner knot `knot`, from 1 on; 1 at both ends.
        let slope = |knot: usize| match knot == 0 || knot == bins {
            true => 1.0,
            false => {
                let shift = ((1.0 - LEAST_BIN).exp() - 1.0).ln();
                let r = raw(2 * bins + knot - 1) + shift;
                r.max(0.0) + (-r.abs()).exp().ln_1p() + LEAST_BIN
            }
        };
        let (left, right) = (slope(bin), slope(bin + 1));
        Piece {
            x,
            y,
            width,
            height,
            left,
            right,
        }
    }

    /// Applies `inside` to what lies within the bounds; the rest stays.
    fn each(
        &self,
        numbers: &mut [f32],
        parameters: &[f32],
        axis: Axis,
        inside: impl Fn(&Piece, f64) -> (f64, f64),
    ) -> f64 {
        let (features, mut log_det) = (numbers.len(), 0.0);
        assert_parameters(3 * self.bins - 1, features, parameters);
        for (feature, number) in numbers.iter_mut().enumerate() {
            let at = f64::from(*number);
            if at.abs() <= self.bound {
                let raw = |index: usize| f64::from(parameters[index * features + feature]);
                let (value, log_slope) = inside(&self.piece(at, axis, raw), at);
                *number = value as f32;
                log_det += log_slope;
            }
        }
        log_det
    }
}

impl Piece {
    /// `y(ξ)` and `ln dy/dx`.
    fn at(&self, xi: f64) -> (f64, f64) {
        let (rest, secant) = (1.0 - xi, self.height / self.width);
        let mixed = xi * rest;
        let q = secant + self.bend() * mixed;
        let y = self.y + self.height * (secant * xi * xi + self.left * mixed) / q;
        let slope = self.right * xi * xi + 2.0 * secant * mixed + self.left * rest * rest;
        (y, slope.ln() + 2.0 * (secant.ln() - q.ln()))
    }

    /// `d₀ + d₁ − 2 s`.
    fn bend(&self) -> f64 {
        self.left + self.right - 2.0 * self.height / self.width
    }

    /// The `ξ` at which the piece has this height.
    fn root(&self, y: f64) -> f64 {
        let (rise, secant) = (y - self.y, self.height / self.width);
        let bent = rise * self.bend();
        let a = self.height * (secant - self.left) + bent;
        let b = self.height * self.left - bent;
        let c = -secant * rise;
        2.0 * c / (-b - (b * b - 4.0 * a * c).max(0.0).sqrt())
    }
}

impl Transform for Spline {
    fn forward(&self, x: &mut [f32], parameters: &[f32]) -> f64 {
        self.each(x, parameters, Axis::X, |piece, x| {
            piece.at((x - piece.x) / piece.width)
        })
    }

    fn inverse(&self, y: &mut [f32], parameters: &[f32]) -> f64 {
        self.each(y, parameters, Axis::Y, |piece, y| {
            let xi = piece.root(y).clamp(0.0, 1.0);
            (piece.x + xi * piece.width, -piece.at(xi).1)
        })
    }
}

impl Compile for RationalQuadratic {
    type Plain = Box<dyn Transform>;

    fn compile(&self) -> Box<dyn Transform> {
        let (bins, bound) = (self.bins, self.bound);
        Box::new(Spline { bins, bound })
    }
}
