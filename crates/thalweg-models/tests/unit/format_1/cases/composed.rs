//! Flows of listed layers.

use burn::tensor::Device;
use thalweg_flow::{Activation, InBlocks, ModulationConfig};
use thalweg_models::composed::{
    BaseConfig, EndsConfig, LayerConfig, LeastConfig, MaskedConfig, NetworkConfig, ScaleConfig,
    TransformerConfig,
};
use thalweg_models::{ComposedConfig, ComposedFlow};

use super::{Case, case, given_vectors, rows, same, vectors};
use crate::common::host;
use crate::format_1::inputs::Inputs;

/// Every layer, transformer and network of a composed flow.
pub(super) fn plain() -> Vec<Case> {
    let residual = NetworkConfig {
        hidden: vec![4],
        residual: true,
        activation: Activation::Gelu,
        modulation: None,
        standardized: false,
    };
    let coupling = |scale, network: &NetworkConfig| LayerConfig::Coupling {
        kept: 1,
        transformer: TransformerConfig::Affine { scale },
        network: network.clone(),
    };
    let masked = |degrees: Vec<Vec<usize>>, activation| MaskedConfig {
        order: vec![2, 0, 1],
        residual: degrees.len() > 1,
        degrees,
        activation,
        modulation: None,
        plain_entry: false,
        angles: vec![],
    };
    let spline = |least_slope| TransformerConfig::Spline {
        bins: 3,
        bound: 3.0,
        least_slope,
        least: None,
        ends: Default::default(),
    };
    let inverted = |layer: LayerConfig| LayerConfig::Inverted(Box::new(layer));
    let plain = NetworkConfig::mlp(vec![4]);
    let floor = 1e-3;
    let layers = vec![
        LayerConfig::ActNorm,
        LayerConfig::Permutation {
            order: vec![1, 2, 0],
        },
        LayerConfig::Affine,
        LayerConfig::Linear,
        LayerConfig::Matrix,
        LayerConfig::Radial,
        inverted(LayerConfig::Planar),
        coupling(ScaleConfig::Exp, &plain),
        coupling(ScaleConfig::SoftBounded(2.0), &plain),
        coupling(ScaleConfig::Sigmoid { shift: 2.0 }, &plain),
        coupling(ScaleConfig::FlooredSigmoid { shift: 2.0, floor }, &residual),
        inverted(coupling(ScaleConfig::InverseSigmoid { shift: 2.0 }, &plain)),
        LayerConfig::Coupling {
            kept: 2,
            transformer: spline(None),
            network: plain.clone(),
        },
        LayerConfig::Coupling {
            kept: 2,
            transformer: TransformerConfig::Additive,
            network: plain.clone(),
        },
        LayerConfig::Autoregressive {
            transformer: TransformerConfig::Affine {
                scale: ScaleConfig::FlooredSoftplus { floor },
            },
            network: masked(vec![vec![1, 2, 1]; 3], Activation::Elu),
        },
        inverted(LayerConfig::Autoregressive {
            transformer: spline(Some(1e-3)),
            network: masked(vec![vec![1, 2, 1]], Activation::LeakySlope(0.2)),
        }),
    ];
    let find = |flow: &ComposedFlow, device: &Device, inputs: &Inputs| {
        host(flow.log_prob(inputs.tensor("x", device)))
    };
    vec![case(
        "composed",
        ComposedConfig::new(3, layers),
        |flow, device| flow.initialize(&rows(device)).unwrap(),
        vectors(),
        find,
    )]
}

/// A composed flow of features on circles, and an invertible residual network.
pub(super) fn on_circles() -> Vec<Case> {
    let spline = LayerConfig::Autoregressive {
        transformer: TransformerConfig::Spline {
            bins: 3,
            bound: 3.0,
            least_slope: None,
            least: None,
            ends: EndsConfig::Circular,
        },
        network: MaskedConfig {
            order: vec![2, 0, 1],
            degrees: vec![vec![1, 2, 1, 2]; 3],
            residual: true,
            activation: Activation::Tanh,
            modulation: None,
            plain_entry: false,
            angles: vec![0.0, 1.0, 1.0],
        },
    };
    let residual = LayerConfig::Residual {
        hidden: vec![4],
        activation: Activation::Silu,
        lipschitz: 0.9,
    };
    let layers = vec![
        spline.clone(),
        LayerConfig::CircleShift {
            bounds: vec![0.0, 3.0, 3.0],
        },
        spline,
        residual.clone(),
        LayerConfig::Inverted(Box::new(residual)),
    ];
    let base = BaseConfig::UniformNormal {
        circles: vec![1, 2],
    };
    vec![case(
        "composed-circles",
        ComposedConfig::new(3, layers).with_base(base),
        same,
        vectors(),
        |flow: &ComposedFlow, device: &Device, inputs: &Inputs| {
            host(flow.log_prob(inputs.tensor("x", device)))
        },
    )]
}

/// A composed flow given vectors, with least sizes of its splines that are not those of the paper.
pub(super) fn given() -> Vec<Case> {
    let least = LeastConfig {
        width: 0.05,
        height: 0.02,
        slope: 0.1,
    };
    let transformer = TransformerConfig::Spline {
        bins: 3,
        bound: 3.0,
        least_slope: None,
        ends: Default::default(),
        least: Some(least),
    };
    let masked = LayerConfig::Autoregressive {
        transformer,
        network: MaskedConfig {
            order: vec![2, 0, 1],
            degrees: vec![vec![0, 1, 2, 1]],
            residual: false,
            activation: Activation::Tanh,
            modulation: None,
            plain_entry: false,
            angles: vec![],
        },
    };
    let coupling = LayerConfig::Coupling {
        kept: 1,
        transformer,
        network: NetworkConfig::mlp(vec![4]),
    };
    let layers = vec![
        masked.clone(),
        LayerConfig::ActNorm,
        coupling.clone(),
        LayerConfig::Inverted(Box::new(coupling)),
        LayerConfig::Inverted(Box::new(masked)),
    ];
    vec![case(
        "composed-conditional",
        ComposedConfig::new(3, layers).with_context(2),
        |flow, device| flow.initialize(&rows(device)).unwrap(),
        given_vectors(),
        |flow, device, inputs| {
            let context = inputs.tensor("context", device);
            host(flow.given(&context).log_prob(inputs.tensor("x", device)))
        },
    )]
}

/// Networks that the context shifts and gates, with norms, and layers of the context.
pub(super) fn modulated() -> Vec<Case> {
    let affine = TransformerConfig::Affine {
        scale: ScaleConfig::Exp,
    };
    let changes = |first, blocks, norms| {
        Some(ModulationConfig {
            first,
            blocks,
            norms,
        })
    };
    let coupling = LayerConfig::Coupling {
        kept: 1,
        transformer: affine,
        network: NetworkConfig {
            hidden: vec![4],
            residual: true,
            activation: Activation::Elu,
            modulation: changes(false, InBlocks::Gate, true),
            standardized: false,
        },
    };
    let masked = |layers, modulation, plain_entry| LayerConfig::Autoregressive {
        transformer: affine,
        network: MaskedConfig {
            order: vec![2, 0, 1],
            degrees: vec![vec![0, 1, 2, 1]; layers],
            residual: layers > 1,
            activation: Activation::Tanh,
            modulation,
            plain_entry,
            angles: vec![],
        },
    };
    let of_context = LayerConfig::Context {
        transformer: affine,
        network: NetworkConfig::mlp(vec![4]),
    };
    let layers = vec![
        coupling,
        of_context.clone(),
        masked(1, changes(true, InBlocks::Nothing, false), false),
        masked(3, changes(true, InBlocks::Shift, true), false),
        masked(3, None, true),
        LayerConfig::Inverted(Box::new(of_context)),
    ];
    vec![case(
        "composed-modulated",
        ComposedConfig::new(3, layers).with_context(2),
        |flow, device| flow.initialize(&rows(device)).unwrap(),
        given_vectors(),
        |flow, device, inputs| {
            let context = inputs.tensor("context", device);
            host(flow.given(&context).log_prob(inputs.tensor("x", device)))
        },
    )]
}
