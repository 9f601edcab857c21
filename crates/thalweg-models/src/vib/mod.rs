//! The variational information bottleneck.
//!
//! `E_(x,y) E_(z~p(z|x)) [−log q(y|z)] + λ E_x KL(p(z|x) ‖ q(z))`: a classifier sees its features through
//! noise, and pays for what it lets through. The second term bounds `I(X; Z)`, the rate.

mod bottleneck;
mod calibration;
mod dual;
mod evaluate;
mod loss;
mod model;
mod price;

pub use bottleneck::{Bottleneck, Through};
pub use calibration::Classification;
pub use dual::DualAscent;
pub use loss::VibLoss;
pub use model::{Vib, VibConfig};
pub use price::Price;
