//! Gradients of targets against differences.

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::Support;
use thalweg_sbi::sampler::{
    Bounded, HostGradient, LogDensityGradient, TensorDensity, UnnormalizedPosterior,
};
use thalweg_sbi::{Gamma, Normal, Product, Uniform};

#[track_caller]
fn assert_gradient(target: &impl LogDensityGradient, row: &[f64], within: f64) {
    let (logs, gradient) = target.log_density_and_gradient(row).unwrap();
    assert_eq!(logs, target.log_density(row).unwrap());
    for k in 0..row.len() {
        let at = |h: f64| {
            let mut row = row.to_vec();
            row[k] += h;
            target.log_density(&row).unwrap()[0]
        };
        let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
        assert!(
            (difference - gradient[k]).abs() < within * difference.abs().max(1.0),
            "{k}: {difference}, not {}",
            gradient[k]
        );
    }
}

fn likelihood(x: &[f64], gradient: &mut [f64]) -> f64 {
    gradient[0] = -x[1];
    gradient[1] = -x[0] + 1.0 / x[1];
    gradient[2] = x[2].cos();
    -x[0] * x[1] + x[1].ln() + x[2].sin()
}

#[test]
fn gradients_along_the_line_are_right() {
    let supports = vec![
        Support::Line,
        Support::Above(0.0),
        Support::Between(-1.0, 4.0),
    ];
    let bounded = Bounded::new(HostGradient::new(3, likelihood), supports).unwrap();
    let prior = Product::new()
        .and(Normal::new(&[1.0], &[2.0]).unwrap())
        .and(Gamma::new(&[2.0], &[0.5]).unwrap())
        .and(Uniform::new([[-1.0, 4.0]]).unwrap());
    let likelihood = HostGradient::new(3, likelihood);
    let posterior = UnnormalizedPosterior::new(prior, likelihood).unwrap();
    for row in [[0.3, -0.7, 0.2], [-2.0, 1.5, -3.0], [1.0, 0.1, 9.0]] {
        assert_gradient(&bounded, &row, 1e-6);
        assert_gradient(&posterior, &row, 1e-6);
    }
}

#[test]
fn autodiff_finds_the_gradient_of_a_function_of_tensors() {
    let function = |x: Tensor<2>| {
        let [a, b] = [0, 1].map(|k| x.clone().narrow(1, k, 1));
        (a.clone().sin() * b.clone() - b.square() * a.square()).reshape([-1])
    };
    let target = TensorDensity::new(2, &Device::default(), function).dtype(DType::F64);
    assert_gradient(&target, &[0.3, -0.7], 1e-7);
    // A batch: each row has its own.
    let (_, both) = target
        .log_density_and_gradient(&[0.3, -0.7, 1.0, 2.0])
        .unwrap();
    let (_, one) = target.log_density_and_gradient(&[1.0, 2.0]).unwrap();
    assert_eq!(both[2..], one);
    let flat = TensorDensity::new(2, &Device::default(), |x| {
        Tensor::zeros([x.dims()[0]], &x.device())
    });
    assert_eq!(
        flat.log_density_and_gradient(&[1.0, 2.0]).unwrap(),
        (vec![0.0], vec![0.0; 2])
    );
}
