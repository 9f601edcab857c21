//! Gradients without a tape, in memory that does not grow with the depth of a flow.
//!
//! [`Reversible`](crate::Reversible) computes them. A layer needs nothing for it: the provided methods of
//! [`Bijection`](crate::Bijection) save a checkpoint, invert the layer and evaluate it again on a
//! tape. A bijection that applies other bijections, or that can compute less, overrides two hidden
//! methods together:
//!
//! | method | computes |
//! |---|---|
//! | `forward_checkpointed(&self, x, context, checkpoints)` | [`forward`](crate::Bijection::forward), and saves [`Checkpoints`] |
//! | `backward(&self, z, context, pass)` | the [`WithGradient`] at `x` from the one at `z`, by a [`BackwardPass`] |
//!
//! A chain calls both on its members. A layer with a cheaper backward pass overrides `backward`
//! alone. A layer without an exact inverse keeps its input, [`Checkpoints::save_kept`], and reads it again by
//! [`BackwardPass::kept`].
//!
//! ```
//! use burn::module::Module;
//! use burn::tensor::{Device, Tensor};
//! use thalweg_flow::invertible_backprop::{BackwardPass, Checkpoints, WithGradient};
//! use thalweg_flow::{Bijection, DiagonalScale, Flow, LogDet, Reversible, base::StandardNormal};
//!
//! /// One layer, twice.
//! #[derive(Module, Debug)]
//! struct Twice {
//!     layer: DiagonalScale<2>,
//! }
//!
//! impl<C> Bijection<C> for Twice {
//!     type Data = Tensor<2>;
//!     type Latent = Tensor<2>;
//!
//!     fn forward(&self, x: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
//!         self.forward_checkpointed(x, context, &mut Checkpoints::none())
//!     }
//!
//!     fn inverse(&self, z: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
//!         let (z, second) = self.layer.inverse(z, context);
//!         let (x, first) = self.layer.inverse(z, context);
//!         (x, second + first)
//!     }
//!
//!     fn forward_checkpointed(
//!         &self, x: Tensor<2>, context: &C, checkpoints: &mut Checkpoints,
//!     ) -> (Tensor<2>, LogDet) {
//!         let (x, first) = self.layer.forward_checkpointed(x, context, checkpoints);
//!         let (z, second) = self.layer.forward_checkpointed(x, context, checkpoints);
//!         (z, first + second)
//!     }
//!
//!     fn backward(
//!         &self, z: WithGradient<Tensor<2>>, context: &C, pass: &mut BackwardPass,
//!     ) -> WithGradient<Tensor<2>> {
//!         let x = self.layer.backward(z, context, pass);
//!         self.layer.backward(x, context, pass)
//!     }
//! }
//!
//! let device = Device::default();
//! let twice = Twice { layer: DiagonalScale::new(3, &device) };
//! let (flow, how) = (Flow::new(twice, StandardNormal::new(3)).train(), Reversible::new());
//! flow.loss_and_gradients(Tensor::ones([5, 3], &device), &how, |log_prob| log_prob.mean().neg());
//! assert_eq!(how.report().layers, 2);
//! ```

mod backward;
mod checkpoints;
mod keep;
mod pass;
pub(crate) mod reversible;

pub(crate) use backward::through_coupling;
pub use backward::{BackwardPass, WithGradient};
pub use checkpoints::Checkpoints;
pub use reversible::Report;
