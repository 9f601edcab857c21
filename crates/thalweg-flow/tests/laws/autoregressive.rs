//! Autoregressive layers: transformers × orders × networks, one feature included.

use burn::tensor::Device;
use thalweg_device::test_devices;
use thalweg_flow::{
    Activation, Additive, Affine, Autoregressive, Degrees, Embedded, Exp, InBlocks, Invert,
    LabelEmbedding, MaskedMlp, MaskedMlpConfig, ModulationConfig, Monotone, MonotoneNetworks,
    NeuralAutoregressive, RationalQuadratic, SigmoidShift, Split, TanhLearned, Transformer,
    WeightInit, WithContext,
};
use thalweg_laws::{Options, bijection_laws, labels, normal};

use crate::fixtures::{affine, changes, fresh_noise};

/// Numbers in each row of context.
const CONTEXT: usize = 2;

/// A network with bounded hidden layers, so that an `exp` behind it does not overflow.
fn masked(config: MaskedMlpConfig, device: &Device) -> MaskedMlp {
    let config = config.with_activation(Activation::Tanh);
    config.init(&mut fresh_noise(), device)
}

fn config(features: usize, transformer: &impl Transformer) -> MaskedMlpConfig {
    MaskedMlpConfig::new(features, vec![9, 7], transformer.parameters_per_feature())
}

fn layer<T: Transformer>(
    transformer: T,
    features: usize,
    with: impl Fn(MaskedMlpConfig) -> MaskedMlpConfig,
    device: &Device,
) -> Autoregressive<T, MaskedMlp> {
    let network = masked(with(config(features, &transformer)), device);
    Autoregressive::new(transformer, network)
}

fn conditional<T: Transformer>(
    transformer: T,
    features: usize,
    with: impl Fn(MaskedMlpConfig) -> MaskedMlpConfig,
    device: &Device,
) -> Autoregressive<T, WithContext<MaskedMlp>> {
    let config = with(config(features, &transformer)).with_context(CONTEXT);
    Autoregressive::new(transformer, WithContext::new(masked(config, device)))
}

/// Networks of four features with two numbers of signal.
fn neural(
    monotone: Monotone,
    with: impl Fn(MaskedMlpConfig) -> MaskedMlpConfig,
    device: &Device,
) -> (MonotoneNetworks, MaskedMlp) {
    let univariate = MonotoneNetworks::new([4, 2], &[5, 3], monotone, &mut fresh_noise(), device);
    let config = MaskedMlpConfig::new(4, vec![9, 7], univariate.parameters());
    (univariate, masked(with(config), device))
}

fn plain(config: MaskedMlpConfig) -> MaskedMlpConfig {
    config
}

fn reversed(config: MaskedMlpConfig) -> MaskedMlpConfig {
    let order = (0..config.features).rev().collect();
    config.with_order(order)
}

/// A drawn order: of five features 2, 0, 3, 1, 4.
fn mixed(config: MaskedMlpConfig) -> MaskedMlpConfig {
    config.with_order(vec![2, 0, 3, 1, 4])
}

fn residual(config: MaskedMlpConfig) -> MaskedMlpConfig {
    MaskedMlpConfig {
        hidden: vec![8, 8],
        activation: Activation::Silu,
        ..config
    }
    .with_residual(true)
}

/// A network whose layers the context changes.
fn with_changes(
    changes: ModulationConfig,
    with: impl Fn(MaskedMlpConfig) -> MaskedMlpConfig,
    device: &Device,
) -> Conditional {
    let config = with(config(4, &Affine::new())).with_context(CONTEXT);
    let sizes = match config.residual {
        true => [CONTEXT, 8, 2],
        false => [CONTEXT, 9, 0],
    };
    let changes = changes.init(sizes, &mut fresh_noise(), device);
    let network = masked(config, device).with_modulation(changes);
    Autoregressive::new(Affine::new(), WithContext::new(network))
}

/// A circular spline whose network sees two of four features as angles, and a context, if it has any.
fn of_angles(context: usize, device: &Device) -> (RationalQuadratic, MaskedMlp) {
    let spline = RationalQuadratic::circular(3, 3.0);
    let parameters = spline.parameters_per_feature();
    let hidden = vec![Degrees::spread(8, 4, context > 0); 3];
    let degrees = Degrees::new(vec![2, 0, 3, 1], context, parameters, hidden);
    let degrees = degrees.residual().with_angles(&[0, 3]);
    let noise = &mut fresh_noise();
    let network = MaskedMlp::of_degrees(
        degrees,
        Activation::Silu,
        [WeightInit::FanIn; 2],
        noise,
        device,
    );
    (spline, network.with_angles(vec![1.0, 0.0, 0.0, 0.5]))
}

fn of_labels(device: &Device) -> Embedded<LabelEmbedding, Conditional> {
    let embedding = LabelEmbedding::new(3, CONTEXT, &mut fresh_noise(), device);
    Embedded::new(embedding, conditional(Affine::new(), 4, plain, device))
}

type Conditional = Autoregressive<Affine, WithContext<MaskedMlp>>;

/// The embedding inside the network.
fn network_of_labels(
    device: &Device,
) -> Autoregressive<Affine, Embedded<LabelEmbedding, WithContext<MaskedMlp>>> {
    let embedding = LabelEmbedding::new(3, CONTEXT, &mut fresh_noise(), device);
    let config = config(4, &Affine::new()).with_context(CONTEXT);
    let network = WithContext::new(masked(config, device));
    Autoregressive::new(Affine::new(), Embedded::new(embedding, network))
}

/// The ends, what lies beside them, and the middle.
const SPLINE_EDGES: [f64; 9] = [
    3.0, -3.0, 2.999_999, -3.000_001, 2.0, -2.0, 0.0, 1e30, -1e30,
];

bijection_laws! {
    devices: test_devices();

    neural: |device| {
            let (of, network) = neural(Monotone::PositiveWeights, reversed, device);
            NeuralAutoregressive::new(of, network)
        },
        data: normal([4, 4]);
    neural_given_context: |device| {
            let with = |config: MaskedMlpConfig| config.with_context(CONTEXT);
            let (of, network) = neural(Monotone::PositiveWeights, with, device);
            NeuralAutoregressive::new(of, WithContext::new(network))
        },
        data: normal([4, 4]), context: normal([4, CONTEXT]);
    neural_integral: |device| {
            let (of, network) = neural(Monotone::Integral(Activation::Tanh), plain, device);
            NeuralAutoregressive::new(of, network)
        },
        data: normal([4, 4]),
        // The Jacobian is of the quadrature, the log-determinant of the integral: they differ by 1e-8 where the network
        // crosses zero, see `Monotone::Integral`.
        options: Options::default().with_tolerances(1e-6, 1e-4);

    affine_ascending: |device| layer(Affine::new(), 5, plain, device), data: normal([4, 5]);
    affine_reversed: |device| layer(Affine::new(), 5, reversed, device), data: normal([4, 5]);
    affine_in_a_drawn_order: |device| layer(Affine::new(), 5, mixed, device), data: normal([4, 5]);
    affine_residual: |device| layer(Affine::new(), 5, |c| mixed(residual(c)), device),
        data: normal([4, 5]);
    affine_by_a_linear_network: |device| layer(Affine::new(), 4, |c| MaskedMlpConfig { hidden: vec![], ..c }, device),
        data: normal([4, 4]);
    affine_with_fewer_units_than_features: |device| layer(
            Affine::new(), 7, |c| MaskedMlpConfig { hidden: vec![3, 2], ..c }, device,
        ),
        data: normal([4, 7]);
    exp: |device| layer(Affine::with_scale_map(Exp {}), 4, plain, device), data: normal([4, 4]);
    sigmoid_shift: |device| {
            layer(Affine::with_scale_map(SigmoidShift::default()), 4, reversed, device)
        },
        data: normal([4, 4]);
    tanh_learned: |device| {
            layer(Affine::with_scale_map(TanhLearned::new(1, device)), 4, plain, device)
        },
        data: normal([4, 4]);
    additive: |device| layer(Additive::new(), 5, mixed, device),
        data: normal([4, 5]), volume_preserving;
    spline: |device| layer(RationalQuadratic::new(4, 3.0), 4, plain, device),
        data: normal([6, 4]).with_edges(&SPLINE_EDGES);
    spline_in_a_drawn_order: |device| layer(RationalQuadratic::default(), 5, mixed, device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);

    affine_given_context: |device| conditional(Affine::new(), 5, mixed, device),
        data: normal([4, 5]), context: normal([4, CONTEXT]);
    residual_given_context: |device| conditional(Affine::new(), 4, residual, device),
        data: normal([4, 4]), context: normal([4, CONTEXT]);
    additive_given_context: |device| conditional(Additive::new(), 4, reversed, device),
        data: normal([4, 4]), context: normal([4, CONTEXT]), volume_preserving;
    spline_given_context: |device| conditional(RationalQuadratic::new(3, 3.0), 3, plain, device),
        data: normal([6, 3]), context: normal([6, CONTEXT]);
    given_labels: of_labels, data: normal([4, 4]), context: labels([4], 3);
    network_given_labels: network_of_labels, data: normal([4, 4]), context: labels([4], 3);

    one_feature: |device| layer(Affine::new(), 1, plain, device),
        data: normal([4, 1]),
        without_gradient: [
            "network.layers.0"("no output sees a hidden unit"),
            "network.layers.1"("no output sees a hidden unit"),
            "network.layers.2.weight"("no output sees a hidden unit"),
        ];
    one_feature_by_biases: |device| layer(
            RationalQuadratic::new(4, 3.0), 1, |c| MaskedMlpConfig { hidden: vec![], ..c }, device,
        ),
        data: normal([6, 1]),
        without_gradient: ["network.layers.0.weight"("the outputs are biases")];
    one_feature_given_context: |device| conditional(Affine::new(), 1, plain, device),
        data: normal([4, 1]), context: normal([4, CONTEXT]);
    one_feature_residual_given_context: |device| {
            conditional(RationalQuadratic::new(4, 3.0), 1, residual, device)
        },
        data: normal([6, 1]), context: normal([6, CONTEXT]);

    affine_with_norms: |device| {
            let norms = ModulationConfig { norms: true, ..Default::default() };
            let changes = norms.init([0, 8, 2], &mut fresh_noise(), device);
            let network = masked(residual(config(4, &Affine::new())), device);
            Autoregressive::new(Affine::new(), network.with_modulation(changes))
        },
        data: normal([4, 4]);
    affine_with_gates: |device| with_changes(changes(InBlocks::Gate), residual, device),
        data: normal([4, 4]), context: normal([4, CONTEXT]);
    affine_with_shifts: |device| {
            with_changes(changes(InBlocks::Shift), |c| residual(reversed(c)), device)
        },
        data: normal([4, 4]), context: normal([4, CONTEXT]);
    affine_with_a_shift_of_a_plain_network: |device| {
            let first = ModulationConfig { first: true, ..Default::default() };
            with_changes(first, plain, device)
        },
        data: normal([4, 4]), context: normal([4, CONTEXT]);
    affine_without_entry_activation: |device| {
            let degrees = Degrees::new(vec![2, 0, 1, 3], 0, 2, vec![Degrees::spread(8, 4, false); 5]);
            let inits = [WeightInit::FanIn; 2];
            let degrees = degrees.residual().with_plain_entry();
            let noise = &mut fresh_noise();
            Autoregressive::<Affine, _>::new(
                Affine::new(),
                MaskedMlp::of_degrees(degrees, Activation::Silu, inits, noise, device),
            )
        },
        data: normal([4, 4]);

    circular_of_angles: |device| {
            let (spline, network) = of_angles(0, device);
            Autoregressive::new(spline, network)
        },
        data: normal([6, 4]);
    circular_of_angles_given_context: |device| {
            let (spline, network) = of_angles(CONTEXT, device);
            Autoregressive::new(spline, WithContext::new(network))
        },
        data: normal([6, 4]), context: normal([6, CONTEXT]);
    inverted: |device| layer(Affine::new(), 5, mixed, device).inverted(), data: normal([4, 5]);
    inverted_spline: |device| layer(RationalQuadratic::new(4, 3.0), 3, plain, device).inverted(),
        data: normal([6, 3]);
    inverted_given_context: |device| conditional(Affine::new(), 4, reversed, device).inverted(),
        data: normal([4, 4]), context: normal([4, CONTEXT]);
    stack: |device| (
            layer(Affine::new(), 4, plain, device),
            affine(Split::half(), 4, device),
            vec![layer(Affine::new(), 4, reversed, device), layer(Affine::new(), 4, plain, device)],
        ),
        data: normal([4, 4]);
}
