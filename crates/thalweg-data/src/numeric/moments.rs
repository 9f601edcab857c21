//! Means and deviations of columns, for all finite f64 values.

/// The mean of numbers, and their deviation: the root of the mean squared distance to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Moments {
    pub(super) mean: f64,
    pub(super) deviation: f64,
}

/// The largest exponent of the power of 2 that scales numbers, so that squares neither overflow
/// nor vanish.
const MOST: i32 = 1000;

impl Moments {
    /// The moments of finite numbers, if there are any; the deviation is 0 only if all are equal.
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Option<Self> {
        let (low, high) = range(values.clone())?;
        if low == high {
            return Some(Self {
                mean: low,
                deviation: 0.0,
            });
        }
        // A power of 2, so that scaling does not round.
        let size = low.abs().max(high.abs());
        let exponent = (size.log2().floor() as i32).clamp(-MOST, MOST);
        let (down, up) = (2_f64.powi(-exponent), 2_f64.powi(exponent));
        let count = values.clone().count() as f64;
        let scaled = values.map(|value| value * down);
        // First relative to a value of the column, so that a large offset does not round the sum.
        let about = |centre: f64| scaled.clone().map(move |value| value - centre);
        let centre = low * down;
        let centre = centre + about(centre).sum::<f64>() / count;
        let rest = about(centre).sum::<f64>() / count;
        let squares = about(centre).map(|value| value * value).sum::<f64>() / count;
        let deviation = (squares - rest * rest).max(0.0).sqrt() * up;
        Some(Self {
            mean: ((centre + rest) * up).clamp(low, high),
            deviation: deviation.max(f64::from_bits(1)),
        })
    }
}

/// The least and the largest of finite numbers.
pub(super) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })
}
