//! Dequantized data stay in their bins.

use burn::tensor::{DType, Device};
use thalweg_device::cpu_devices;
use thalweg_flow::{Bijection, BlogNoise, Dequantize, FlowError, Logit, Noise};

use crate::host::{BOTH, assert_near, host, tensor};

const LEVELS: [u32; 5] = [2, 17, 255, 256, 65_536];

/// The levels in turn, the ends more often.
fn data(levels: u32) -> Vec<f64> {
    let largest = levels - 1;
    (0..30_000u32)
        .map(|i| match i % 3 {
            0 => f64::from(largest),
            1 => 0.0,
            _ => f64::from(i.wrapping_mul(2_654_435_761) % levels),
        })
        .collect()
}

#[test]
fn every_value_stays_inside_its_bin() {
    for device in cpu_devices() {
        for (dtype, levels) in BOTH.into_iter().flat_map(|d| LEVELS.map(|l| (d, l))) {
            let values = data(levels);
            let x = tensor(values.clone(), [10_000, 3], &device, dtype);
            let noise = Noise::seeded(3);
            for mut noise in [noise, Noise::seeded(3).on_device()] {
                let (y, _) = Dequantize::uniform(levels)
                    .apply(x.clone(), &mut noise)
                    .unwrap();
                for (x, y) in values.iter().zip(host(y)) {
                    let position = y * f64::from(levels);
                    assert!(
                        *x < position && position < x + 1.0 && y < 1.0,
                        "{x} of {levels} became {y} on {device:?} in {dtype:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn quantize_undoes_apply() {
    for device in cpu_devices() {
        for (dtype, levels) in BOTH.into_iter().flat_map(|d| LEVELS.map(|l| (d, l))) {
            let values = data(levels);
            let x = tensor(values.clone(), [10_000, 3], &device, dtype);
            let dequantize = Dequantize::uniform(levels);
            let (y, _) = dequantize.apply(x, &mut Noise::seeded(4)).unwrap();
            assert_eq!(
                host(dequantize.quantize(y)),
                values,
                "{levels} in {dtype:?}"
            );
        }
    }
}

#[test]
fn black_and_white_have_finite_logits() {
    for device in cpu_devices() {
        let x = tensor(data(256), [10_000, 3], &device, DType::F32);
        let (y, _) = Dequantize::uniform(256)
            .apply(x, &mut Noise::seeded(3))
            .unwrap();
        let (z, log_det) = Logit::<2>::new(0.0).forward(y, &());
        assert!(host(z).iter().chain(&host(log_det)).all(|v| v.is_finite()));
    }
}

#[test]
fn quantize_clips_what_lies_outside() {
    let y = tensor(
        [-0.2, 0.0, 0.999, 1.0, 7.0],
        [1, 5],
        &Device::default(),
        DType::F32,
    );
    let levels = Dequantize::uniform(4).quantize(y);
    assert_eq!(host(levels), [0.0, 0.0, 3.0, 3.0, 3.0]);
}

#[test]
fn the_term_is_the_volume_of_a_bin() {
    for dtype in BOTH {
        let x = tensor([0.0; 12], [2, 3, 2, 1], &Device::default(), dtype);
        let (_, term) = Dequantize::uniform(17)
            .apply(x, &mut Noise::seeded(1))
            .unwrap();
        assert_near(&host(term), &[-6.0 * 17f64.ln(); 2], 1e-6);
    }
}

#[test]
fn check_names_the_value_that_is_no_level() {
    let check = |values: [f64; 6]| {
        let x = tensor(values, [2, 3], &Device::default(), DType::F64);
        Dequantize::uniform(4).check(&x)
    };
    assert_eq!(check([0.0, 1.0, 2.0, 3.0, 0.0, 3.0]), Ok(()));
    for bad in [4.0, -1.0, 0.5, f64::INFINITY] {
        let error = check([0.0, 1.0, 2.0, 3.0, bad, -9.0]).unwrap_err();
        let expected = FlowError::NotALevel {
            row: 1,
            feature: 1,
            value: bad,
            largest: 3,
            levels: 4,
        };
        assert_eq!(error, expected);
        let text = error.to_string();
        let start = format!("row 1, feature 1 is {bad}; discrete data must be whole numbers");
        assert!(text.starts_with(&start), "{text}");
    }
    assert!(check([f64::NAN; 6]).is_err());
}

#[test]
#[should_panic(expected = "2 to 65536 levels, got 1")]
fn one_level_is_no_data() {
    Dequantize::uniform(1);
}

#[test]
fn the_noise_of_the_blog_lies_below_the_data() {
    let x = tensor([0.5; 100], [50, 2], &Device::default(), DType::F64);
    let y = host(BlogNoise::default().apply(x, &mut Noise::seeded(1)));
    assert!(y.iter().all(|y| (0.49..=0.5).contains(y)));
    assert!(y.iter().any(|y| *y < 0.495));
}
