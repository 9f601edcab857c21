//! Dense layers.

use burn::tensor::Tensor;
use thalweg_kernels::{Activation, Dense, Places, dense, of_tensors, view};

use crate::support::{Draw, agree, device, flat};

fn layers(draw: &mut Draw, widths: &[usize], biased: bool) -> Vec<Dense> {
    let pairs = widths.windows(2);
    pairs
        .map(|pair| Dense {
            weight: draw.leaf([pair[0], pair[1]]) * (1.0 / pair[0] as f64).sqrt(),
            bias: biased.then(|| draw.leaf([pair[1]])),
        })
        .collect()
}

/// Few rows and many, which go in pieces; few features and many, which go to loops of their own; more
/// weights than a piece of rows is worth.
#[test]
fn they_are_those_of_tensors() {
    for (rows, widths) in [
        (1, &[3, 5, 2][..]),
        (7, &[1, 9, 33, 6]),
        (300, &[2, 40, 40, 4]),
        (700, &[1, 16, 2]),
        (260, &[43, 21, 44]),
        (40, &[520, 520, 3]),
        (5, &[4, 6]),
        // More inputs than small steps of the tape have, and as many as a large one has.
        (3, &[2; 21]),
        (3, &[2; 33]),
    ] {
        for (activation, last, biased) in [
            (Activation::Relu, None, true),
            (Activation::Tanh, Some(Activation::Tanh), true),
            (Activation::LeakyRelu, Some(Activation::Relu), false),
            (Activation::Silu, None, true),
            (Activation::Silu, Some(Activation::Silu), true),
            (Activation::Relu, Some(Activation::Silu), true),
        ] {
            let run = |draw: &mut Draw, f: fn(_, _, _, _) -> Tensor<2>| {
                let x = draw.leaf([rows, widths[0]]);
                let layers = layers(draw, widths, biased);
                vec![flat(f(x, layers, activation, last))]
            };
            agree(
                &format!("{rows} rows, {widths:?}, {activation:?}"),
                |draw| run(draw, dense),
                |draw| run(draw, of_tensors::dense),
            );
        }
    }
}

/// Rows that are no leaf get no gradient, and views of other tensors are read where they lie.
#[test]
fn constants_and_views_are_rows_too() {
    let run = |draw: &mut Draw, f: fn(_, _, _, _) -> Tensor<2>| {
        let x: Tensor<2> = draw.constant([6, 50]);
        let x = x.transpose().narrow(1, 2, 3);
        let layers = layers(draw, &[3, 8, 2], true);
        vec![flat(f(x, layers, Activation::Relu, None))]
    };
    agree(
        "a view",
        |draw| run(draw, dense),
        |draw| run(draw, of_tensors::dense),
    );
}

/// Rows with a stride, in one piece and in several.
#[test]
fn parts_of_the_features_are_read_where_they_lie() {
    for (rows, first, count) in [(5, 2, 4), (700, 0, 3), (300, 3, 4), (300, 6, 1), (1, 1, 2)] {
        let places = Places {
            first,
            step: 1,
            count,
        };
        let run = |draw: &mut Draw, view: fn(_, _) -> Tensor<2>, f: fn(_, _, _, _) -> Tensor<2>| {
            let x = draw.leaf([rows, 7]);
            let layers = layers(draw, &[count, 9, 2], true);
            let part = view(x, places);
            vec![
                flat(part.clone()),
                flat(f(part, layers, Activation::Relu, None)),
            ]
        };
        agree(
            &format!("{places:?} of {rows} rows"),
            |draw| run(draw, view, dense),
            |draw| run(draw, of_tensors::gather, of_tensors::dense),
        );
    }
}

/// A row's result does not depend on which others are there.
#[test]
fn no_rows_give_no_rows_and_nan_stays_in_its_row() {
    let device = device();
    let layer = || Dense {
        weight: Tensor::ones([2, 2], &device),
        bias: Some(Tensor::zeros([2], &device)),
    };
    let run = |x| dense(x, vec![layer(), layer()], Activation::Relu, None);
    assert_eq!(run(Tensor::zeros([0, 2], &device)).dims(), [0, 2]);
    let none = dense(
        Tensor::zeros([3, 2], &device),
        vec![],
        Activation::Relu,
        None,
    );
    assert_eq!(none.dims(), [3, 2]);
    let x = Tensor::<2>::from_floats([[1.0, f32::NAN], [1.0, 1.0]], &device);
    let y: Vec<f32> = run(x).into_data().iter::<f32>().collect();
    assert!(y[0].is_nan() && y[1].is_nan());
    assert_eq!(y[2..], [4.0, 4.0]);
}

#[test]
#[should_panic(expected = "layer 1 takes 3 features, it is given 2")]
fn layers_that_do_not_fit_are_named() {
    let device = device();
    let layer = |shape| Dense {
        weight: Tensor::ones(shape, &device),
        bias: None,
    };
    let layers = vec![layer([2, 2]), layer([3, 2])];
    dense(
        Tensor::ones([1, 2], &device),
        layers,
        Activation::Relu,
        None,
    );
}
