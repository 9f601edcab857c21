//! `bijection_laws!` on layers of every kind: with and without parameters, context, a rank or a
//! structure that changes, a bounded domain.

use crate::fixtures::{Bug, CONTEXT, Coupling};
use burn::module::{Module, Param};
use burn::tensor::{Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::numerics::{assert_features, assert_rows, assert_sample_shape};
use thalweg_flow::numerics::{nothing, one_a_sample};
use thalweg_flow::{Bijection, LogDet};
use thalweg_laws::{Options, bijection_laws, labels, normal, unit};

bijection_laws! {
    devices: cpu_devices();
    coupling: |device| Coupling::new(4, Bug::None, device),
        data: normal([5, 4]),
        without_gradient: ["condition"("there is no context here")],
        skip: [compiled_agrees("is written for this test")];
    conditional_coupling: |device| Coupling::new(5, Bug::None, device),
        data: normal([4, 5]), context: normal([4, CONTEXT]),
        skip: [compiled_agrees("is written for this test")];
    trained_on_autodiff_device: |device| Coupling::new(4, Bug::None, &device.clone().autodiff()),
        data: normal([3, 4]), context: normal([3, CONTEXT]),
        skip: [compiled_agrees("is written for this test")];
    reverse: |_| Reverse {},
        data: normal([3, 4]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("reverses any number of features"),
            compiled_agrees("is written for this test"),
        ];
    logit: |_| Logit {},
        data: unit([5, 3]),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
            compiled_agrees("is written for this test"),
            total_on_finite_inputs("written for what lies between its ends only"),
        ];
    parts: Parts::new,
        data: (normal([3, 2]), normal([3, 2, 1, 2])),
        options: Options::default().with_tolerances(1e-12, 1e-5).with_amplitude(0.2),
        skip: [compiled_agrees("its data are two tensors")];
    labelled: Labelled::new, data: normal([6, 2]), context: labels([6], 3),
        skip: [compiled_agrees("is written for this test")];
}

/// z = x from right to left.
#[derive(Module, Debug, Default)]
struct Reverse {}

impl<C> Bijection<C> for Reverse {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        if let Some(nothing) = nothing(&x) {
            return nothing;
        }
        let log_det = Tensor::zeros([x.dims()[0]], (&x.device(), x.dtype()));
        (x.flip([1]), log_det)
    }

    fn inverse(&self, z: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        self.forward(z, context)
    }
}

/// z = ln x − ln (1 − x), ln |det J| = −Σ ln x + ln (1 − x).
#[derive(Module, Debug, Default)]
struct Logit {}

impl<C> Bijection<C> for Logit {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let (low, high) = (x.clone().log(), x.neg().log1p());
        let log_det = -(low.clone() + high.clone()).sum_dim(1).squeeze_dim(1);
        (low - high, log_det)
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let x = (z.neg().exp() + 1.0).recip();
        let (low, high) = (x.clone().log(), x.clone().neg().log1p());
        (x, (low + high).sum_dim(1).squeeze_dim(1))
    }
}

/// (a, b) → [b · exp(s), a], the images first.
#[derive(Module, Debug)]
struct Parts {
    log_scale: Param<Tensor<1>>,
}

impl Parts {
    fn new(device: &Device) -> Self {
        Self {
            log_scale: Param::from_tensor(Tensor::zeros([2], device)),
        }
    }

    fn log_det(&self, batch: usize) -> LogDet {
        // Each channel's scale acts on its two pixels.
        one_a_sample(self.log_scale.val().sum().mul_scalar(2.0), batch)
    }
}

impl Bijection for Parts {
    type Data = (Tensor<2>, Tensor<4>);
    type Latent = Vec<Tensor<4>>;

    fn forward(&self, (a, b): Self::Data, _: &()) -> (Self::Latent, LogDet) {
        assert_features("Parts", 2, &a);
        assert_sample_shape("Parts", &[2, 1, 2], &b);
        let batch = a.dims()[0];
        let scale = self.log_scale.val().exp().reshape([1, 2, 1, 1]);
        (
            vec![b * scale, a.reshape([batch, 1, 1, 2])],
            self.log_det(batch),
        )
    }

    fn inverse(&self, mut z: Self::Latent, _: &()) -> (Self::Data, LogDet) {
        let (a, b) = (z.remove(1), z.remove(0));
        assert_sample_shape("Parts", &[2, 1, 2], &b);
        assert_sample_shape("Parts", &[1, 1, 2], &a);
        let batch = a.dims()[0];
        let scale = self.log_scale.val().exp().reshape([1, 2, 1, 1]);
        ((a.reshape([batch, 2]), b / scale), -self.log_det(batch))
    }
}

/// z = x · exp(s[label]).
#[derive(Module, Debug)]
struct Labelled {
    log_scale: Param<Tensor<2>>,
}

impl Labelled {
    fn new(device: &Device) -> Self {
        Self {
            log_scale: Param::from_tensor(Tensor::zeros([3, 2], device)),
        }
    }
}

impl Bijection<Tensor<1, Int>> for Labelled {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, label: &Tensor<1, Int>) -> (Tensor<2>, LogDet) {
        assert_features("Labelled", 2, &x);
        assert_rows(label.dims()[0], x.dims()[0]);
        let log_scale = self.log_scale.val().select(0, label.clone());
        let z = x * log_scale.clone().exp();
        (z, log_scale.sum_dim(1).squeeze_dim(1))
    }

    fn inverse(&self, z: Tensor<2>, label: &Tensor<1, Int>) -> (Tensor<2>, LogDet) {
        assert_features("Labelled", 2, &z);
        let log_scale = self.log_scale.val().select(0, label.clone()).neg();
        let x = z * log_scale.clone().exp();
        (x, log_scale.sum_dim(1).squeeze_dim(1))
    }
}
