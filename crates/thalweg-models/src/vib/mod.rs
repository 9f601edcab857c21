//! The variational information bottleneck.
//!
//! `E_(x,y) E_(z~p(z|x)) [−log q(y|z)] + λ E_x KL(p(z|x) ‖ q(z))`: a classifier sees its features through
//! noise, and pays for the information. The second term bounds `I(X; Z)`, the rate.

mod bottleneck;
mod calibration;
mod loss;
mod model;

pub use bottleneck::{Bottleneck, Through};
pub use calibration::Classification;
pub use loss::{DualAscent, VibLoss};
pub use model::{Vib, VibConfig};
