//! Calibrations in words.

use std::fmt;

use thalweg_metrics::holm;

use super::levels::Kind;
use super::{Calibration, Levels};
use crate::words::probability;

/// A check of a calibration: a p-value and what it says.
///
/// ```
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Check, Family, Npe, Simulate, Uniform, Verdict};
///
/// let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| vec![theta[0] + 0.3 * rng.random::<f64>()];
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, noisy);
/// let npe = Npe::new(simulate.prior()).members(1).steps(100);
/// # let npe = npe.family(Family::Spline { couplings: 2, hidden: vec![16] });
/// let posterior = npe.fit(&simulate.run(400)?)?;
/// let calibration = posterior.calibrate(&simulate.seed(1).run(100)?, 99, 0)?;
/// let checks: Vec<Check> = calibration.checks();
/// for check in &checks {
///     println!("{}: p = {:.2}", check.name, check.adjusted);
///     assert!(check.adjusted >= check.p_value);
/// }
/// let ranks = &calibration.ranks[0];
/// assert_eq!(checks[0].p_value, (2.0 * ranks.p_value().min(ranks.kolmogorov())).min(1.0));
/// // Data of a device that reads 0.2 too much.
/// let shifted = move |theta: &[f64], rng: &mut ChaCha8Rng| vec![noisy(theta, rng)[0] + 0.2];
/// let fresh = Simulate::new(Uniform::new([[-1.0, 1.0]])?, shifted).run(100)?;
/// let biased = posterior.calibrate(&fresh, 99, 0)?;
/// assert!(!biased.is_fine());
/// assert_eq!(biased.checks()[0].verdict, Verdict::Biased);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// Twice the smaller of the p-values of χ² and of Kolmogorov and Smirnov, 1 at most.
    pub p_value: f64,
    /// The same, adjusted for the number of checks by the method of Holm.
    pub adjusted: f64,
    /// In a word.
    pub verdict: Verdict,
}

/// What levels say of a posterior.
///
/// See [`Check`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing against the posterior: the adjusted p-value is 0.01 or more.
    Fine,
    /// The posterior is narrower than the parameters lie around it, or beside them.
    Narrow,
    /// The posterior is wider than the parameters lie around it.
    Wide,
    /// The parameter is larger or smaller than its posterior says. Of a rank only: the other levels do not tell it from a
    /// posterior that is too narrow.
    Biased,
    /// The levels are not uniform in another way.
    Uneven,
}

/// The p-value from which on levels count as uniform.
const UNIFORM: f64 = 0.01;
/// Standard errors from which on a mean counts as another one.
const CLEAR: f64 = 2.0;

impl Verdict {
    /// Of levels that are not uniform.
    fn of(levels: &Levels) -> Self {
        let values = levels.values();
        let count = values.len() as f64;
        let from_middle = || values.iter().map(|level| level - 0.5);
        // In standard errors of uniform levels, whose variance is 1/12, and that of the square of the distance 1/180.
        let mean = from_middle().sum::<f64>() / count * (12.0 * count).sqrt();
        let square = from_middle().map(|d| d * d).sum::<f64>() / count;
        let spread = (square - 1.0 / 12.0) * (180.0 * count).sqrt();
        match levels.kind() {
            _ if mean.abs().max(spread.abs()) < CLEAR => Self::Uneven,
            Kind::Rank if mean.abs() > spread.abs() => Self::Biased,
            Kind::Density if mean > CLEAR => Self::Narrow,
            Kind::Density if mean < -CLEAR => Self::Wide,
            Kind::Density => Self::Uneven,
            _ if spread > CLEAR => Self::Narrow,
            _ if spread < -CLEAR => Self::Wide,
            _ => Self::Uneven,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fine => "fine",
            Self::Narrow => "narrow",
            Self::Wide => "wide",
            Self::Biased => "biased",
            Self::Uneven => "uneven",
        })
    }
}

impl Calibration {
    /// All levels, in the order of the fields.
    pub(super) fn levels(&self) -> impl Iterator<Item = &Levels> {
        self.ranks.iter().chain([&self.highest_density, &self.tarp])
    }

    /// All checks, in the order of the fields.
    pub fn checks(&self) -> Vec<Check> {
        let both = |levels: &Levels| levels.p_value().min(levels.kolmogorov());
        let p_values: Vec<f64> = self
            .levels()
            .map(|levels| (2.0 * both(levels)).min(1.0))
            .collect();
        let adjusted = holm(&p_values);
        let all = self.levels().zip(p_values).zip(adjusted);
        let check = |((levels, p_value), adjusted): ((&Levels, f64), f64)| Check {
            name: levels.name().to_owned(),
            p_value,
            adjusted,
            verdict: match adjusted >= UNIFORM {
                true => Verdict::Fine,
                false => Verdict::of(levels),
            },
        };
        all.map(check).collect()
    }

    /// Whether all checks are fine.
    pub fn is_fine(&self) -> bool {
        self.checks()
            .iter()
            .all(|check| check.verdict == Verdict::Fine)
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            p_value,
            adjusted,
            verdict,
        } = self;
        let (p, adjusted) = (probability(*p_value), probability(*adjusted));
        write!(f, "{name}: {verdict}, {p}, adjusted {adjusted}")
    }
}

impl fmt::Display for Calibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks = self.checks();
        let bad = checks.iter().filter(|check| check.verdict != Verdict::Fine);
        let simulations = self.tarp.values().len();
        match bad.count() {
            0 => writeln!(
                f,
                "nothing against the posterior on {simulations} fresh simulations"
            )?,
            bad => {
                let all = checks.len();
                writeln!(
                    f,
                    "{bad} of {all} checks fail on {simulations} fresh simulations"
                )?;
            }
        }
        checks
            .iter()
            .try_for_each(|check| writeln!(f, "  {check}"))?;
        let shares = [0.5, 0.9].map(|level| 100.0 * self.highest_density.coverage(level));
        let [half, most] = shares;
        writeln!(
            f,
            "  regions of highest density of 50 % and 90 % hold {half:.1} % and {most:.1} % of the parameters"
        )
    }
}
