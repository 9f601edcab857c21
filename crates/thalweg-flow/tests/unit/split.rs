//! Splits divide and put together again.

use burn::tensor::{DType, Device, Tensor};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use thalweg_flow::{Noise, Split};

use crate::host::{host, tensor};

/// The same cases in every run, hence no file of failures.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 40,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A number of features and a split of them.
fn features_and_split() -> impl Strategy<Value = (usize, Split)> {
    (2usize..10)
        .prop_flat_map(|features| (Just(features), 0usize..3, 1..features, any::<bool>()))
        .prop_map(|(features, pattern, k, swapped)| {
            let split = [Split::half(), Split::even_odd(), Split::at(k)][pattern];
            (features, if swapped { split.swapped() } else { split })
        })
}

fn comes_back<const D: usize>(split: Split, shape: [usize; D]) -> Result<(), TestCaseError> {
    let x = Noise::seeded(1).normal(shape, &Device::default(), DType::F32);
    let (kept, transformed) = split.split(x.clone());
    let sizes = split.sizes(shape[1]);
    prop_assert_eq!((kept.dims()[1], transformed.dims()[1]), sizes);
    prop_assert_eq!(sizes.0 + sizes.1, shape[1]);
    let merged = split.merge(kept, transformed);
    prop_assert_eq!(merged.dims(), shape);
    prop_assert_eq!(host(merged), host(x));
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn merge_undoes_split_of_vectors((features, split) in features_and_split(), batch in 1usize..4) {
        comes_back(split, [batch, features])?;
    }

    #[test]
    fn merge_undoes_split_of_images(
        (channels, split) in features_and_split(),
        height in 1usize..4,
        width in 1usize..4,
    ) {
        comes_back(split, [2, channels, height, width])?;
    }
}

#[test]
fn each_pattern_takes_the_features_of_its_table() {
    let x = tensor(
        [0.0, 1.0, 2.0, 3.0, 4.0],
        [1, 5],
        &Device::default(),
        DType::F32,
    );
    let parts = |split: Split| {
        let (kept, transformed): (Tensor<2>, Tensor<2>) = split.split(x.clone());
        (host(kept), host(transformed))
    };
    let table = [
        (Split::half(), vec![0.0, 1.0], vec![2.0, 3.0, 4.0]),
        (Split::even_odd(), vec![0.0, 2.0, 4.0], vec![1.0, 3.0]),
        (Split::at(1), vec![0.0], vec![1.0, 2.0, 3.0, 4.0]),
    ];
    for (split, first, second) in table {
        assert_eq!(parts(split), (first.clone(), second.clone()), "{split:?}");
        assert_eq!(parts(split.swapped()), (second, first), "{split:?} swapped");
    }
}

#[test]
fn channels_stay_whole() {
    let x = Tensor::<4>::from_data(
        [[[[0.0, 1.0]], [[2.0, 3.0]], [[4.0, 5.0]]]],
        (&Device::default(), DType::F32),
    );
    let (kept, transformed) = Split::even_odd().split(x);
    assert_eq!(host(kept), [0.0, 1.0, 4.0, 5.0]);
    assert_eq!(host(transformed), [2.0, 3.0]);
}

#[test]
fn every_other_layer_is_swapped() {
    let split = Split::half();
    assert_eq!(split.alternating(0), split);
    assert_eq!(split.alternating(1), split.swapped());
    assert_eq!(split.alternating(2), split);
    assert_eq!(split.swapped().swapped(), split);
}

#[test]
#[should_panic(expected = "use 2 features or more")]
fn one_feature_cannot_be_split() {
    Split::half().sizes(1);
}

#[test]
#[should_panic(expected = "leaves a part of 4 features empty")]
fn a_part_cannot_take_everything() {
    Split::at(4).sizes(4);
}

#[test]
#[should_panic(expected = "leaves a part of 4 features empty")]
fn a_part_cannot_be_empty() {
    Split::at(0).swapped().sizes(4);
}
