//! Products of every size and layout, by loops, tiles and the library, against sums in f64.

use super::super::activate::Monotone;
use super::super::finish::{Bias, Finish};
use super::*;

/// Numbers between −1 and 1.
fn numbers(count: usize, step: usize) -> Vec<f32> {
    let number = |i: usize| ((i * step % 101) as f32) / 50.0 - 1.0;
    (0..count).map(number).collect()
}

/// Sides around those of tiles, and one sum that is longer than a tile adds up at a time.
fn sizes() -> impl Iterator<Item = [usize; 3]> {
    const SIDES: [usize; 12] = [1, 2, 3, 7, 8, 12, 17, 24, 25, 32, 43, 100];
    let small = SIDES
        .iter()
        .flat_map(|m| SIDES.iter().map(move |n| (*m, *n)));
    let small = small.flat_map(|(m, n)| [1, 4, 9, 33].map(|k| [m, k, n]));
    small.chain([[30, 1100, 50], [13, 600, 4], [2, 520, 35], [20, 5, 1030]])
}

fn matrix(values: &[f32], rows: usize, columns: usize, turned: bool) -> Matrix<'_> {
    match turned {
        false => Matrix::new(&values[..rows * columns], rows, columns),
        true => Matrix::new(&values[..rows * columns], columns, rows).transposed(),
    }
}

fn exact(a: Matrix<'_>, b: Matrix<'_>, i: usize, j: usize) -> f64 {
    let terms = (0..a.columns()).map(|k| f64::from(a.at(i, k)) * f64::from(b.at(k, j)));
    terms.sum()
}

/// Asserts that each number is what `wanted` makes of its place and the exact product.
fn check(out: &[f32], a: Matrix<'_>, b: Matrix<'_>, wanted: impl Fn(usize, usize, f64) -> f64) {
    let columns = b.columns();
    assert_eq!(out.len(), a.rows() * columns);
    for (index, found) in out.iter().enumerate() {
        let (i, j) = (index / columns, index % columns);
        let wanted = wanted(i, j, exact(a, b, i, j));
        let bound = 1e-6 * (10.0 + a.columns() as f64);
        assert!(
            (f64::from(*found) - wanted).abs() < bound,
            "{}×{} by {}×{columns}, strides {:?} {:?}, at {i} {j}: {found} for {wanted}",
            a.rows(),
            a.columns(),
            b.rows(),
            a.strides(),
            b.strides(),
        );
    }
}

fn each_product(mut test: impl FnMut(Matrix<'_>, Matrix<'_>)) {
    let (a, b) = (numbers(1 << 16, 37), numbers(1 << 16, 53));
    for [m, k, n] in sizes() {
        for (a_turned, b_turned) in [(false, false), (true, false), (false, true), (true, true)] {
            test(matrix(&a, m, k, a_turned), matrix(&b, k, n, b_turned));
        }
    }
}

#[test]
fn products_of_all_sizes_and_layouts() {
    each_product(|a, b| {
        let out = product(a, b, Finish::NONE, Threads::One);
        check(&out, a, b, |_, _, exact| exact);
    });
}

#[test]
fn sums_go_on_from_what_stands_there() {
    each_product(|a, b| {
        let before = numbers(a.rows() * b.columns(), 7);
        let mut out = before.clone();
        multiply(&mut out, true, a, b);
        check(&out, a, b, |i, j, exact| {
            f64::from(before[i * b.columns() + j]) + exact
        });
        multiply(&mut out, false, a, b);
        check(&out, a, b, |_, _, exact| exact);
    });
}

#[test]
fn biases_and_activations_follow_the_last_term() {
    let bias = numbers(1100, 11);
    each_product(|a, b| {
        for (of_rows, after) in [
            (true, Monotone::Relu),
            (false, Monotone::Relu),
            (true, Monotone::LeakyRelu),
            (false, Monotone::Identity),
        ] {
            let of = match of_rows {
                true => Bias::OfRows(&bias[..a.rows()]),
                false => Bias::OfColumns(&bias[..b.columns()]),
            };
            let out = product(a, b, Finish { bias: of, after }, Threads::One);
            check(&out, a, b, |i, j, exact| {
                let sum = exact + f64::from(bias[if of_rows { i } else { j }]);
                match after {
                    Monotone::Relu => sum.max(0.0),
                    Monotone::LeakyRelu => sum.max(0.1 * sum),
                    Monotone::Identity | Monotone::Tanh => sum,
                }
            });
        }
    });
}

#[test]
fn seven_products_are_the_product() {
    let (bias, a, b) = (numbers(300, 11), numbers(1 << 17, 37), numbers(1 << 16, 53));
    for [m, k, n] in [[256, 256, 64], [260, 300, 90], [258, 256, 250]] {
        assert!(Strassen::takes(m, k));
        let (a, b) = (matrix(&a, m, k, false), matrix(&b, k, n, false));
        let of_rows = |matrix: Matrix<'_>| {
            (0..matrix.rows())
                .flat_map(move |i| matrix.row(i).to_vec())
                .collect::<Vec<_>>()
        };
        let out =
            Strassen::new(of_rows(a), k).product(&of_rows(b), n, Some(&bias[..m]), Monotone::Relu);
        check(&out, a, b, |i, _, exact| {
            (exact + f64::from(bias[i])).max(0.0)
        });
    }
}

/// The largest error of uniform numbers, beside the largest number: what `docs/performance.md` tells.
#[test]
fn seven_products_are_as_exact_as_is_told() {
    let mut state = 1u64;
    let mut uniform = |count: usize| -> Vec<f32> {
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..count).map(|_| next()).collect()
    };
    let (m, k, n) = (512, 512, 64);
    let (a, b) = (uniform(m * k), uniform(k * n));
    let [x, y] = [Matrix::new(&a, m, k), Matrix::new(&b, k, n)];
    let error = |out: Vec<f32>| {
        let (mut error, mut largest) = (0.0f64, 0.0f64);
        for (index, found) in out.iter().enumerate() {
            let exact = exact(x, y, index / n, index % n);
            error = error.max((f64::from(*found) - exact).abs());
            largest = largest.max(exact.abs());
        }
        error / largest
    };
    let plain = error(product(x, y, Finish::NONE, Threads::One));
    let seven = error(Strassen::new(&a[..], k).product(&b, n, None, Monotone::Identity));
    println!("largest errors beside the largest number: {plain:.1e} and {seven:.1e}");
    assert!(plain < 1e-6 && seven < 2e-6, "{plain} and {seven}");
}

#[test]
fn parts_that_threads_take_are_the_whole() {
    let bias = numbers(1000, 11);
    for [m, k, n] in [[100, 90, 300], [300, 90, 100]] {
        let (a, b) = (numbers(m * k, 37), numbers(k * n, 53));
        let (a, b) = (Matrix::new(&a, m, k), Matrix::new(&b, k, n));
        assert!(m * k * n >= ENOUGH);
        for of in [Bias::OfRows(&bias[..m]), Bias::OfColumns(&bias[..n])] {
            let finish = Finish {
                bias: of,
                after: Monotone::Relu,
            };
            let [one, all] = [Threads::One, Threads::All].map(|who| product(a, b, finish, who));
            assert_eq!(one, all);
        }
    }
}

#[test]
fn what_is_not_a_number_stays_so() {
    for columns in [3, 8, 32, 43] {
        let mut a = numbers(20 * 5, 37);
        a[7] = f32::NAN;
        let b = numbers(5 * columns, 53);
        let (a, b) = (Matrix::new(&a, 20, 5), Matrix::new(&b, 5, columns));
        let finish = Finish {
            bias: Bias::None,
            after: Monotone::Relu,
        };
        let out = product(a, b, finish, Threads::One);
        let lost = |row: usize| {
            out[row * columns..][..columns]
                .iter()
                .filter(|x| x.is_nan())
                .count()
        };
        assert_eq!([lost(0), lost(1), lost(2)], [0, columns, 0]);
    }
}
