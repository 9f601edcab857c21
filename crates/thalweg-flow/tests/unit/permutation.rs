//! Orders of features: checked, reported, saved.

use burn::module::Module;
use burn::tensor::{DType, Device};
use thalweg_device::cpu_devices;
use thalweg_flow::{Bijection, FlowError, Noise, Permutation};

use crate::host::{host, tensor};

#[test]
fn feature_i_of_the_latent_is_feature_order_i_of_the_data() {
    for device in cpu_devices() {
        let permutation = Permutation::<2>::new(&[2, 0, 1], &device).unwrap();
        assert_eq!(permutation.order(), [2, 0, 1]);
        let x = tensor([10.0, 11.0, 12.0], [1, 3], &device, DType::F32);
        let (z, _) = permutation.forward(x, &());
        assert_eq!(host(z), [12.0, 10.0, 11.0]);
    }
}

#[test]
fn an_order_must_hold_each_feature_once() {
    let error = |order: &[usize]| Permutation::<2>::new(order, &Device::default()).unwrap_err();
    let expected = |position, index| FlowError::NotAPermutation {
        position,
        index,
        features: 3,
    };
    assert_eq!(error(&[0, 1, 1]), expected(2, 1));
    assert_eq!(error(&[0, 3, 1]), expected(1, 3));
    let text = error(&[0, 3, 1]).to_string();
    assert!(
        text.contains("entry 1 is 3") && text.contains("each of 0..3 once"),
        "{text}"
    );
}

#[test]
fn a_record_restores_the_order_into_another_one() {
    for device in cpu_devices() {
        let mut noise = Noise::seeded(1);
        let saved = Permutation::<2>::shuffled(8, &mut noise, &device);
        let other = Permutation::<2>::shuffled(8, &mut noise, &device);
        assert_ne!(saved.order(), other.order());
        let loaded = other.try_load_record(saved.clone().into_record()).unwrap();
        assert_eq!(loaded.order(), saved.order());
        let x = noise.normal([2, 8], &device, DType::F32);
        let (z, _) = saved.forward(x.clone(), &());
        let (back, _) = loaded.inverse(z, &());
        assert_eq!(host(back), host(x));
    }
}

#[test]
fn one_seed_gives_one_order_on_every_device() {
    let order =
        |device: &Device| Permutation::<4>::shuffled(9, &mut Noise::seeded(3), device).order();
    for device in cpu_devices() {
        assert_eq!(order(&device), order(&Device::default()));
        assert_eq!(order(&device.clone().autodiff()), order(&device));
    }
}
