//! Masked networks, and autoregressive layers by them.

use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::Linear;
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::compiled::Scratch;
use thalweg_flow::precision::cast;
use thalweg_flow::{
    Activation, Affine, Autoregressive, AutoregressiveNetwork, Bijection, Degrees, Flow, Invert,
    MaskedMlp, MaskedMlpConfig, Network, Noise, RationalQuadratic, Reversible, TanhLearned,
    Transformer, WeightInit, WithContext, linear,
};
use thalweg_kernels::counts::Counts;
use thalweg_laws::scramble;

mod refused;

const FEATURES: usize = 5;
const PARAMETERS: usize = 2;

fn init(config: MaskedMlpConfig, device: &Device) -> MaskedMlp {
    let network = config.init(&mut Noise::seeded(3), device);
    // Weights under the masks too.
    scramble(network, 0.3)
}

fn config(context: usize) -> MaskedMlpConfig {
    MaskedMlpConfig::new(FEATURES, vec![12, 9], PARAMETERS)
        .with_context(context)
        .with_activation(Activation::Tanh)
        .with_order(vec![3, 0, 4, 1, 2])
}

/// Hidden units in an order of their own, as in weights of other libraries.
fn cyclic(device: &Device) -> MaskedMlp {
    let mut noise = Noise::seeded(5);
    let mut layer = |sizes| linear(sizes, WeightInit::He, &mut noise, device);
    let degrees = |count: usize| (0..count).map(|unit| 1 + unit % 4).collect();
    let degrees = Degrees::new(
        vec![4, 2, 0, 1, 3],
        0,
        PARAMETERS,
        vec![degrees(11), degrees(6)],
    );
    let layers = vec![
        layer([FEATURES, 11]),
        layer([11, 6]),
        layer([6, PARAMETERS * FEATURES]),
    ];
    MaskedMlp::from_layers(layers, degrees, Activation::Silu)
}

fn networks(device: &Device) -> Vec<MaskedMlp> {
    let residual = |context| {
        let config = MaskedMlpConfig {
            hidden: vec![10, 10],
            ..config(context)
        };
        config.with_residual(true)
    };
    vec![
        init(config(0), device),
        init(config(3), device),
        init(residual(0), device),
        init(residual(2), device),
        init(
            MaskedMlpConfig {
                hidden: vec![],
                ..config(0)
            },
            device,
        ),
        init(
            MaskedMlpConfig {
                hidden: vec![3],
                ..config(0)
            },
            device,
        ),
        cyclic(device),
    ]
}

fn in_f64<M: Module>(module: M) -> M {
    cast(module, DType::F64).expect("a CPU computes in f64")
}

fn rows(count: usize, width: usize, seed: u64, device: &Device) -> Tensor<2> {
    Noise::seeded(seed).normal([count, width], device, DType::F64)
}

fn numbers<const D: usize>(x: Tensor<D>) -> Vec<f64> {
    x.into_data().iter::<f64>().collect()
}

fn assert_close(found: Tensor<2>, expected: Tensor<2>, tolerance: f64) {
    assert_eq!(found.dims(), expected.dims());
    let error = (found - expected).abs().max().into_scalar::<f64>();
    assert!(error <= tolerance, "{error}");
}

/// Outputs of the feature at place `k` depend on all features at places before it, and on no other, whatever
/// stands under the masks; the context reaches all.
#[test]
fn outputs_depend_on_the_features_before_and_on_the_context() {
    for device in cpu_devices() {
        for network in networks(&device).into_iter().map(in_f64) {
            let degrees = network.degrees().clone();
            let (order, context) = (degrees.order(), degrees.context());
            let width = FEATURES + context;
            let x = rows(1, width, 1, &device);
            let outputs = |x: Tensor<2>| numbers(network.forward(x));
            let before = outputs(x.clone());
            let few = degrees.levels()[1].len() < FEATURES - 1;
            for input in 0..width {
                let step = Tensor::<1>::from_data([0.5], (&device, DType::F64)).unsqueeze();
                let moved = x.clone().narrow(1, input, 1) + step;
                let moved = x.clone().slice_assign([0..1, input..input + 1], moved);
                let after = outputs(moved);
                let seen = order.iter().position(|feature| *feature == input);
                for (place, feature) in order.iter().enumerate() {
                    for parameter in 0..PARAMETERS {
                        let at = parameter * FEATURES + feature;
                        let sees = seen.is_none_or(|seen| seen < place);
                        // Fewer units than features: some of these are seen by none.
                        if !(few && sees) {
                            assert_eq!(before[at] != after[at], sees, "{input} {place}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn weights_under_a_mask_have_no_gradient() {
    let device = Device::default().autodiff();
    let network = init(config(0), &device);
    let x = Tensor::<2>::ones([2, FEATURES], &device);
    let gradients = network.forward(x).square().sum().backward();
    let gradients = GradientsParams::from_grads(gradients, &network);
    struct Read<'a>(&'a GradientsParams, Vec<Vec<f64>>);
    impl ModuleVisitor for Read<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = self.0.get::<D>(param.id).expect("a gradient");
            if D == 2 {
                self.1.push(numbers(gradient));
            }
        }
    }
    let mut read = Read(&gradients, vec![]);
    network.visit(&mut read);
    for (layer, gradient) in read.1.iter().enumerate() {
        let mask = network.degrees().mask(layer);
        let under = gradient.iter().zip(&mask).filter(|(_, mask)| **mask == 0.0);
        assert!(under.clone().count() > 0 && under.clone().all(|(g, _)| *g == 0.0));
        assert!(gradient.iter().any(|g| *g != 0.0));
    }
}

/// A network that is evaluated whole at each place.
#[derive(Module, Debug)]
struct Whole<N: Module + burn::module::ModuleDisplay> {
    network: N,
}

impl<C, N: Network<C>> Network<C> for Whole<N> {
    fn apply(&self, x: Tensor<2>, context: &C) -> Tensor<2> {
        self.network.apply(x, context)
    }
}

impl<C, N: AutoregressiveNetwork<C>> AutoregressiveNetwork<C> for Whole<N> {
    fn order(&self) -> &[usize] {
        self.network.order()
    }
}

/// The parameters that a network hands out place after place, given the features of `x`.
fn unrolled<C>(network: &impl AutoregressiveNetwork<C>, x: &Tensor<2>, context: &C) -> Tensor<2> {
    let mut found = vec![None; FEATURES * PARAMETERS];
    let mut last = None;
    network.unroll(x, context, &mut |place, parameters| {
        assert_eq!(last.replace(place), place.checked_sub(1));
        let feature = network.order()[place];
        for parameter in 0..PARAMETERS {
            let column = parameters.clone().narrow(1, parameter, 1);
            found[parameter * FEATURES + feature] = Some(column);
        }
        x.clone().narrow(1, feature, 1)
    });
    assert_eq!(last, Some(FEATURES - 1));
    let found = found.into_iter().map(|column| column.expect("each output"));
    Tensor::cat(found.collect(), 1)
}

/// In f64 to rounding: place after place, whole at each place, and all at once.
#[test]
fn a_network_is_the_same_place_after_place() {
    for device in cpu_devices() {
        for network in networks(&device).into_iter().map(in_f64) {
            let x = rows(6, FEATURES, 1, &device);
            match network.degrees().context() {
                0 => same_unrolled(network, x, &()),
                width => {
                    let network = WithContext::new(network);
                    same_unrolled(network.clone(), x.clone(), &rows(6, width, 2, &device));
                    same_unrolled(network, x, &rows(1, width, 2, &device));
                }
            }
        }
    }
}

fn same_unrolled<C>(network: impl AutoregressiveNetwork<C>, x: Tensor<2>, context: &C) {
    let whole = network.apply(x.clone(), context);
    assert_close(unrolled(&network, &x, context), whole.clone(), 1e-13);
    let naive = Whole { network };
    assert_close(unrolled(&naive, &x, context), whole, 1e-13);
}

fn same_inverse<C, T: Transformer>(
    transformer: T,
    network: impl AutoregressiveNetwork<C>,
    z: &Tensor<2>,
    context: &C,
    tolerance: f64,
) {
    let naive = Whole {
        network: network.clone(),
    };
    let layer = Autoregressive::new(transformer.clone(), network);
    let naive = Autoregressive::new(transformer, naive);
    let (found, log_det) = layer.inverse(z.clone(), context);
    let (expected, expected_log_det) = naive.inverse(z.clone(), context);
    let (there, _) = layer.forward(z.clone(), context);
    assert_close(there, naive.forward(z.clone(), context).0, tolerance);
    assert_close(found, expected, tolerance);
    assert_close(
        log_det.unsqueeze(),
        expected_log_det.unsqueeze(),
        10.0 * tolerance,
    );
}

/// `D` whole passes find the same inverse: in f64 to rounding, and in f32, where the host has one operation for
/// it, as it has for the other direction of many samples; of no samples, of one, and of blocks with some left over.
#[test]
fn the_inverse_is_that_of_whole_passes() {
    for device in cpu_devices() {
        for network in networks(&device) {
            let width = network.degrees().context();
            for count in [1, 17, 1000] {
                let z = rows(count, FEATURES, 4, &device);
                let context = rows(count, width.max(1), 5, &device);
                let one = context.clone().narrow(0, 0, 1);
                for (dtype, tolerance) in [(DType::F64, 1e-11), (DType::F32, 1e-4)] {
                    let cast_network = cast(network.clone(), dtype).expect("a CPU has both");
                    let z = z.clone().cast(dtype);
                    if width == 0 {
                        same_inverse(Affine::new(), cast_network, &z, &(), tolerance);
                        continue;
                    }
                    for context in [&context, &one] {
                        let network = WithContext::new(cast_network.clone());
                        let context = context.clone().cast(dtype);
                        same_inverse(Affine::new(), network, &z, &context, tolerance);
                    }
                }
            }
        }
    }
}

fn layer(features: usize, device: &Device) -> Autoregressive<Affine, MaskedMlp> {
    let config = MaskedMlpConfig::new(features, vec![16, 16], 2);
    Autoregressive::new(Affine::new(), init(config, device))
}

#[test]
fn no_samples_give_no_samples() {
    for device in cpu_devices() {
        let (layer, none) = (layer(4, &device), Tensor::<2>::zeros([0, 4], &device));
        for (found, log_det) in [
            layer.forward(none.clone(), &()),
            layer.inverse(none.clone(), &()),
        ] {
            assert_eq!((found.dims(), log_det.dims()), ([0, 4], [0]));
        }
        let network = networks(&device).remove(2);
        let none = Tensor::zeros([0, FEATURES], &device);
        assert_eq!(network.forward(none).dims(), [0, PARAMETERS * FEATURES]);
    }
}

/// One operation on the host where nothing is on a tape; on the tape, gradients of samples.
#[test]
#[cfg(debug_assertions)]
fn the_inverse_is_one_operation_without_a_tape() {
    for device in cpu_devices() {
        let layer = layer(4, &device);
        let z = Noise::seeded(1).normal([9, 4], &device, DType::F32);
        Counts::take();
        let (x, _) = layer.inverse(z.clone(), &());
        let counts = Counts::take();
        assert_eq!(counts.of("PackedAutoregressive"), 1);
        assert_eq!((counts.fused.len(), counts.chains.len()), (1, 0));
        assert_eq!(counts.multiplications, layer_multiplications(4));

        let (on_tape, _) = layer.clone().train().inverse(z, &());
        let counts = Counts::take();
        assert_eq!(counts.of("PackedAutoregressive"), 0);
        assert!(on_tape.is_tracked());
        let error = (on_tape.inner() - x).abs().max().into_scalar::<f32>();
        assert!(error < 1e-5, "{error}");
    }
}

/// Of one block: 9 samples go side by side.
#[cfg(debug_assertions)]
fn layer_multiplications(features: usize) -> usize {
    let config = MaskedMlpConfig::new(features, vec![16, 16], 2);
    let network = config.init(&mut Noise::seeded(0), &Device::default());
    network.degrees().unmasked()
}

/// The inverse of this layer takes `D` steps, so its input is kept; that of an inverted one is one pass.
#[test]
fn gradients_without_a_tape_keep_the_input_of_the_layer() {
    let device = Device::default().autodiff();
    let x: Tensor<2> =
        Noise::seeded(1).normal([6, 4], &device.clone().without_autodiff(), DType::F32);
    let mean = |log_prob: Tensor<1>| log_prob.mean().neg();
    let stack = vec![layer(4, &device), layer(4, &device)];
    for how in [
        Reversible::new(),
        Reversible::within(1),
        Reversible::every(2),
    ] {
        let flow = Flow::new(stack.clone(), StandardNormal::new(4));
        flow.loss_and_gradients(x.clone(), &how, mean);
        let report = how.report();
        assert_eq!((report.layers, report.kept), (2, 2));
        assert_eq!(report.kept_bytes, 2 * 6 * 4 * 4);
    }
    let inverted = stack.into_iter().map(Invert::inverted).collect::<Vec<_>>();
    let flow = Flow::new(inverted, StandardNormal::new(4));
    let how = Reversible::new();
    flow.loss_and_gradients(x, &how, mean);
    assert_eq!((how.report().layers, how.report().kept), (2, 0));
}

/// The bits of a sample do not depend on the others.
#[test]
fn compiled_samples_do_not_depend_on_the_batch() {
    let device = Device::default();
    let spline = RationalQuadratic::default();
    let config = MaskedMlpConfig::new(4, vec![20], spline.parameters_per_feature());
    let spline = Autoregressive::new(spline, init(config, &device));
    let bijection = (layer(4, &device), spline, layer(4, &device).inverted());
    let flow = Flow::new(bijection, StandardNormal::new(4));
    let (compiled, mut scratch) = (flow.compile(), Scratch::default());
    let z: Tensor<2> = Noise::seeded(1).normal([37, 4], &device, DType::F32);
    let z: Vec<f32> = z.into_data().iter::<f32>().collect();
    let mut all = z.clone();
    compiled.decode(&mut all, &mut scratch);
    let mut densities = [0.0; 37];
    compiled.log_probs(&all, &mut densities, &mut scratch);
    for count in [1, 3, 18] {
        let mut part = z[..count * 4].to_vec();
        compiled.decode(&mut part, &mut scratch);
        assert_eq!(part, all[..count * 4]);
        let mut found = vec![0.0; count];
        compiled.log_probs(&part, &mut found, &mut scratch);
        assert_eq!(found, densities[..count]);
    }
}

/// Of one feature, `p(x | c)` depends on `c` by a network and not by a line.
#[test]
fn the_first_feature_depends_on_the_context_not_linearly() {
    let device = Device::default();
    let config = MaskedMlpConfig::new(1, vec![8], 1).with_context(1);
    let network = in_f64(init(config.with_activation(Activation::Tanh), &device));
    let x = Tensor::<2>::from_data([[0.0, -1.0], [0.0, 0.0], [0.0, 1.0]], (&device, DType::F64));
    let y = numbers(network.forward(x));
    let bend = y[0] + y[2] - 2.0 * y[1];
    assert!(bend.abs() > 1e-3, "{y:?}");
}

/// The initial weights of a unit are as large as the inputs that it sees are few.
#[test]
fn initial_weights_follow_the_inputs_that_a_unit_sees() {
    let device = Device::default();
    let config = MaskedMlpConfig::new(50, vec![49], 1).with_init(WeightInit::FanIn);
    let network = config.init(&mut Noise::seeded(0), &device);
    let mut sizes: Vec<f64> = vec![];
    struct First<'a>(&'a mut Vec<f64>);
    impl ModuleVisitor for First<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if D == 2 && self.0.is_empty() {
                let largest = param.val().abs().max_dim(0);
                *self.0 = numbers(largest);
            }
        }
    }
    network.visit(&mut First(&mut sizes));
    for (unit, size) in sizes.iter().enumerate() {
        let bound = ((unit + 1) as f64).sqrt().recip();
        assert!(
            (0.7 * bound..=bound * 1.000_001).contains(size),
            "{unit}: {size} of {bound}"
        );
    }
}
