use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{Bijection, Noise, Planar};

/// Otherwise a flow of many maps begins as a contraction of space, far from any data.
#[test]
fn a_new_planar_map_is_near_the_identity() {
    let (device, noise) = (Device::default(), &mut Noise::seeded(0));
    let x: Tensor<2> = noise.normal([64, 3], &device, DType::F32);
    for _ in 0..20 {
        let (z, log_det) = Planar::new(3, noise, &device).forward(x.clone(), &());
        let moved: f32 = (z - x.clone()).abs().max().into_scalar();
        assert!(moved > 0.0 && moved < 0.35, "moved by {moved}");
        let log_det: f32 = log_det.abs().max().into_scalar();
        assert!(log_det < 0.35, "ln |det| of {log_det}");
    }
}
