#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! This crate re-exports the others under one name and forwards the features of the backends:
//!
//! | module | crate | contents |
//! |---|---|---|
//! | [`flow`] | `thalweg-flow` | bijections, couplings, base densities, [`Flow`](flow::Flow) |
//! | [`models`] | `thalweg-models` | NICE, RealNVP, spline flows, autoregressive and continuous flows, Glow, VAE, f-VAE, VIB: configuration, model, save and load in one file, figures of held-out data |
//! | [`ode`] | `thalweg-ode` | integrators of ordinary differential equations, as data |
//! | [`optim`] | `thalweg-optim` | optimizers as integrators: vector field × integrator × controller |
//! | [`train`] | `thalweg-train` | the training loop and its callbacks |
//! | [`kernels`] | `thalweg-kernels` | fused operations for the CPU |
//! | `check` | `thalweg-check` | a report on how far a model's numbers can be trusted, with the feature `check` |
//! | `convert` | `thalweg-convert` | weights of nflows, normflows, zuko and glow-pytorch as models of this library, with the feature `convert` |
//! | `laws` | `thalweg-laws` | the laws of bijections as a test suite, with the feature `laws` |
//! | [`data`] | `thalweg-data` | embedded sets, toy densities, IDX, CSV, image folders, batches |
//! | [`metrics`] | `thalweg-metrics` | measures of scores, samples and calibration |
//! | `tabular` | `thalweg-tabular` | densities of tables: columns, conditions, fit with defaults, scores, reports; the feature `tabular` |
//! | `images` | `thalweg-images` | densities of images: fit with defaults, scores, draws, lossless latents; the feature `images` |
//! | `sbi` | `thalweg-sbi` | posteriors from simulators: priors, simulations, neural posterior estimation, calibration; samplers and variational inference for densities known but for a factor; the feature `sbi` |
//! | [`plot`] | `thalweg-plot` | sample grids, curves, density maps |
//! | [`device`] | `thalweg-device` | devices by name |
//!
//! [`burn`] is re-exported too, since its tensors are part of the signatures.

// The programs of the project's README are doctests. The file is a link to that of the repository.
#[cfg(doctest)]
#[doc = include_str!("../project.md")]
struct Project;

// With all features: the pages are about all of them.
#[cfg(all(
    doctest,
    feature = "check",
    feature = "convert",
    feature = "laws",
    feature = "sbi"
))]
mod book;

pub use burn;
#[cfg(feature = "check")]
pub use thalweg_check as check;
#[cfg(feature = "convert")]
pub use thalweg_convert as convert;
pub use thalweg_data as data;
pub use thalweg_device as device;
pub use thalweg_flow as flow;
#[cfg(feature = "images")]
pub use thalweg_images as images;
pub use thalweg_kernels as kernels;
#[cfg(feature = "laws")]
pub use thalweg_laws as laws;
pub use thalweg_metrics as metrics;
pub use thalweg_models as models;
pub use thalweg_ode as ode;
pub use thalweg_optim as optim;
pub use thalweg_plot as plot;
#[cfg(feature = "sbi")]
pub use thalweg_sbi as sbi;
#[cfg(feature = "tabular")]
pub use thalweg_tabular as tabular;
pub use thalweg_train as train;

pub mod prelude;
