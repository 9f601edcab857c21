#![doc = include_str!("../README.md")]
//!
//! # Measures
//!
//! | measure | number | ok up to | warning up to |
//! |---|---|---|---|
//! | round trips | `│f⁻¹(f(x)) − x│` and `│f(f⁻¹(z)) − z│`, of the model and of each layer, in parts of `max(│x│, σ)` | `√ε` | `ε^¼` |
//! | log-determinant | `│ln │det J│ − autodiff│ / D` of the model and of each layer, `D ≤ 64` | `√ε` | `ε^¼` |
//! | condition numbers | `κ = σ_max / σ_min` of linear maps | `κ ε = √ε` | `κ ε = ε^¼` |
//! | scales | the share within 1 % of a bound; layers whose scales all have `│s│ < 10⁻⁶` | 1 %; no layer | 50 % of a layer |
//! | splines | the share of inputs outside the interval; thin bins | 10 %; 25 % | 50 % of a layer |
//! | sweep | outputs that are not finite for rows times `1, 10, …, 10³⁰`, for spikes and constants | none up to 10³ | no NaN |
//! | integral | `│∫ p − 1│` less its error, in 1 and 2 dimensions | 1 % | 5 % |
//! | compiled form | differences of latents, data and log-densities from the tensors | `√ε` | `ε^¼` |
//!
//! `ε` is the rounding of the model's dtype, 1.2e-7 of f32. An error of `√ε` leaves half of the digits; beyond `ε^¼`
//! fewer than a quarter are left, which shows in samples and densities ([`Bounds`]). A matrix with condition number
//! `κ` turns a relative error `ε` into `κ ε` at most (Golub, Van Loan: *Matrix computations*, 2013, section 2.6). A
//! saturated scale has no gradient, and a layer whose scales are all dead only shifts: a model that is not trained
//! yet, or a layer that the data do not need. Data a thousand times as large are not expected, so an overflow there
//! is no fault. A NaN is: one of them makes the mean of a batch NaN. A Jacobian costs `D` backward passes, an
//! integral a grid; a measure that would cost too much is skipped, with the reason.

mod error;
mod file;
mod measure;
mod measured;
mod options;
mod report;
mod run;
mod subject;
mod verdict;

pub use error::CheckError;
pub use file::check_file;
pub use measure::{
    CompiledErrors, Condition, Deviation, Input, Integral, Layer, LogDetError, RoundTrip,
    SweepPoint,
};
pub use measured::Measured;
pub use options::Options;
pub use report::{Check, Finding, Measure};
pub use run::{check, check_given};
pub use subject::{Compiled, Subject};
pub use thalweg_flow::walk::Usage;
pub use verdict::{Bounds, Verdict};
