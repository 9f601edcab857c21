//! Draws from densities that are known but for a factor.
//!
//! A [`LogDensity`] is evaluated for a batch of rows at once. [`Sampling`] moves chains by a [`Kernel`]:
//!
//! | kernel | needs a gradient | for |
//! |---|---|---|
//! | [`Hmc`] | yes | smooth densities, tens to thousands of dimensions |
//! | [`Langevin`] | yes | the same in cheap steps; without its correction, also at one evaluation a step |
//! | [`Underdamped`] | yes | a quick picture of a smooth density, with an error that grows with the step |
//! | [`Slice`] | no | up to tens of dimensions, without settings |
//! | [`Stretch`] | no | up to tens of dimensions, with strong linear correlations |
//!
//! [`ImportanceSamples`] weigh draws of a density near the target instead. All are determined by a seed.
//!
//! No kernel finds the modes of a density by itself. Where chains stay in different modes, [`Chains::diagnostics`] says so:
//! R̂ lies above 1.01. It cannot see a mode that no chain has found.

mod adaptation;
mod chains;
mod diagnostics;
mod gradient;
mod guided;
mod hmc;
mod kernel;
mod langevin;
mod resampling;
mod sampling;
mod slice;
mod stretch;
mod target;
mod underdamped;

pub use chains::Chains;
pub use diagnostics::{Diagnostics, ParameterDiagnostics, SamplingWarning};
pub use guided::Guided;
pub use hmc::Hmc;
pub use kernel::{Kernel, Tally, Walkers};
pub use langevin::Langevin;
pub use resampling::ImportanceSamples;
pub use sampling::Sampling;
pub use slice::{Directions, Slice, SliceState};
pub use stretch::Stretch;
pub use target::{
    Bounded, HostDensity, HostGradient, LogDensity, LogDensityGradient, TensorDensity,
    UnnormalizedPosterior,
};
pub use underdamped::{Underdamped, UnderdampedState};
