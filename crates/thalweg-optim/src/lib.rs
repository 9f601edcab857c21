//! Optimizers as integrators: `optimizer = vector field × integrator × controller`, over the
//! trainable parameters of a whole Burn module.
//!
//! Gradient descent is Euler's method on `θ̇ = −∇L`; momentum is leapfrog on `θ̈ + λθ̇ = −∇L`; the
//! proximal step is implicit Euler. So each part can be exchanged: a [`Field`] maps a point and its
//! gradient to a direction, and `thalweg-ode` takes the step. Each combination is a
//! [`Minimizer`] for the `Trainer` of `thalweg-train`. A field that treats each number on its own
//! is a [`Rule`]: one formula, which [`Euler`] makes an optimizer of Burn. [`rule_laws!`] tests a rule.
//!
//! # The family
//!
//! `g = ∇L(θ)`; `h` is the step, `L` Lipschitz' constant of `g`, `κ = L/μ` where `L(θ)` is
//! `μ`-convex. Stability is that of `½Lθ²`. Each equivalent is a test.
//!
//! | name | step | integrator | gradients | order | stable for | equivalent |
//! |---|---|---|---|---|---|---|
//! | gradient descent | `θ − hg` | Euler on `θ̇ = −g` | 1 | 1 | `hL < 2` | Burn, torch `SGD` |
//! | Heun, midpoint, Ralston | two slopes | their tableaus | 2 | 2 | `hL < 2` | |
//! | RK4, and any tableau | four slopes | its tableau | 4 | 4 | `hL < 2.79` | |
//! | embedded pairs, [`AdaptiveDescent`] | the size that a tolerance allows | Bogacki–Shampine, Dormand–Prince … | 3, 6 … | 3, 5 … | found by the controller | |
//! | Chebyshev | `s` slopes | Runge–Kutta–Chebyshev | `s` | 1 or 2 | `hL < 1.93 s²`, `0.65 s²` | |
//! | proximal, [`Proximal`] | `θ' = θ − hg(θ')` | implicit Euler | by its solver | 1 | every `h` | |
//! | trapezoid | `θ' = θ − h(g + g')/2` | implicit trapezoid | by its solver | 2 | every `h` | |
//! | sign descent | `θ − h sign g` | Euler on `θ̇ = −sign g` | 1 | 1 | to within `h` | |
//! | RMSprop | `θ − hg/√(G + ε)` | Euler | 1 | 1 | to within `h` | torch `RMSprop` with ε outside |
//! | RMSprop, one scale | `G` of `‖g‖²` | Euler | 1 | 1 | | |
//! | Adagrad | `θ − hg/(√Σg² + ε)` | Euler | 1 | 1 | | torch `Adagrad` |
//! | Adam, AdamW, Adamax | `θ − hm̂/(√v̂ + ε)` | Euler | 1 | 1 | | torch `Adam`, `AdamW`, `Adamax` |
//! | Polyak, bounded | `θ − hL g/‖g‖ · min(1/‖g‖, M)` | Euler on `L̇ = −L` | 1 | 1 | | |
//! | momentum | `v' = βv − αg`, `θ + v'` | [`leapfrog`](thalweg_ode::leapfrog) on `θ̈ + λθ̇ = −g` | 1 | 2 | `αL < 2(1 + β)` | torch `SGD(momentum)` |
//! | Nesterov | `g` at `θ + βv` | the same, ahead | 1 | 2 | | torch `SGD(nesterov)` |
//! | Nesterov, midpoint | `g` at `θ + βv/2` | implicit midpoint, once | 1 | 2 | | |
//! | Langevin | `θ − hg + √(2Th)ξ` | [`euler_maruyama`](thalweg_ode::euler_maruyama) | 1 | 1 (weak) | `hL < 2` | |
//! | underdamped Langevin | kick, drift, noise, drift | BAOAB with a [`Thermostat`](thalweg_ode::Thermostat) | 1 | 2 (weak) | `hL¹ᐟ² < 2` | |
//!
//! # References
//!
//! Su Jianlin: *Optimization from a dynamical viewpoint*, kexue.fm/archives/5655, 6234 and 6261,
//! 2018–2019.
#![recursion_limit = "256"]

mod adaptive;
mod clip;
mod curvature;
mod descent;
mod error;
mod euler;
mod evaluation;
pub mod field;
pub mod finite;
mod follow;
mod langevin;
pub mod laws;
mod minimizer;
mod momentum;
mod operand;
mod parameters;
mod proximal;
mod rule;
mod single_gradient;
mod state;
mod trial;

pub use adaptive::AdaptiveDescent;
pub use curvature::largest_curvature;
pub use descent::Descent;
pub use error::{BoxError, EvaluationError};
pub use euler::Euler;
pub use evaluation::{Evaluation, Loss};
pub use follow::{Field, Point};
pub use langevin::{Langevin, Underdamped};
pub use minimizer::{Minimizer, Objective};
pub use momentum::{Friction, Momentum};
pub use operand::Operand;
pub use parameters::Parameters;
pub use proximal::Proximal;
pub use rule::{Memory, Rule, Update};
pub use single_gradient::SingleGradient;
pub use state::{Kept, Remember, State, StateError, Stateful};
