//! Norms of gradients whose squares overflow or vanish.

use burn::module::{Module, Param};
use burn::optim::grad_clipping::GradientClippingConfig;
use burn::optim::{AdamConfig, SgdConfig};
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_device::cpu_devices;
use thalweg_kernels::{Magnitudes, Norm};
use thalweg_optim::{EvaluationError, SingleGradient};
use thalweg_train::{GradientNorms, Origin, Outcome, TrainError, Trainer};

#[derive(Module, Debug)]
struct Pair {
    a: Param<Tensor<1>>,
    b: Param<Tensor<2>>,
}

impl Pair {
    fn zero(device: &Device, dtype: DType) -> Self {
        let device = device.clone().autodiff();
        Self {
            a: Param::from_tensor(Tensor::zeros([1], (&device, dtype))),
            b: Param::from_tensor(Tensor::zeros([1, 1], (&device, dtype))),
        }
    }

    fn values(&self) -> [f64; 2] {
        [self.a.val().into_scalar(), self.b.val().into_scalar()]
    }
}

/// Gradient `(3, 4) · size`.
fn along(size: f64) -> impl Fn(&Pair, Vec<f64>, u64) -> Tensor<1> + Copy {
    move |pair: &Pair, _, _| {
        (pair.a.val() * (3.0 * size)) + (pair.b.val().reshape([1]) * (4.0 * size))
    }
}

fn sizes(dtype: DType) -> &'static [f64] {
    match dtype {
        DType::F64 => &[1e-320, 1e-200, 1e-30, 1.0, 1e30, 1e200, 3e307],
        DType::F32 => &[1e-42, 1e-38, 1e-30, 1.0, 1e20, 1e30, 8e37],
        DType::BF16 => &[1e-30, 1.0, 1e30],
        _ => &[1e-3, 1.0, 1e4],
    }
}

#[test]
fn a_clipped_step_has_its_length_whatever_the_gradient() {
    for device in cpu_devices() {
        let halves = [DType::BF16, DType::F16].into_iter();
        let halves = halves.filter(|dtype| device.supports_dtype(*dtype));
        for dtype in [DType::F32, DType::F64].into_iter().chain(halves) {
            for size in sizes(dtype) {
                let longest = size.min(1.0);
                let trainer = Trainer::new(1, 1.0);
                let sgd = crate::common::sgd().clip_norm(longest);
                let mut stepper = trainer.stepper(sgd, along(*size));
                let (pair, result) = stepper.train_step(Pair::zero(&device, dtype), &vec![1.0]);
                result.expect("a finite loss");
                // Subnormal numbers have few digits.
                let tolerance = match dtype {
                    DType::F32 if *size > 1e-38 => 1e-5,
                    DType::F64 if *size > 1e-300 => 1e-9,
                    _ => 2e-2,
                };
                for (found, wanted) in pair.values().into_iter().zip([-0.6, -0.8]) {
                    let case = format!("{device:?} {dtype:?} {size:e}: {found}");
                    assert!((found / longest - wanted).abs() < tolerance, "{case}");
                }
            }
        }
    }
}

#[test]
fn an_infinite_gradient_is_never_clipped_to_nothing() {
    for device in cpu_devices() {
        // 0/0 in the derivative of √a, and one that is finite beside it.
        let loss = |pair: &Pair, _: Vec<f64>, _| {
            (pair.a.val() * 0.0).sqrt() + pair.b.val().reshape([1]) * 2.0
        };
        let trainer = Trainer::new(1, 1.0);
        let mut stepper = trainer.stepper(crate::common::sgd().clip_norm(1.0), loss);
        let (pair, result) = stepper.train_step(Pair::zero(&device, DType::F32), &vec![1.0]);
        let error = result.expect_err("an infinite gradient");
        assert!(
            matches!(
                &error,
                TrainError::Evaluation(EvaluationError::NonFiniteGradient { parameter, .. })
                    if parameter == "a"
            ),
            "{error}"
        );
        assert_eq!((pair.values(), stepper.step()), ([0.0, 0.0], 0));
    }
}

/// Adam's mean of squares would be infinite, and the parameter would never move again.
#[test]
fn a_gradient_whose_square_overflows_is_an_error_of_optimizers_that_square() {
    let clip = Some(GradientClippingConfig::Norm(1.0));
    for device in cpu_devices() {
        for (dtype, size) in [(DType::F32, 1e25), (DType::F64, 1e180)] {
            let fit = |minimizer: SingleGradient, rate: f64, every: usize| {
                let data = crate::common::repeat(vec![vec![1.0], vec![2.0]]);
                let pair = Pair::zero(&device, dtype);
                let trainer = Trainer::new(1, rate).read_loss_every(every);
                trainer.fit(pair, minimizer, &data, along(size), &mut ())
            };
            let adam = || SingleGradient::new(AdamConfig::new().init());
            let trained = fit(adam(), 1e-3, 1);
            assert!(
                matches!(&trained.outcome, Outcome::NonFinite(found) if found.origin == Origin::Square("a".into())),
                "{device:?} {dtype:?}: {}",
                trained.outcome
            );
            let message = trained.outcome.to_string();
            assert!(message.contains("clip the gradient norm"), "{message}");
            let trained = fit(adam().clip_norm(1.0), 1e-3, 1);
            assert!(
                matches!(trained.outcome, Outcome::Finished),
                "{}",
                trained.outcome
            );
            assert!(trained.model.values()[0] < -1e-4);
            let trained = fit(crate::common::sgd(), 1.0 / size, 1);
            assert!(
                matches!(trained.outcome, Outcome::Finished),
                "{}",
                trained.outcome
            );
            // Burn clips by a norm of squares in the same type.
            let config = SgdConfig::new().with_gradient_clipping(clip.clone());
            let trained = fit(SingleGradient::new(config.init()), 1.0 / size, 1);
            assert!(!trained.outcome.is_success(), "{}", trained.outcome);
        }
    }
}

#[test]
fn measured_norms_are_those_of_large_and_small_gradients() {
    for device in cpu_devices() {
        for (dtype, size) in [
            (DType::F32, 1e-30),
            (DType::F32, 1e25),
            (DType::F64, 1e-100),
            (DType::F64, 1e100),
        ] {
            let norms = GradientNorms::new();
            let sgd = norms.of(crate::common::sgd());
            let data = crate::common::repeat(vec![vec![1.0], vec![2.0]]);
            let pair = Pair::zero(&device, dtype);
            let mut callbacks = norms.clone();
            let trained = Trainer::new(1, 0.0).fit(pair, sgd, &data, along(size), &mut callbacks);
            for name in ["gradient_norm", "gradient_norm_max"] {
                let found = trained.history.metric(name)[0];
                let near = (found / (5.0 * size) - 1.0).abs() < 1e-5;
                assert!(near, "{device:?} {dtype:?} {size:e} {name} {found:e}");
            }
        }
    }
}

#[test]
fn a_matrix_that_lies_turned_is_measured_whole() {
    // Numbers at the ends of their memory, in a view that is not in a row.
    let device = Device::default();
    let data = TensorData::new((0..12).map(|i| i as f32 - 4.0).collect::<Vec<_>>(), [3, 4]);
    let x = Tensor::<2>::from_data(data, &device);
    assert_eq!(largest(&x.clone()), Some(7.0));
    assert_eq!(largest(&x.clone().transpose()), Some(7.0));
    assert_eq!(largest(&x.clone().slice([0..2, 0..2])), Some(4.0));
    assert_eq!(largest(&x.clone().slice([1..2, 1..3])), Some(2.0));
    let long: Vec<f32> = (0..100_003).map(|i| (i as f32).sin()).collect();
    let x = Tensor::<1>::from_data(TensorData::new(long.clone(), [long.len()]), &device);
    let square: f64 = long.iter().map(|x| f64::from(*x).powi(2)).sum();
    let found = Norm::of(&[x]).read();
    assert!((found / square.sqrt() - 1.0).abs() < 1e-12, "{found}");
}

/// The largest number of one tensor.
fn largest<const D: usize>(x: &Tensor<D>) -> Option<f64> {
    let mut one = Magnitudes::default();
    one.push(x).then(|| one.largest()[0])
}
