//! Numbers at the ends of what f32 holds: the host's operations and those of tensors give the same,
//! and never NaN; nor are gradients.

use burn::tensor::{Tensor, TensorData};
use thalweg_kernels::{
    Activate, Activation, AffineMap, Conv, Dense, Density, Direction, LogScale, Map, Order, Places,
    bernoulli, channel_mix, channel_scale, convolutions, dense, log_density, of_tensors, pointwise,
};

use crate::support::{device, flat};

const ENDS: [f32; 17] = [
    0.0,
    1e-45,
    -1e-45,
    f32::MIN_POSITIVE,
    1e-20,
    20.0,
    -20.0,
    90.0,
    -110.0,
    1e10,
    -1e20,
    1e30,
    -1e36,
    f32::MAX / 2.0,
    f32::MIN / 2.0,
    f32::MAX,
    f32::MIN,
];

/// Rows of each of them alone, and of each with its neighbours.
fn rows(width: usize) -> Vec<Vec<f32>> {
    let alone = ENDS.map(|end| vec![end; width]);
    let mixed = (0..ENDS.len()).map(|first| {
        let at = |column| ENDS[(first + 5 * column) % ENDS.len()];
        (0..width).map(at).collect()
    });
    alone.into_iter().chain(mixed).collect()
}

fn leaf<const D: usize>(numbers: Vec<f32>, shape: [usize; D]) -> Tensor<D> {
    let data = TensorData::new(numbers, shape);
    Tensor::from_data(data, &device().autodiff()).require_grad()
}

/// What a function gives of one row of ends, and its gradients.
type Function<'a> = &'a dyn Fn(&Tensor<1>) -> Vec<Tensor<1>>;

fn evaluate(row: &[f32], function: Function<'_>) -> (Vec<f32>, Vec<f32>) {
    let x = leaf(row.to_vec(), [row.len()]);
    let all = Tensor::cat(function(&x), 0);
    let values: Vec<f32> = all.to_data().iter::<f32>().collect();
    let finite: Vec<f32> = values
        .iter()
        .map(|value| f32::from(u8::from(value.is_finite())))
        .collect();
    // Only of what is a number: weights of the others are 0, as is what is beyond them.
    if finite.contains(&0.0) {
        return (values, vec![]);
    }
    let gradient = x.grad(&all.sum().backward());
    let gradient = gradient.map(|g| g.into_data().iter::<f32>().collect());
    (values, gradient.unwrap_or_default())
}

#[track_caller]
fn agree(name: &str, width: usize, on_host: Function<'_>, of_tensors: Function<'_>) {
    for row in rows(width) {
        let (found, gradient) = evaluate(&row, on_host);
        let (expected, of_chain) = evaluate(&row, of_tensors);
        for (found, expected) in found.iter().zip(&expected) {
            let near = (found - expected).abs() <= 1e-4 * expected.abs().max(1e-30);
            assert!(
                near || found == expected,
                "{name} of {row:?}: {found}, not {expected}"
            );
        }
        for gradient in [gradient, of_chain] {
            let nan = gradient.iter().any(|g| g.is_nan());
            assert!(!nan, "{name} of {row:?}: a gradient {gradient:?}");
        }
    }
}

const SCALES: [LogScale; 6] = [
    LogScale::Plain,
    LogScale::SoftBounded(4.0),
    LogScale::Sigmoid(2.0),
    LogScale::FlooredSigmoid {
        shift: 2.0,
        floor: 1e-3,
    },
    LogScale::FlooredSoftplus(1e-3),
    LogScale::InverseSigmoid(2.0),
];

/// Of ends as numbers, as shifts and as raw log-scales.
#[test]
fn affine_maps() {
    for scale in SCALES {
        for direction in [Direction::Forward, Direction::Inverse] {
            let places = [Places::NONE, Places::all(2)];
            let of_numbers = |x: &Tensor<1>| {
                let parameters = leaf(vec![0.3, -1.0, 1.5, -2.0], [1, 4]);
                (x.clone().reshape([1, 2]), parameters)
            };
            let of_parameters = |x: &Tensor<1>| {
                let numbers = leaf(vec![0.5, -3.0], [1, 2]);
                // Shifts are moderate: what is moved by the largest number is not one.
                let shifts = x.clone().narrow(0, 0, 2).clamp(-1e3, 1e3);
                let raw = x.clone().narrow(0, 2, 2);
                (numbers, Tensor::cat(vec![shifts, raw], 0).reshape([1, 4]))
            };
            let name = format!("{scale:?}, {direction:?}");
            for (width, inputs) in [
                (
                    2,
                    &of_numbers as &dyn Fn(&Tensor<1>) -> (Tensor<2>, Tensor<2>),
                ),
                (4, &of_parameters),
            ] {
                agree(
                    &name,
                    width,
                    &|x| {
                        let (x, parameters) = inputs(x);
                        let map = Map::Affine(AffineMap::new(scale));
                        let (y, log_det) = pointwise(map, direction, x, places, parameters);
                        vec![flat(y), log_det]
                    },
                    &|x| {
                        let (x, parameters) = inputs(x);
                        let map = Map::Affine(AffineMap::new(scale));
                        let (y, log_det) =
                            of_tensors::pointwise(map, direction, x, places, parameters);
                        vec![flat(y), log_det]
                    },
                );
            }
        }
    }
}

#[test]
fn maps_of_channels() {
    for order in [Order::CentreFirst, Order::ScaleFirst] {
        let scale = |channel_scale: fn(Tensor<2>, Tensor<1>, Tensor<1>, Order) -> Tensor<2>| {
            move |x: &Tensor<1>| {
                let shift = leaf(vec![3.0, -1e5, 0.0], [3]);
                let log_scale = leaf(vec![2.0, -30.0, 500.0], [3]);
                let x = x.clone().reshape([1, 3]);
                vec![flat(channel_scale(x, shift, log_scale, order))]
            }
        };
        agree(
            &format!("{order:?}"),
            3,
            &scale(channel_scale::<2>),
            &scale(of_tensors::channel_scale::<2>),
        );
    }
    // Terms that are too large for their sum, and cancel.
    let weights = || leaf(vec![1.5, 1.5, -3.0, 1.0, -1.0, 1.0, 0.5, 0.1, -0.7], [3, 3]);
    agree(
        "rows",
        3,
        &|x| vec![flat(channel_mix(weights(), x.clone().reshape([1, 3])))],
        &|x| {
            let x: Tensor<2> = x.clone().reshape([1, 3]);
            vec![flat(of_tensors::channel_mix(weights(), x))]
        },
    );
    agree(
        "images",
        6,
        &|x| {
            vec![flat(channel_mix(
                weights(),
                x.clone().reshape([1, 3, 1, 2]),
            ))]
        },
        &|x| {
            let x: Tensor<4> = x.clone().reshape([1, 3, 1, 2]);
            vec![flat(of_tensors::channel_mix(weights(), x))]
        },
    );
}

#[test]
fn densities() {
    for density in [Density::Normal, Density::Logistic] {
        agree(
            &format!("{density:?}"),
            3,
            &|z| vec![log_density(z.clone().reshape([1, 3]), density)],
            &|z| {
                let z: Tensor<2> = z.clone().reshape([1, 3]);
                vec![of_tensors::log_density(z, density)]
            },
        );
    }
    let seen = || Tensor::<2>::from_floats([[1.0, 0.0, 1.0]], &device());
    agree(
        "black and white",
        3,
        &|logits| vec![bernoulli(seen(), logits.clone().reshape([1, 3]))],
        &|logits| {
            let logits: Tensor<2> = logits.clone().reshape([1, 3]);
            vec![of_tensors::bernoulli(seen(), logits)]
        },
    );
}

/// Networks see their inputs within limits, so that no sum in them overflows.
#[test]
fn networks() {
    let wave = |count: usize| (0..count).map(|i| (i as f32 * 1.7).sin()).collect();
    for activation in [
        Activation::Relu,
        Activation::Tanh,
        Activation::LeakyRelu,
        Activation::Silu,
    ] {
        let layer = |inputs: usize, outputs: usize| Dense {
            weight: leaf(wave(inputs * outputs), [inputs, outputs]),
            bias: Some(leaf(wave(outputs), [outputs])),
        };
        let layers = || vec![layer(3, 5), layer(5, 5), layer(5, 2)];
        agree(
            &format!("{activation:?}"),
            3,
            &|x| {
                let x = x.clone().reshape([1, 3]);
                vec![flat(dense(x, layers(), activation, None))]
            },
            &|x| {
                let x = x.clone().reshape([1, 3]);
                vec![flat(of_tensors::dense(x, layers(), activation, None))]
            },
        );
        let conv = |inputs: usize, outputs: usize, side: usize| Conv {
            weight: leaf(
                wave(inputs * outputs * side * side),
                [outputs, inputs, side, side],
            ),
            bias: Some(leaf(wave(outputs), [outputs])),
        };
        let layers = || vec![conv(2, 4, 3), conv(4, 4, 1), conv(4, 1, 3)];
        for activate in [Activate::Between(activation), Activate::Before(activation)] {
            agree(
                &format!("{activate:?}"),
                12,
                &|x| {
                    let x = x.clone().reshape([1, 2, 2, 3]);
                    vec![flat(convolutions(x, layers(), activate))]
                },
                &|x| {
                    let x = x.clone().reshape([1, 2, 2, 3]);
                    vec![flat(of_tensors::convolutions(x, layers(), activate))]
                },
            );
        }
    }
}

/// A number that is none stays so, whatever saturates.
#[test]
fn nan_passes_through() {
    let nan = Tensor::<2>::from_floats([[f32::NAN, 1.0]], &device());
    let is_nan = |x: Tensor<1>| x.into_data().iter::<f32>().any(f32::is_nan);
    let zeros = || Tensor::<1>::zeros([2], &device());
    let places = [Places::NONE, Places::all(2)];
    let parameters = Tensor::<2>::zeros([1, 4], &device());
    for map in [pointwise::<2>, of_tensors::pointwise::<2>] {
        let affine = Map::Affine(AffineMap::new(LogScale::Plain));
        let (y, _) = map(
            affine,
            Direction::Forward,
            nan.clone(),
            places,
            parameters.clone(),
        );
        assert!(is_nan(flat(y)));
    }
    for channel_scale in [channel_scale::<2>, of_tensors::channel_scale::<2>] {
        let y = channel_scale(nan.clone(), zeros(), zeros(), Order::ScaleFirst);
        assert!(is_nan(flat(y)));
    }
    for channel_mix in [channel_mix::<2>, of_tensors::channel_mix::<2>] {
        let y = channel_mix(Tensor::eye(2, &device()), nan.clone());
        assert!(is_nan(flat(y)));
    }
    for dense in [dense, of_tensors::dense] {
        let layer = Dense {
            weight: Tensor::ones([2, 2], &device()),
            bias: None,
        };
        assert!(is_nan(flat(dense(
            nan.clone(),
            vec![layer],
            Activation::Relu,
            None
        ))));
    }
}
