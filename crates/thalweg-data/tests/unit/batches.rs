//! Batches and splits: every row once, in an order that depends on the seed.

use burn::tensor::{Device, Int, Tensor, TensorData};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use thalweg_data::{Batches, DataError, RowSplit};

/// Rows `[i, −i]` with label `i`.
fn numbered(n: usize, device: &Device) -> (Tensor<2>, Tensor<1, Int>) {
    let values: Vec<f32> = (0..n).flat_map(|i| [i as f32, -(i as f32)]).collect();
    let labels: Vec<i64> = (0..n as i64).collect();
    (
        Tensor::from_data(TensorData::new(values, [n, 2]), device),
        Tensor::from_data(TensorData::new(labels, [n]), device),
    )
}

fn rows(batch: Tensor<2>) -> Vec<f32> {
    let values = batch.into_data().try_to_vec::<f32>().expect("floats");
    values
        .chunks(2)
        .inspect(|row| assert_eq!(row[0], -row[1]))
        .map(|row| row[0])
        .collect()
}

fn order(batches: impl Iterator<Item = Tensor<2>>) -> Vec<f32> {
    batches.flat_map(rows).collect()
}

#[test]
fn an_epoch_holds_each_row_once() {
    for device in thalweg_device::cpu_devices() {
        let (points, _) = numbered(103, &device);
        let batches = Batches::new(points, 10, 1);
        assert_eq!((batches.len(), batches.epoch(0).len()), (11, 11));
        let sizes: Vec<usize> = batches.epoch(0).map(|batch| batch.dims()[0]).collect();
        assert_eq!(sizes, [10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 3]);

        let mut seen = order(batches.epoch(0));
        assert_ne!(seen, order(batches.in_order()));
        seen.sort_by(f32::total_cmp);
        assert_eq!(seen, order(batches.in_order()));
    }
}

#[test]
fn the_order_is_a_matter_of_seed_and_epoch() {
    let (points, _) = numbered(50, &Device::default());
    let (first, second) = (
        Batches::new(points.clone(), 8, 1),
        Batches::new(points, 8, 2),
    );
    assert_eq!(order(first.epoch(3)), order(first.epoch(3)));
    assert_ne!(order(first.epoch(3)), order(first.epoch(4)));
    assert_ne!(order(first.epoch(3)), order(second.epoch(3)));
}

#[test]
fn the_short_batch_can_be_dropped() {
    let (points, _) = numbered(25, &Device::default());
    let batches = Batches::new(points, 10, 0).drop_last(true);
    assert_eq!(batches.len(), 2);
    assert!(batches.epoch(0).all(|batch| batch.dims() == [10, 2]));
    let mut epoch = batches.epoch(0);
    assert_eq!(
        (epoch.len(), epoch.by_ref().count(), epoch.len()),
        (2, 2, 0)
    );
    assert!(epoch.next().is_none());

    let (few, _) = numbered(3, &Device::default());
    assert!(Batches::new(few, 10, 0).drop_last(true).is_empty());
}

#[test]
fn labels_stay_with_their_rows() {
    for device in thalweg_device::cpu_devices() {
        let batches = Batches::new(numbered(40, &device), 7, 5);
        for (points, labels) in batches.epoch(2) {
            let labels = labels.into_data().iter::<f32>().collect::<Vec<_>>();
            assert_eq!(rows(points), labels);
        }
    }
}

#[test]
fn batches_of_a_training_device_stay_on_it() {
    let device = Device::default().autodiff();
    let (points, _) = numbered(4, &device);
    let batch = Batches::new(points, 4, 0).epoch(0).next().expect("a batch");
    assert_eq!(batch.device(), device);
}

#[test]
#[should_panic(expected = "the same number of rows")]
fn a_pair_of_unequal_rows_is_refused() {
    let device = Device::default();
    Batches::new((numbered(4, &device).0, numbered(5, &device).1), 2, 0);
}

#[test]
#[should_panic(expected = "batch size of 0")]
fn a_batch_size_of_zero_is_refused() {
    Batches::new(numbered(4, &Device::default()).0, 0, 0);
}

#[test]
fn modulo_splits_by_the_last_digit() {
    let split = RowSplit::modulo(1797);
    let sizes = (split.train.len(), split.validation.len(), split.test.len());
    assert_eq!(sizes, (1439, 179, 179));
    assert_eq!(
        (split.train[8], split.validation[1], split.test[1]),
        (10, 18, 19)
    );
}

#[test]
fn fractions_must_be_fractions() {
    for bad in [
        [0.5, 0.5, 0.5],
        [1.2, -0.2, 0.0],
        [f64::NAN, 0.5, 0.5],
        [0.0; 3],
    ] {
        let error = RowSplit::random(10, bad, 0).expect_err("not fractions");
        assert!(matches!(error, DataError::Fractions { .. }));
        assert!(RowSplit::by_group(&["a", "b"], bad, 0).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(0),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn splits_are_partitions(n in 0usize..200, cut in 0.0f64..1.0, share in 0.0f64..1.0, seed: u64) {
        let fractions = [cut, (1.0 - cut) * share, (1.0 - cut) * (1.0 - share)];
        let groups: Vec<String> = (0..n).map(|i| (i % 7).to_string()).collect();
        let by_row = RowSplit::random(n, fractions, seed).expect("fractions");
        let by_group = RowSplit::by_group(&groups, fractions, seed).expect("fractions");
        for split in [by_row, by_group.clone()] {
            let mut all = [split.train, split.validation, split.test].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..n).collect::<Vec<_>>());
        }
        let side = |rows: &[usize]| rows.iter().map(|i| i % 7).collect::<std::collections::BTreeSet<_>>();
        let (train, test) = (side(&by_group.train), side(&by_group.test));
        prop_assert!(train.is_disjoint(&test) && train.is_disjoint(&side(&by_group.validation)));
    }
}

#[test]
fn batches_that_grow_hold_each_row_once_and_their_clock_counts_them() {
    let (points, _) = numbered(103, &Device::default());
    let plain = Batches::new(points, 10, 1);
    let growing = plain.clone().growing([(5, 50), (2, 32)]);
    let mut step = 0;
    let clock = growing.clock();
    for epoch in 0..9 {
        let sizes: Vec<usize> = growing.epoch(epoch).map(|batch| batch.dims()[0]).collect();
        let expected: &[usize] = match epoch {
            0 | 1 => &[10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 3],
            2..5 => &[32, 32, 32, 7],
            _ => &[50, 50, 3],
        };
        assert_eq!(sizes, expected);
        assert_eq!(
            (growing.len(epoch), growing.epoch(epoch).len()),
            (expected.len(), expected.len())
        );
        // The order depends on the epoch and not on the size.
        assert_eq!(order(growing.epoch(epoch)), order(plain.epoch(epoch)));
        for _ in 0..growing.len(epoch) {
            assert_eq!(clock(step), epoch, "step {step}");
            step += 1;
        }
    }
    assert_eq!([0, 10, 11, 22].map(plain.clock()), [0, 0, 1, 2]);
}

#[test]
fn batches_that_grow_can_drop_the_short_one() {
    let (points, _) = numbered(103, &Device::default());
    let growing = Batches::new(points, 10, 1)
        .drop_last(true)
        .growing([(1, 200)]);
    assert_eq!(
        (growing.epoch(0).count(), growing.epoch(1).count()),
        (10, 0)
    );
    // Without batches no step leaves the epoch.
    assert_eq!([9, 10, 1000].map(growing.clock()), [0, 1, 1]);
}

#[test]
#[should_panic(expected = "batch size of 0 from epoch 3 on")]
fn batches_do_not_grow_to_nothing() {
    let (points, _) = numbered(4, &Device::default());
    let _ = Batches::new(points, 2, 1).growing([(3, 0)]);
}

#[test]
fn skipped_batches_do_not_change_later_ones() {
    let device = Device::default();
    let rows = Tensor::<1>::from_floats([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &device);
    let batches = Batches::new(rows, 2, 3);
    let values = |batch: Tensor<1>| batch.into_data().iter::<f32>().collect::<Vec<_>>();
    let all: Vec<_> = batches.epoch(1).map(values).collect();
    for passed in 0..6 {
        let rest: Vec<_> = batches.epoch(1).skip(passed).map(values).collect();
        assert_eq!(rest, all[passed.min(4)..]);
    }
}
