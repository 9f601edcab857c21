#![doc = include_str!("../README.md")]
//!
//! # Methods
//!
//! | method | order | evaluations a step | stable on the negative real axis to | source |
//! |---|---|---|---|---|
//! | [`EULER`](tableau::EULER) | 1 | 1 | 2 | Euler 1768 |
//! | [`HEUN`](tableau::HEUN) | 2 | 2 | 2 | Heun 1900 |
//! | [`MIDPOINT`](tableau::MIDPOINT) | 2 | 2 | 2 | Runge 1895 |
//! | [`RALSTON`](tableau::RALSTON) | 2 | 2 | 2 | Ralston 1962 |
//! | [`SSPRK3`](tableau::SSPRK3) | 3 | 3 | 2.513 | Shu, Osher 1988 |
//! | [`RK4`](tableau::RK4) | 4 | 4 | 2.785 | Kutta 1901 |
//! | [`BOGACKI_SHAMPINE`](tableau::BOGACKI_SHAMPINE) | 3, estimate 2 | 4, 3 from a known slope | 2.513 | Bogacki, Shampine 1989 |
//! | [`DORMAND_PRINCE`](tableau::DORMAND_PRINCE) | 5, estimate 4 | 7, 6 | 3.307 | Dormand, Prince 1980 |
//! | [`TSITOURAS`](tableau::TSITOURAS) | 5, estimate 4 | 7, 6 | 3.507 | Tsitouras 2011 |
//! | [`Chebyshev`], [`Stabilized`] of first order | 1 | `s` | about `1.94 s²` | van der Houwen, Sommeijer 1980 |
//! | [`Chebyshev`], [`Stabilized`] of second order | 2, estimate | `s + 1`, `s` | about `0.65 (s² − 1)` | Sommeijer, Shampine, Verwer 1997 |
//! | [`Implicit::Euler`] | 1 | its solver's | ∞ | Hairer, Wanner 1996 |
//! | [`Implicit::Trapezoid`] | 2 | its solver's and 1 | ∞ | Hairer, Wanner 1996 |
//!
//! These methods keep the energy of second-order systems `q̈ + λ q̇ = a(q)` near its start.
//! Their bound is on `h ω`, where `−ω²` are the eigenvalues of `∂a/∂q`, without friction:
//!
//! | method | friction | order | evaluations a step | stable for `h ω` to | source |
//! |---|---|---|---|---|---|
//! | [`semi_implicit_euler`] | `λ` at the start | 1 | 1 | 2 | Hairer, Lubich, Wanner 2006 |
//! | [`velocity_verlet`] | none | 2 | 1 from a known acceleration | 2 | Swope and others 1982 |
//! | [`Leapfrog`] | `λ` at the middle | 2 | 1 | 2 | Su 2018, Polyak 1964 |
//! | [`obabo`] | exact | 2 | 1 from a known acceleration | 2 | Bussi, Parrinello 2007 |
//! | [`baoab`], with noise | exact | 2, in distribution | 1 from a known acceleration | 2 | Leimkuhler, Matthews 2013 |
//! | [`euler_maruyama`], first order, with noise | | 1 | 1 | 2, as Euler | Maruyama 1955 |
//!
//! Steps of one size: [`Fixed`]. Steps by their errors: [`Adaptive`], with [`Gains`], [`Bounds`]
//! and a [`Tolerance`], which has no default. A [`Measure`] gives norms: [`Componentwise`], or any
//! closure that is an inner product, in [`SinglePrecision`] for states of `f32`.

mod chebyshev;
mod control;
mod error;
mod implicit;
mod leapfrog;
mod measure;
mod method;
mod runge_kutta;
mod second_order;
mod solve;
mod state;
mod stochastic;
pub mod tableau;

pub use chebyshev::{Accuracy, Chebyshev, Spectral, Stabilized, spectral_radius};
pub use control::{Adaptive, Bounds, Controller, Decision, ErrorHistory, Fixed, Gains, Tolerance};
pub use error::OdeError;
pub use implicit::{Attempt, Implicit, Root, Solver};
pub use leapfrog::{Leapfrog, heavy_ball, leapfrog};
pub use measure::{Components, Componentwise, Measure, SinglePrecision};
pub use method::{Method, Start, Step, infallible};
pub use runge_kutta::{Tableau, step};
pub use second_order::{Kicked, PhasePoint, obabo, semi_implicit_euler, velocity_verlet};
pub use solve::{Cause, Ended, Failure, Solution, SolutionPoint, Solve};
pub use state::{Vector, VectorSpace};
pub use stochastic::{Thermostat, baoab, euler_maruyama};
