//! Conditions of a density.

mod condition;
mod embedded;
mod embedding;

pub use condition::Condition;
pub use embedded::Embedded;
pub use embedding::{Embedding, LabelEmbedding};
