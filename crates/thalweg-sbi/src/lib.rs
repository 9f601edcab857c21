#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | question | answer |
//! |---|---|
//! | is the posterior right for data of the simulator? | [`Posterior::calibrate`] |
//! | is the observation like data of the simulator? | [`Posterior::familiarity`] |
//! | are data of the posterior like the observation? | [`Posterior::predict`] |
//!
//! [`Rounds`] simulate again where the posterior of one observation lies. Where a density is known but for a factor, the
//! samplers of [`sampler`] draw from it, and [`variational`] fits a flow to it.

mod calibration;
mod coordinates;
mod error;
mod estimator;
mod familiarity;
mod features;
mod nle;
mod npe;
mod predictive;
mod prior;
mod residual;
mod rounds;
pub mod sampler;
mod simulate;
mod summary;
mod tensors;
mod training;
pub mod variational;
mod words;

pub use calibration::{Calibration, Check, Levels, Verdict};
pub use error::SbiError;
pub use estimator::{Embedding, Family};
pub use familiarity::{Deviation, Familiarity};
pub use nle::{Likelihood, LikelihoodAt, Nle};
pub use npe::{Npe, Posterior, Samples};
pub use predictive::{Predictive, PredictiveNumber};
pub use prior::{Gamma, LogNormal, Normal, Prior, Product, Uniform};
pub use rounds::{Round, Rounds, Sequential};
pub use simulate::{Cause, Failure, OnFailure, Simulate, Simulated, Simulations, Simulator};
pub use summary::Summary;
