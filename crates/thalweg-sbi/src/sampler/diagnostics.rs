//! Whether chains have mixed.

use std::fmt;

use thalweg_metrics::{bulk_ess, mean_ess, quantile, r_hat, tail_ess};

use super::Chains;
use crate::SbiError;

/// The largest R̂ of chains that have mixed.
///
/// Vehtari, Gelman, Simpson, Carpenter, Bürkner: *Rank-normalization, folding, and localization: an improved R̂ for assessing
/// convergence of MCMC*, 2021, section 4.
const LARGEST_R_HAT: f64 = 1.01;

/// The fewest effective draws; the same source.
const LEAST_ESS: f64 = 400.0;

/// One parameter of chains.
///
/// See [`Diagnostics`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterDiagnostics {
    /// The mean of all draws.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
    /// The standard error of the mean, from the effective number of draws.
    pub error: f64,
    /// The quantiles 0.05, 0.5 and 0.95.
    pub quantiles: [f64; 3],
    /// See [`thalweg_metrics::r_hat`].
    pub r_hat: f64,
    /// See [`thalweg_metrics::bulk_ess`].
    pub bulk_ess: f64,
    /// See [`thalweg_metrics::tail_ess`].
    pub tail_ess: f64,
}

/// What speaks against the draws of chains.
///
/// ```
/// use thalweg_sbi::sampler::{HostDensity, Sampling, SamplingWarning, Slice};
///
/// let normal = HostDensity::new(1, |x| -0.5 * x[0] * x[0]);
/// let chains = Sampling::new(Slice::new()).chains(2).warm_up(20).draws(20).run(&normal)?;
/// let warnings = chains.diagnostics()?.warnings();
/// let few = |warning: &SamplingWarning| matches!(warning, SamplingWarning::FewDraws { .. });
/// assert!(warnings.iter().any(few));
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum SamplingWarning {
    /// Chains have not come to one distribution: R̂ is above 1.01, or has no value.
    NotMixed {
        /// The parameter, from 0.
        parameter: usize,
        /// R̂.
        r_hat: f64,
    },
    /// The draws are worth fewer than 400 independent ones.
    FewDraws {
        /// The parameter, from 0.
        parameter: usize,
        /// The smaller one of the two effective numbers.
        ess: f64,
    },
    /// Moves left the region where the step is stable.
    Divergences {
        /// Their number.
        count: u64,
    },
}

impl fmt::Display for SamplingWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMixed { parameter, r_hat } => write!(
                f,
                "the chains differ in parameter {parameter}, with an R-hat of {r_hat:.3}: run them longer, or look for modes \
                 that they stay in"
            ),
            Self::FewDraws { parameter, ess } => write!(
                f,
                "the draws of parameter {parameter} are worth {ess:.0} independent ones: run the chains longer"
            ),
            Self::Divergences { count } => write!(
                f,
                "{count} moves were unstable, so that narrow places may be left out: ask for a higher acceptance, or choose \
                 other coordinates"
            ),
        }
    }
}

/// Whether chains have mixed, and what their draws are worth. It prints as a table.
///
/// ```
/// use thalweg_sbi::sampler::{Diagnostics, HostDensity, ParameterDiagnostics, Sampling, Slice};
///
/// let normal = HostDensity::new(1, |x| -0.5 * (x[0] - 3.0).powi(2));
/// let found: Diagnostics = Sampling::new(Slice::new()).run(&normal)?.diagnostics()?;
/// assert!(found.largest_r_hat() < 1.01 && found.least_ess() > 400.0);
/// let parameter: &ParameterDiagnostics = &found.parameters[0];
/// assert!((parameter.mean - 3.0).abs() < 4.0 * parameter.error);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostics {
    /// The parameters, in order.
    pub parameters: Vec<ParameterDiagnostics>,
    /// The number of chains.
    pub chains: usize,
    /// The draws of each.
    pub draws: usize,
    /// See [`Chains::acceptance`].
    pub acceptance: Option<f64>,
    /// See [`Chains::divergences`].
    pub divergences: u64,
    /// See [`Chains::evaluations`].
    pub evaluations: u64,
}

impl Diagnostics {
    pub(super) fn of(chains: &Chains) -> Result<Self, SbiError> {
        let parameter = |index| ParameterDiagnostics::of(&chains.parameter(index));
        Ok(Self {
            parameters: (0..chains.dims())
                .map(parameter)
                .collect::<Result<_, SbiError>>()?,
            chains: chains.chains(),
            draws: chains.draws(),
            acceptance: chains.acceptance(),
            divergences: chains.divergences(),
            evaluations: chains.evaluations(),
        })
    }

    /// The largest R̂ of a parameter; NaN where one has none.
    pub fn largest_r_hat(&self) -> f64 {
        let all = self.parameters.iter().map(|one| one.r_hat);
        all.fold(0.0, |a, b| if b.is_nan() || b > a { b } else { a })
    }

    /// The fewest effective draws of a parameter, in the bulk and in the tails; NaN where one has no number.
    pub fn least_ess(&self) -> f64 {
        let all = self.parameters.iter().map(ParameterDiagnostics::least_ess);
        all.fold(
            f64::INFINITY,
            |a, b| if b.is_nan() || b < a { b } else { a },
        )
    }

    /// What speaks against the draws.
    pub fn warnings(&self) -> Vec<SamplingWarning> {
        let mut warnings = vec![];
        for (parameter, one) in self.parameters.iter().enumerate() {
            let (r_hat, ess) = (one.r_hat, one.least_ess());
            // NaN is no good value.
            if r_hat.is_nan() || r_hat > LARGEST_R_HAT {
                warnings.push(SamplingWarning::NotMixed { parameter, r_hat });
            }
            if ess.is_nan() || ess < LEAST_ESS {
                warnings.push(SamplingWarning::FewDraws { parameter, ess });
            }
        }
        if self.divergences > 0 {
            let count = self.divergences;
            warnings.push(SamplingWarning::Divergences { count });
        }
        warnings
    }
}

impl ParameterDiagnostics {
    fn of(chains: &[Vec<f64>]) -> Result<Self, SbiError> {
        let mut all = chains.concat();
        let count = all.len() as f64;
        let mean = all.iter().sum::<f64>() / count;
        let squares: f64 = all.iter().map(|x| (x - mean).powi(2)).sum();
        let deviation = (squares / (count - 1.0)).sqrt();
        all.sort_by(f64::total_cmp);
        Ok(Self {
            mean,
            deviation,
            error: deviation / mean_ess(chains)?.sqrt(),
            quantiles: [0.05, 0.5, 0.95].map(|share| quantile(&all, share)),
            r_hat: r_hat(chains)?,
            bulk_ess: bulk_ess(chains)?,
            tail_ess: tail_ess(chains)?,
        })
    }

    /// The smaller one of both; NaN where one has no value.
    fn least_ess(&self) -> f64 {
        match self.bulk_ess.is_nan() || self.tail_ess.is_nan() {
            true => f64::NAN,
            false => self.bulk_ess.min(self.tail_ess),
        }
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { chains, draws, .. } = self;
        write!(f, "{chains} chains of {draws} draws")?;
        if let Some(acceptance) = self.acceptance {
            write!(f, ", acceptance {acceptance:.2}")?;
        }
        let (divergences, evaluations) = (self.divergences, self.evaluations);
        writeln!(f, ", {divergences} divergences, {evaluations} evaluations")?;
        writeln!(
            f,
            "parameter       mean  deviation      error         5%        50%        95%   R-hat  bulk ESS  tail ESS"
        )?;
        for (index, one) in self.parameters.iter().enumerate() {
            write!(f, "{index:>9}")?;
            let [low, median, high] = one.quantiles;
            for number in [one.mean, one.deviation, one.error, low, median, high] {
                write!(f, " {:>10}", short(number))?;
            }
            let (r_hat, bulk, tail) = (one.r_hat, one.bulk_ess, one.tail_ess);
            writeln!(f, " {r_hat:>7.3} {bulk:>9.0} {tail:>9.0}")?;
        }
        for warning in self.warnings() {
            writeln!(f, "warning: {warning}")?;
        }
        Ok(())
    }
}

/// Four digits, in ten characters.
fn short(number: f64) -> String {
    let size = number.abs();
    match size == 0.0 || (1e-3..1e5).contains(&size) {
        true => format!(
            "{number:.*}",
            (3 - size.max(1e-3).log10().floor() as i32).clamp(0, 6) as usize
        ),
        false => format!("{number:.3e}"),
    }
}
