//! Gradients and steps at the ends of what their type holds.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_device::cpu_devices;
use thalweg_ode::{Accuracy, Adaptive, Chebyshev, Solver, Tolerance, tableau};
use thalweg_optim::field::{
    Adagrad, Adam, Adamax, ClipNorm, Decay, Gradient, Inertia, Normalized, Polyak, Rms, ScalarRms,
};
use thalweg_optim::{
    AdaptiveDescent, Descent, Euler, Field, Friction, Langevin, Momentum, Parameters, Proximal,
    Underdamped,
};
use thalweg_optim::{Minimizer, SingleGradient};
use thalweg_train::{
    Data, NoValidation, OnNonFinite, Outcome, Stepper, TrainError, Trained, Trainer,
};

#[derive(Module, Debug)]
struct Point {
    x: Param<Tensor<1>>,
}

impl Point {
    fn at(x: &[f64], device: &Device, dtype: DType) -> Self {
        let data = TensorData::new(x.to_vec(), [x.len()]);
        let device = device.clone().autodiff();
        Self {
            x: Param::from_tensor(Tensor::from_data(data, (&device, dtype))),
        }
    }

    fn numbers(&self) -> Vec<f64> {
        self.x.val().into_data().iter::<f64>().collect()
    }
}

/// Where a step of size 1 goes from the origin for the gradient `(3, 4) · size`.
fn direction(field: impl Field, size: f64, device: &Device, dtype: DType) -> Vec<f64> {
    let loss = |point: &Point, _: (), _| {
        let slopes = Point::at(&[3.0 * size, 4.0 * size], device, dtype)
            .x
            .val()
            .inner();
        (point.x.val() * slopes).sum()
    };
    let trainer = Trainer::new(1, 1.0);
    let mut stepper: Stepper<'_, _, _> = trainer.stepper(Descent::euler(field), loss);
    let (point, result) = stepper.train_step(Point::at(&[0.0, 0.0], device, dtype), &());
    result.expect("a step");
    point.numbers()
}

const SIZES: [(DType, f64); 9] = [
    (DType::F32, 1e-40),
    (DType::F32, 1e-30),
    (DType::F32, 1.0),
    (DType::F32, 1e25),
    (DType::F32, 8e37),
    (DType::F64, 1e-310),
    (DType::F64, 1e-200),
    (DType::F64, 1e200),
    (DType::F64, 3e307),
];

#[test]
fn fields_scaled_by_a_norm_have_their_length_for_every_gradient() {
    for device in cpu_devices() {
        for (dtype, size) in SIZES {
            let near = |found: Vec<f64>| {
                let tolerance = if size < 1e-37 { 1e-4 } else { 1e-5 };
                let case = format!("{device:?} {dtype:?} {size:e}: {found:?}");
                assert!((found[0] + 0.6).abs() < tolerance, "{case}");
                assert!((found[1] + 0.8).abs() < tolerance, "{case}");
            };
            near(direction(Normalized, size, &device, dtype));
            let rms = ScalarRms {
                decay: 0.0,
                epsilon: 0.0,
            };
            near(direction(rms, size, &device, dtype));
            if size >= 1.0 {
                near(direction(
                    ClipNorm::new(Gradient, 1.0),
                    size,
                    &device,
                    dtype,
                ));
            }
        }
    }
}

#[test]
fn norms_neither_overflow_nor_vanish() {
    for device in cpu_devices() {
        for (dtype, size) in SIZES {
            let norm = Parameters::of(&Point::at(&[3.0 * size, 4.0 * size], &device, dtype)).norm();
            let tolerance = if size < 1e-37 { 1e-4 } else { 1e-6 };
            assert!(
                (norm / size - 5.0).abs() < tolerance,
                "{dtype:?} {size:e}: {norm:e}"
            );
        }
    }
}

/// Good steps, and one whose gradient is finite but whose update overflows.
fn batches() -> Data<impl Fn(usize) -> Vec<Vec<f64>>, NoValidation<Vec<f64>>> {
    Data::train(|_| vec![vec![1.0], vec![2.0], vec![1e30], vec![3.0]])
}

fn loss(point: &Point, slope: Vec<f64>, _: u64) -> Tensor<1> {
    let x = point.x.val();
    let flat = x.clone() - x.detach();
    let slope = slope[0];
    let slope = if slope > 1e9 { slope } else { slope * 1e-12 };
    (flat * slope).sum()
}

fn fit<Z: Minimizer<Point>>(device: &Device, minimizer: Z, policy: OnNonFinite) -> Trained<Point> {
    let start = Point::at(&[0.5, -0.5], device, DType::F32);
    let trainer = Trainer::new(2, 1e10).on_non_finite(policy);
    trainer.fit(start, minimizer, &batches(), loss, &mut ())
}

fn check<Z: Minimizer<Point>>(name: &str, device: &Device, new: impl Fn() -> Z) {
    let at_most = 9;
    for policy in [
        OnNonFinite::End,
        OnNonFinite::Skip { at_most },
        OnNonFinite::Recover {
            at_most,
            scale: 0.5,
        },
    ] {
        let trained = fit(device, new(), policy);
        let case = format!("{name} {policy:?} {device:?}: {}", trained.outcome);
        let finite = |point: &Point| point.numbers().iter().all(|x| x.is_finite());
        assert!(finite(&trained.model), "{case}");
        assert!(
            trained.best.as_ref().is_none_or(|best| finite(&best.model)),
            "{case}"
        );
        match policy {
            // Elsewhere than in the host's memory it shows at the next step.
            OnNonFinite::End => {
                assert!(
                    matches!(&trained.outcome, Outcome::NonFinite(found) if (2..=3).contains(&found.batch))
                        || matches!(&trained.outcome, Outcome::Failed(TrainError::Evaluation(_))),
                    "{case}"
                );
                assert!(!trained.outcome.is_success(), "{case}");
            }
            _ if matches!(trained.outcome, Outcome::Failed(_)) => {}
            _ => assert!(
                matches!(trained.outcome, Outcome::Finished) && trained.survived.len() == 2,
                "{case}"
            ),
        }
    }
}

#[test]
fn every_minimizer_notices_an_update_that_overflows() {
    for device in cpu_devices() {
        check("gradient", &device, || Descent::euler(Gradient));
        check("heun", &device, || Descent::new(Gradient, &tableau::HEUN));
        check("rk4", &device, || Descent::new(Gradient, &tableau::RK4));
        check("chebyshev", &device, || {
            Descent::new(
                Gradient,
                Chebyshev::new(Accuracy::First, 3).expect("stages"),
            )
        });
        check("adam", &device, || Descent::euler(Adam::default()));
        check("rms", &device, || Descent::euler(Rms::default()));
        check("adagrad", &device, || Descent::euler(Adagrad::default()));
        check("inertia", &device, || {
            let (decay, ahead) = (0.9, true);
            Descent::euler(Inertia { decay, ahead })
        });
        check("polyak", &device, || {
            Descent::euler(Decay::coupled(Gradient, 1e-20))
        });
        check("heavy ball", &device, || {
            Momentum::heavy_ball(Friction::Decay(0.9))
        });
        check("nesterov", &device, || {
            Momentum::nesterov(Friction::Decay(0.9))
        });
        check("langevin", &device, || Langevin::new(1e-30, 3));
        check("underdamped", &device, || Underdamped::new(1e-10, 1e-30, 3));
        check("euler", &device, || {
            SingleGradient::new(Euler::new(Gradient))
        });
        check("euler adam", &device, || {
            SingleGradient::new(Euler::new(Adam::default()))
        });
        check("euler rms", &device, || {
            SingleGradient::new(Euler::new(Rms::default()))
        });
        check("proximal", &device, || {
            Proximal::new(Gradient, Solver::fixed_point(1e-6, 20).expect("a solver"))
        });
        check("adaptive", &device, || {
            let controller = Adaptive::pi(Tolerance::new(1e30, 1.0).expect("settings"));
            AdaptiveDescent::new(Gradient, &tableau::BOGACKI_SHAMPINE, controller, 1e10)
                .expect("settings")
        });
    }
}

/// Signs, normalized and clipped directions hold any gradient.
#[test]
fn bounded_fields_go_on() {
    for device in cpu_devices() {
        for outcome in [
            fit(&device, Descent::euler(Normalized), OnNonFinite::End).outcome,
            fit(&device, Descent::euler(Adamax::default()), OnNonFinite::End).outcome,
            fit(
                &device,
                Descent::euler(ClipNorm::new(Adam::default(), 1.0)),
                OnNonFinite::End,
            )
            .outcome,
            fit(
                &device,
                Descent::euler(Polyak { bound: 1.0 }),
                OnNonFinite::End,
            )
            .outcome,
        ] {
            assert!(matches!(outcome, Outcome::Finished), "{outcome}");
        }
    }
}
