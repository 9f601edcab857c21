//! Methods without an error estimate.

use super::Tableau;

/// `y' = y + h f(t, y)`: gradient descent, for the field `−∇L`.
///
/// Euler: *Institutiones calculi integralis*, 1768, section 650.
pub const EULER: Tableau = Tableau {
    name: "Euler",
    order: 1,
    a: &[&[]],
    b: &[1.0],
    error: None,
    c: &[0.0],
    fsal: false,
};

/// The explicit trapezoid: an Euler step, then the mean of the slopes at both its ends.
///
/// Heun: *Neue Methoden zur approximativen Integration der Differentialgleichungen einer
/// unabhängigen Veränderlichen*, 1900.
pub const HEUN: Tableau = Tableau {
    name: "Heun",
    order: 2,
    a: &[&[], &[1.0]],
    b: &[0.5, 0.5],
    error: None,
    c: &[0.0, 1.0],
    fsal: false,
};

/// The explicit midpoint: the slope half an Euler step ahead.
///
/// Runge: *Ueber die numerische Auflösung von Differentialgleichungen*, 1895.
pub const MIDPOINT: Tableau = Tableau {
    name: "explicit midpoint",
    order: 2,
    a: &[&[], &[0.5]],
    b: &[0.0, 1.0],
    error: None,
    c: &[0.0, 0.5],
    fsal: false,
};

/// The method of two stages with the smallest bound on its error.
///
/// Ralston: *Runge-Kutta methods with minimum error bounds*, 1962.
pub const RALSTON: Tableau = Tableau {
    name: "Ralston",
    order: 2,
    a: &[&[], &[2.0 / 3.0]],
    b: &[0.25, 0.75],
    error: None,
    c: &[0.0, 2.0 / 3.0],
    fsal: false,
};

/// Three stages, each a mean of Euler steps, so that it keeps what an Euler step keeps (a
/// decreasing loss, a bound).
///
/// Shu, Osher: *Efficient implementation of essentially non-oscillatory shock-capturing schemes*,
/// 1988, equation (2.18).
pub const SSPRK3: Tableau = Tableau {
    name: "SSPRK3",
    order: 3,
    a: &[&[], &[1.0], &[0.25, 0.25]],
    b: &[1.0 / 6.0, 1.0 / 6.0, 2.0 / 3.0],
    error: None,
    c: &[0.0, 1.0, 0.5],
    fsal: false,
};

/// The classical Runge-Kutta method.
///
/// Kutta: *Beitrag zur näherungsweisen Integration totaler Differentialgleichungen*, 1901.
pub const RK4: Tableau = Tableau {
    name: "RK4",
    order: 4,
    a: &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
    b: &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
    error: None,
    c: &[0.0, 0.5, 0.5, 1.0],
    fsal: false,
};
