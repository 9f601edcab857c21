//! f64 where it is sound, and parameters in another dtype.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::parameter::with_value;
use thalweg_flow::precision::{cast, f64_is_sound, require_f64};
use thalweg_flow::{ElementwiseAffine, FlowError, Placement, Standardize};

use crate::host::host;

type Layer = (ElementwiseAffine, Standardize);

fn layer(device: &Device) -> Layer {
    (
        ElementwiseAffine::new(3, device),
        Standardize::identity(3, device),
    )
}

/// Whether each parameter trains, in order.
fn trains(layer: &Layer) -> Vec<bool> {
    struct Visitor(Vec<bool>);
    impl burn::module::ModuleVisitor for Visitor {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.push(param.val().is_require_grad());
        }
    }
    let mut visitor = Visitor(Vec::new());
    layer.visit(&mut visitor);
    visitor.0
}

#[test]
fn the_cpu_computes_soundly_in_f64() {
    for device in cpu_devices() {
        assert_eq!(require_f64(&device), Ok(()));
        assert!(f64_is_sound(&device) && f64_is_sound(&device.autodiff()));
    }
}

#[test]
fn the_error_names_the_device_and_the_way_out() {
    let error = FlowError::UnsoundF64 {
        device: "Abacus".into(),
        error: 0.25,
    };
    let text = error.to_string();
    assert!(text.contains("Abacus") && text.contains("2.5e-1") && text.contains("use f32"));
}

#[test]
fn cast_keeps_what_trains_and_what_does_not() {
    let expected = [true, true, false, false];
    for device in cpu_devices() {
        let on_autodiff_device = layer(&device.clone().autodiff());
        assert_eq!(trains(&on_autodiff_device), expected);
        for dtype in [DType::F64, DType::F32] {
            let cast_there = cast(on_autodiff_device.clone(), dtype).unwrap();
            assert_eq!(Placement::of(&cast_there).dtype, dtype);
            assert_eq!(trains(&cast_there), expected);
            let cast_before_training = cast(layer(&device), dtype).unwrap().train();
            assert_eq!(trains(&cast_before_training), expected);
        }
    }
}

#[test]
fn a_parameter_with_another_value_is_still_a_leaf_that_trains() {
    for device in cpu_devices() {
        let param = Param::from_tensor(Tensor::<1>::ones([2], &device.autodiff()));
        let id = param.id;
        let moved = with_value(param, |value| value * 3.0);
        assert_eq!(moved.id, id);
        assert_eq!(host(moved.val()), [3.0, 3.0]);
        let gradients = moved.val().square().sum().backward();
        assert_eq!(host(moved.val().grad(&gradients).unwrap()), [6.0, 6.0]);
    }
}
