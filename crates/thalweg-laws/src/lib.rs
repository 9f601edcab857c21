//! The laws that every bijection must pass, as a test suite for yours.
//!
//! A layer of a normalizing flow can be wrong and still train: a sign of the log-determinant that
//! is wrong in both directions, a mean over the batch in the conditioner, a parameter that the
//! file forgets. [`bijection_laws!`] turns one line a layer into one test a law, on every device
//! that you name, in 64 and in 32 bits, with parameters scrambled away from their initial values:
//!
//! ```
//! use burn::module::{Module, Param};
//! use burn::tensor::{Device, Tensor};
//! use thalweg_flow::{Bijection, LogDet, numerics::{one_a_sample, saturate}, shape::assert_features};
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
//! // Or by hand, for one bijection as it is, say after training.
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
//! | [`Batch`], [`Flat`] | what data, latents and contexts must be able to do |
//! | [`Sample`] | what to feed a bijection |
//! | [`scramble`], [`cast`] | parameters away from their initial values, in another dtype |
//! | [`jacobians`], [`Matrix`] | Jacobians by one backward pass |
//! | [`strategies`] | `proptest` strategies |

mod batch;
mod check;
mod extremes;
mod flat;
mod jacobian;
mod latents;
mod law;
pub mod laws;
mod macros;
mod options;
mod sample;
mod scramble;
pub mod strategies;
mod suite;
mod testable;
mod violation;

pub use batch::Batch;
#[doc(hidden)]
pub use burn::tensor::Device;
pub use check::check_all;
pub use flat::Flat;
pub use jacobian::{Matrix, jacobians};
pub use law::{Law, UnknownLaw};
pub use options::Options;
pub use sample::{
    Floats, Labels, REAL_EDGES, Sample, UNIT_EDGES, edge_rows, labels, normal, uniform, unit,
};
pub use scramble::scramble;
pub use suite::run_law;
#[doc(hidden)]
pub use suite::{Compiled, HasCompiledForm, HasNoCompiledForm};
pub use testable::Testable;
pub use thalweg_flow::precision::cast;
pub use violation::Violation;
