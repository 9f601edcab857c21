//! What is trained, on which points, by which method.

use serde::{Deserialize, Serialize, Serializer};
use thalweg::burn::tensor::Device;
use thalweg::data::Toy;
use thalweg::flow::{FlowError, Mlp, RationalQuadratic, Standardize, Transformer, WeightInit};
use thalweg::models::CouplingTransformer;
use thalweg::optim::field::{Gradient, Rms, Sign};
use thalweg::optim::{Descent, Friction, Minimizer, Momentum};
use thalweg::prelude::*;

use super::PLANE;

/// A flow of the plane: standardization, then couplings of alternating halves.
pub(super) type PlaneFlow =
    Flow<(Standardize, Vec<Coupling<CouplingTransformer, Mlp>>), base::StandardNormal>;

/// The transformer of the couplings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Transform {
    /// RealNVP: scales and shifts.
    Affine,
    /// The neural spline flow.
    Spline,
}

/// The method that moves the weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Optimizer {
    Adam,
    Momentum,
    Gradient,
    Rms,
    Sign,
}

/// A training from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    #[serde(deserialize_with = "toy", serialize_with = "name")]
    pub(crate) toy: Toy,
    pub(crate) transform: Transform,
    pub(crate) optimizer: Optimizer,
}

fn toy<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Toy, D::Error> {
    let name = String::deserialize(from)?;
    name.parse().map_err(serde::de::Error::custom)
}

fn name<S: Serializer>(toy: &Toy, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(toy.name())
}

impl Transform {
    pub(crate) const ALL: [Self; 2] = [Self::Spline, Self::Affine];

    /// One type for both, so that the program has the code of one training and not of two.
    fn transformer(self) -> CouplingTransformer {
        match self {
            Self::Affine => CouplingTransformer::Affine(Affine::new()),
            // Eight bins over four deviations to each side.
            Self::Spline => CouplingTransformer::Spline(RationalQuadratic::new(8, 4.0)),
        }
    }
}

impl Optimizer {
    pub(crate) const ALL: [Self; 5] = [
        Self::Adam,
        Self::Momentum,
        Self::Gradient,
        Self::Rms,
        Self::Sign,
    ];

    /// The first step's size.
    pub(super) fn rate(self) -> f64 {
        match self {
            Self::Adam => 2e-3,
            Self::Rms => 1e-3,
            Self::Sign => 3e-4,
            Self::Gradient => 3e-2,
            Self::Momentum => 3e-3,
        }
    }

    pub(super) fn minimizer<M: Module>(self) -> Box<dyn Minimizer<M>> {
        match self {
            Self::Adam => Box::new(SingleGradient::adam().clip_norm(5.0)),
            Self::Momentum => Box::new(Momentum::heavy_ball(Friction::Decay(0.9))),
            Self::Gradient => Box::new(Descent::euler(Gradient)),
            Self::Rms => Box::new(Descent::euler(Rms::default())),
            Self::Sign => Box::new(Descent::euler(Sign)),
        }
    }
}

/// Couplings of a flow. More would fit better, and draw fewer frames a second.
const COUPLINGS: usize = 8;
/// Widths of the hidden layers of each network.
const HIDDEN: [usize; 2] = [32, 32];

/// The untrained flow for points of a toy density.
pub(super) fn flow(choice: Choice, device: &Device) -> Result<PlaneFlow, FlowError> {
    const POINTS: usize = 4096;
    let noise = &mut Noise::seeded(0);
    let standardize = Standardize::fit(&choice.toy.to_tensor(POINTS, 0, device))?.layer;
    let couplings = (0..COUPLINGS).map(|index| {
        let transformer = choice.transform.transformer();
        let net = MlpConfig::new(1, HIDDEN.to_vec(), transformer.parameters_per_feature())
            .with_output_init(WeightInit::Zero);
        let split = Split::half().alternating(index);
        Coupling::new(split, transformer, net.init(noise, device))
    });
    let bijection = (standardize, couplings.collect());
    Ok(Flow::new(bijection, base::StandardNormal::new(PLANE)))
}
