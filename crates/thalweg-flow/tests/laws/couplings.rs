//! Couplings on vectors: splits × transformers × conditioners, odd numbers of features included.

use std::f64::consts::PI;

use burn::module::ModuleDisplay;
use burn::tensor::Device;
use thalweg_device::test_devices;
use thalweg_flow::{
    Activation, Additive, Affine, BernsteinPolynomial, Coupling, Exp, Gaussianization, InBlocks,
    KnownScale, Least, LogScale, Mlp, ModulationConfig, Periodic, Pieces, PolynomialSpline,
    RationalQuadratic, ResidualMlp, ScaleMap, SigmoidShift, SoftBounded, Split, StandardizedMlp,
    SumOfSquaresPolynomial, TanhLearned, Transformer, WeightInit, WithContext, linear,
};
use thalweg_laws::{bijection_laws, normal};

use crate::fixtures::{additive, affine, changes, fresh_noise, mlp, modulated, residual};

/// Numbers in each row of context.
const CONTEXT: usize = 2;

fn scaled<S: ScaleMap + ModuleDisplay>(scale_map: S, device: &Device) -> Coupling<Affine<S>, Mlp> {
    Coupling::new(
        Split::half(),
        Affine::with_scale_map(scale_map),
        mlp(2, 6, device),
    )
}

fn additive_residual(device: &Device) -> Coupling<Additive, ResidualMlp> {
    Coupling::new(Split::half(), Additive::new(), residual(2, 3, device))
}

fn affine_residual(device: &Device) -> Coupling<Affine, ResidualMlp> {
    Coupling::new(Split::half(), Affine::new(), residual(2, 6, device))
}

fn additive_with_context(device: &Device) -> Coupling<Additive, WithContext<Mlp>> {
    let network = WithContext::new(mlp(2 + CONTEXT, 3, device));
    Coupling::new(Split::half(), Additive::new(), network)
}

fn affine_with_context(device: &Device) -> Coupling<Affine, WithContext<ResidualMlp>> {
    let network = WithContext::new(residual(2 + CONTEXT, 6, device));
    Coupling::new(Split::half(), Affine::new(), network)
}

fn affine_with_changes(
    blocks: InBlocks,
    device: &Device,
) -> Coupling<Affine, WithContext<ResidualMlp>> {
    let network = modulated([2 + CONTEXT, CONTEXT, 6], changes(blocks), device);
    Coupling::new(Split::half(), Affine::new(), WithContext::new(network))
}

/// The ends, what lies beside them, and the middle.
const SPLINE_EDGES: [f64; 9] = [
    3.0, -3.0, 2.999_999, -3.000_001, 2.0, -2.0, 0.0, 1e30, -1e30,
];

/// The ends of a circle of angles, what lies beside them, and the middle.
const CIRCLE_EDGES: [f64; 7] = [
    PI,
    -PI,
    0.999_999_9 * PI,
    -1.000_000_1 * PI,
    0.0,
    1.0,
    -1e30,
];

fn spline<T: Transformer>(transformer: T, device: &Device) -> Coupling<T, Mlp> {
    let outputs = 3 * transformer.parameters_per_feature();
    Coupling::new(Split::half(), transformer, mlp(2, outputs, device))
}

bijection_laws! {
    devices: test_devices();

    additive_half: |device| additive(Split::half(), 4, Additive::new(), device),
        data: normal([4, 4]), volume_preserving;
    additive_half_of_5_swapped: |device| {
            additive(Split::half().swapped(), 5, Additive::new(), device)
        },
        data: normal([4, 5]), volume_preserving;
    additive_even_odd_of_7: |device| additive(Split::even_odd(), 7, Additive::new(), device),
        data: normal([4, 7]), volume_preserving;
    additive_at_1: |device| additive(Split::at(1), 4, Additive::new(), device),
        data: normal([4, 4]), volume_preserving;
    subtracting: |device| additive(Split::half(), 4, Additive::subtracting(), device),
        data: normal([4, 4]), volume_preserving;
    additive_with_residual_network: additive_residual, data: normal([4, 5]), volume_preserving;
    additive_given_context: additive_with_context,
        data: normal([4, 5]), context: normal([4, CONTEXT]), volume_preserving;

    affine_half: |device| affine(Split::half(), 4, device), data: normal([4, 4]);
    affine_half_swapped: |device| affine(Split::half().swapped(), 4, device),
        data: normal([4, 4]);
    affine_half_of_5: |device| affine(Split::half(), 5, device), data: normal([4, 5]);
    affine_half_of_7_swapped: |device| affine(Split::half().swapped(), 7, device),
        data: normal([4, 7]);
    affine_even_odd: |device| affine(Split::even_odd(), 4, device), data: normal([4, 4]);
    affine_even_odd_of_5_swapped: |device| affine(Split::even_odd().swapped(), 5, device),
        data: normal([4, 5]);
    affine_even_odd_of_7: |device| affine(Split::even_odd(), 7, device), data: normal([4, 7]);
    affine_at_1: |device| affine(Split::at(1), 5, device), data: normal([4, 5]);
    affine_at_1_swapped: |device| affine(Split::at(1).swapped(), 5, device),
        data: normal([4, 5]);
    affine_with_residual_network: affine_residual, data: normal([4, 5]);
    affine_given_context: affine_with_context,
        data: normal([4, 5]), context: normal([4, CONTEXT]);
    affine_with_standardized_network: |device| {
            let init = WeightInit::FanIn;
            let layer = |sizes| linear(sizes, init, &mut fresh_noise(), device);
            let layers = vec![layer([2, 7]), layer([7, 5]), layer([5, 6])];
            let network = StandardizedMlp::from_layers(layers, Activation::Tanh);
            Coupling::<Affine, _>::new(Split::half(), Affine::new(), network)
        },
        data: normal([4, 5]);
    affine_with_norms: |device| {
            let norms = ModulationConfig { norms: true, ..Default::default() };
            Coupling::new(Split::half(), Affine::new(), modulated([2, 0, 6], norms, device))
        },
        data: normal([4, 5]);
    affine_with_gates: |device| affine_with_changes(InBlocks::Gate, device),
        data: normal([4, 5]), context: normal([4, CONTEXT]);
    affine_with_shifts: |device| affine_with_changes(InBlocks::Shift, device),
        data: normal([4, 5]), context: normal([4, CONTEXT]);

    spline: |device| spline(RationalQuadratic::default(), device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    spline_with_soft_bounds: |device| spline(RationalQuadratic::soft_bounded(5, 2.0, 1e-3), device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    spline_with_least_sizes: |device| {
            let least = Least::new([0.04, 0.1], 0.2);
            spline(RationalQuadratic::new(5, 2.0).with_least(least), device)
        },
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    spline_of_two_bins: |device| spline(RationalQuadratic::new(2, 2.0), device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    spline_in_its_tails: |device| spline(RationalQuadratic::new(4, 1e-3), device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES),
        volume_preserving("nothing lies within a thousandth of zero"),
        skip: [
            every_parameter_has_gradient("outside its bound a spline is the identity"),
            record_round_trip("outside its bound all splines are alike"),
        ];
    circular_spline: |device| spline(RationalQuadratic::circular(5, PI), device),
        data: normal([6, 5]).with_edges(&CIRCLE_EDGES);
    circular_spline_of_angles: |device| Coupling::new(
            Split::half(),
            RationalQuadratic::circular(3, 3.0),
            Periodic::new(3.0, mlp(4, 3 * 9, device)),
        ),
        data: normal([6, 5]);
    circular_spline_of_two_bins: |device| spline(RationalQuadratic::circular(2, 2.0), device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    turned_spline: |device| spline(RationalQuadratic::soft_bounded(5, PI, 1e-3).turned(), device),
        data: normal([6, 5]).with_edges(&CIRCLE_EDGES);
    spline_with_free_ends: |device| spline(RationalQuadratic::new(3, 2.0).with_free_ends(), device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    piecewise_linear: |device| spline(PolynomialSpline::new(Pieces::Linear, 4, 3.0, [0.0; 2]), device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    piecewise_quadratic: |device| {
            spline(PolynomialSpline::new(Pieces::Quadratic, 4, 3.0, [1e-3; 2]), device)
        },
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    piecewise_quadratic_with_ends: |device| {
            spline(PolynomialSpline::new(Pieces::QuadraticWithEnds, 3, 3.0, [1e-3; 2]), device)
        },
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    piecewise_cubic: |device| spline(PolynomialSpline::new(Pieces::Cubic, 4, 3.0, [1e-3; 2]), device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    sum_of_squares: |device| spline(SumOfSquaresPolynomial::new(2, 3, 10.0, 1e-3), device),
        data: normal([6, 5]);
    bernstein: |device| spline(BernsteinPolynomial::new(6, 3.0), device),
        data: normal([6, 5]).with_edges(&SPLINE_EDGES);
    mixture: |device| spline(Gaussianization::weighted(3, 0.01), device), data: normal([6, 5]);
    gaussianization: |device| spline(Gaussianization::new(3), device), data: normal([6, 5]);
    spline_given_context: |device| Coupling::new(
            Split::half(),
            RationalQuadratic::new(3, 3.0),
            WithContext::new(mlp(2 + CONTEXT, 3 * 8, device)),
        ),
        data: normal([6, 5]), context: normal([6, CONTEXT]);

    soft_bounded: |device| scaled(SoftBounded::new(1.5), device), data: normal([4, 5]);
    exp: |device| scaled(Exp {}, device), data: normal([4, 5]);
    sigmoid_shift: |device| scaled(SigmoidShift::default(), device), data: normal([4, 5]);
    floored_sigmoid: |device| {
        let scale = LogScale::FlooredSigmoid { shift: 2.0, floor: 1e-3 };
        scaled(KnownScale::new(scale), device)
    }, data: normal([4, 5]);
    floored_softplus: |device| {
        scaled(KnownScale::new(LogScale::FlooredSoftplus(1e-3)), device)
    }, data: normal([4, 5]);
    inverse_sigmoid: |device| {
        scaled(KnownScale::new(LogScale::InverseSigmoid(2.0)), device)
    }, data: normal([4, 5]);
    tanh_learned: |device| scaled(TanhLearned::new(3, device), device), data: normal([4, 5]);
}
