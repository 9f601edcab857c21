//! The models of images by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A model of images.
///
/// ```
/// use thalweg_images::ImageKind;
///
/// let kind: ImageKind = "flow-matching".parse()?;
/// assert_eq!(kind, ImageKind::FlowMatching);
/// assert!("gan".parse::<ImageKind>().is_err());
/// assert_eq!((ImageKind::Glow.name(), ImageKind::Glow.temperature()), ("glow", 0.7));
/// let bounds: Vec<_> = ImageKind::ALL.into_iter().filter(|kind| kind.is_bound()).collect();
/// assert_eq!(bounds, [ImageKind::Vae, ImageKind::Fvae]);
/// # Ok::<(), thalweg_images::ImageKindError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageKind {
    /// A multi-scale flow with learned 1×1 convolutions: [`Glow`](thalweg_models::Glow).
    #[default]
    Glow,
    /// A multi-scale flow of checkerboards and channels: [`RealNvp`](thalweg_models::RealNvp).
    #[serde(rename = "realnvp")]
    RealNvp,
    /// Additive couplings of perceptrons: [`Nice`](thalweg_models::Nice).
    Nice,
    /// An ordinary differential equation, trained without integrations: [`ContinuousFlow`](thalweg_models::ContinuousFlow).
    FlowMatching,
    /// A variational autoencoder: [`Vae`](thalweg_models::Vae), with a logistic probability of each level. Its nats are a bound.
    Vae,
    /// A variational autoencoder with a flow as its posterior: [`Fvae`](thalweg_models::Fvae). Its nats are a bound.
    Fvae,
}

/// No model of images has this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "no model of images is called \"{name}\"; the names are {}",
    ImageKind::names()
)]
pub struct ImageKindError {
    /// The name.
    pub name: String,
}

impl ImageKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Glow,
        Self::RealNvp,
        Self::Nice,
        Self::FlowMatching,
        Self::Vae,
        Self::Fvae,
    ];

    /// Its name in files and on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Glow => "glow",
            Self::RealNvp => "realnvp",
            Self::Nice => "nice",
            Self::FlowMatching => "flow-matching",
            Self::Vae => "vae",
            Self::Fvae => "fvae",
        }
    }

    /// Whether its nats are a lower bound on `ln p`, importance-weighted, and no value of it.
    pub fn is_bound(self) -> bool {
        matches!(self, Self::Vae | Self::Fvae)
    }

    /// The temperature that its samples look best at, as its authors and examples have it.
    pub fn temperature(self) -> f64 {
        match self {
            Self::Glow => 0.7,
            Self::Nice => 0.75,
            Self::Fvae => 0.85,
            Self::RealNvp | Self::FlowMatching | Self::Vae => 1.0,
        }
    }

    fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for ImageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ImageKind {
    type Err = ImageKindError;

    fn from_str(name: &str) -> Result<Self, ImageKindError> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| ImageKindError {
            name: name.to_owned(),
        })
    }
}
