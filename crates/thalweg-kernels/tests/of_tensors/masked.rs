//! Masked networks and autoregressive transforms on slices, beside their definition in f64.

use thalweg_kernels::counts::Counts;
use thalweg_kernels::{
    Activation, AffineMap, Contexts, Degrees, Direction, Ends, LogScale, Map, MaskedMemory,
    Modulated, PackedAutoregressive, PackedMasked, Pointwise, Rows, Shift, Spline,
};

mod degrees;
mod refused;

/// A network with weights under its masks too, which must not matter.
struct Network {
    degrees: Degrees,
    layers: Vec<(Vec<f32>, Vec<f32>)>,
    activation: Activation,
    /// Of each layer, and how many numbers of a context vector they read.
    modulated: (Vec<Modulated>, usize),
}

impl Network {
    fn new(degrees: Degrees, activation: Activation) -> Self {
        let widths: Vec<usize> = degrees.levels().iter().map(Vec::len).collect();
        let mut draw = draws(7);
        let mut numbers = |count: usize, scale: f64| -> Vec<f32> {
            (0..count).map(|_| (draw() * scale) as f32).collect()
        };
        let layers = widths.windows(2).map(|pair| {
            let scale = 1.5 / (pair[0] as f64).sqrt();
            (numbers(pair[0] * pair[1], scale), numbers(pair[1], 0.5))
        });
        Self {
            layers: layers.collect(),
            modulated: (vec![Modulated::default(); widths.len() - 1], 0),
            degrees,
            activation,
        }
    }

    /// The layer at an index shifted, scaled or normalized in front, by further numbers.
    fn with(mut self, index: usize, of: [bool; 3]) -> Self {
        let (inputs, units) = (
            self.degrees.levels()[index].len(),
            self.layers[index].1.len(),
        );
        let (modulated, numbers) = &mut self.modulated;
        let mut place = || {
            *numbers += units;
            *numbers - units
        };
        let [shift, gate, norm] = of;
        let norms = |at: f32| {
            (0..inputs)
                .map(|k| at - 0.3 * k as f32 / inputs as f32)
                .collect()
        };
        modulated[index] = Modulated {
            shift: shift.then(&mut place),
            gate: gate.then(&mut place),
            norm: norm.then(|| [norms(1.2), norms(0.4)]),
        };
        self
    }

    /// Numbers of a context vector.
    fn given(&self) -> usize {
        self.degrees.context() + self.modulated.1
    }

    fn packed(&self) -> PackedMasked {
        let packed = PackedMasked::new(&self.degrees, self.layers.clone(), self.activation);
        let (layers, numbers) = self.modulated.clone();
        match numbers {
            0 if layers.iter().all(|layer| *layer == Modulated::default()) => packed,
            _ => packed.modulated(&self.degrees, layers, numbers),
        }
    }

    /// The definition, in f64: weights times masks.
    fn outputs(&self, inputs: &[f64]) -> Vec<f64> {
        let (inputs, numbers) = inputs.split_at(self.degrees.inputs());
        let activate = |x: f64| match self.activation {
            Activation::Relu => x.max(0.0),
            Activation::Tanh => x.tanh(),
            Activation::Silu => x / (1.0 + (-x).exp()),
            Activation::LeakyRelu => x.max(0.1 * x),
            Activation::LeakySlope(slope) => x.max(slope * x),
            Activation::Elu => x.min(0.0).exp_m1() + x.max(0.0),
            Activation::Gelu => unreachable!("no case here has it"),
        };
        let mut levels = vec![inputs.to_vec()];
        for (index, (weights, bias)) in self.layers.iter().enumerate() {
            let (mut x, mask) = (levels[index].clone(), self.degrees.mask(index));
            let modulated = &self.modulated.0[index];
            if let Some([f, g]) = &modulated.norm {
                let norms = f.iter().zip(g);
                let numbers = x.iter_mut().zip(norms);
                numbers.for_each(|(x, (f, g))| *x = *x * f64::from(*f) + f64::from(*g));
            }
            if self.degrees.activates(index) {
                x.iter_mut().for_each(|x| *x = activate(*x));
            }
            let unit = |unit: usize| {
                let weight = |row: usize| row * bias.len() + unit;
                let products = x.iter().enumerate().map(|(row, x)| {
                    x * f64::from(weights[weight(row)]) * f64::from(mask[weight(row)])
                });
                f64::from(bias[unit]) + products.sum::<f64>()
            };
            let mut y: Vec<f64> = (0..bias.len()).map(unit).collect();
            let places = |first: Option<usize>| first.map(|first| &numbers[first..]);
            for (y, s) in y
                .iter_mut()
                .zip(places(modulated.shift).unwrap_or_default())
            {
                *y += s;
            }
            for (y, m) in y.iter_mut().zip(places(modulated.gate).unwrap_or_default()) {
                *y *= m;
            }
            if self.degrees.ends_block(index) {
                let before = &levels[index - 1];
                y.iter_mut().zip(before).for_each(|(y, h)| *y += h);
            }
            levels.push(y);
        }
        levels.pop().expect("outputs")
    }
}

fn draws(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from((state >> 40) as f32 / (1 << 22) as f32 - 2.0)
    }
}

/// One sample by the definition: whole evaluations, one for each place on the way back.
fn exact(
    network: &Network,
    map: &impl Pointwise,
    direction: Direction,
    x: &[f64],
    context: &[f64],
) -> (Vec<f64>, f64) {
    let (order, features) = (network.degrees.order(), x.len());
    let (mut y, mut log_det) = (vec![0.0; features], 0.0);
    for feature in order {
        let seen = match direction {
            Direction::Forward => x,
            Direction::Inverse => &y,
        };
        let outputs = network.outputs(&[seen, context].concat());
        let parameters = outputs.iter().skip(*feature).step_by(features);
        let mut parameters: Vec<f64> = parameters.copied().collect();
        let [value, slope] = map.value(direction, x[*feature], &mut parameters);
        y[*feature] = value;
        log_det += slope;
    }
    (y, log_det)
}

/// Of a layer: whether it is shifted, scaled and normalized.
const SHIFT: [bool; 3] = [true, false, false];
const GATE: [bool; 3] = [false, true, false];
const NORM: [bool; 3] = [false, false, true];
const SHIFT_AND_NORM: [bool; 3] = [true, false, true];

/// Networks of all kinds: a few features and many, more units than features and fewer, degrees in no order,
/// no hidden layer.
fn networks(parameters: usize) -> Vec<Network> {
    let spread = Degrees::spread;
    let plain = |order: Vec<usize>, context, hidden: &[usize]| {
        let features = order.len();
        let of = |width: &usize| spread(*width, features, context > 0);
        let hidden = hidden.iter().map(of).collect();
        Degrees::new(order, context, parameters, hidden)
    };
    let residual = |order: Vec<usize>, context, width, layers| {
        let hidden = vec![spread(width, order.len(), true); layers];
        Degrees::new(order, context, parameters, hidden).residual()
    };
    let cyclic = |count: usize| (0..count).map(|unit| 1 + unit % 3).collect::<Vec<_>>();
    let all = vec![cyclic(10), cyclic(7)];
    vec![
        Network::new(plain(vec![0], 0, &[5]), Activation::Relu),
        Network::new(plain(vec![0], 3, &[5, 4]), Activation::Tanh),
        Network::new(plain(vec![2, 0, 1], 0, &[]), Activation::Relu),
        Network::new(plain(vec![3, 0, 2, 1], 0, &[33, 18]), Activation::LeakyRelu),
        Network::new(plain(vec![1, 0, 2], 2, &[16, 40, 9]), Activation::Silu),
        Network::new(plain((0..9).rev().collect(), 1, &[4, 3]), Activation::Tanh),
        // Several panels of units of one degree, and several parameters.
        Network::new(plain(vec![1, 0], 0, &[17, 29]), Activation::Silu),
        Network::new(
            Degrees::new(vec![0, 3, 1, 2], 0, parameters, all),
            Activation::Tanh,
        ),
        Network::new(
            Degrees::new(vec![1, 2, 0], 2, parameters, vec![spread(10, 3, true); 5]).residual(),
            Activation::Relu,
        ),
        Network::new(
            residual(vec![1, 2, 0, 3], 1, 9, 3).with_plain_entry(),
            Activation::Tanh,
        ),
        // A context beside the inputs of the first layer, or none there.
        Network::new(plain(vec![2, 0, 1], 0, &[19, 8]), Activation::Tanh).with(0, SHIFT),
        Network::new(residual(vec![0, 2, 1], 2, 17, 5), Activation::Silu)
            .with(0, SHIFT)
            .with(2, GATE)
            .with(4, GATE),
        Network::new(residual(vec![2, 0, 1], 0, 7, 5), Activation::Relu)
            .with(1, SHIFT_AND_NORM)
            .with(3, SHIFT_AND_NORM),
        Network::new(residual(vec![1, 0], 0, 40, 3), Activation::Elu).with(1, NORM),
    ]
}

fn run(
    layer: &PackedAutoregressive,
    direction: Direction,
    x: &[f64],
    contexts: &[f32],
) -> (Vec<f32>, Vec<f64>) {
    let features = layer.network().features();
    let mut numbers: Vec<f32> = x.iter().map(|x| *x as f32).collect();
    let mut log_dets = vec![0.0; x.len() / features];
    let samples = log_dets.len();
    let rows = Rows {
        numbers: &mut numbers,
        stride: features,
        log_dets: Some(&mut log_dets),
    };
    let contexts = Contexts {
        numbers: contexts,
        stride: contexts.len() / samples.max(1),
    };
    layer.apply(direction, rows, contexts, &mut MaskedMemory::default());
    (numbers, log_dets)
}

/// Samples alone, a few, blocks of 16 and of 64, each alone, filled up and with some left over; both ways.
fn compare(map: &impl Pointwise, of: Map, tolerance: f64) {
    for network in networks(of.parameters()) {
        let layer = PackedAutoregressive::new(network.packed(), of, vec![]);
        let (features, width) = (network.degrees.features(), network.given());
        let mut draw = draws(3);
        let x: Vec<f64> = (0..100 * features).map(|_| draw()).collect();
        let contexts: Vec<f32> = (0..100 * width).map(|_| draw() as f32).collect();
        for direction in [Direction::Forward, Direction::Inverse] {
            let (all, all_log_dets) = run(&layer, direction, &x, &contexts);
            for count in [0, 1, 2, 5, 16, 17, 49, 63, 64, 67] {
                let (x, contexts) = (&x[..count * features], &contexts[..count * width]);
                let (found, log_dets) = run(&layer, direction, x, contexts);
                assert_eq!(found, all[..x.len()], "the bits depend on the batch");
                assert_eq!(log_dets, all_log_dets[..count]);
            }
            for sample in 0..100 {
                let part = sample * features..(sample + 1) * features;
                let context: Vec<f64> = contexts[sample * width..(sample + 1) * width]
                    .iter()
                    .map(|c| f64::from(*c))
                    .collect();
                let (exact, log_det) = exact(&network, map, direction, &x[part.clone()], &context);
                let scale = exact.iter().fold(1.0f64, |most, x| most.max(x.abs()));
                for (found, exact) in all[part].iter().zip(&exact) {
                    let error = (f64::from(*found) - exact).abs();
                    assert!(error <= tolerance * scale, "{found} {exact}, {direction:?}");
                }
                let error = (all_log_dets[sample] - log_det).abs();
                assert!(error <= tolerance * log_det.abs().max(1.0), "{error}");
            }
        }
    }
}

#[test]
fn affine_transforms_are_those_of_the_definition() {
    let map = AffineMap::new(LogScale::SoftBounded(1.0));
    compare(&map, Map::Affine(map), 1e-4);
}

#[test]
fn shifts_are_those_of_the_definition() {
    let map = Shift { subtracts: true };
    compare(&map, Map::Shift(map), 1e-5);
}

#[test]
fn splines_are_those_of_the_definition() {
    let map = Spline::new(4, 1.5, Ends::Straight);
    compare(&map, Map::Spline(map), 2e-2);
}

/// A constant of all features is the parameter behind those of the network.
#[test]
fn constants_stand_behind_the_parameters() {
    let map = AffineMap::new(LogScale::Tanh);
    let x: Vec<f64> = (0..51).map(|i| f64::from(i).sin()).collect();
    for direction in [Direction::Forward, Direction::Inverse] {
        let mut by_network = Network::new(
            Degrees::new(vec![1, 0, 2], 0, 3, vec![vec![1, 1, 2, 2]]),
            Activation::Tanh,
        );
        let mut by_constant = Network::new(
            Degrees::new(vec![1, 0, 2], 0, 2, vec![vec![1, 1, 2, 2]]),
            Activation::Tanh,
        );
        let (weights, bias) = &mut by_network.layers[1];
        bias[6..].fill(0.7);
        for (row, target) in weights
            .chunks_mut(9)
            .zip(by_constant.layers[1].0.chunks_mut(6))
        {
            row[6..].fill(0.0);
            target.copy_from_slice(&row[..6]);
        }
        by_constant.layers[0] = by_network.layers[0].clone();
        by_constant.layers[1].1 = by_network.layers[1].1[..6].to_vec();
        let map = Map::Affine(map);
        let first = PackedAutoregressive::new(by_network.packed(), map, vec![]);
        let second = PackedAutoregressive::new(by_constant.packed(), map, vec![0.7]);
        assert_eq!(
            run(&first, direction, &x, &[]),
            run(&second, direction, &x, &[])
        );
    }
}

/// Either way, every weight that is not masked is multiplied with once a sample, and no other.
#[test]
#[cfg(debug_assertions)]
fn a_sample_costs_one_multiplication_for_each_unmasked_weight() {
    let map = AffineMap::new(LogScale::Plain);
    for network in networks(2) {
        if network.degrees.features() == 1 && network.degrees.context() == 0 {
            continue; // Its hidden units are seen by no output, so they are left out.
        }
        let layer = PackedAutoregressive::new(network.packed(), Map::Affine(map), vec![]);
        let unmasked = network.degrees.unmasked();
        // One, and blocks of 16 and of 64 side by side.
        for samples in [1, 16, 64] {
            let x = vec![0.5; samples * network.degrees.features()];
            let context = vec![0.5; samples * network.given()];
            for direction in [Direction::Forward, Direction::Inverse] {
                Counts::take();
                run(&layer, direction, &x, &context);
                assert_eq!(Counts::take().multiplications, unmasked, "{direction:?}");
            }
        }
    }
}

/// A number that is no number reaches the features behind it in the order, and no other.
#[test]
fn nan_reaches_no_feature_before_it() {
    let degrees = Degrees::new(vec![1, 0, 2], 0, 2, vec![Degrees::spread(9, 3, false)]);
    let network = Network::new(degrees, Activation::Relu);
    let map = Map::Affine(AffineMap::new(LogScale::Plain));
    let layer = PackedAutoregressive::new(network.packed(), map, vec![]);
    for samples in [1, 16, 64] {
        let x = [f64::NAN, 0.3, 0.4].repeat(samples);
        let (z, _) = run(&layer, Direction::Forward, &x, &[]);
        for z in z.chunks(3) {
            assert!(z[0].is_nan() && z[1].is_finite() && z[2].is_nan(), "{z:?}");
        }
    }
}

/// Samples whose numbers are not all features, as those of a longer row.
#[test]
fn samples_may_have_a_stride() {
    let degrees = Degrees::new(vec![2, 0, 1], 0, 2, vec![Degrees::spread(9, 3, false)]);
    let network = Network::new(degrees, Activation::Tanh);
    let map = Map::Affine(AffineMap::new(LogScale::Plain));
    let layer = PackedAutoregressive::new(network.packed(), map, vec![]);
    for (samples, direction) in [1, 20, 64, 70]
        .into_iter()
        .flat_map(|count| [(count, Direction::Forward), (count, Direction::Inverse)])
    {
        let mut draw = draws(5);
        let x: Vec<f64> = (0..3 * samples).map(|_| draw()).collect();
        let (dense, _) = run(&layer, direction, &x, &[]);
        let mut spread: Vec<f32> = vec![7.0; 5 * samples];
        for (row, x) in spread.chunks_mut(5).zip(x.chunks(3)) {
            row.iter_mut().zip(x).for_each(|(to, x)| *to = *x as f32);
        }
        let rows = Rows {
            numbers: &mut spread,
            stride: 5,
            log_dets: None,
        };
        layer.apply(
            direction,
            rows,
            Contexts::NONE,
            &mut MaskedMemory::default(),
        );
        for (row, dense) in spread.chunks(5).zip(dense.chunks(3)) {
            assert_eq!((&row[..3], &row[3..]), (dense, [7.0; 2].as_slice()));
        }
    }
}
