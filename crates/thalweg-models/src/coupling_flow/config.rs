//! Sizes and transformer of a coupling flow.

use burn::config::Config;
use burn::tensor::Device;
use thalweg_flow::{
    Coupling, Flow, InvertibleLinear, MlpConfig, Noise, Periodic, Plu, Split, Standardize,
    Transformer, WeightInit,
};

use super::{
    CouplingFlow, CouplingFlowBase, CouplingFlowBijection, CouplingNetwork, CouplingStyle, Step,
};
use crate::ConfigError;
use crate::config::perceptron;
use crate::model::{ModelConfig, init};

/// Sizes and style of a [`CouplingFlow`].
#[derive(Config, Debug, PartialEq)]
pub struct CouplingFlowConfig {
    /// The number of features.
    pub features: usize,
    /// The transformer.
    pub style: CouplingStyle,
    /// Couplings, each behind an invertible linear map.
    #[config(default = 8)]
    pub couplings: usize,
    /// Widths of the hidden layers of each coupling's network.
    #[config(default = "vec![128, 128]")]
    pub hidden: Vec<usize>,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

impl CouplingFlowConfig {
    /// RealNVP for vectors: affine couplings with softly bounded scales.
    ///
    /// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, section 3.
    pub fn realnvp(features: usize) -> Self {
        Self::new(features, CouplingStyle::Affine)
    }

    /// The neural spline flow with couplings, RQ-NSF (C): 8 bins on `[−3, 3]`.
    ///
    /// Durkan, Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019, section 3.2. The PLU map
    /// before each coupling is theirs too.
    pub fn nsf(features: usize) -> Self {
        let (bins, bound) = (8, 3.0);
        Self::new(features, CouplingStyle::Spline { bins, bound })
    }

    /// A flow of angles in `[−π, π]`: circular splines of 8 bins, without linear maps, on a uniform base. Each
    /// coupling keeps half of the angles.
    ///
    /// Rezende and others: *Normalizing flows on tori and spheres*, 2020, section 2.1.3.
    pub fn circular(features: usize) -> Self {
        let (bins, bound) = (8, std::f64::consts::PI);
        Self::new(features, CouplingStyle::CircularSpline { bins, bound })
    }

    fn step(&self, index: usize, noise: &mut Noise, device: &Device) -> Step {
        let split = Split::half().alternating(index);
        let (kept, transformed) = split.sizes(self.features);
        let transformer = self.style.transformer();
        let outputs = transformer.parameters_per_feature() * transformed;
        let inputs = if self.style.is_circular() {
            2 * kept
        } else {
            kept
        };
        let net = MlpConfig::new(inputs, self.hidden.clone(), outputs)
            .with_output_init(WeightInit::Zero)
            .init(noise, device);
        let net = match self.style {
            CouplingStyle::CircularSpline { bound, .. } => {
                CouplingNetwork::Angles(Periodic::new(bound, net))
            }
            _ => CouplingNetwork::Numbers(net),
        };
        Step {
            mix: (!self.style.is_circular())
                .then(|| InvertibleLinear::new(Plu::rotation(self.features, noise, device))),
            coupling: Coupling::new(split, transformer, net),
        }
    }
}

init! {
    CouplingFlowConfig => CouplingFlow,
    "Fewer than 2 features, no couplings, a layer of width 0, bins outside 2 ..= 500, or a bound that \
     is not a positive number."
}

impl ModelConfig for CouplingFlowConfig {
    const KIND: &'static str = "coupling flow";
    type Model = CouplingFlow;

    fn check(&self) -> Result<(), ConfigError> {
        let sizes = [
            ("features", self.features, 2),
            ("couplings", self.couplings, 1),
        ];
        let widths = self.hidden.iter().map(|width| ("hidden", *width, 1));
        ConfigError::at_least(Self::KIND, sizes.into_iter().chain(widths))?;
        self.style.check(Self::KIND)
    }

    fn count(&self) -> u128 {
        let (features, half) = (self.features as u128, self.features / 2);
        let outputs = half * self.style.transformer().parameters_per_feature();
        let hidden = self.hidden.iter().copied();
        let network = perceptron([half].into_iter().chain(hidden).chain([outputs]));
        let mix = if self.style.is_circular() { 0 } else { 2 };
        let step = network.saturating_add(mix * features * features);
        step.saturating_mul(self.couplings as u128)
            .saturating_add(2 * features)
    }

    fn build(&self, device: &Device) -> CouplingFlow {
        let mut noise = Noise::seeded(self.seed);
        let steps = (0..self.couplings)
            .map(|index| self.step(index, &mut noise, device))
            .collect();
        let bijection = CouplingFlowBijection {
            standardize: Standardize::identity(self.features, device),
            steps,
        };
        CouplingFlow {
            flow: Flow::new(
                bijection,
                CouplingFlowBase::of(self.style, self.features, device),
            ),
            config: self.clone(),
            warnings: vec![],
        }
    }
}
