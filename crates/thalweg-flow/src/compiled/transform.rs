//! Transformers of couplings.

use std::fmt::Debug;

use thalweg_kernels::{Direction, LogScale, affine_in_place, factor_of, log_scales};

use super::{assert_parameters, finite, host_f32};
use crate::transformer::{Exp, ScaleMap, SigmoidShift, SoftBounded, TanhLearned};
use crate::{Additive, Affine};

/// A transformer, which compiles to a `Box<dyn Transform>`, or a scale map, which compiles to [`LogScales`].
pub trait Compile {
    /// The compiled form.
    type Plain;

    /// Reads the parameters from the device, once: the form does not follow them.
    fn compile(&self) -> Self::Plain;
}

/// A transformer of some of the numbers of a sample, in place: parameter `p` of number `f` is number
/// `p · numbers + f`. Another number of parameters panics.
pub trait Transform: Debug + Send + Sync {
    /// `y = τ(x)`; gives the sum of the logarithms of the slopes.
    fn forward(&self, x: &mut [f32], parameters: &[f32]) -> f64;

    /// `x = τ⁻¹(y)`; gives the sum of the logarithms of the slopes.
    fn inverse(&self, y: &mut [f32], parameters: &[f32]) -> f64;

    /// `x = τ⁻¹(y)`.
    fn invert(&self, y: &mut [f32], parameters: &[f32]) {
        self.inverse(y, parameters);
    }
}

/// `y = x + sign · t`.
#[derive(Debug)]
struct Shift {
    sign: f32,
}

impl Transform for Shift {
    fn forward(&self, x: &mut [f32], shifts: &[f32]) -> f64 {
        assert_parameters(1, x.len(), shifts);
        let shifts = x.iter_mut().zip(shifts);
        shifts.for_each(|(x, t)| *x += self.sign * t);
        0.0
    }

    fn inverse(&self, y: &mut [f32], shifts: &[f32]) -> f64 {
        assert_parameters(1, y.len(), shifts);
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
    /// A log-scale of the kernels.
    Known(LogScale),
    /// `a tanh r`, one `a` a feature.
    Tanh(Vec<f32>),
}

impl LogScales {
    /// The log-scale of number `number` of `numbers`, feature by feature.
    fn of(&self, [number, numbers]: [usize; 2], raw: f32) -> f32 {
        match self {
            Self::Known(scale) => scale.of(raw),
            Self::Tanh(amplitudes) => raw.tanh() * amplitudes[number * amplitudes.len() / numbers],
        }
    }

    /// The log-scale for the kernels' loops, which pay from 32 numbers on.
    fn in_vectors(&self, numbers: usize) -> Option<LogScale> {
        const ENOUGH: usize = 32;
        match self {
            Self::Known(scale) if numbers >= ENOUGH => Some(*scale),
            Self::Known(_) | Self::Tanh(_) => None,
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

scale_map!(Exp, self => LogScales::Known(LogScale::Plain));
scale_map!(SoftBounded, self => LogScales::Known(LogScale::SoftBounded(self.bound)));
scale_map!(SigmoidShift, self => LogScales::Known(LogScale::Sigmoid(self.shift)));
scale_map!(TanhLearned, self => LogScales::Tanh(host_f32(self.amplitude.val())));

/// `y = x ⊙ exp(s) + t`.
#[derive(Debug)]
struct PlainAffine(LogScales);

impl Transform for PlainAffine {
    fn forward(&self, x: &mut [f32], parameters: &[f32]) -> f64 {
        assert_parameters(2, x.len(), parameters);
        let (numbers, (shifts, raw)) = (x.len(), parameters.split_at(x.len()));
        if let Some(scale) = self.0.in_vectors(numbers) {
            affine_in_place(x, shifts, raw, scale, Direction::Forward);
            return log_scales(raw, scale);
        }
        let mut log_det = 0.0;
        for (number, ((x, t), raw)) in x.iter_mut().zip(shifts).zip(raw).enumerate() {
            let log_scale = self.0.of([number, numbers], *raw);
            *x = finite(*x * factor_of(log_scale) + t);
            log_det += f64::from(log_scale);
        }
        log_det
    }

    fn inverse(&self, y: &mut [f32], parameters: &[f32]) -> f64 {
        assert_parameters(2, y.len(), parameters);
        let (numbers, (shifts, raw)) = (y.len(), parameters.split_at(y.len()));
        if let Some(scale) = self.0.in_vectors(numbers) {
            affine_in_place(y, shifts, raw, scale, Direction::Inverse);
            return -log_scales(raw, scale);
        }
        let mut log_det = 0.0;
        for (number, ((y, t), raw)) in y.iter_mut().zip(shifts).zip(raw).enumerate() {
            let log_scale = -self.0.of([number, numbers], *raw);
            *y = finite((*y - t) * factor_of(log_scale));
            log_det += f64::from(log_scale);
        }
        log_det
    }

    fn invert(&self, y: &mut [f32], parameters: &[f32]) {
        assert_parameters(2, y.len(), parameters);
        let (shifts, raw) = parameters.split_at(y.len());
        match self.0.in_vectors(y.len()) {
            Some(scale) => affine_in_place(y, shifts, raw, scale, Direction::Inverse),
            None => {
                self.inverse(y, parameters);
            }
        }
    }
}

impl<S: ScaleMap + Compile<Plain = LogScales>> Compile for Affine<S> {
    type Plain = Box<dyn Transform>;

    fn compile(&self) -> Box<dyn Transform> {
        Box::new(PlainAffine(self.scale_map.compile()))
    }
}
