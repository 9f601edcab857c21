//! Fixed increasing functions of each number.

use std::f64::consts::PI;

use thalweg_kernels::{Direction, Number};

use super::{Batch, FlowStep, Lower, Lowering, Scratch};
use crate::{Curve, Nonlinearity};

/// See [`Nonlinearity`].
#[derive(Debug)]
struct NonlinearityStep {
    curve: Curve,
    /// Numbers of a sample.
    each: usize,
}

/// `tanh x` and the logarithm of its slope.
fn tanh(x: f64) -> [f64; 2] {
    [x.tanh(), -2.0 * x.cosh().ln()]
}

/// `artanh z` and the logarithm of its slope.
fn artanh(z: f64) -> [f64; 2] {
    [z.atanh(), -(1.0 - z * z).ln()]
}

impl NonlinearityStep {
    /// `f(x)` and `ln f′(x)`.
    fn forward(&self, x: f64) -> [f64; 2] {
        match self.curve {
            // Beyond, `cosh` overflows, and `tanh` has been 1 for long.
            Curve::Tanh if x.abs() > 300.0 => {
                [x.signum(), 2.0 * (std::f64::consts::LN_2 - x.abs())]
            }
            Curve::Tanh => tanh(x),
            Curve::LogTanh(cut) if x.abs() > cut => {
                let [_, alpha, log_beta] = Curve::logarithm(cut);
                let log = x.abs().ln();
                [x.signum() * alpha * (log + log_beta), alpha.ln() - log]
            }
            Curve::LogTanh(_) => tanh(x),
            Curve::LeakySlope(slope) => leaky(x, slope),
            Curve::Cauchy => [x.atan() / PI + 0.5, -PI.ln() - (x * x).ln_1p()],
        }
    }

    /// `f⁻¹(z)` and the logarithm of its slope.
    fn inverse(&self, z: f64) -> [f64; 2] {
        let most = 1.0 - f64::from(f32::EPSILON);
        match self.curve {
            Curve::Tanh => artanh(z.clamp(-most, most)),
            Curve::LogTanh(cut) if z.abs() > cut.tanh() => {
                let [_, alpha, log_beta] = Curve::logarithm(cut);
                let log = (z.abs() / alpha - log_beta).min(-f64::from(f32::MIN_POSITIVE).ln());
                [z.signum() * log.exp(), log - alpha.ln()]
            }
            Curve::LogTanh(_) => artanh(z),
            Curve::LeakySlope(slope) => leaky(z, slope.recip()),
            Curve::Cauchy => {
                let least = f64::from(f32::MIN_POSITIVE);
                let x = (PI * (z.clamp(least, most) - 0.5)).tan();
                [x, PI.ln() + (x * x).ln_1p()]
            }
        }
    }
}

fn leaky(x: f64, slope: f64) -> [f64; 2] {
    match x < 0.0 {
        true => [x * slope, slope.ln()],
        false => [x, 0.0],
    }
}

impl FlowStep for NonlinearityStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
        x.change(self.each, |_, x| {
            x.iter_mut().fold(0.0, |log_det, x| {
                let [y, log_slope] = match direction {
                    Direction::Forward => self.forward(f64::from(*x)),
                    Direction::Inverse => self.inverse(f64::from(*x)),
                };
                *x = (y as f32).saturated();
                log_det + log_slope
            })
        });
    }
}

impl<C, const D: usize> Lower<C> for Nonlinearity<D> {
    fn lower(&self, plan: &mut Lowering) {
        plan.add(NonlinearityStep {
            curve: self.curve(),
            each: plan.numbers(),
        });
    }
}
