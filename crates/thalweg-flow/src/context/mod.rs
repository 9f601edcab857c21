//! Conditions of a density.

mod condition;
mod embedded;
mod embedding;
mod label;

pub use condition::Condition;
pub use embedded::Embedded;
pub use embedding::Embedding;
pub use label::LabelEmbedding;
