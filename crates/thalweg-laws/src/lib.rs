//! The laws that every bijection must pass, as a test suite for yours.
//!
//! A layer of a normalizing flow can be wrong and still train: with a wrong sign of the log-determinant,
//! a mean over the batch in the conditioner, or a parameter missing from the record. For one line a
//! layer, [`bijection_laws!`] writes one test a law, on every given device, in 64 and in 32 bits, with
//! scrambled parameters:
//!
//! ```
//! use burn::module::{Module, Param};
//! use burn::tensor::{Device, Tensor};
//! use thalweg_flow::{Bijection, LogDet, numerics::{assert_features, one_a_sample, saturate}};
//!
//! /// z = x · exp(s), ln |det J| = Σ s.
//! #[derive(Module, Debug)]
//! struct Scale {
//!     log_scale: Param<Tensor<1>>,
//! }
//!
//! impl Scale {
//!     fn new(features: usize, device: &Device) -> Self {
//!         Self { log_scale: Param::from_tensor(Tensor::zeros([features], device)) }
//!     }
//! }
//!
//! impl<C> Bijection<C> for Scale {
//!     type Data = Tensor<2>;
//!     type Latent = Tensor<2>;
//!
//!     fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
//!         assert_features("Scale", self.log_scale.dims()[0], &x);
//!         let log_det = one_a_sample(self.log_scale.val().sum(), x.dims()[0]);
//!         (saturate(x * self.log_scale.val().exp().unsqueeze()), log_det)
//!     }
//!
//!     fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
//!         assert_features("Scale", self.log_scale.dims()[0], &z);
//!         let log_det = one_a_sample(self.log_scale.val().neg().sum(), z.dims()[0]);
//!         (z * self.log_scale.val().neg().exp().unsqueeze(), log_det)
//!     }
//! }
//!
//! // In `tests/laws.rs`: `scale::log_det_is_jacobian`, `scale::deterministic` and the others.
//! thalweg_laws::bijection_laws! {
//!     devices: [Device::default()];
//!     scale: |device| Scale::new(4, device),
//!         data: thalweg_laws::normal([5, 4]),
//!         skip: [compiled_agrees("has no compiled form: `Lower` would give it one")];
//! }
//!
//! // By hand, for one bijection, e.g. after training.
//! use burn::tensor::DType;
//! use thalweg_laws::{Options, Sample, Violation, check_all, normal, scramble};
//!
//! fn main() -> Result<(), Violation> {
//!     let device = Device::default();
//!     let layer = scramble(Scale::new(4, &device), 0.3);
//!     let x = normal([5, 4]).sample(&device, DType::F32, 1);
//!     check_all(&layer, &x, &(), &Options::default())
//! }
//! ```
//!
//! | module or item | holds |
//! |---|---|
//! | [`laws`] | one function a law, for use by hand |
//! | [`bijection_laws!`], [`check_all`] | all laws at once |
//! | [`Batched`], [`Flat`] | traits of data, latents and contexts |
//! | [`Sample`] | recipes for inputs |
//! | [`scramble`], [`cast`] | other parameters, another dtype |
//! | [`jacobians`], [`jacobians_of`], [`Matrix`] | Jacobians by one backward pass |
//! | `strategies` | `proptest` strategies, by the feature `proptest` |

mod batched;
mod check;
mod compiled;
mod extremes;
mod flat;
mod jacobian;
mod law;
pub mod laws;
mod macros;
mod options;
mod sample;
mod scramble;
#[cfg(feature = "proptest")]
pub mod strategies;
mod violation;

pub use batched::Batched;
#[doc(hidden)]
pub use burn::tensor::Device;
pub use check::{check_all, run_law};
#[doc(hidden)]
pub use compiled::{Compiled, HasCompiledForm, HasNoCompiledForm};
pub use flat::{Flat, Testable};
pub use jacobian::{Matrix, jacobians, jacobians_of};
pub use law::{Law, UnknownLaw};
pub use options::Options;
pub use sample::{
    Floats, Labels, REAL_EDGES, Sample, UNIT_EDGES, edge_rows, labels, normal, uniform, unit,
};
pub use scramble::scramble;
pub use thalweg_flow::precision::cast;
pub use violation::Violation;
