//! Pointwise maps.

use burn::tensor::Tensor;
use thalweg_kernels::{
    AffineMap, Bernstein, Direction, Ends, Gaussianization, Knots, Least, LogScale, Map, Pieces,
    PiecewisePolynomial, Places, Pointwise, Shift, Spline, SumOfSquares, of_tensors, pointwise,
};

use crate::support::{Draw, agree, agree_in_f64, agree_within, device, flat};

const SCALES: [LogScale; 7] = [
    LogScale::Plain,
    LogScale::SoftBounded(1.5),
    LogScale::Sigmoid(2.0),
    LogScale::Tanh,
    LogScale::FlooredSigmoid {
        shift: 2.0,
        floor: 1e-3,
    },
    LogScale::FlooredSoftplus(1e-3),
    LogScale::InverseSigmoid(2.0),
];

const ENDS: [Ends; 4] = [Ends::Straight, Ends::Circular, Ends::Free, Ends::Turned];

const DIRECTIONS: [Direction; 2] = [Direction::Forward, Direction::Inverse];

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

/// A map on the host and as tensors, within a tolerance in f32.
fn compare<const D: usize>(map: Map, shape: [usize; D], tolerance: f64) {
    for direction in DIRECTIONS {
        for places in places(shape[1]) {
            if places[1].count == 0 {
                continue;
            }
            let inputs = |draw: &mut Draw| {
                let (x, mut all) = (draw.leaf(shape), shape);
                all[1] = map.parameters() * places[1].count;
                (x, draw.leaf(all))
            };
            agree_within(
                tolerance,
                &format!("{shape:?}, {places:?}, {map:?}, {direction:?}"),
                |draw| {
                    let (x, p) = inputs(draw);
                    let (y, log_det) = pointwise(map, direction, x, places, p);
                    vec![flat(y), log_det]
                },
                |draw| {
                    let (x, p) = inputs(draw);
                    let (y, log_det) = of_tensors::pointwise(map, direction, x, places, p);
                    vec![flat(y), log_det]
                },
            );
        }
    }
}

#[test]
fn affine_maps_are_those_of_tensors() {
    for map in SCALES.map(AffineMap::new).map(Map::Affine) {
        compare(map, [1, 1], 2e-6);
        compare(map, [5, 3], 2e-6);
        compare(map, [3000, 7], 2e-6);
        compare(map, [4, 5, 6], 2e-6);
        compare(map, [3, 2, 40, 80], 2e-6);
    }
}

#[test]
fn shifts_are_those_of_tensors() {
    for map in [false, true].map(|subtracts| Map::Shift(Shift { subtracts })) {
        compare(map, [5, 3], 2e-6);
        compare(map, [300, 7], 2e-6);
        compare(map, [4, 5, 6], 2e-6);
    }
}

/// Those of the paper, with other least sizes, and with soft bounds.
fn knots() -> [Knots; 3] {
    let wide = Knots::Floored(Least::new([0.03, 0.06], 0.2));
    [Knots::default(), wide, Knots::SoftBounded(1e-3)]
}

/// Numbers inside, at the knots' sides and outside the range, which is narrower than the data.
#[test]
fn splines_are_those_of_tensors() {
    for ends in ENDS {
        for bins in [2, 3, 8] {
            for knots in knots() {
                let map = Map::Spline(Spline::new(bins, 1.5, ends).with_knots(knots));
                compare(map, [1, 1], 1e-3);
                compare(map, [65, 3], 1e-3);
                compare(map, [3, 2, 9, 5], 1e-3);
            }
        }
    }
    let map = Map::Spline(Spline::new(8, 3.0, Ends::Straight));
    compare(map, [700, 7], 1e-3);
}

const POLYNOMIALS: [PiecewisePolynomial; 5] = [
    PiecewisePolynomial::new(Pieces::Linear, 3, 1.5, [0.0; 2]),
    PiecewisePolynomial::new(Pieces::Quadratic, 4, 1.5, [1e-3; 2]),
    PiecewisePolynomial::new(Pieces::Quadratic, 2, 1.5, [0.03, 0.06]),
    PiecewisePolynomial::new(Pieces::QuadraticWithEnds, 3, 1.5, [1e-3; 2]),
    PiecewisePolynomial::new(Pieces::Cubic, 3, 1.5, [0.03, 0.06]),
];

/// Numbers inside and outside the range.
#[test]
fn polynomials_are_those_of_tensors() {
    let squares = [
        SumOfSquares::new(3, 2, 2.0, 1e-3),
        SumOfSquares::new(1, 4, 1.0, 0.1),
    ];
    let bernstein = [Bernstein::new(1, 1.5), Bernstein::new(7, 1.5)];
    let maps = POLYNOMIALS.map(Map::Pieces).into_iter();
    let maps = maps.chain(squares.map(Map::Squares));
    let mixtures = [Gaussianization::new(2), Gaussianization::weighted(2, 0.01)];
    let maps = maps.chain(mixtures.map(Map::Gaussianization));
    for map in maps.chain(bernstein.map(Map::Bernstein)) {
        compare(map, [9, 3], 1e-3);
        compare(map, [2, 1, 3, 2], 1e-3);
    }
}

/// The body that lanes share, number by number in f64: as exact as the operations of tensors.
#[test]
fn bodies_are_exact_in_f64() {
    for map in POLYNOMIALS {
        exact_in_f64(&map, Map::Pieces(map));
    }
    let squares = SumOfSquares::new(3, 2, 2.0, 1e-3);
    exact_in_f64(&squares, Map::Squares(squares));
    let bernstein = Bernstein::new(7, 1.5);
    exact_in_f64(&bernstein, Map::Bernstein(bernstein));
    for mixture in [Gaussianization::new(3), Gaussianization::weighted(3, 0.01)] {
        exact_in_f64(&mixture, Map::Gaussianization(mixture));
    }

    for affine in SCALES.map(AffineMap::new) {
        exact_in_f64(&affine, Map::Affine(affine));
    }
    for bins in [2, 3, 8] {
        for ends in ENDS {
            for knots in knots() {
                let spline = Spline::new(bins, 1.5, ends).with_knots(knots);
                exact_in_f64(&spline, Map::Spline(spline));
            }
        }
    }
}

fn exact_in_f64(body: &impl Pointwise, map: Map) {
    const ROWS: usize = 50;
    let all = [Places::NONE, Places::all(1)];
    let shape = [ROWS, map.parameters()];
    for direction in DIRECTIONS {
        let of_tensors = |draw: &mut Draw| {
            let (x, p) = (draw.leaf([ROWS, 1]), draw.leaf(shape));
            let (y, log_det) = of_tensors::pointwise(map, direction, x, all, p);
            vec![flat(y), log_det]
        };
        let of_body = |draw: &mut Draw| {
            let [x, p, g, of_slope] =
                [ROWS, ROWS * shape[1], ROWS, ROWS].map(|count| draw.values(count));
            let mut parts = vec![vec![]; 4];
            for row in 0..ROWS {
                let mut columns = p[row * shape[1]..(row + 1) * shape[1]].to_vec();
                let [y, log_slope] = body.value(direction, x[row], &mut columns.clone());
                let to_x = body.gradient(direction, x[row], &mut columns, [g[row], of_slope[row]]);
                parts[0].push(y);
                parts[1].push(log_slope);
                parts[2].push(to_x);
                parts[3].extend(columns);
            }
            parts
        };
        let name = format!("{map:?}, {direction:?}");
        agree_in_f64(&name, of_body, of_tensors);
    }
}

/// A loss of one of the two outputs has the gradients of that one alone.
#[test]
fn each_output_has_its_own_gradient() {
    let map = Map::Affine(AffineMap::new(LogScale::SoftBounded(1.5)));
    let all = [Places::NONE, Places::all(3)];
    for kept in 0..2 {
        let one = |draw: &mut Draw, host: bool| {
            let (x, p) = (draw.leaf([5, 3]), draw.leaf([5, 6]));
            let (y, log_det) = match host {
                true => pointwise(map, Direction::Forward, x.clone(), all, p),
                false => of_tensors::pointwise(map, Direction::Forward, x.clone(), all, p),
            };
            // The log-determinant does not depend on `x`, whose gradient is asked for all the same.
            let nothing = (x * 0.0).sum();
            match kept {
                0 => vec![flat(y), nothing],
                _ => vec![log_det, nothing],
            }
        };
        agree(
            "one output",
            |draw| one(draw, true),
            |draw| one(draw, false),
        );
    }
}

/// A scale that is too large for f32 is the largest, and NaN comes out where it went in.
#[test]
fn ends_are_those_of_tensors() {
    let device = device();
    let x = Tensor::<2>::from_floats([[1.0], [1.0], [0.5]], &device);
    let parameters = [[0.0, 100.0], [0.0, f32::NAN], [f32::NAN, -200.0]];
    let parameters = Tensor::<2>::from_floats(parameters, &device);
    let one = [Places::NONE, Places::all(1)];
    for scale in &SCALES[..3] {
        let map = Map::Affine(AffineMap::new(*scale));
        let numbers = |(y, log_det): (Tensor<2>, Tensor<1>)| {
            let numbers = Tensor::cat(vec![flat(y), log_det], 0).into_data();
            numbers.iter::<f32>().collect::<Vec<_>>()
        };
        let (x, p) = (x.clone(), parameters.clone());
        let found = pointwise(map, Direction::Forward, x.clone(), one, p.clone());
        let expected = of_tensors::pointwise(map, Direction::Forward, x, one, p);
        for (found, expected) in numbers(found).into_iter().zip(numbers(expected)) {
            let same = found == expected || (found.is_nan() && expected.is_nan());
            let near = (found - expected).abs() <= 1e-5 * expected.abs();
            assert!(same || near, "{scale:?}: {found} {expected}");
        }
    }
}
