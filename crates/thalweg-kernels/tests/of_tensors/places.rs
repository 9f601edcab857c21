//! Parts of the features.

use burn::tensor::Tensor;
use thalweg_kernels::{Places, gather, merge, of_tensors};

use crate::support::{Draw, agree, flat};

/// The places of both parts of so many features: one after the other from `at` on, or in turn.
fn parts(features: usize, at: Option<usize>) -> [Places; 2] {
    let places = |first, step, count| Places { first, step, count };
    match at {
        Some(at) => [places(0, 1, at), places(at, 1, features - at)],
        None => [
            places(0, 2, features.div_ceil(2)),
            places(1, 2, features / 2),
        ],
    }
}

fn compare<const D: usize>(shape: [usize; D], at: Option<usize>) {
    type Gather<const D: usize> = fn(Tensor<D>, Places) -> Tensor<D>;
    type Merge<const D: usize> = fn([Tensor<D>; 2], [Places; 2]) -> Tensor<D>;
    for swapped in [false, true] {
        let mut places = parts(shape[1], at);
        if swapped {
            places.reverse();
        }
        let run = |draw: &mut Draw, gather: Gather<D>, merge: Merge<D>| {
            let x = draw.leaf(shape);
            let [a, b] = places.map(|places| gather(x.clone(), places));
            let whole = merge([a.clone(), b.clone()], places);
            let same = (whole.clone() - x).abs().max().into_scalar::<f64>() == 0.0;
            assert!(same, "{shape:?}, {places:?}: another whole");
            vec![flat(a), flat(b), flat(whole)]
        };
        agree(
            &format!("{shape:?}, {places:?}"),
            |draw| run(draw, gather, merge),
            |draw| run(draw, of_tensors::gather, of_tensors::merge),
        );
    }
}

#[test]
fn they_are_those_of_tensors() {
    for at in [None, Some(1), Some(2)] {
        compare([4, 5], at);
        compare([3, 4], at);
        compare([2, 3, 4, 5], at);
    }
    compare([2, 2], None);
    compare([2, 2], Some(1));
}
