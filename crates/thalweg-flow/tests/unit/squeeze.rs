//! Squeezes: the order of channels, sizes that do not fit, the picture that a wavelet keeps.

use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Bijection, Haar, Squeeze, SqueezeOrder};

use crate::host::{assert_near, host, tensor};

/// Two channels of 2 × 4 pixels, numbered.
fn numbered(device: &Device) -> Tensor<4> {
    Tensor::<1, Int>::arange(0..16, device)
        .float()
        .reshape([1, 2, 2, 4])
}

#[test]
fn channels_first_keeps_the_channels_together() {
    for device in cpu_devices() {
        let (z, _) = Squeeze::new().forward(numbered(&device), &());
        assert_eq!(z.dims(), [1, 8, 1, 2]);
        let expected = [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15];
        assert_eq!(host(z), expected.map(f64::from));
    }
}

#[test]
fn pixels_first_keeps_the_pixels_together() {
    for device in cpu_devices() {
        let squeeze = Squeeze::with(2, SqueezeOrder::PixelFirst);
        let (z, _) = squeeze.forward(numbered(&device), &());
        let expected = [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15];
        assert_eq!(host(z), expected.map(f64::from));
    }
}

#[test]
fn shapes_that_do_not_fit_are_none() {
    assert_eq!(Squeeze::new().shape([3, 8, 6]), Some([12, 4, 3]));
    assert_eq!(Squeeze::new().shape([3, 8, 7]), None);
    assert_eq!(
        Squeeze::with(3, SqueezeOrder::PixelFirst).shape([1, 8, 9]),
        None
    );
}

#[test]
#[should_panic(expected = "blocks of 2 × 2 pixels do not divide an image of 4 × 3")]
fn an_odd_width_is_refused() {
    Squeeze::new().forward(Tensor::zeros([1, 1, 4, 3], &Device::default()), &());
}

#[test]
#[should_panic(expected = "6 channels are no wavelet coefficients")]
fn channels_that_are_no_wavelet_are_refused() {
    Haar::new().inverse(Tensor::zeros([1, 6, 1, 1], &Device::default()), &());
}

#[test]
fn the_first_wavelet_is_twice_the_mean_of_a_block() {
    for device in cpu_devices() {
        let x: Tensor<4> = tensor([1.0, 2.0, 4.0, 9.0], [1, 1, 2, 2], &device, DType::F64);
        let (z, _) = Haar::new().forward(x, &());
        assert_near(&host(z), &[8.0, -3.0, -5.0, 2.0], 1e-15);
    }
}
