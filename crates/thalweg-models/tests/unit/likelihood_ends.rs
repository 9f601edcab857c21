//! Likelihoods of outputs and scales at the ends of their types: a number or −∞, and a gradient.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::precision;
use thalweg_models::variational::{Binarization, Likelihood, LikelihoodStyle};

const STYLES: [LikelihoodStyle; 3] = [
    LikelihoodStyle::Bernoulli(Binarization::Threshold),
    LikelihoodStyle::Gaussian,
    LikelihoodStyle::DiscretizedLogistic,
];

/// Sets every parameter, which are log-scales here.
struct Set(f64);

impl ModuleMapper for Set {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|old| {
            let new = old.clone().inner().full_like(self.0);
            if old.is_autodiff() {
                new.autodiff().require_grad()
            } else {
                new
            }
        })
    }
}

fn likelihood(style: LikelihoodStyle, log_scale: f64, device: &Device, dtype: DType) -> Likelihood {
    let made = style.init(256, &device.clone().autodiff());
    precision::cast(made, dtype)
        .expect("a float")
        .map(&mut Set(log_scale))
}

#[test]
fn no_output_and_no_scale_gives_nan() {
    for device in cpu_devices() {
        for (dtype, most) in [(DType::F32, f64::from(f32::MAX)), (DType::F64, f64::MAX)] {
            for style in STYLES {
                for log_scale in [-500.0, -80.0, -5.0, 0.0, 5.0, 80.0, 500.0] {
                    let model = likelihood(style, log_scale, &device, dtype);
                    for output in [0.0, 0.5, 1e3, 1e20, most / 4.0, most] {
                        for (output, level) in [
                            (output, 0.0),
                            (-output, 0.0),
                            (output, 128.0),
                            (-output, 255.0),
                        ] {
                            let x = match style {
                                LikelihoodStyle::Bernoulli(_) => f64::from(u8::from(level > 127.0)),
                                _ => (level + 0.5) / 256.0,
                            };
                            let number =
                                |value: f64| Tensor::<2>::full([1, 1], value, (&device, dtype));
                            let mean = number(output).autodiff().require_grad();
                            let nats = model.log_prob(number(x).autodiff(), mean.clone());
                            let value: f64 = nats.clone().into_scalar();
                            let case = format!(
                                "{style}, ln s {log_scale}, output {output}, level {level}, {dtype:?}"
                            );
                            assert!(value < f64::INFINITY, "{case}: {value}");
                            if value.is_finite() {
                                let gradient = mean.grad(&nats.backward()).expect("a gradient");
                                let gradient: f64 = gradient.into_scalar();
                                assert!(!gradient.is_nan(), "{case}: gradient {gradient}");
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A wide density gives a narrow bin its share, `1/256 / 4s`, where `1 − e^−t` would be 0 in f32.
#[test]
fn a_bin_much_narrower_than_the_scale_has_its_mass() {
    for device in cpu_devices() {
        let model = likelihood(
            LikelihoodStyle::DiscretizedLogistic,
            20.0,
            &device,
            DType::F32,
        );
        let number =
            |value: f64| Tensor::<2>::full([1, 1], value, (&device, DType::F32)).autodiff();
        let found: f64 = model
            .log_prob(number(128.5 / 256.0), number(0.5))
            .into_scalar();
        let wanted = -(4.0 * 256.0_f64).ln() - 20.0;
        assert!((found - wanted).abs() < 1e-4, "{found} for {wanted}");
    }
}
