//! The example of the posts: descent goes to the nearest minimum, the bounded Polyak flow through it.

use crate::common::{Position, step};
use burn::tensor::Tensor;
use thalweg_device::cpu_devices;
use thalweg_optim::field::{Gradient, Polyak};
use thalweg_optim::{Descent, Field};

/// `x (x − 1)(x − 3)² + 1.62276`, with a minimum of 1.62 at 3 and the lowest, of about 0, at 0.41.
fn hill(p: &Position) -> Tensor<1> {
    let x = p.x.val();
    (x.clone() * (x.clone() - 1.0) * (x - 3.0).square()).add_scalar(1.62276)
}

/// From 4, 2500 steps of 0.01.
fn end<F: Field>(field: F, device: &burn::tensor::Device) -> f64 {
    let mut method = Descent::euler(field);
    let mut position = Position::at(&[4.0], device);
    for _ in 0..2500 {
        (position, _) = step(&mut method, 0.01, position, hill);
    }
    position.numbers()[0]
}

#[test]
fn descent_ends_at_three_and_the_polyak_flow_near_0_41() {
    for device in cpu_devices() {
        let descent = end(Gradient, &device);
        assert!((descent - 3.0).abs() < 1e-9, "{descent}");
        let flow = end(Polyak { bound: 1000.0 }, &device);
        assert!((flow - 0.407).abs() < 0.02, "{flow}");
    }
}
