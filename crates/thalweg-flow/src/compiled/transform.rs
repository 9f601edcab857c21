//! Transformers of couplings.

use std::fmt::Debug;

use super::{Compile, host_f32};
use crate::transformer::{Exp, ScaleMap, SigmoidShift, SoftBounded, TanhLearned};
use crate::{Additive, Affine};

/// A transformer of one vector, in place: parameter `p` of feature `f` is number
/// `p · features + f`.
pub trait Transform: Debug + Send + Sync {
    /// `y = τ(x)`; gives the sum of the logarithms of the slopes.
    fn forward(&self, x: &mut [f32], parameters: &[f32]) -> f64;

    /// `x = τ⁻¹(y)`; gives the sum of the logarithms of the slopes.
    fn inverse(&self, y: &mut [f32], parameters: &[f32]) -> f64;
}

/// `y = x + sign · t`.
#[derive(Debug)]
struct Shift {
    sign: f32,
}

impl Transform for Shift {
    fn forward(&self, x: &mut [f32], shifts: &[f32]) -> f64 {
        let shifts = x.iter_mut().zip(shifts);
        shifts.for_each(|(x, t)| *x += self.sign * t);
        0.0
    }

    fn inverse(&self, y: &mut [f32], shifts: &[f32]) -> f64 {
        let shifts = y.iter_mut().zip(shifts);
        shifts.for_each(|(y, t)| *y -= self.sign * t);
        0.0
    }
}

impl Compile for Additive {
    type Plain = Box<dyn Transform>;

    fn compile(&self) -> Box<dyn Transform> {
        let sign = if self.subtracts { -1.0 } else { 1.0 };
        Box::new(Shift { sign })
    }
}

/// The log-scales of [`transformer`](crate::transformer)'s scale maps.
#[derive(Debug)]
pub enum LogScales {
    /// `r`.
    Exp,
    /// `r / (1 + |r| c)`.
    SoftBounded(f32),
    /// `ln σ(r + shift)`.
    SigmoidShift(f32),
    /// `a tanh r`, one `a` a feature.
    Tanh(Vec<f32>),
}

impl LogScales {
    fn of(&self, feature: usize, raw: f32) -> f32 {
        match self {
            Self::Exp => raw,
            Self::SoftBounded(steepness) => raw / (raw.abs() * steepness + 1.0),
            Self::SigmoidShift(shift) => {
                let r = raw + shift;
                r.min(0.0) - (-r.abs()).exp().ln_1p()
            }
            Self::Tanh(amplitudes) => raw.tanh() * amplitudes[feature],
        }
    }
}

macro_rules! scale_map {
    ($map:ty, $self:ident => $plain:expr) => {
        impl Compile for $map {
            type Plain = LogScales;

            fn compile(&$self) -> LogScales {
                $plain
            }
        }
    };
}

scale_map!(Exp, self => LogScales::Exp);
scale_map!(SoftBounded, self => LogScales::SoftBounded(self.bound.recip() as f32));
scale_map!(SigmoidShift, self => LogScales::SigmoidShift(self.shift as f32));
scale_map!(TanhLearned, self => LogScales::Tanh(host_f32(self.amplitude.val())));

/// `y = x ⊙ exp(s) + t`.
#[derive(Debug)]
struct PlainAffine(LogScales);

impl Transform for PlainAffine {
    fn forward(&self, x: &mut [f32], parameters: &[f32]) -> f64 {
        let (shifts, raw) = parameters.split_at(x.len());
        let mut log_det = 0.0;
        for (feature, ((x, t), raw)) in x.iter_mut().zip(shifts).zip(raw).enumerate() {
            let log_scale = self.0.of(feature, *raw);
            *x = *x * log_scale.exp() + t;
            log_det += f64::from(log_scale);
        }
        log_det
    }

    fn inverse(&self, y: &mut [f32], parameters: &[f32]) -> f64 {
        let (shifts, raw) = parameters.split_at(y.len());
        let mut log_det = 0.0;
        for (feature, ((y, t), raw)) in y.iter_mut().zip(shifts).zip(raw).enumerate() {
            let log_scale = -self.0.of(feature, *raw);
            *y = (*y - t) * log_scale.exp();
            log_det += f64::from(log_scale);
        }
        log_det
    }
}

impl<S: ScaleMap + Compile<Plain = LogScales>> Compile for Affine<S> {
    type Plain = Box<dyn Transform>;

    fn compile(&self) -> Box<dyn Transform> {
        Box::new(PlainAffine(self.scale_map.compile()))
    }
}
