//! Normalizing flows and the models around them, on Burn.
//!
//! This crate gathers the others under one name and forwards the backends' features:
//!
//! | module | crate | holds |
//! |---|---|---|
//! | [`flow`] | `thalweg-flow` | bijections, couplings, base densities, [`Flow`](flow::Flow) |
//! | [`models`] | `thalweg-models` | NICE, RealNVP, spline flows, Glow, VAE, f-VAE, VIB: configuration, model, one-file save and load |
//! | [`ode`] | `thalweg-ode` | integrators of ordinary differential equations, as data |
//! | [`optim`] | `thalweg-optim` | optimizers as integrators: vector field × integrator × controller |
//! | [`train`] | `thalweg-train` | the loop, callbacks |
//! | [`kernels`] | `thalweg-kernels` | the operations of tensors that take one pass on the CPU |
//! | `laws` | `thalweg-laws` | the laws of bijections as a test suite, by the feature `laws` |
//! | [`data`] | `thalweg-data` | embedded sets, toy densities, IDX, CSV, image folders, batches |
//! | [`plot`] | `thalweg-plot` | sample grids, curves, density maps |
//! | [`device`] | `thalweg-device` | devices by name |
//!
//! Burn itself is re-exported as [`burn`], since its tensors stand in the signatures.
#![doc = "\n# From the README\n"]
#![doc = include_str!("../README.md")]

// The programs of the guide are tested like those of the README.
#[cfg(doctest)]
#[doc = include_str!("../training.md")]
struct Training;

pub use burn;
pub use thalweg_data as data;
pub use thalweg_device as device;
pub use thalweg_flow as flow;
pub use thalweg_kernels as kernels;
#[cfg(feature = "laws")]
pub use thalweg_laws as laws;
pub use thalweg_models as models;
pub use thalweg_ode as ode;
pub use thalweg_optim as optim;
pub use thalweg_plot as plot;
pub use thalweg_train as train;

pub mod prelude;
