//! Densities of pixels by name.

use clap::ValueEnum;
use thalweg::models::variational::{Binarization, LikelihoodStyle};

/// Which density the pixels have, given what a decoder says.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Pixels {
    /// Black and white, drawn anew at each step.
    Dynamic,
    /// Black and white, drawn once.
    Static,
    /// Black and white, cut in the middle.
    Threshold,
    /// Normal, on dequantized levels.
    Gaussian,
    /// Logistic, on levels.
    Logistic,
}

impl Pixels {
    /// What a model calls it.
    pub fn likelihood(self) -> LikelihoodStyle {
        match self {
            Self::Dynamic => LikelihoodStyle::Bernoulli(Binarization::Dynamic),
            Self::Static => LikelihoodStyle::Bernoulli(Binarization::Static),
            Self::Threshold => LikelihoodStyle::Bernoulli(Binarization::Threshold),
            Self::Gaussian => LikelihoodStyle::Gaussian,
            Self::Logistic => LikelihoodStyle::DiscretizedLogistic,
        }
    }
}
