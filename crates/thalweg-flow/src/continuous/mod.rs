//! Flows that are ordinary differential equations, and their training by flow matching.

mod divergence;
mod field;
mod integration;
mod layer;
mod matching;
mod pairing;
mod run;
mod state;
mod steps;
mod time_mlp;
mod way;

pub(crate) use run::Run;

pub use divergence::Divergence;
pub use field::VectorField;
pub use integration::{Integration, IntegrationReport, Scheme, Steps};
pub use layer::{Continuous, Integrated, Regularized};
pub use matching::{FlowMatching, PathPoint};
pub use pairing::Pairing;
pub use time_mlp::{TimeMlp, TimeMlpConfig};
