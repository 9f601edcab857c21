//! The first layer of a column: standard units, with logarithmic tails.

use serde::{Deserialize, Serialize};

/// A monotone map of the line, fitted by quantiles: `t = (x − m) / s`, linear for `|t| ≤ 10` and logarithmic
/// beyond.
///
/// `m` and `s` are mean and deviation of the values after those beyond the quantiles at 0.5 % and 99.5 % were moved
/// there, so that a few wild values do not set the scale of all others. The tails are
/// `10 + g(|t| − 10)` with `g(u) = 5 ln(1 + u/5)`, and from 60 on `60 + g(.)` of that again. So 500 deviations
/// out are `t ≈ 33`, some −550 nats under a normal base and not −125,000, and the largest number of f64 is `t ≈ 93`.
/// Rows far outside keep their order by distance, and none of them decides a mean. Normal scores of all values
/// (a map through many quantiles) were tried in its place: they hide how far away from the others a value
/// lies inside the range, which cost a detector of anomalies two points on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Marginal {
    mean: f64,
    scale: f64,
}

/// Where the tails begin, their scale, and where they become flatter.
const LINEAR: f64 = 10.0;
const SCALE: f64 = 5.0;
const FAR: f64 = 60.0;

/// The share of values on each side that does not set the scale.
const WILD: f64 = 0.005;

impl Marginal {
    /// Fits location and scale to values and their weights, in any order; `None` unless there are two different
    /// values.
    pub(crate) fn fit(values: &[f64], weights: &[f64]) -> Option<Self> {
        let mut order: Vec<usize> = (0..values.len())
            .filter(|row| weights[*row] > 0.0)
            .collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        let (first, last) = (values[*order.first()?], values[*order.last()?]);
        if first == last {
            return None;
        }
        let total: f64 = order.iter().map(|row| weights[*row]).sum();
        let quantile = |p: f64| {
            let mut below = 0.0;
            let reached = order.iter().find(|row| {
                below += weights[**row];
                below >= p * total
            });
            values[reached.copied().unwrap_or(order[order.len() - 1])]
        };
        let (low, high) = (quantile(WILD), quantile(1.0 - WILD));
        // Where nearly all values are equal, the others set the scale.
        let (low, high) = match low < high {
            true => (low, high),
            false => (first, last),
        };
        // In units of the range, whose square neither overflows nor vanishes.
        let unit = high * 0.5 - low * 0.5;
        let of = |row: &usize| (values[*row].clamp(low, high) * 0.5 - low * 0.5) / unit;
        let mean = order.iter().map(|row| weights[*row] * of(row)).sum::<f64>() / total;
        let square = |row: &usize| weights[*row] * (of(row) - mean).powi(2);
        let deviation = (order.iter().map(square).sum::<f64>() / total).sqrt();
        Some(Self {
            mean: low + 2.0 * unit * mean,
            scale: (2.0 * unit * deviation).max(f64::MIN_POSITIVE),
        })
    }

    /// Whether the scale is positive.
    pub(crate) fn is_sound(self) -> bool {
        self.scale > 0.0 && self.scale.is_finite() && self.mean.is_finite()
    }

    /// `t(x)` and `ln dt/dx`.
    pub(crate) fn forward(self, x: f64) -> [f64; 2] {
        let (t, log_scale) = ((x - self.mean) / self.scale, self.scale.ln());
        let size = t.abs();
        if size <= LINEAR {
            return [t, -log_scale];
        }
        // Numbers near the largest: the difference overflows, its half does not.
        let log_size = match size.is_finite() {
            true => ((size - LINEAR) / SCALE).ln_1p(),
            false => {
                (x * 0.5 - self.mean * 0.5).abs().ln() + std::f64::consts::LN_2
                    - log_scale
                    - SCALE.ln()
            }
        };
        let near = LINEAR + SCALE * log_size;
        let (t, log_slope) = match near <= FAR {
            true => (near, -log_size),
            false => {
                let flatter = ((near - FAR) / SCALE).ln_1p();
                (FAR + SCALE * flatter, -log_size - flatter)
            }
        };
        [t.copysign(x - self.mean), log_slope - log_scale]
    }

    /// The number with this image; the largest one where it would be beyond.
    pub(crate) fn inverse(self, t: f64) -> f64 {
        let size = t.abs();
        let log = |beyond: f64| SCALE * (beyond / SCALE).exp_m1();
        let near = match size > FAR {
            true => FAR + log(size - FAR),
            false => size,
        };
        let size = match near > LINEAR {
            true => LINEAR + log(near - LINEAR),
            false => near,
        };
        let x = self.mean + (size * self.scale).copysign(t);
        x.clamp(f64::MIN, f64::MAX)
    }
}
