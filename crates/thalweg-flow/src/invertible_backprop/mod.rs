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

mod backward;
mod checkpoints;
mod keep;
mod pass;
pub(crate) mod reversible;

pub(crate) use backward::through_coupling;
pub use backward::{BackwardPass, WithGradient};
pub use checkpoints::Checkpoints;
pub use reversible::Report;
