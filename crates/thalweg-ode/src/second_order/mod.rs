//! Steps for `q̈ + λ q̇ = a(q)`: position, velocity, friction.

mod momentum;
mod obabo;
mod phase;
mod semi_implicit_euler;
mod verlet;

pub use momentum::Momentum;
pub use obabo::obabo;
pub(crate) use phase::acceleration_at;
pub use phase::{Kicked, Phase};
pub use semi_implicit_euler::semi_implicit_euler;
pub use verlet::velocity_verlet;
