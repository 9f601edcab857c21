//! Affine maps.

use burn::tensor::Tensor;
use thalweg_device::resolve;
use thalweg_kernels::{Direction, LogScale, Places, affine, of_tensors};

use crate::support::{Draw, agree, flat};

const SCALES: [LogScale; 3] = [
    LogScale::Plain,
    LogScale::SoftBounded(1.5),
    LogScale::Sigmoid(2.0),
];

type Map<const D: usize> =
    fn(Tensor<D>, [Places; 2], Tensor<D>, LogScale, Direction) -> (Tensor<D>, Tensor<1>);

/// None and all; a part from somewhere on; every other one.
fn places(features: usize) -> Vec<[Places; 2]> {
    let places = |first, step, count| Places { first, step, count };
    let (some, odds) = (features / 3, features / 2);
    vec![
        [Places::NONE, Places::all(features)],
        [places(0, 1, some), places(some, 1, features - some)],
        [
            places(features - some, 1, some),
            places(0, 1, features - some),
        ],
        [places(0, 2, features - odds), places(1, 2, odds)],
    ]
}

fn compare<const D: usize>(shape: [usize; D]) {
    for scale in SCALES {
        for direction in [Direction::Forward, Direction::Inverse] {
            for places in places(shape[1]) {
                if places[1].count == 0 {
                    continue;
                }
                let run = |draw: &mut Draw, map: Map<D>| {
                    let (x, mut twice) = (draw.leaf(shape), shape);
                    twice[1] = 2 * places[1].count;
                    let (y, log_det) = map(x, places, draw.leaf(twice), scale, direction);
                    vec![flat(y), log_det]
                };
                agree(
                    &format!("{shape:?}, {places:?}, {scale:?}, {direction:?}"),
                    |draw| run(draw, affine),
                    |draw| run(draw, of_tensors::affine),
                );
            }
        }
    }
}

#[test]
fn they_are_those_of_tensors() {
    compare([1, 1]);
    compare([5, 3]);
    compare([3000, 7]);
    compare([4, 5, 6]);
    compare([3, 2, 40, 80]);
}

/// A scale that is too large for f32 is the largest, and NaN comes out where it went in.
#[test]
fn ends_are_those_of_tensors() {
    let device = resolve("flex").expect("a feature of the tests").device;
    let x = Tensor::<2>::from_floats([[1.0], [1.0], [0.5]], &device);
    let parameters = [[0.0, 100.0], [0.0, f32::NAN], [f32::NAN, -200.0]];
    let parameters = Tensor::<2>::from_floats(parameters, &device);
    let one = [Places::NONE, Places::all(1)];
    for scale in SCALES {
        let values = |map: Map<2>| {
            let (y, log_det) = map(
                x.clone(),
                one,
                parameters.clone(),
                scale,
                Direction::Forward,
            );
            let numbers = Tensor::cat(vec![flat(y), log_det], 0).into_data();
            numbers.iter::<f32>().collect::<Vec<_>>()
        };
        let pairs = values(affine).into_iter().zip(values(of_tensors::affine));
        for (found, expected) in pairs {
            let same = found == expected || (found.is_nan() && expected.is_nan());
            let near = (found - expected).abs() <= 1e-5 * expected.abs();
            assert!(same || near, "{scale:?}: {found} {expected}");
        }
    }
}
