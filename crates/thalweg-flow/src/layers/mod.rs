//! Layers with parameters of their own.

mod actnorm;
mod circle_shift;
mod elementwise;
mod haar;
mod invertible_residual;
mod linear;
mod logit;
mod nonlinearity;
mod order;
mod planar;
mod position;
mod radial;
mod soft_clip;
mod squeeze;
mod standardize;
mod whiten;

pub use actnorm::ActNorm;
pub use circle_shift::CircleShift;
pub use elementwise::{DiagonalScale, ElementwiseAffine};
pub use haar::Haar;
pub use invertible_residual::InvertibleResidual;
pub use linear::{
    Full, Householder, Invertible1x1, InvertibleLinear, LinearForm, Plu, PluFactors, Rotation,
};
pub(crate) use linear::{WIDE, dense};
pub use logit::Logit;
pub use nonlinearity::{Curve, Nonlinearity};
pub use order::{Identity, Permutation, Reverse};
pub use planar::Planar;
pub use position::PositionAffine;
pub use radial::Radial;
pub use soft_clip::SoftClip;
pub use squeeze::{Squeeze, SqueezeOrder};
pub use standardize::{Fitted, Standardize};
pub(crate) use standardize::{Moments, fixed};
pub use whiten::Whiten;
