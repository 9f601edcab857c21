//! Whether an observation is like the simulations.

mod density;
mod directions;

use std::fmt;

pub(crate) use density::DataDensity;

/// Whether an observation is like the simulations that a posterior was learned from.
///
/// A flow learns the density of the data of simulations, whatever their parameters. The p-value is the share of held-out
/// simulations that are as likely under it as the observation or less,
///
/// `p = (1 + #{i : ln q(xᵢ) ≤ ln q(x)}) / (n + 1)`.
///
/// It is uniform, or larger, where the observation is a draw of the prior's simulator, however well the flow has learned.
/// At a small one the posterior is an extrapolation: the simulator is wrong, or the prior leaves out what the observation
/// came from.
///
/// The p-value is at least `1 / (n + 1)`. A fifth of the simulations is held out, 100 or half of them if that is more,
/// 1,000 if that is less: with fewer than 200 simulations no p-value is below 0.01.
///
/// S. Bates, E. Candès, L. Lei, Y. Romano, M. Sesia: *Testing for outliers with conformal p-values*, 2023, equation 1;
/// for posteriors, P. Cannon, D. Ward, S. Schmon: *Investigating the impact of model misspecification in neural
/// simulation-based inference*, 2022.
///
/// ```
/// use rand::RngExt;
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Deviation, Familiarity, Family, Npe, Simulate, Uniform};
///
/// let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| vec![theta[0] + 0.3 * rng.random::<f64>()];
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]])?, noisy);
/// let npe = Npe::new(simulate.prior()).members(1).steps(100);
/// # let npe = npe.family(Family::Spline { couplings: 2, hidden: vec![16] });
/// let posterior = npe.fit(&simulate.run(400)?)?;
/// let usual: Familiarity = posterior.familiarity(&[0.2])?;
/// assert!(!usual.is_strange());
/// // No simulation is as unlikely as this one.
/// let strange = posterior.familiarity(&[12.0])?;
/// assert!(strange.is_strange() && strange.p_value == 1.0 / (strange.held_out as f64 + 1.0));
/// let Deviation { number, deviations } = strange.farthest.unwrap();
/// assert!(number == 0 && deviations > 4.0);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Familiarity {
    /// The share of held-out simulations that are at most as likely, the observation counted as one of them.
    pub p_value: f64,
    /// The number of held-out simulations; 0 where all data are the same in all simulations, which leaves `p = 1`.
    pub held_out: usize,
    /// The number of the observation that is farthest from the mean of the simulations; `None` where no number varies.
    pub farthest: Option<Deviation>,
    /// The numbers, from 0, that are the same in all simulations and another one in the observation.
    pub differing: Vec<usize>,
}

/// How far a number of an observation lies from the simulations.
///
/// See [`Familiarity`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deviation {
    /// Its place in the data, from 0.
    pub number: usize,
    /// `(g − m) / s` with the mean `m` and the deviation `s` of the simulations, where `g` is the number or, if that makes
    /// the simulations more normal, its logarithm or `asinh`. It is −∞ for a number that is not positive where those of
    /// all simulations are and `g` is the logarithm.
    pub deviations: f64,
}

/// The p-value below which an observation is strange.
const STRANGE: f64 = 0.01;
/// Deviations from the mean that a number of a usual observation does not have.
const FAR: f64 = 4.0;

impl Familiarity {
    /// Whether the posterior of the observation is an extrapolation: `p < 0.01`, or a number is another one where all
    /// simulations have the same, or is not positive where those of all simulations are.
    pub fn is_strange(&self) -> bool {
        self.p_value < STRANGE || !self.differing.is_empty() || self.impossible().is_some()
    }

    /// A number that no simulation could have.
    fn impossible(&self) -> Option<Deviation> {
        self.farthest.filter(|far| far.deviations.is_infinite())
    }
}

impl fmt::Display for Familiarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            p_value, held_out, ..
        } = self;
        let least = 1.0 / (*held_out as f64 + 1.0);
        match *held_out {
            0 => write!(f, "all simulations have the same data")?,
            n if *p_value < 1.5 * least => write!(
                f,
                "the observation is less likely than all {n} held-out simulations (p < {})",
                rounded_up(least)
            )?,
            n => write!(
                f,
                "{:.1} % of {n} held-out simulations are as likely as the observation, or less (p = {p_value:.3})",
                100.0 * ((p_value / least).round() - 1.0) / n as f64
            )?,
        }
        if !self.is_strange() {
            return Ok(());
        }
        match (self.impossible(), self.farthest) {
            (Some(Deviation { number, .. }), _) => {
                write!(
                    f,
                    "; number {number} is not positive, as all simulations are there"
                )?;
            }
            (None, Some(Deviation { number, deviations })) if deviations.abs() >= FAR => {
                let far = deviations.abs();
                write!(
                    f,
                    "; number {number} lies {far:.1} deviations from their mean"
                )?;
            }
            (None, Some(_)) if *p_value < STRANGE => {
                write!(
                    f,
                    "; no number is far from their mean, but the numbers do not belong together"
                )?;
            }
            _ => {}
        }
        if let [first, rest @ ..] = self.differing.as_slice() {
            write!(f, "; number {first}")?;
            rest.iter().try_for_each(|number| write!(f, ", {number}"))?;
            write!(f, " differs from the value that all simulations have there")?;
        }
        write!(f, ": the posterior is an extrapolation")
    }
}

/// A number in 0 to 1 with one digit that is not 0, rounded up.
fn rounded_up(p: f64) -> f64 {
    let unit = 10_f64.powf(p.log10().floor());
    // One part in 100: 1 / 1001 is below 0.001.
    let digit = (p / unit - 0.01).ceil().max(1.0);
    format!("{:.0e}", digit * unit).parse().unwrap_or(p)
}
