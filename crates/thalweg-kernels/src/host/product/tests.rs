//! Products of every size and layout, by loops, tiles and the library, against sums in f64.

use super::super::epilogue::Bias;
use super::route::{Convolution, ENOUGH};
use super::*;
use crate::Activation;

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

fn matrix(values: &[f32], rows: usize, columns: usize, transposed: bool) -> Matrix<'_> {
    match transposed {
        false => Matrix::new(&values[..rows * columns], rows, columns),
        true => Matrix::new(&values[..rows * columns], columns, rows).transposed(),
    }
}

fn exact(a: Matrix<'_>, b: Matrix<'_>, i: usize, j: usize) -> f64 {
    let terms = (0..a.columns()).map(|k| f64::from(a.at(i, k)) * f64::from(b.at(k, j)));
    terms.sum()
}

/// Asserts that each number equals `wanted` of its place and the exact product.
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
        for (a_transposed, b_transposed) in
            [(false, false), (true, false), (false, true), (true, true)]
        {
            test(
                matrix(&a, m, k, a_transposed),
                matrix(&b, k, n, b_transposed),
            );
        }
    }
}

#[test]
fn products_of_all_sizes_and_layouts() {
    each_product(|a, b| {
        let out = product(a, b, Epilogue::NONE, Threads::One);
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
        for (of_rows, activation) in [
            (true, Some(Activation::Relu)),
            (false, Some(Activation::Relu)),
            (true, Some(Activation::LeakyRelu)),
            (false, None),
        ] {
            let of = match of_rows {
                true => Bias::OfRows(&bias[..a.rows()]),
                false => Bias::OfColumns(&bias[..b.columns()]),
            };
            let out = product(
                a,
                b,
                Epilogue {
                    bias: of,
                    activation,
                },
                Threads::One,
            );
            check(&out, a, b, |i, j, exact| {
                let sum = exact + f64::from(bias[if of_rows { i } else { j }]);
                match activation {
                    Some(Activation::Relu) => sum.max(0.0),
                    Some(Activation::LeakyRelu) => sum.max(0.1 * sum),
                    _ => sum,
                }
            });
        }
    });
}

#[test]
fn parts_of_threads_are_the_whole() {
    let bias = numbers(1000, 11);
    for [m, k, n] in [[100, 90, 300], [300, 90, 100]] {
        let (a, b) = (numbers(m * k, 37), numbers(k * n, 53));
        let (a, b) = (Matrix::new(&a, m, k), Matrix::new(&b, k, n));
        assert!(m * k * n >= ENOUGH);
        for of in [Bias::OfRows(&bias[..m]), Bias::OfColumns(&bias[..n])] {
            let epilogue = Epilogue {
                bias: of,
                activation: Some(Activation::Relu),
            };
            let [one, all] = [Threads::One, Threads::All].map(|who| product(a, b, epilogue, who));
            assert_eq!(one, all);
        }
    }
}

#[test]
fn nan_stays_in_its_row() {
    for columns in [3, 8, 32, 43] {
        let mut a = numbers(20 * 5, 37);
        a[7] = f32::NAN;
        let b = numbers(5 * columns, 53);
        let (a, b) = (Matrix::new(&a, 20, 5), Matrix::new(&b, 5, columns));
        let epilogue = Epilogue {
            bias: Bias::None,
            activation: Some(Activation::Relu),
        };
        let out = product(a, b, epilogue, Threads::One);
        let lost = |row: usize| {
            out[row * columns..][..columns]
                .iter()
                .filter(|x| x.is_nan())
                .count()
        };
        assert_eq!([lost(0), lost(1), lost(2)], [0, columns, 0]);
    }
}

/// The route of a product of row-major matrices.
fn of_sizes([rows, depth, columns]: [usize; 3], level: SimdLevel) -> Route {
    let gemm = Gemm {
        rows,
        depth,
        columns,
        a_rows: true,
        b_stride: Some(columns),
    };
    route(&Problem::Gemm(gemm), level)
}

#[test]
fn routes_of_products() {
    use SimdLevel::{Avx2, Avx512, Scalar};
    for (sizes, long, short) in [
        ([128, 100, 100], Route::Tiles, Route::Library),
        ([128, 100, 1100], Route::Library, Route::Library),
        ([128, 100, 12], Route::Library, Route::Library),
        ([128, 100, 2], Route::Dots, Route::Dots),
        ([128, 2, 100], Route::Tiles, Route::Rows),
        ([128, 2, 8], Route::Rows, Route::Rows),
        ([1, 100, 100], Route::Rows, Route::Rows),
        ([4, 100, 100], Route::Rows, Route::Rows),
        ([5, 100, 100], Route::Tiles, Route::Library),
        ([5, 0, 100], Route::Nothing, Route::Nothing),
    ] {
        assert_eq!(of_sizes(sizes, Avx512), long, "{sizes:?}");
        for level in [Avx2, Scalar] {
            assert_eq!(of_sizes(sizes, level), short, "{sizes:?}");
        }
    }
    // Transposes: of the second matrix, as for the gradient of rows, and of the first.
    let gemm = Gemm {
        rows: 128,
        depth: 100,
        columns: 100,
        a_rows: true,
        b_stride: None,
    };
    assert_eq!(route(&Problem::Gemm(gemm), Avx512), Route::Library);
    let gemm = Gemm {
        columns: 2,
        a_rows: false,
        ..gemm
    };
    assert_eq!(route(&Problem::Gemm(gemm), Avx512), Route::Columns);
}

#[test]
fn routes_of_convolutions() {
    let convolution = Convolution {
        inputs: 32,
        outputs: 32,
        side: 3,
        height: 32,
        width: 32,
        images: 1,
        total: 16,
    };
    let of = |convolution| route(&Problem::Convolution(convolution), SimdLevel::Avx512);
    assert_eq!(of(convolution), Route::Winograd);
    for (changed, wanted) in [
        (
            Convolution {
                side: 1,
                ..convolution
            },
            Route::Pointwise,
        ),
        (
            Convolution {
                side: 5,
                ..convolution
            },
            Route::Im2col,
        ),
        (
            Convolution {
                inputs: 3,
                ..convolution
            },
            Route::Im2col,
        ),
        (
            Convolution {
                outputs: 4,
                ..convolution
            },
            Route::Col2im,
        ),
        (
            Convolution {
                height: 31,
                ..convolution
            },
            Route::Im2col,
        ),
        (
            Convolution {
                height: 4,
                width: 4,
                total: 16,
                ..convolution
            },
            Route::Im2col,
        ),
    ] {
        assert_eq!(of(changed), wanted, "{changed:?}");
    }
}

#[test]
fn products_are_divided_along_the_longer_side() {
    let gemm = |rows, columns| Gemm {
        rows,
        depth: 100,
        columns,
        a_rows: true,
        b_stride: Some(columns),
    };
    assert_eq!(split(&gemm(300, 100), 2), Some((Side::Rows, 160)));
    assert_eq!(split(&gemm(100, 300), 2), Some((Side::Columns, 160)));
    assert_eq!(split(&gemm(100, 300), 1), None);
    assert_eq!(split(&gemm(30, 30), 2), None);
}
