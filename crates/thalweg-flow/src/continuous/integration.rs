//! The settings of an integration, and its report.

use burn::tensor::DType;
use serde::{Deserialize, Serialize};
use thalweg_ode::{Adaptive, Controller, Fixed, OdeError, Solution, Tableau, Tolerance, tableau};

use crate::FlowError;
use crate::numerics::Precision;

/// A Runge-Kutta method; see the table of [`thalweg_ode`] for orders, costs and sources.
///
/// ```
/// use thalweg_flow::Scheme;
///
/// assert_eq!((Scheme::Rk4.tableau().order, Scheme::Rk4.tableau().stages()), (4, 4));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scheme {
    /// Order 1, one evaluation a step.
    Euler,
    /// Order 2, two evaluations a step.
    Midpoint,
    /// Order 2, two evaluations a step.
    Heun,
    /// Order 4, four evaluations a step: the classical method.
    Rk4,
    /// Order 3 with an error estimate, three evaluations a step.
    BogackiShampine,
    /// Order 5 with an error estimate, six evaluations a step.
    DormandPrince,
    /// Order 5 with an error estimate, six evaluations a step; a smaller error than Dormand–Prince's.
    Tsitouras,
}

impl Scheme {
    /// The numbers of the method.
    pub fn tableau(self) -> &'static Tableau {
        match self {
            Self::Euler => &tableau::EULER,
            Self::Midpoint => &tableau::MIDPOINT,
            Self::Heun => &tableau::HEUN,
            Self::Rk4 => &tableau::RK4,
            Self::BogackiShampine => &tableau::BOGACKI_SHAMPINE,
            Self::DormandPrince => &tableau::DORMAND_PRINCE,
            Self::Tsitouras => &tableau::TSITOURAS,
        }
    }
}

/// The sizes of the steps.
///
/// See [`Integration`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Steps {
    /// This many of one size.
    Fixed(usize),
    /// By the estimated error `e` of each step: `e / (absolute + relative · |y|)` is at most 1.
    Adaptive {
        /// In the units of the data, and in nats for the log-determinant.
        absolute: f64,
        /// Relative to the size of each number.
        relative: f64,
    },
}

/// The method and the steps from time 0 to time 1, or back.
///
/// ```
/// use thalweg_flow::{Integration, Scheme, Steps};
///
/// let fast = Integration::fixed(Scheme::Rk4, 8);
/// assert_eq!((fast.steps, fast.evaluations(8)), (Steps::Fixed(8), 32));
/// let exact = Integration::adaptive(Scheme::Tsitouras, 1e-7).with_most_evaluations(50_000);
/// assert!(fast.check().is_ok() && exact.check().is_ok());
/// let error = Integration::adaptive(Scheme::Rk4, 1e-7).check().unwrap_err();
/// assert!(error.to_string().contains("does not estimate its error"));
/// ```
///
/// The steps are those of the whole batch: in each, the row with the largest error decides, so that a rare row
/// is not averaged away. A row's error is the root mean square over its features and its log-determinant, each
/// in units of the tolerance. So a row depends on the others of its batch within the tolerance; with fixed
/// steps it does not.
///
/// A tolerance below 16 roundings of the dtype (1.9e-6 in f32) counts as that: no step would meet it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Integration {
    /// The method.
    pub scheme: Scheme,
    /// The sizes of its steps.
    pub steps: Steps,
    /// An integration that needs more evaluations of the field ends in
    /// [`FlowError::Integration`](crate::FlowError::Integration).
    pub most_evaluations: usize,
}

/// Enough for tight tolerances of fields that are not stiff, and an end within seconds for those that are.
const MOST_EVALUATIONS: usize = 10_000;

impl Default for Integration {
    /// Dormand–Prince with a tolerance of 1e-5.
    fn default() -> Self {
        Self::adaptive(Scheme::DormandPrince, 1e-5)
    }
}

impl Integration {
    /// Steps of one size: a cost that is known beforehand, an error that is not.
    pub fn fixed(scheme: Scheme, steps: usize) -> Self {
        Self::of(scheme, Steps::Fixed(steps))
    }

    /// Steps by their errors, with one number as the absolute and the relative tolerance.
    pub fn adaptive(scheme: Scheme, tolerance: f64) -> Self {
        let (absolute, relative) = (tolerance, tolerance);
        Self::of(scheme, Steps::Adaptive { absolute, relative })
    }

    fn of(scheme: Scheme, steps: Steps) -> Self {
        Self {
            scheme,
            steps,
            most_evaluations: MOST_EVALUATIONS,
        }
    }

    /// The same with another bound on the evaluations of the field; 10,000 by default.
    pub fn with_most_evaluations(self, most_evaluations: usize) -> Self {
        Self {
            most_evaluations,
            ..self
        }
    }

    /// Evaluations of the field in this number of steps, if none is rejected. The last slope of a step may
    /// be the first of the next.
    pub fn evaluations(&self, steps: usize) -> usize {
        let tableau = self.scheme.tableau();
        let shared = usize::from(tableau.fsal);
        let each = tableau.stages() - shared;
        steps.saturating_mul(each).saturating_add(shared)
    }

    /// Checks that a run can have these settings.
    ///
    /// # Errors
    ///
    /// [`FlowError::IntegrationSetting`] for 0 steps, a tolerance that is not positive and finite, a method
    /// without an error estimate for adaptive steps, and fixed steps that cost more than the bound.
    pub fn check(&self) -> Result<(), FlowError> {
        let tableau = self.scheme.tableau();
        match self.steps {
            Steps::Fixed(0) => Err(setting("0 fixed steps lead nowhere; take 1 or more".into())),
            Steps::Fixed(steps) => {
                let cost = self.evaluations(steps);
                match cost > self.most_evaluations {
                    true => Err(setting(format!(
                        "{steps} steps of {} take {cost} evaluations, more than the bound of {}; take fewer \
                         steps, or raise the bound by `with_most_evaluations`",
                        tableau.name, self.most_evaluations
                    ))),
                    false => Ok(()),
                }
            }
            Steps::Adaptive { absolute, relative } => {
                tolerance(absolute, relative)?;
                match tableau.error {
                    Some(_) => Ok(()),
                    None => Err(setting(
                        OdeError::NoErrorEstimate {
                            method: tableau.name,
                        }
                        .to_string(),
                    )),
                }
            }
        }
    }

    /// The size of the first step, and the controller of the others, for numbers of this dtype.
    ///
    /// An adaptive run begins with `tolerance^(1/p)`, at most a tenth of the way: the error of a step of a
    /// method of order `p` for a field of size 1. It costs no evaluation, and the controller corrects it.
    pub(super) fn start(&self, dtype: DType) -> Result<(f64, Box<dyn Controller>), FlowError> {
        self.check()?;
        match self.steps {
            Steps::Fixed(steps) => Ok((1.0 / steps as f64, Box::new(Fixed))),
            Steps::Adaptive { absolute, relative } => {
                let least = 16.0 * Precision::of(dtype).epsilon;
                let [absolute, relative] = [absolute, relative].map(|t| t.max(least));
                let order = f64::from(self.scheme.tableau().order);
                let first = absolute.max(relative).powf(order.recip()).min(0.1);
                let controller = Adaptive::pi(tolerance(absolute, relative)?);
                Ok((first, Box::new(controller)))
            }
        }
    }
}

fn tolerance(absolute: f64, relative: f64) -> Result<Tolerance, FlowError> {
    Tolerance::new(absolute, relative).map_err(|error| setting(error.to_string()))
}

fn setting(problem: String) -> FlowError {
    FlowError::IntegrationSetting { problem }
}

/// The cost of an integration.
///
/// See [`Continuous`](crate::Continuous) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IntegrationReport {
    /// Evaluations of the field, each for the whole batch.
    pub evaluations: usize,
    /// Accepted steps.
    pub accepted: usize,
    /// Steps that were repeated with a smaller size.
    pub rejected: usize,
}

impl IntegrationReport {
    /// The larger of each number of two runs.
    ///
    /// ```
    /// use thalweg_flow::IntegrationReport;
    ///
    /// let one = IntegrationReport { evaluations: 32, accepted: 5, rejected: 0 };
    /// let other = IntegrationReport { evaluations: 26, accepted: 3, rejected: 1 };
    /// let most = IntegrationReport { evaluations: 32, accepted: 5, rejected: 1 };
    /// assert_eq!(one.most(other), most);
    /// ```
    pub fn most(self, other: Self) -> Self {
        Self {
            evaluations: self.evaluations.max(other.evaluations),
            accepted: self.accepted.max(other.accepted),
            rejected: self.rejected.max(other.rejected),
        }
    }

    pub(super) fn of<S>(solution: &Solution<S>) -> Self {
        Self {
            evaluations: solution.evaluations,
            accepted: solution.accepted,
            rejected: solution.rejected,
        }
    }
}
