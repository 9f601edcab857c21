//! The tail of importance weights.

use crate::check::{at_least, bounded, numbers};
use crate::rank::{ascending, sorted};
use crate::{MetricError, log_sum_exp};

/// A generalized Pareto distribution of exceedances `y > 0`: P(Y > y) = (1 + k y / σ)^(−1/k).
///
/// It has as many moments as there are whole numbers below 1/k.
///
/// ```
/// use thalweg_metrics::Pareto;
///
/// // The quantiles of a distribution give the distribution back.
/// let known = Pareto { shape: 0.5, scale: 2.0 };
/// let exceedances: Vec<f64> =
///     (0..1000).map(|i| known.quantile((f64::from(i) + 0.5) / 1000.0)).collect();
/// let found = Pareto::fit(&exceedances)?;
/// assert!((found.shape - 0.5).abs() < 0.05 && (found.scale - 2.0).abs() < 0.1);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pareto {
    /// The shape k.
    pub shape: f64,
    /// The scale σ.
    pub scale: f64,
}

impl Pareto {
    /// The distribution of positive exceedances, by the posterior mean under a prior that the data scale, with the shape drawn
    /// to ½ as by ten exceedances more.
    ///
    /// # Errors
    /// [`MetricError`] for fewer than 5 exceedances, and for one that is not a positive number.
    ///
    /// Source: Zhang, Stephens, "A new and efficient estimation method for the generalized Pareto distribution", 2009;
    /// Vehtari, Simpson, Gelman, Yao, Gabry, "Pareto smoothed importance sampling", 2024, appendix C, for the ten.
    pub fn fit(exceedances: &[f64]) -> Result<Self, MetricError> {
        at_least("the tail", exceedances.len(), 5)?;
        numbers("the exceedances", exceedances)?;
        let positive = |y: f64| y > 0.0 && y.is_finite();
        bounded(
            "the exceedances",
            exceedances,
            "a positive number",
            positive,
        )?;
        let y = sorted(exceedances);
        let n = y.len() as f64;
        let quartile = y[(n / 4.0 + 0.5) as usize - 1];
        let shape = |theta: f64| y.iter().map(|y| (-theta * y).ln_1p()).sum::<f64>() / n;
        let points = 30 + n.sqrt() as usize;
        let theta = |j: usize| {
            let spread = 1.0 - (points as f64 / (j as f64 + 0.5)).sqrt();
            1.0 / y[y.len() - 1] + spread / (3.0 * quartile)
        };
        let thetas: Vec<f64> = (0..points).map(theta).collect();
        let profile = |theta: &f64| {
            let k = shape(*theta);
            n * ((-theta / k).ln() - k - 1.0)
        };
        let logs: Vec<f64> = thetas.iter().map(profile).collect();
        let norm = log_sum_exp(&logs);
        let weighted = thetas
            .iter()
            .zip(&logs)
            .map(|(t, log)| t * (log - norm).exp());
        let theta: f64 = weighted.sum();
        let k = shape(theta);
        Ok(Self {
            shape: (n * k + 10.0 * 0.5) / (n + 10.0),
            scale: -k / theta,
        })
    }

    /// The exceedance below which a share of them lies.
    pub fn quantile(&self, share: f64) -> f64 {
        let log_above = (-share).ln_1p();
        match self.shape {
            0.0 => -self.scale * log_above,
            k => self.scale * (-k * log_above).exp_m1() / k,
        }
    }
}

/// Importance weights whose largest are replaced by the means of the tail that they are drawn from.
///
/// See [`ParetoSmoothed::new`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct ParetoSmoothed {
    /// The logarithms of the weights, none above the largest one before.
    pub log_weights: Vec<f64>,
    /// The shape k̂ of the weights' tail; −∞ where the largest are all equal. Above
    /// [`largest_shape`](Self::largest_shape) estimates by these weights cannot be trusted.
    pub k_hat: f64,
}

impl ParetoSmoothed {
    /// Weights from their logarithms, which need not be normalized. A weight may be 0, its logarithm −∞.
    ///
    /// The M = min(S / 5, 3 √S) largest of S weights above the next one are fitted by a generalized [`Pareto`] distribution,
    /// and replaced by its quantiles at (i − ½) / M.
    ///
    /// # Errors
    /// [`MetricError`] for fewer than 25 weights, a logarithm that is NaN or +∞, and weights that are all zero.
    ///
    /// Source: Vehtari, Simpson, Gelman, Yao, Gabry, "Pareto smoothed importance sampling", 2024, algorithm 1.
    ///
    /// ```
    /// use thalweg_metrics::ParetoSmoothed;
    ///
    /// // Weights u^(−0.9): their tail has the shape 0.9, too heavy for a variance.
    /// let log_weights: Vec<f64> = (0..1000).map(|i| -0.9 * ((i as f64 + 0.5) / 1000.0).ln()).collect();
    /// let k_hat = ParetoSmoothed::new(&log_weights)?.k_hat;
    /// assert!((k_hat - 0.9).abs() < 0.2, "{k_hat}");
    /// assert!(k_hat > ParetoSmoothed::largest_shape(1000));
    /// # Ok::<(), thalweg_metrics::MetricError>(())
    /// ```
    pub fn new(log_weights: &[f64]) -> Result<Self, MetricError> {
        let what = "the logarithms of weights";
        at_least(what, log_weights.len(), 25)?;
        numbers(what, log_weights)?;
        bounded(what, log_weights, "below infinity", |w| w < f64::INFINITY)?;
        let count = log_weights.len();
        let tail = (count as f64 / 5.0).min(3.0 * (count as f64).sqrt()).ceil() as usize;
        let order = ascending(log_weights);
        let largest = log_weights[order[count - 1]];
        if largest == f64::NEG_INFINITY {
            return Err(MetricError::NoWeight { what: "weights" });
        }
        let cut = (log_weights[order[count - tail - 1]] - largest).exp();
        let mut smoothed = log_weights.to_vec();
        let above: Vec<usize> = order[count - tail..].to_vec();
        let exceedance = |place: &usize| (log_weights[*place] - largest).exp() - cut;
        let exceedances: Vec<f64> = above.iter().map(exceedance).collect();
        if 1.0 - cut <= f64::EPSILON {
            let k_hat = f64::NEG_INFINITY;
            return Ok(Self {
                log_weights: smoothed,
                k_hat,
            });
        }
        // Weights equal to the one below the tail do not exceed it.
        let least = f64::MIN_POSITIVE;
        let exceedances: Vec<f64> = exceedances.iter().map(|y| y.max(least)).collect();
        let pareto = Pareto::fit(&exceedances)?;
        if pareto.shape.is_finite() {
            for (i, place) in above.iter().enumerate() {
                let share = (i as f64 + 0.5) / tail as f64;
                let weight = (pareto.quantile(share) + cut).ln() + largest;
                smoothed[*place] = weight.min(largest);
            }
        }
        Ok(Self {
            log_weights: smoothed,
            k_hat: pareto.shape,
        })
    }

    /// The largest k̂ at which `count` weights give estimates that can be trusted: `min(1 − 1/log₁₀ S, 0.7)`.
    ///
    /// Source: Vehtari and others, 2024, section 3.2.4.
    pub fn largest_shape(count: usize) -> f64 {
        (1.0 - 1.0 / (count as f64).log10()).min(0.7)
    }
}
