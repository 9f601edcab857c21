//! What a flow's latents leave out of a recorded number.

use super::Number;

/// What is kept of a number beside the latents, so that both together give it back to the last bit.
///
/// A flow in 32 bits gives `v ≈ x`. With a step `h`, a power of 2 that is far wider than the error, the rest `r = x mod h` is
/// exact, and `x = h · round((v − r) / h) + r` for every `v` closer than `h / 2`: so also on another machine, and among
/// other rows, where the flow rounds otherwise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rest {
    /// Nothing: rounding `v` gives the number.
    None,
    /// `r` and `h`.
    Shifted { rest: f64, step: f64 },
    /// The number, NaN where it is missing: the latents hold nothing of it.
    Whole(f64),
}

/// How many times further off than here a number may be where it is decoded.
const SAFETY: f64 = 8.0;
/// The rounding of a flow in standard units, as if 16 of its 24 bits were good.
const ROUNDING: f64 = 1.0 / 65_536.0;

impl Rest {
    /// Of a number with a density that the latents give as `back`.
    pub(crate) fn of(number: &Number, x: f64, back: f64) -> Self {
        let [t, log_slope] = number.forward(x, 0.5);
        // The map of a rounded number counts cells.
        let per_unit = (number.step.map_or(0.0, f64::ln) - log_slope).exp();
        let error = [
            (back - x).abs(),
            ROUNDING * (1.0 + t.abs()) * per_unit,
            4.0 * f64::EPSILON * x.abs(),
        ];
        // `f64::max` drops what is not a number.
        let room = SAFETY * error.into_iter().fold(0.0, f64::max);
        let gives = |rest: &Self| {
            let backs = [back - room, back, back + room];
            backs
                .iter()
                .all(|back| rest.value(number, *back).to_bits() == x.to_bits())
        };
        let step = (4.0 * room).log2().ceil().exp2();
        let shifted = Self::Shifted {
            rest: match (x / step).round() {
                0.0 => x,
                steps => x - step * steps,
            },
            step,
        };
        let found = [Self::None, shifted].into_iter().find(gives);
        found.unwrap_or(Self::Whole(x))
    }

    /// The number that the latents give as `back`.
    pub(crate) fn value(&self, number: &Number, back: f64) -> f64 {
        match *self {
            Self::None => number.recorded(back),
            Self::Shifted { rest, step } => match ((back - rest) / step).round() {
                // The sum would take the sign of −0.
                0.0 => rest,
                steps => step * steps + rest,
            },
            Self::Whole(x) => x,
        }
    }

    /// As two numbers, the rest and the step: a step of 0 says that the rest is the number, and no step that there is no rest.
    pub(crate) fn pair(self) -> [f64; 2] {
        match self {
            Self::None => [f64::NAN, f64::NAN],
            Self::Shifted { rest, step } => [rest, step],
            Self::Whole(x) => [x, 0.0],
        }
    }

    /// Of these two numbers.
    ///
    /// # Errors
    ///
    /// The reason why they are none.
    pub(crate) fn of_pair([rest, step]: [f64; 2]) -> Result<Self, String> {
        match (rest.is_finite(), step) {
            (_, 0.0) => Ok(Self::Whole(rest)),
            (true, step) if step > 0.0 && step.is_finite() => Ok(Self::Shifted { rest, step }),
            (false, step) if step.is_nan() && rest.is_nan() => Ok(Self::None),
            _ => Err(format!(
                "a rest of {rest} with a step of {step}; a step is a finite number from 0 on, and both are empty where the \
                 latents give the number"
            )),
        }
    }
}
