//! The tableaus of known methods.
//!
//! ```
//! use thalweg_ode::tableau::{
//!     BOGACKI_SHAMPINE, DORMAND_PRINCE, EULER, HEUN, MIDPOINT, RALSTON, RK4, SSPRK3, TSITOURAS,
//! };
//! use thalweg_ode::{Tableau, infallible, step};
//!
//! // A step of y' = −y.
//! let error = |method: &Tableau, h: f64| {
//!     let Ok(step) = step(method, &mut infallible(|_, y: &f64| -y), 0.0, &1.0, h);
//!     (step.y - (-h).exp()).abs()
//! };
//! let methods = [
//!     EULER, HEUN, MIDPOINT, RALSTON, SSPRK3, RK4, BOGACKI_SHAMPINE, DORMAND_PRINCE, TSITOURAS,
//! ];
//! for method in methods {
//!     // Half of it errs 2ᵖ⁺¹ times less, or even less than that.
//!     let power = (error(&method, 0.2) / error(&method, 0.1)).log2();
//!     assert!(power > f64::from(method.order) + 0.9, "{}: {power}", method.name);
//! }
//! ```

use crate::Tableau;

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

/// Three stages, each a mean of Euler steps. So a property that every Euler step keeps, such as a
/// decreasing loss or a bound, stays.
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

/// Bogacki-Shampine 3(2), for loose tolerances.
///
/// Bogacki, Shampine: *A 3(2) pair of Runge-Kutta formulas*, 1989.
pub const BOGACKI_SHAMPINE: Tableau = Tableau {
    name: "Bogacki-Shampine 3(2)",
    order: 3,
    a: &[
        &[],
        &[0.5],
        &[0.0, 0.75],
        &[2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0],
    ],
    b: &[2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0, 0.0],
    error: Some(&[
        2.0 / 9.0 - 7.0 / 24.0,
        1.0 / 3.0 - 1.0 / 4.0,
        4.0 / 9.0 - 1.0 / 3.0,
        -1.0 / 8.0,
    ]),
    c: &[0.0, 0.5, 0.75, 1.0],
    fsal: true,
};

/// Dormand-Prince 5(4), the usual choice where the field is smooth.
///
/// Dormand, Prince: *A family of embedded Runge-Kutta formulae*, 1980, table 2.
pub const DORMAND_PRINCE: Tableau = Tableau {
    name: "Dormand-Prince 5(4)",
    order: 5,
    a: &[
        &[],
        &[1.0 / 5.0],
        &[3.0 / 40.0, 9.0 / 40.0],
        &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
        &[
            19372.0 / 6561.0,
            -25360.0 / 2187.0,
            64448.0 / 6561.0,
            -212.0 / 729.0,
        ],
        &[
            9017.0 / 3168.0,
            -355.0 / 33.0,
            46732.0 / 5247.0,
            49.0 / 176.0,
            -5103.0 / 18656.0,
        ],
        &[
            35.0 / 384.0,
            0.0,
            500.0 / 1113.0,
            125.0 / 192.0,
            -2187.0 / 6784.0,
            11.0 / 84.0,
        ],
    ],
    b: &[
        35.0 / 384.0,
        0.0,
        500.0 / 1113.0,
        125.0 / 192.0,
        -2187.0 / 6784.0,
        11.0 / 84.0,
        0.0,
    ],
    error: Some(&[
        71.0 / 57600.0,
        0.0,
        -71.0 / 16695.0,
        71.0 / 1920.0,
        -17253.0 / 339200.0,
        22.0 / 525.0,
        -1.0 / 40.0,
    ]),
    c: &[0.0, 0.2, 0.3, 0.8, 8.0 / 9.0, 1.0, 1.0],
    fsal: true,
};

/// Tsitouras 5(4): as many stages as Dormand-Prince's pair, with a smaller error term.
///
/// Tsitouras: *Runge-Kutta pairs of order 5(4) satisfying only the first column simplifying
/// assumption*, 2011, table 1.
pub const TSITOURAS: Tableau = Tableau {
    name: "Tsitouras 5(4)",
    order: 5,
    a: &[
        &[],
        &[0.161],
        &[-0.008480655492356989, 0.335480655492357],
        &[2.8971530571054935, -6.359448489975075, 4.3622954328695815],
        &[
            5.325864828439257,
            -11.748883564062828,
            7.4955393428898365,
            -0.09249506636175525,
        ],
        &[
            5.86145544294642,
            -12.92096931784711,
            8.159367898576159,
            -0.071584973281401,
            -0.028269050394068383,
        ],
        &[
            0.09646076681806523,
            0.01,
            0.4798896504144996,
            1.379008574103742,
            -3.290069515436081,
            2.324710524099774,
        ],
    ],
    b: &[
        0.09646076681806523,
        0.01,
        0.4798896504144996,
        1.379008574103742,
        -3.290069515436081,
        2.324710524099774,
        0.0,
    ],
    error: Some(&[
        -0.001780011052225777,
        -0.0008164344596567469,
        0.007880878010261995,
        -0.1447110071732629,
        0.5823571654525552,
        -0.45808210592918697,
        1.0 / 66.0,
    ]),
    c: &[0.0, 0.161, 0.327, 0.9, 0.9800255409045097, 1.0, 1.0],
    fsal: true,
};
