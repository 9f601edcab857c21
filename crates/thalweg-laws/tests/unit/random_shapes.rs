//! All laws in shapes that nobody chose, from seeds that nobody chose.

use crate::fixtures::{Bug, CONTEXT, Coupling};
use burn::tensor::{DType, Device, Tensor, TensorData};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use thalweg_laws::{Options, Sample, cast, check_all, laws, normal, scramble, strategies};

/// The same cases in every run, hence no file of failures.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 12,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn batch_and_numbers() -> impl Strategy<Value = (usize, usize, Vec<f64>)> {
    (strategies::batch(), strategies::dims()).prop_flat_map(|(batch, dims)| {
        strategies::rows(batch, dims, strategies::real())
            .prop_map(move |numbers| (batch, dims, numbers))
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_right_coupling_passes_in_every_shape(
        batch in strategies::batch(),
        dims in strategies::dims(),
        seed in strategies::seed(),
        amplitude in 0.1..0.4f64,
    ) {
        let device = Device::default();
        for dtype in [DType::F64, DType::F32] {
            let layer = Coupling::new(dims, Bug::None, &device);
            let layer = cast(scramble(layer, amplitude), dtype).unwrap();
            let data = normal([batch, dims]).sample(&device, dtype, seed);
            let context = normal([batch, CONTEXT]).sample(&device, dtype, seed ^ 1);
            check_all(&layer, &data, &context, &Options::default())?;
        }
    }

    #[test]
    fn a_right_coupling_comes_back_from_the_tails((batch, dims, numbers) in batch_and_numbers()) {
        let device = Device::default();
        let layer = Coupling::new(dims, Bug::None, &device);
        let layer = cast(scramble(layer, 0.3), DType::F64).unwrap();
        let data = TensorData::new(numbers, [batch, dims]);
        let data = Tensor::<2>::from_data(data, (&device, DType::F64));
        laws::round_trip_from_data(&layer, &data, &(), 1e-9)?;
        laws::log_det_is_jacobian(&layer, &data, &(), 1e-9)?;
    }

    #[test]
    fn a_wrong_sign_is_caught_in_every_shape(
        batch in strategies::batch(),
        dims in strategies::dims(),
        seed in strategies::seed(),
    ) {
        let device = Device::default();
        let layer = Coupling::new(dims, Bug::WrongSign, &device);
        let layer = cast(scramble(layer, 0.3), DType::F64).unwrap();
        let data = normal([batch, dims]).sample(&device, DType::F64, seed);
        prop_assert!(laws::log_det_is_jacobian(&layer, &data, &(), 1e-9).is_err());
    }
}
