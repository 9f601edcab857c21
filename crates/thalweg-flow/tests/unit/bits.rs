//! Bits a dimension.

use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::UnitCube;
use thalweg_flow::{BitsPerDim, Dequantize, Flow, Identity, Noise};

use crate::host::{BOTH, assert_near, host, tensor};

/// Every level as often as every other.
fn uniform_data(levels: u32, device: &Device, dtype: DType) -> Tensor<2> {
    let values: Vec<f64> = (0..12).map(|i| f64::from(i * 7 % levels)).collect();
    tensor(values, [4, 3], device, dtype)
}

#[test]
fn a_uniform_density_costs_exactly_the_bits_of_the_data() {
    let flow = Flow::new(Identity::<2> {}, UnitCube::new(3));
    for device in cpu_devices() {
        for dtype in BOTH {
            for (levels, bits) in [(256, 8.0), (2, 1.0), (17, 17f64.log2())] {
                let dequantize = Dequantize::uniform(levels);
                let x = uniform_data(levels, &device, dtype);
                let (y, _) = dequantize.apply(x, &mut Noise::seeded(1)).unwrap();
                let units = dequantize.bits_per_dim(3);
                let log_prob = flow.log_prob(y);
                for nats in host(log_prob.clone()) {
                    assert_eq!(units.from_nats(nats), bits);
                }
                let each = host(units.of_each(log_prob));
                assert_near(&each, &[bits; 4], f64::from(f32::EPSILON));
            }
        }
    }
}

/// The term of the dequantization is the same number by another way.
#[test]
fn the_bound_in_nats_and_the_bits_agree() {
    let (dims, levels) = (3, 17);
    let dequantize = Dequantize::uniform(levels);
    let x = uniform_data(levels, &Device::default(), DType::F64);
    let (_, term) = dequantize.apply(x, &mut Noise::seeded(1)).unwrap();
    let log_prob_of_y = -0.7;
    for term in host(term) {
        let bits = -(log_prob_of_y + term) / (dims as f64 * 2f64.ln());
        let units = dequantize.bits_per_dim(dims);
        assert_near(&[units.from_nats(log_prob_of_y)], &[bits], 1e-14);
    }
}

#[test]
fn nats_come_back() {
    let units = BitsPerDim::new(784, 256);
    assert_near(&[units.to_nats(units.from_nats(1980.5))], &[1980.5], 1e-12);
}

#[test]
fn of_each_agrees_with_from_nats() {
    for device in cpu_devices() {
        let units = BitsPerDim::new(5, 32);
        let nats = [-3.0, 0.0, 8.25];
        let each = units.of_each(tensor(nats, [3], &device, DType::F64));
        assert_near(&host(each), &nats.map(|n| units.from_nats(n)), 1e-14);
    }
}
