//! A state is taken by the minimizer that it is of, and by no other.

use std::path::Path;

use burn::module::{Module, Param};
use burn::optim::{AdamConfig, AdamWConfig, RmsPropConfig, SgdConfig};
use burn::tensor::{DType, Device, Tensor, TensorData};
use tempfile::TempDir;
use thalweg_device::cpu_devices;
use thalweg_ode::{Adaptive, Solver, Tolerance, tableau};
use thalweg_optim::field::{
    Adagrad, Adam, Adamax, ClipNorm, Decay, Epsilon, Gradient, Groups, Inertia, Polyak, Rms,
    ScalarRms, Sign,
};
use thalweg_optim::{
    AdaptiveDescent, Descent, Euler, Friction, Langevin, Momentum, Proximal, Underdamped,
};
use thalweg_optim::{Minimizer, SingleGradient};
use thalweg_train::{Callback, Data, NoValidation, Outcome, Progress, Signal, Trained, Trainer};

mod of_burn;

#[derive(Module, Debug)]
struct Two {
    x: Param<Tensor<1>>,
    y: Param<Tensor<2>>,
}

impl Two {
    fn new(device: &Device, dtype: DType) -> Self {
        let device = device.clone().autodiff();
        let x = TensorData::new(vec![0.9, -1.3, 0.2], [3]);
        let y = TensorData::new(vec![0.1, 0.4, -0.7, 1.5], [2, 2]);
        Self {
            x: Param::from_tensor(Tensor::from_data(x, (&device, dtype))),
            y: Param::from_tensor(Tensor::from_data(y, (&device, dtype))),
        }
    }

    fn numbers(&self) -> Vec<f64> {
        let (x, y) = (self.x.val().into_data(), self.y.val().into_data());
        x.iter::<f64>().chain(y.iter::<f64>()).collect()
    }
}

fn loss(two: &Two, batch: Vec<f64>, _: u64) -> Tensor<1> {
    let batch = batch[0];
    let (x, y) = (two.x.val(), two.y.val());
    (x.clone() - batch).square().square().mean() + (y * batch).cos().mean() + x.square().mean()
}

/// Interrupts after so many steps.
struct After(usize);

impl<M> Callback<M> for After {
    fn on_batch_end(&mut self, _: &Progress, _: &M) -> Signal {
        self.0 -= 1;
        match self.0 {
            0 => Signal::interrupt(),
            _ => Signal::CONTINUE,
        }
    }
}

type Boxed = Box<dyn Minimizer<Two>>;

/// A minimizer's name, and how it is made.
type Made = (&'static str, fn() -> Boxed);

/// A minimizer behind a box.
struct Dyn(Boxed);

impl thalweg_optim::Stateful for Dyn {
    fn state(&self) -> thalweg_optim::State {
        self.0.state()
    }

    fn restore(
        &mut self,
        state: &thalweg_optim::State,
        device: &Device,
    ) -> Result<(), thalweg_optim::StateError> {
        self.0.restore(state, device)
    }
}

impl Minimizer<Two> for Dyn {
    fn step(
        &mut self,
        h: f64,
        model: Two,
        objective: &mut thalweg_optim::Objective<'_, Two>,
    ) -> (
        Two,
        Result<thalweg_optim::Loss, thalweg_optim::EvaluationError>,
    ) {
        self.0.step(h, model, objective)
    }

    fn check_memory(&self, model: &Two) -> Result<(), thalweg_optim::StateError> {
        self.0.check_memory(model)
    }
}

fn data() -> Data<impl Fn(usize) -> Vec<Vec<f64>>, NoValidation<Vec<f64>>> {
    Data::train(|epoch| {
        (0..3)
            .map(|batch| vec![0.3 * (epoch + batch) as f64])
            .collect()
    })
}

fn fit(file: &Path, two: Two, minimizer: Boxed, steps: usize) -> Trained<Two> {
    let trainer = Trainer::new(3, 0.01).resume(file);
    trainer.fit(two, Dyn(minimizer), &data(), loss, &mut After(steps))
}

/// Minimizers with memory, no two of which may go on from each other's, with names.
fn different() -> Vec<(&'static str, Boxed)> {
    let rms = |decay| Rms {
        decay,
        ..Rms::default()
    };
    let adam = |first| Adam {
        decays: [first, 0.999],
        ..Adam::default()
    };
    let inertia = |decay| Inertia {
        decay,
        ahead: false,
    };
    let scalar = ScalarRms::default();
    let momentum = burn::optim::momentum::MomentumConfig::new;
    let controller = Adaptive::pi(Tolerance::new(1e-4, 1e-3).expect("settings"));
    let adaptive = AdaptiveDescent::new(
        Adam::default(),
        &tableau::BOGACKI_SHAMPINE,
        controller,
        1e-3,
    );
    let implicit = Solver::fixed_point(1e-6, 50).expect("a solver");
    let single = |optimizer: burn::optim::ModuleOptimizer| -> Boxed {
        Box::new(SingleGradient::new(optimizer))
    };
    vec![
        ("adam", Box::new(Descent::euler(adam(0.9)))),
        ("adam 0.5", Box::new(Descent::euler(adam(0.5)))),
        ("adamax", Box::new(Descent::euler(Adamax::default()))),
        ("rms", Box::new(Descent::euler(rms(0.99)))),
        ("rms 0.9", Box::new(Descent::euler(rms(0.9)))),
        ("adagrad", Box::new(Descent::euler(Adagrad::default()))),
        ("inertia", Box::new(Descent::euler(inertia(0.9)))),
        ("inertia 0.5", Box::new(Descent::euler(inertia(0.5)))),
        ("scalar", Box::new(Descent::euler(scalar))),
        (
            "heun adam",
            Box::new(Descent::new(adam(0.9), &tableau::HEUN)),
        ),
        (
            "decay",
            Box::new(Descent::euler(Decay::coupled(adam(0.9), 0.1))),
        ),
        ("adaptive", Box::new(adaptive.expect("settings"))),
        ("proximal", Box::new(Proximal::new(adam(0.9), implicit))),
        (
            "heavy",
            Box::new(Momentum::heavy_ball(Friction::Decay(0.9))),
        ),
        (
            "heavy 0.5",
            Box::new(Momentum::heavy_ball(Friction::Decay(0.5))),
        ),
        (
            "physical",
            Box::new(Momentum::heavy_ball(Friction::Physical(1.0))),
        ),
        ("langevin", Box::new(Langevin::new(0.1, 5))),
        ("langevin 6", Box::new(Langevin::new(0.1, 6))),
        ("underdamped", Box::new(Underdamped::new(1.0, 0.1, 5))),
        ("underdamped 2", Box::new(Underdamped::new(2.0, 0.1, 5))),
        ("euler adam", single(Euler::new(adam(0.9)).init())),
        ("euler adam 0.5", single(Euler::new(adam(0.5)).init())),
        ("euler adamax", single(Euler::new(Adamax::default()).init())),
        ("euler rms", single(Euler::new(rms(0.99)).init())),
        ("euler rms 0.9", single(Euler::new(rms(0.9)).init())),
        (
            "euler adagrad",
            single(Euler::new(Adagrad::default()).init()),
        ),
        ("euler inertia", single(Euler::new(inertia(0.9)).init())),
        ("euler inertia 0.5", single(Euler::new(inertia(0.5)).init())),
        ("burn adam", single(AdamConfig::new().init())),
        (
            "burn adam 0.5",
            single(AdamConfig::new().with_beta_1(0.5).init()),
        ),
        (
            "burn amsgrad",
            single(AdamConfig::new().with_amsgrad(true).init()),
        ),
        ("burn rms", single(RmsPropConfig::new().init())),
        (
            "burn sgd",
            single(SgdConfig::new().with_momentum(Some(momentum())).init()),
        ),
    ]
}

#[test]
fn no_minimizer_takes_the_memory_of_another() {
    let device = Device::default();
    for (saved, (from, _)) in different().iter().enumerate() {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("run");
        let first = different().swap_remove(saved).1;
        let trained = fit(&file, Two::new(&device, DType::F32), first, 4);
        assert!(
            matches!(trained.outcome, Outcome::Interrupted),
            "{}",
            trained.outcome
        );
        let bytes = std::fs::read(&file).expect("the file");
        for (index, (to, other)) in different().into_iter().enumerate() {
            let trained = fit(&file, Two::new(&device, DType::F32), other, usize::MAX);
            let message = trained.outcome.to_string();
            match index == saved {
                true => assert!(
                    matches!(trained.outcome, Outcome::Finished),
                    "{from}: {message}"
                ),
                false => {
                    assert!(!trained.outcome.is_success(), "{from} → {to}: {message}");
                    assert!(
                        message.contains("the state is of "),
                        "{from} → {to}: {message}"
                    );
                    assert!(
                        message.contains("or another file to begin anew"),
                        "{message}"
                    );
                }
            }
            std::fs::write(&file, &bytes).expect("the file back");
        }
    }
}

#[test]
fn what_is_not_part_of_the_memory_may_change() {
    let device = Device::default();
    let epsilon = |epsilon| Adam {
        epsilon: Epsilon::Outside(epsilon),
        ..Adam::default()
    };
    let two = || Two::new(&device, DType::F32);
    let pairs: Vec<[Boxed; 2]> = vec![
        [
            Box::new(Descent::euler(epsilon(1e-8))),
            Box::new(Descent::euler(ClipNorm::new(epsilon(1e-6), 3.0))),
        ],
        [
            Box::new(Descent::euler(Decay::decoupled(epsilon(1e-8), 0.1))),
            Box::new(Descent::euler(
                Groups::new(epsilon(1e-8), &two()).rates(|_| 0.5),
            )),
        ],
        [
            Box::new(SingleGradient::new(Euler::new(epsilon(1e-8)))),
            Box::new(SingleGradient::new(Euler::new(epsilon(1e-6))).clip_norm(1.0)),
        ],
        [
            Box::new(SingleGradient::new(AdamConfig::new().init())),
            Box::new(SingleGradient::new(
                AdamConfig::new().with_epsilon(1e-7).init(),
            )),
        ],
        [
            Box::new(Momentum::heavy_ball(Friction::Decay(0.9))),
            Box::new(Momentum::nesterov(Friction::Decay(0.9))),
        ],
    ];
    for (index, [first, second]) in pairs.into_iter().enumerate() {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("run");
        let _ = fit(&file, two(), first, 4);
        let outcome = fit(&file, two(), second, usize::MAX).outcome;
        assert!(matches!(outcome, Outcome::Finished), "{index}: {outcome}");
    }
}

/// A layer that is frozen before the second start would give its averages to another.
#[test]
fn memory_of_other_parameters_is_refused() {
    let device = Device::default();
    for (name, minimizer) in different() {
        if name.starts_with("langevin") || name == "scalar" {
            continue; // no memory of a parameter
        }
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("run");
        let _ = fit(&file, Two::new(&device, DType::F32), minimizer, 4);
        let mut frozen = Two::new(&device, DType::F32);
        frozen.x = frozen.x.no_grad();
        let again = different().into_iter().find(|(other, _)| *other == name);
        let outcome = fit(&file, frozen, again.expect("the same").1, usize::MAX).outcome;
        assert!(matches!(outcome, Outcome::Failed(_)), "{name}: {outcome}");
    }
}

fn all() -> Vec<Made> {
    let adaptive = || -> Boxed {
        let controller = Adaptive::pi(Tolerance::new(1e-4, 1e-3).expect("settings"));
        let tableau = &tableau::BOGACKI_SHAMPINE;
        let method = AdaptiveDescent::new(Rms::default(), tableau, controller, 1e-3);
        Box::new(method.expect("settings"))
    };
    vec![
        ("gradient", || Box::new(Descent::euler(Gradient))),
        ("sign", || Box::new(Descent::euler(Sign))),
        ("polyak", || Box::new(Descent::euler(Polyak { bound: 1.0 }))),
        ("rk4 adam", || {
            Box::new(Descent::new(Adam::default(), &tableau::RK4))
        }),
        ("scalar", || Box::new(Descent::euler(ScalarRms::default()))),
        ("adaptive", adaptive),
        ("nesterov", || {
            Box::new(Momentum::nesterov(Friction::Physical(1.0)))
        }),
        ("langevin", || Box::new(Langevin::new(0.1, 5))),
        ("underdamped", || Box::new(Underdamped::new(1.0, 0.1, 5))),
        ("proximal", || {
            let solver = Solver::fixed_point(1e-5, 50).expect("a solver");
            Box::new(Proximal::new(Adam::default(), solver))
        }),
        ("euler adam", || {
            Box::new(SingleGradient::new(Euler::new(Adam::default())))
        }),
        ("euler adamax", || {
            Box::new(SingleGradient::new(Euler::new(Adamax::default())))
        }),
        ("euler rms", || {
            Box::new(SingleGradient::new(Euler::new(Rms::default())))
        }),
    ]
}

/// Three starts of one run are one run, to the bit, in 32 bits and in 64.
fn in_parts(minimizers: Vec<Made>, dtypes: &[DType]) {
    for device in cpu_devices() {
        for dtype in dtypes {
            for (name, new) in &minimizers {
                let folder = TempDir::new().expect("a folder");
                let (one, parts) = (folder.path().join("one"), folder.path().join("parts"));
                let whole = fit(&one, Two::new(&device, *dtype), new(), usize::MAX);
                for _ in 0..2 {
                    let trained = fit(&parts, Two::new(&device, *dtype), new(), 2);
                    let outcome = &trained.outcome;
                    let interrupted = matches!(outcome, Outcome::Interrupted);
                    assert!(interrupted, "{name} {dtype:?} {device:?}: {outcome}");
                }
                let last = fit(&parts, Two::new(&device, *dtype), new(), usize::MAX);
                let outcome = &last.outcome;
                assert!(
                    matches!(outcome, Outcome::Finished),
                    "{name} {dtype:?}: {outcome}"
                );
                let (found, wanted) = (last.model.numbers(), whole.model.numbers());
                assert_eq!(found, wanted, "{name} {dtype:?} {device:?}");
            }
        }
    }
}

#[test]
fn every_minimizer_goes_on_to_the_bit_in_both_types() {
    in_parts(all(), &[DType::F32, DType::F64]);
}
