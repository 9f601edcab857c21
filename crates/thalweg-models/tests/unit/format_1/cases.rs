//! A small model of each kind.

use std::path::Path;

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{
    ActNorm, Activation, Base, Bijection, Flow, InBlocks, InvertibleLinear, ModulationConfig,
    Noise, Plu, base::StandardNormal,
};
use thalweg_laws::{cast, scramble};
use thalweg_models::composed::{
    BaseConfig, EndsConfig, LayerConfig, LeastConfig, MaskedConfig, NetworkConfig, ScaleConfig,
    TransformerConfig,
};
use thalweg_models::file::{load, load_model, save, save_model};
use thalweg_models::fvae::FvaeStyle;
use thalweg_models::vae::VaeNetwork;
use thalweg_models::variational::{Binarization, LikelihoodStyle};
use thalweg_models::{
    AutoregressiveFlowConfig, CategoricalConfig, ComposedConfig, ComposedFlow,
    ConditionalGlowConfig, ConditionalVaeConfig, ContinuousFlowConfig, CouplingFlowConfig,
    DiagonalGlowConfig, EdgeGlowConfig, Fvae, FvaeConfig, GlowConfig, ImageSize, ModelConfig,
    NiceConfig, RealNvpConfig, VaeConfig, VibConfig,
};

use super::inputs::Inputs;
use crate::common::host;

/// What the model in a file says of inputs.
type Find = dyn Fn(&Path, &Device, &Inputs) -> Vec<f64>;

/// A file, and what its model says of inputs.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) inputs: Inputs,
    pub(super) save: Box<dyn Fn(&Path)>,
    pub(super) find: Box<Find>,
}

/// A case of a model that `fitted` makes of the untrained one.
fn case<K: ModelConfig>(
    name: &'static str,
    config: K,
    fitted: impl Fn(K::Model, &Device) -> K::Model + 'static,
    inputs: Inputs,
    find: impl Fn(&K::Model, &Device, &Inputs) -> Vec<f64> + 'static,
) -> Case {
    Case {
        name,
        inputs,
        save: Box::new(move |path| {
            let device = Device::default();
            config.check().unwrap();
            let model = scramble(fitted(config.build(&device), &device), 0.2);
            save_model(&config, &model, path).unwrap();
        }),
        find: Box::new(move |path, device, inputs| {
            find(&load_model::<K>(path, device).unwrap(), device, inputs)
        }),
    }
}

/// The model as it is.
fn same<M>(model: M, _: &Device) -> M {
    model
}

/// Data to fit a standardization to.
fn rows(device: &Device) -> Tensor<2> {
    Tensor::from_data(
        [[1.0, 5.0, -2.0], [2.0, 9.0, -1.5], [4.0, 6.0, 0.5]],
        device,
    )
}

fn vectors() -> Inputs {
    Inputs::default().with("x", &[4, 3], [-2.0, 2.0])
}

fn given_vectors() -> Inputs {
    vectors().with("context", &[4, 2], [-1.0, 1.0])
}

fn images() -> Inputs {
    Inputs::default().with("y", &[2, 1, 4, 4], [0.05, 0.95])
}

fn with_labels(inputs: Inputs) -> Inputs {
    inputs.with_numbers("labels", &[2], vec![2.0, 0.0])
}

fn image() -> ImageSize {
    ImageSize::new([1, 4, 4]).with_levels(16)
}

pub(super) fn cases() -> Vec<Case> {
    [
        by_hand(),
        nice(),
        couplings(),
        autoregressive(),
        continuous(),
        composed(),
        composed_given(),
        composed_modulated(),
        composed_on_circles(),
        of_images(),
        variational(),
        of_codes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A flow without a configuration.
fn by_hand() -> Vec<Case> {
    let flow = |device: &Device| {
        let mix = InvertibleLinear::new(Plu::rotation(3, &mut Noise::seeded(1), device));
        Flow::new(
            (ActNorm::<2>::identity(3, device), mix),
            StandardNormal::new(3),
        )
    };
    vec![Case {
        name: "module",
        inputs: vectors(),
        save: Box::new(move |path| save(&scramble(flow(&Device::default()), 0.2), path).unwrap()),
        find: Box::new(move |path, device, inputs| {
            host(
                load(flow(device), path)
                    .unwrap()
                    .log_prob(inputs.tensor("x", device)),
            )
        }),
    }]
}

fn nice() -> Vec<Case> {
    let config = || {
        NiceConfig::paper(3, 16)
            .with_hidden(4)
            .with_depth(1)
            .with_couplings(2)
    };
    let blog = NiceConfig::blog(3, 16)
        .with_hidden(4)
        .with_depth(1)
        .with_couplings(2);
    let inputs = || Inputs::default().with("y", &[4, 3], [0.05, 0.95]);
    vec![
        case("nice", config(), same, inputs(), |nice, device, inputs| {
            host(nice.flow.log_prob(inputs.tensor("y", device)))
        }),
        case("nice-blog", blog, same, inputs(), |nice, device, inputs| {
            host(nice.flow.log_prob(inputs.tensor("y", device)))
        }),
        case(
            "nice-f64",
            config(),
            |nice, _| cast(nice, DType::F64).unwrap(),
            inputs(),
            |nice, device, inputs| {
                let y: Tensor<2> = inputs.tensor("y", device);
                host(nice.flow.log_prob(y.cast(DType::F64)))
            },
        ),
    ]
}

/// Every layer, transformer and network of a composed flow.
fn composed() -> Vec<Case> {
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
fn composed_on_circles() -> Vec<Case> {
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
fn composed_given() -> Vec<Case> {
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
fn composed_modulated() -> Vec<Case> {
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

fn couplings() -> Vec<Case> {
    let small = |config: CouplingFlowConfig| config.with_hidden(vec![4]).with_couplings(2);
    let config = |name, config| {
        case(
            name,
            small(config),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            vectors(),
            |flow, device, inputs| host(flow.log_prob(inputs.tensor("x", device))),
        )
    };
    let angles = CouplingFlowConfig::circular(3);
    vec![
        config("coupling-realnvp", CouplingFlowConfig::realnvp(3)),
        config("coupling-nsf", CouplingFlowConfig::nsf(3)),
        config(
            "coupling-nsf-residual",
            CouplingFlowConfig::nsf(3).with_residual(true),
        ),
        case(
            "coupling-circular",
            small(angles),
            same,
            vectors(),
            |flow, device, inputs| host(flow.log_prob(inputs.tensor("x", device))),
        ),
        case(
            "coupling-conditional",
            small(CouplingFlowConfig::nsf(3)).with_context(2),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            given_vectors(),
            |flow, device, inputs| {
                let context = inputs.tensor("context", device);
                host(flow.given(&context).log_prob(inputs.tensor("x", device)))
            },
        ),
    ]
}

fn autoregressive() -> Vec<Case> {
    let small = |config: AutoregressiveFlowConfig| config.with_hidden(vec![4]).with_transforms(2);
    let config = |name, config| {
        case(
            name,
            small(config),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            vectors(),
            |flow, device, inputs| host(flow.log_prob(inputs.tensor("x", device))),
        )
    };
    vec![
        config("autoregressive-maf", AutoregressiveFlowConfig::maf(3)),
        config("autoregressive-nsf", AutoregressiveFlowConfig::nsf_ar(3)),
        config("autoregressive-iaf", AutoregressiveFlowConfig::iaf(3)),
        case(
            "autoregressive-conditional",
            small(AutoregressiveFlowConfig::maf(3)).with_context(2),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            given_vectors(),
            |flow, device, inputs| {
                let context = inputs.tensor("context", device);
                host(flow.given(&context).log_prob(inputs.tensor("x", device)))
            },
        ),
    ]
}

fn continuous() -> Vec<Case> {
    let small = |config: ContinuousFlowConfig| config.with_hidden(vec![4, 4]);
    let config = |name, config| {
        case(
            name,
            small(config),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            vectors(),
            |flow, device, inputs| host(flow.log_prob(inputs.tensor("x", device)).unwrap()),
        )
    };
    vec![
        config(
            "continuous-matching",
            ContinuousFlowConfig::flow_matching(3),
        ),
        config("continuous-ffjord", ContinuousFlowConfig::ffjord(3)),
        case(
            "continuous-conditional",
            small(ContinuousFlowConfig::flow_matching(3)).with_context(2),
            |flow, device| flow.initialize(&rows(device)).unwrap(),
            given_vectors(),
            |flow, device, inputs| {
                let context = inputs.tensor("context", device);
                host(
                    flow.given(&context)
                        .log_prob(inputs.tensor("x", device))
                        .unwrap(),
                )
            },
        ),
    ]
}

fn of_images() -> Vec<Case> {
    let glow = |config: GlowConfig| config.with_scales(2).with_depth(1).with_hidden(4);
    let config = |name, config| {
        case(
            name,
            glow(config),
            same,
            images(),
            |glow, device, inputs| host(glow.flow.log_prob(inputs.tensor("y", device))),
        )
    };
    let edge = |name, additive| {
        let config = EdgeGlowConfig::new(image(), additive).with_scales(2);
        case(
            name,
            config.with_depth(1).with_hidden(4),
            same,
            images(),
            |glow, device, inputs| host(glow.flow.log_prob(inputs.tensor("y", device))),
        )
    };
    let diagonal = DiagonalGlowConfig::new(image())
        .with_scales(2)
        .with_depth(1);
    let realnvp = RealNvpConfig::paper(image())
        .with_scales(2)
        .with_hidden(3)
        .with_blocks(1);
    let conditional =
        ConditionalGlowConfig::new(glow(GlowConfig::openai(image())), 3).with_width(2);
    vec![
        case(
            "realnvp",
            realnvp,
            same,
            images(),
            |realnvp, device, inputs| host(realnvp.flow.log_prob(inputs.tensor("y", device))),
        ),
        config("glow-openai", GlowConfig::openai(image())),
        config("glow-blog", GlowConfig::blog(image())),
        edge("glow-edge", false),
        edge("glow-edge-additive", true),
        case(
            "glow-diagonal",
            diagonal.with_hidden(4),
            same,
            images(),
            |glow, device, inputs| host(glow.flow.log_prob(inputs.tensor("y", device))),
        ),
        case(
            "glow-conditional",
            conditional,
            same,
            with_labels(images()),
            |glow, device, inputs| {
                let labels = inputs.whole("labels", device);
                host(
                    glow.flow
                        .given(&labels)
                        .log_prob(inputs.tensor("y", device)),
                )
            },
        ),
    ]
}

fn variational() -> Vec<Case> {
    let mlp = VaeNetwork::Mlp {
        hidden: vec![4],
        activation: Activation::Tanh,
    };
    let conv = VaeNetwork::Conv {
        channels: vec![2],
        blocks: 1,
    };
    let binary = LikelihoodStyle::Bernoulli(Binarization::Dynamic);
    let config = |likelihood, network: &VaeNetwork| {
        VaeConfig::new(image(), likelihood, 2).with_network(network.clone())
    };
    let inputs = || {
        let bits = (0..32).map(|k| f64::from(k * k % 3 == 1)).collect();
        let bits = Inputs::default().with_numbers("x", &[2, 16], bits);
        bits.with("u", &[3, 2, 2], [-2.0, 2.0])
    };
    let vae = |name, config| {
        case(
            name,
            config,
            same,
            inputs(),
            |vae: &thalweg_models::Vae, device, inputs| {
                let (x, u) = (inputs.tensor("x", device), inputs.tensor("u", device));
                host(vae.autoencoder.log_weights(x, &(), u))
            },
        )
    };
    let conditional = ConditionalVaeConfig::new(config(LikelihoodStyle::Gaussian, &mlp), 3);
    vec![
        vae("vae-bernoulli", config(binary, &mlp)),
        vae("vae-gaussian", config(LikelihoodStyle::Gaussian, &mlp)),
        vae(
            "vae-logistic",
            config(LikelihoodStyle::DiscretizedLogistic, &conv),
        ),
        case(
            "vae-conditional",
            conditional.with_width(2),
            same,
            with_labels(inputs()),
            |vae, device, inputs| {
                let (x, u) = (inputs.tensor("x", device), inputs.tensor("u", device));
                let labels = inputs.whole::<1>("labels", device);
                host(vae.autoencoder.log_weights(x, &labels, u))
            },
        ),
        fvae("fvae-scalar", FvaeStyle::Scalar),
        fvae("fvae-staged", FvaeStyle::Staged { steps: 1 }),
    ]
}

fn fvae(name: &'static str, style: FvaeStyle) -> Case {
    let config = FvaeConfig::fvae_small(ImageSize::new([1, 4, 4])).with_style(style);
    let mut config = config.with_stages(vec![4]);
    config.blocks = 1;
    config.flow = config.flow.with_scales(1).with_depth(1).with_hidden(2);
    let inputs = images().with("u", &[2, 4, 2, 2], [-2.0, 2.0]);
    case(name, config, same, inputs, |fvae: &Fvae, device, inputs| {
        let y: Tensor<4> = inputs.tensor("y", device);
        let x = y.clone().mul_scalar(2.0).sub_scalar(1.0);
        let code = fvae.encoder.forward(x.clone());
        let (h, placed) = fvae.place.forward(inputs.tensor("u", device), &code);
        let (z, log_det) = fvae.posterior.flow.forward(h, &());
        let prior = fvae.posterior.prior.log_prob(z, &());
        let image = fvae.reconstruct(y).mul_scalar(2.0).sub_scalar(1.0);
        let likelihood = fvae.likelihood.log_prob(x, image);
        [prior + placed + log_det, likelihood].map(host).concat()
    })
}

/// Of classes and codes.
fn of_codes() -> Vec<Case> {
    let codes = vec![0.0, 2.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0];
    let codes = || Inputs::default().with_numbers("codes", &[3, 3], codes.clone());
    let config = || CategoricalConfig::new(vec![2, 3, 2]).with_hidden(vec![4]);
    let vib = VibConfig::new(3, 3).with_hidden(vec![4]).with_width(2);
    vec![
        case(
            "categorical",
            config(),
            same,
            codes(),
            |model, device, inputs| host(model.log_prob(inputs.whole("codes", device))),
        ),
        case(
            "categorical-conditional",
            config().with_context(2),
            same,
            codes().with("context", &[3, 2], [-1.0, 1.0]),
            |model, device, inputs| {
                let context = inputs.tensor("context", device);
                host(
                    model
                        .given(&context)
                        .log_prob(inputs.whole("codes", device)),
                )
            },
        ),
        case("vib", vib, same, vectors(), |vib, device, inputs| {
            let x: Tensor<2> = inputs.tensor("x", device);
            let logits = host(vib.mean_logits(x.clone()).unwrap());
            [logits, host(vib.rate(x).unwrap())].concat()
        }),
    ]
}
