//! Runge-Kutta methods as tables of numbers.

mod check;
mod embedded;
mod plain;
mod step;
mod trees;

pub use embedded::{BOGACKI_SHAMPINE, DORMAND_PRINCE, TSITOURAS};
pub use plain::{EULER, HEUN, MIDPOINT, RALSTON, RK4, SSPRK3};
pub use step::step;

/// An explicit Runge-Kutta method.
///
/// `kᵢ = f(t + cᵢ h, y + h Σⱼ aᵢⱼ kⱼ)` for `j < i`, `y' = y + h Σᵢ bᵢ kᵢ`, and, where there are error
/// weights, `error = h Σᵢ eᵢ kᵢ` with `e = b − b̂`, the weights less those of an embedded method of
/// one order lower.
///
/// Nothing but data: write your own as a constant and [`check`](Self::check) it in a test.
///
/// ```
/// use thalweg_ode::Tableau;
///
/// const THREE_EIGHTHS: Tableau = Tableau {
///     name: "three-eighths rule",
///     order: 4,
///     a: &[&[], &[1.0 / 3.0], &[-1.0 / 3.0, 1.0], &[1.0, -1.0, 1.0]],
///     b: &[0.125, 0.375, 0.375, 0.125],
///     error: None,
///     c: &[0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0],
///     fsal: false,
/// };
/// THREE_EIGHTHS.check()?;
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// Butcher: *Coefficients for the study of Runge-Kutta integration processes*, 1963.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tableau {
    /// The method's name.
    pub name: &'static str,
    /// The order of `y'`, `p`: one step is wrong by `O(hᵖ⁺¹)`.
    pub order: u32,
    /// Row `i` holds the weights of the `i` stages before stage `i`.
    pub a: &'static [&'static [f64]],
    /// The weights of the stages in `y'`.
    pub b: &'static [f64],
    /// `b − b̂`, the weights of the stages in the error estimate.
    pub error: Option<&'static [f64]>,
    /// The times of the stages, as parts of the step.
    pub c: &'static [f64],
    /// Whether the last stage is `f(t + h, y')` and so the next step's first ("first same as
    /// last").
    pub fsal: bool,
}

impl Tableau {
    /// Every method of this module.
    pub const ALL: [&'static Tableau; 9] = [
        &EULER,
        &HEUN,
        &MIDPOINT,
        &RALSTON,
        &SSPRK3,
        &RK4,
        &BOGACKI_SHAMPINE,
        &DORMAND_PRINCE,
        &TSITOURAS,
    ];

    /// How many stages there are: the evaluations of a step that reuses none.
    pub fn stages(&self) -> usize {
        self.b.len()
    }
}
