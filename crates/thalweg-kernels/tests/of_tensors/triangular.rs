//! Products with triangular factors, and solutions by them.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use thalweg_kernels::{Direction, Plu, PluRows, of_tensors, plu};

use crate::support::{Draw, agree, agree_within, flat};

/// An order without a pattern: `features` have no factor in common with the step.
fn order(features: usize) -> Vec<i64> {
    let step = [37, 41]
        .into_iter()
        .find(|step| !features.is_multiple_of(*step));
    let step = step.expect("no multiple of both");
    (0..features)
        .map(|i| ((i * step + 1) % features) as i64)
        .collect()
}

/// Triangles that are no worse than those of a rotation, full on the side that is not read.
fn factors(draw: &mut Draw, features: usize) -> Plu {
    let scale = 1.0 / (features as f64).sqrt();
    let lower = draw.leaf([features, features]) * scale;
    let upper = draw.leaf([features, features]) * scale;
    let diagonal = draw.leaf([features]);
    // Between 1 and 3, and as often negative.
    let sign = diagonal.clone().inner().sign();
    let diagonal = diagonal + Tensor::from_inner(sign);
    let order = TensorData::new(order(features), [features]);
    let order = Tensor::<1, Int>::from_data(order, &lower.device().without_autodiff());
    Plu {
        order,
        lower,
        upper,
        diagonal,
    }
}

fn agrees(direction: Direction, [batch, features]: [usize; 2]) {
    type Map = fn(Direction, &Plu, Tensor<2>) -> Tensor<2>;
    let run = |draw: &mut Draw, map: Map| {
        let factors = factors(draw, features);
        vec![flat(map(direction, &factors, draw.leaf([batch, features])))]
    };
    agree(
        &format!("{direction:?}, {batch} of {features}"),
        |draw| run(draw, plu),
        |draw| run(draw, of_tensors::plu),
    );
}

const SIZES: [[usize; 2]; 9] = [
    [1, 1],
    [3, 2],
    [7, 5],
    [5, 48],
    [2, 49],
    [40, 70],
    [300, 33],
    [130, 100],
    [17, 203],
];

#[test]
fn products_are_those_of_tensors() {
    for sizes in SIZES {
        agrees(Direction::Forward, sizes);
    }
}

#[test]
fn solutions_are_those_of_tensors() {
    for sizes in SIZES {
        agrees(Direction::Inverse, sizes);
    }
}

/// The matrix in f64 by its definition.
fn matrix(plu: &Plu) -> Tensor<2> {
    let [features] = plu.diagonal.dims();
    let eye = Tensor::<2>::eye(features, &plu.diagonal.device()).cast(plu.diagonal.dtype());
    let lower = plu.lower.clone().tril(-1) + eye.clone();
    let upper = plu.upper.clone().triu(1) + eye * plu.diagonal.clone().unsqueeze::<2>();
    lower.matmul(upper).select(0, plu.order.clone())
}

#[test]
fn operations_of_tensors_are_those_of_the_matrix() {
    for [batch, features] in [[4, 1], [5, 31], [3, 32], [9, 33], [6, 100]] {
        // The solution of the product is the input, with the gradients of that.
        let both = |draw: &mut Draw| {
            let (factors, x) = (factors(draw, features), draw.leaf([batch, features]));
            let z = x.clone().matmul(matrix(&factors).transpose());
            (factors, x, z)
        };
        let of_tensors = |draw: &mut Draw| {
            let (factors, x, z) = both(draw);
            let z = of_tensors::plu(Direction::Inverse, &factors, z);
            let x = of_tensors::plu(Direction::Forward, &factors, x);
            vec![flat(x), flat(z)]
        };
        let of_matrix = |draw: &mut Draw| {
            let (_, x, z) = both(draw);
            vec![flat(z), flat(x)]
        };
        agree_within(
            1e-5,
            &format!("{batch} of {features}"),
            of_tensors,
            of_matrix,
        );
    }
}

/// One sample after the other, and factors that share a matrix.
#[test]
fn vectors_are_those_of_tensors() {
    for features in [1, 3, 16, 65, 203] {
        let lower = numbers(features * features, 1, 2.0 / (features as f32).sqrt());
        let diagonal = numbers(features, 2, 2.0)
            .iter()
            .map(|d| d + d.signum())
            .collect::<Vec<_>>();
        let x = numbers(2 * features, 3, 2.0);
        let order = order(features);
        let places: Vec<usize> = order.iter().map(|i| *i as usize).collect();
        for direction in [Direction::Forward, Direction::Inverse] {
            let rows = PluRows {
                order: &places,
                lower: &lower,
                upper: &lower,
                diagonal: &diagonal,
            };
            let (mut found, mut beside) = (x.clone(), vec![f32::NAN; features]);
            rows.apply(direction, &mut found, &mut beside);

            let device = Device::default();
            let double = |numbers: &[f32], shape: [usize; 2]| -> Tensor<2> {
                let numbers: Vec<f64> = numbers.iter().map(|x| f64::from(*x)).collect();
                Tensor::from_data(TensorData::new(numbers, shape), (&device, DType::F64))
            };
            let square = double(&lower, [features; 2]);
            let order = TensorData::new(order.clone(), [features]);
            let factors = Plu {
                order: Tensor::from_data(order, &device),
                lower: square.clone(),
                upper: square,
                diagonal: double(&diagonal, [1, features]).reshape([features]),
            };
            let exact = of_tensors::plu(direction, &factors, double(&x, [2, features]));
            let exact: Vec<f64> = exact.into_data().iter().collect();
            let most = exact.iter().fold(1.0f64, |most, x| most.max(x.abs()));
            for (found, exact) in found.iter().zip(exact) {
                let error = (f64::from(*found) - exact).abs();
                assert!(
                    error <= 2e-6 * most,
                    "{direction:?} of {features}: {found} for {exact}"
                );
            }
        }
    }
}

/// Numbers between ±`most`.
fn numbers(count: usize, seed: u64, most: f32) -> Vec<f32> {
    (0..count as u64)
        .map(|i| most * (((i * 7919 + seed * 104_729) % 4001) as f32 / 2000.0 - 1.0))
        .collect()
}

#[test]
#[should_panic(expected = "the matrix is for 3 features, the data have 4, in [2, 4]")]
fn data_of_another_width_are_refused() {
    let device = Device::default();
    let zeros = || Tensor::<2>::zeros([3, 3], &device);
    let factors = Plu {
        order: Tensor::arange(0..3, &device),
        lower: zeros(),
        upper: zeros(),
        diagonal: Tensor::ones([3], &device),
    };
    plu(Direction::Forward, &factors, Tensor::zeros([2, 4], &device));
}

/// Far beyond the largest number in between, and back in range.
#[test]
fn sums_that_return_to_the_range_do_not_overflow() {
    let device = Device::default();
    let factors = |features: usize| {
        // L = I + (−1 in the first column), U = I + (1 in the last column).
        let eye = Tensor::<2>::eye(features, &device);
        let first = eye
            .clone()
            .narrow(1, 0, 1)
            .transpose()
            .repeat_dim(0, features)
            .neg();
        let last = eye
            .narrow(1, features - 1, 1)
            .transpose()
            .repeat_dim(0, features);
        Plu {
            order: Tensor::arange(0..features as i64, &device),
            lower: first,
            upper: last,
            diagonal: Tensor::ones([features], &device),
        }
    };
    for [batch, features] in [[1, 3], [20, 70]] {
        let x = Tensor::<2>::full([batch, features], 3e38, &device);
        let y = plu(Direction::Forward, &factors(features), x.clone());
        let y: Vec<f32> = y.into_data().iter().collect();
        for row in y.chunks_exact(features) {
            assert_eq!(row[0], f32::MAX);
            assert!(row[1..features - 1].iter().all(|y| *y == 0.0), "{row:?}");
            assert_eq!(row[features - 1], -3e38);
        }
        let back = plu(Direction::Inverse, &factors(features), x.clone());
        assert!(back.is_finite().all().into_scalar::<bool>());
    }
}
