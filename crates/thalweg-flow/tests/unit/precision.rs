//! f64 where it is sound, and parameters in another dtype.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::parameter::with_value;
use thalweg_flow::precision::{cast, f64_is_sound, require_f64};
use thalweg_flow::{
    Coupling, ElementwiseAffine, Flow, FlowError, InvertibleLinear, MlpConfig, Noise, Placement,
    Plu, RationalQuadratic, Split, Standardize,
};
use thalweg_laws::scramble;

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

#[test]
fn what_is_no_float_is_refused() {
    let device = Device::default();
    for dtype in [DType::I64, DType::I32, DType::U8] {
        let found = cast(layer(&device), dtype).expect_err("no float");
        assert_eq!(found, FlowError::NotAFloat { dtype });
        let text = found.to_string();
        assert!(text.contains("use F64, F32, F16 or BF16"), "{text}");
    }
}

#[test]
fn a_type_that_a_device_cannot_compute_in_is_refused() {
    for device in cpu_devices() {
        for dtype in [DType::F16, DType::BF16] {
            let found = cast(layer(&device), dtype);
            match device.supports_dtype(dtype) {
                true => assert!(found.is_ok()),
                false => assert!(matches!(found, Err(FlowError::UnsupportedDType { .. }))),
            }
        }
    }
}

const LOW: [DType; 2] = [DType::F16, DType::BF16];

fn worst(found: Tensor<1>, wanted: Tensor<1>) -> f64 {
    let errors = host(found).into_iter().zip(host(wanted));
    errors.fold(0.0, |worst: f64, (f, w)| {
        assert!(f.is_finite(), "{f} for {w}");
        worst.max((f - w).abs() / w.abs().max(1.0))
    })
}

/// A flow of splines behind matrices, both ways, in 16 bits: as far from the one in 32 bits as the
/// numbers given to it are, and not as inverses and quotients of such numbers would be.
#[test]
fn splines_and_inverses_hold_in_16_bits() {
    for device in cpu_devices() {
        for dtype in LOW
            .into_iter()
            .filter(|dtype| device.supports_dtype(*dtype))
        {
            let noise = &mut Noise::seeded(1);
            let step = |noise: &mut Noise| {
                let net = MlpConfig::new(2, vec![16], 2 * 23).init(noise, &device);
                let coupling: Coupling<_, _> =
                    Coupling::new(Split::half(), RationalQuadratic::default(), net);
                (
                    InvertibleLinear::<_, 2>::new(Plu::rotation(4, noise, &device)),
                    coupling,
                )
            };
            let steps: Vec<_> = (0..4).map(|_| step(noise)).collect();
            let flow = scramble(Flow::new(steps, StandardNormal::new(4)), 0.2);
            let low = cast(flow.clone(), dtype).expect("supported");
            let x: Tensor<2> = Noise::seeded(2).normal([200, 4], &device, DType::F32);
            let found = low.log_prob(x.clone().cast(dtype));
            assert_eq!(found.dtype(), dtype);
            let bound = if dtype == DType::F16 { 0.02 } else { 0.15 };
            let error = worst(found, flow.log_prob(x.clone()));
            assert!(error < bound, "{error} in {dtype:?}");

            let back = low
                .decode(low.encode(x.clone().cast(dtype)))
                .cast(DType::F32);
            let error = host((back - x).abs().mean())[0];
            assert!(error < bound, "{error} in {dtype:?}");
            let (samples, log_prob) = low.sample_with_log_prob(50, 1.0, &mut Noise::seeded(3));
            assert_eq!(samples.dtype(), dtype);
            assert!(host(log_prob).iter().all(|value| value.is_finite()));
        }
    }
}
