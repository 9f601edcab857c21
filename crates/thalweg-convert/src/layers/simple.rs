//! Layers of few or no numbers.

use thalweg_flow::{
    Activation, CircleShift, Curve, InvertibleResidual, Logit, Mlp, Nonlinearity, SoftClip,
};
use thalweg_models::composed::{ComposedLayer, LayerConfig};

use super::{Layers, Way};
use crate::options::Tensorless;
use crate::weights::Dense;
use crate::{ConvertError, Options};

/// The bound of the `SoftclipTransform`s between the transforms of zuko's flows.
const SOFT_CLIP: f64 = 11.0;

/// The cut of nflows' `LogTanh` and the slope of its `LeakyReLU`, by default.
const CUT_POINT: f64 = 1.0;
const NEGATIVE_SLOPE: f64 = 0.01;

/// The most that the network of a residual layer may stretch distances.
const LIPSCHITZ: f64 = 0.999;

impl Layers {
    /// The logit of each feature, or the sigmoid as its inverse.
    pub(crate) fn logit(&mut self, way: Way) -> Result<(), ConvertError> {
        let layer = ComposedLayer::Logit(Logit::new(0.0));
        self.push(LayerConfig::Logit, layer, way)
    }

    /// A transform that has no tensors, which the options name; a swap and those of circles are of normflows alone.
    pub(crate) fn without_tensors(
        &mut self,
        module: &str,
        of: Tensorless,
        options: &Options,
    ) -> Result<(), ConvertError> {
        let log_tanh = Curve::LogTanh(options.cut_point.unwrap_or(CUT_POINT));
        let leaky = Curve::LeakySlope(options.negative_slope.unwrap_or(NEGATIVE_SLOPE));
        match of {
            Tensorless::Identity => Ok(()),
            Tensorless::Logit => self.logit(Way::Forward),
            Tensorless::Sigmoid => self.logit(Way::Inverse),
            Tensorless::Softclip => {
                let layer = ComposedLayer::SoftClip(SoftClip::new(SOFT_CLIP));
                let config = LayerConfig::SoftClip { bound: SOFT_CLIP };
                self.push(config, layer, Way::Forward)
            }
            Tensorless::Tanh => self.nonlinearity(Curve::Tanh, Way::Forward),
            Tensorless::LogTanh => self.nonlinearity(log_tanh, Way::Forward),
            Tensorless::LeakyRelu => self.nonlinearity(leaky, Way::Forward),
            Tensorless::CauchyCdf => self.nonlinearity(Curve::Cauchy, Way::Forward),
            Tensorless::InverseTanh => self.nonlinearity(Curve::Tanh, Way::Inverse),
            Tensorless::InverseLogTanh => self.nonlinearity(log_tanh, Way::Inverse),
            Tensorless::InverseLeakyRelu => self.nonlinearity(leaky, Way::Inverse),
            Tensorless::InverseCauchyCdf => self.nonlinearity(Curve::Cauchy, Way::Inverse),
            Tensorless::Swap | Tensorless::PeriodicWrap | Tensorless::PeriodicShift => Err(
                ConvertError::unsupported(module, "only normflows has a swap and periodic layers"),
            ),
        }
    }

    /// `z = x + g(x)` of a perceptron with the activation SiLU, or its inverse.
    pub(crate) fn residual(
        &mut self,
        module: &str,
        network: &[Dense],
        way: Way,
    ) -> Result<(), ConvertError> {
        self.expect(module, network[0].inputs())?;
        let hidden = network[..network.len() - 1].iter().map(Dense::outputs);
        let config = LayerConfig::Residual {
            hidden: hidden.collect(),
            activation: Activation::Silu,
            lipschitz: LIPSCHITZ,
        };
        let layers = network.iter().map(|layer| layer.linear(&self.place));
        let network = Mlp::from_layers(layers.collect(), Activation::Silu);
        let layer = InvertibleResidual::new(network, LIPSCHITZ);
        let bound = layer.bound();
        if bound.is_nan() || bound > LIPSCHITZ {
            return Err(ConvertError::unsupported(
                module,
                format!(
                    "its network may stretch distances by {bound}, and a residual layer by at most {LIPSCHITZ}; \
                     say `lipschitz_const`, or update its spectral norms in the library"
                ),
            ));
        }
        self.push(config, ComposedLayer::Residual(layer), way)
    }

    /// Turns circles with these bounds, 0 of features on none.
    pub(crate) fn circle_shift(
        &mut self,
        module: &str,
        bounds: Vec<f64>,
        shifts: Vec<f64>,
    ) -> Result<(), ConvertError> {
        self.expect(module, bounds.len())?;
        let layer = CircleShift::from_parameters(bounds.clone(), self.vector(shifts));
        let layer = ComposedLayer::CircleShift(layer);
        self.push(LayerConfig::CircleShift { bounds }, layer, Way::Forward)
    }

    /// A fixed function of each feature.
    fn nonlinearity(&mut self, curve: Curve, way: Way) -> Result<(), ConvertError> {
        let layer = ComposedLayer::Nonlinearity(Nonlinearity::new(curve));
        self.push(LayerConfig::Nonlinearity(curve), layer, way)
    }

    /// From numbers of the unit box to those between −1 and 1, `Forward`, or back.
    pub(super) fn unit_box(&mut self, module: &str, way: Way) -> Result<(), ConvertError> {
        let features = self.features.unwrap_or(0);
        let log_two = std::f64::consts::LN_2;
        let (log_scale, shift) = match way {
            Way::Forward => (log_two, -1.0),
            Way::Inverse => (-log_two, 0.5),
        };
        self.scale_and_shift(module, vec![log_scale; features], vec![shift; features])
    }
}
