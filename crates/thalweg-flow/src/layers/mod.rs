//! Layers with parameters of their own.

mod actnorm;
mod elementwise;
mod haar;
mod identity;
mod linear;
mod logit;
mod permutation;
mod planar;
mod radial;
mod reverse;
mod scale;
mod squeeze;
mod standardize;
mod whiten;

pub use actnorm::ActNorm;
pub use elementwise::ElementwiseAffine;
pub use haar::Haar;
pub use identity::Identity;
pub use linear::{Full, Householder, Invertible1x1, InvertibleLinear, LinearForm, Plu, Rotation};
pub(crate) use logit::Ends;
pub use logit::Logit;
pub use permutation::Permutation;
pub use planar::Planar;
pub use radial::Radial;
pub use reverse::Reverse;
pub use scale::DiagonalScale;
pub use squeeze::{Squeeze, SqueezeOrder};
pub use standardize::{Fitted, Standardize};
pub(crate) use standardize::{Moments, fixed};
pub use whiten::Whiten;
