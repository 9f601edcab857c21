//! Nothing that is not finite is handed out: whatever the minimizer, the evaluation, the policy.

use std::path::Path;

use burn::module::{Module, Param, ParamId};
use burn::optim::{AdamConfig, GradientsParams, RmsPropConfig, SgdConfig};
use burn::store::ModuleRecord;
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use tempfile::TempDir;
use thalweg_device::cpu_devices;
use thalweg_optim::SingleGradient;
use thalweg_train::{
    Accumulate, BestCheckpoint, BestMetric, Callback, Data, Ema, Evaluate, GradientNorms,
    LastCheckpoint, NoValidation, NonFinite, OnNonFinite, OneThread, Origin, Outcome, Progress,
    Signal, Trained, Trainer, Watch, WithGradients, Workers, largest_weight,
};

mod batches;

/// y = weight · x + bias, with what does not train beside it.
#[derive(Module, Debug)]
struct Net {
    weight: Param<Tensor<1>>,
    bias: Param<Tensor<1>>,
    count: Param<Tensor<1, Int>>,
}

impl Net {
    fn new(device: &Device, dtype: DType) -> Self {
        let tracked = device.clone().autodiff();
        let of = |value: f64| {
            let data = TensorData::new(vec![value], [1]);
            Tensor::from_data(data, (&tracked, dtype))
        };
        Self {
            weight: Param::from_tensor(of(0.0)),
            bias: Param::from_tensor(of(1.0)),
            count: Param::initialized(ParamId::new(), Tensor::from_ints([3], device)),
        }
    }

    fn values(&self) -> [f64; 2] {
        [&self.weight, &self.bias].map(|param| param.val().into_scalar())
    }

    fn is_finite(&self) -> bool {
        self.values().iter().all(|value| value.is_finite())
    }
}

/// What spoils a step, told by a large x.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// A finite loss with an infinite gradient of the bias.
    Gradient,
    /// A finite loss with a gradient of the weight that is finite and that the update cannot hold.
    Update,
}

impl Kind {
    fn batch(self) -> Tensor<1> {
        let x = match self {
            Self::Gradient => 100.0,
            Self::Update => 200.0,
        };
        Tensor::from_data([x; 4], &Device::default())
    }
}

fn good(x: f32) -> Tensor<1> {
    Tensor::from_data([x, -x, 0.5, 1.0], &Device::default())
}

/// The rate: large, so that a finite gradient overflows.
const RATE: f64 = 1e10;

fn loss(net: &Net, x: Tensor<1>, _seed: u64) -> Tensor<1> {
    let (device, dtype) = (
        net.bias.val().device().without_autodiff(),
        net.bias.val().dtype(),
    );
    let huge = if dtype == DType::F64 { 1e300 } else { 1e30 };
    let largest: f32 = x.clone().max().into_scalar();
    let x = x.to_device(&device).cast(dtype);
    let fit = (x * net.weight.val() + net.bias.val()).square().mean() * 1e-11;
    match largest {
        // The root's derivative at 0 is infinite.
        100.0 => (net.bias.val() * 0.0).sqrt().mean() + net.weight.val() * 0.0,
        200.0 => {
            (net.weight.val() * 0.0 + (net.weight.val() - net.weight.val().detach()) * huge).mean()
        }
        _ => fit,
    }
}

/// The last batch of each epoch is a bad one.
fn data(kind: Kind) -> Data<impl Fn(usize) -> Vec<Tensor<1>>, NoValidation<Tensor<1>>> {
    Data::train(move |_| vec![good(0.2), good(0.7), kind.batch()])
}

const EPOCHS: usize = 3;

fn policies() -> [OnNonFinite; 3] {
    let at_most = 9;
    let scale = 0.5;
    [
        OnNonFinite::End,
        OnNonFinite::Skip { at_most },
        OnNonFinite::Recover { at_most, scale },
    ]
}

fn minimizers() -> Vec<(&'static str, SingleGradient)> {
    let momentum = burn::optim::momentum::MomentumConfig::new();
    vec![
        ("sgd", SingleGradient::new(SgdConfig::new().init())),
        (
            "momentum",
            SingleGradient::new(SgdConfig::new().with_momentum(Some(momentum)).init()),
        ),
        ("adam", SingleGradient::new(AdamConfig::new().init())),
        ("rms", SingleGradient::new(RmsPropConfig::new().init())),
        (
            "clipped",
            SingleGradient::new(AdamConfig::new().init()).clip_norm(1.0),
        ),
    ]
}

/// Each model that callbacks see at the ends is finite.
struct Finite;

impl Callback<Net> for Finite {
    fn on_epoch_end(&mut self, at: &Progress, net: &Net) -> Signal {
        assert!(net.is_finite(), "epoch {}", at.epoch);
        Signal::CONTINUE
    }

    fn on_train_end(&mut self, _: &Progress, net: &Net) -> Signal {
        assert!(net.is_finite());
        Signal::CONTINUE
    }
}

fn check(case: &str, policy: OnNonFinite, kind: Kind, clipped: bool, trained: &Trained<Net>) {
    let outcome = &trained.outcome;
    assert!(trained.model.is_finite(), "{case}: {outcome}");
    if let Some(best) = &trained.best {
        assert!(best.model.is_finite() && best.loss.is_finite(), "{case}");
    }
    // A finite gradient that is clipped does no harm.
    if clipped && kind == Kind::Update {
        assert!(matches!(outcome, Outcome::Finished), "{case}: {outcome}");
        assert!(trained.survived.is_empty(), "{case}");
        return;
    }
    let name = match kind {
        Kind::Gradient => "bias",
        Kind::Update => "weight",
    };
    let found = match policy {
        OnNonFinite::End => match outcome {
            Outcome::NonFinite(found) => vec![found],
            other => panic!("{case}: {other}"),
        },
        _ => {
            assert!(matches!(outcome, Outcome::Finished), "{case}: {outcome}");
            assert!(!trained.survived.is_empty(), "{case}");
            trained.survived.iter().collect::<Vec<_>>()
        }
    };
    for NonFinite { origin, loss, .. } in found {
        let named = match origin {
            Origin::Gradient(name) | Origin::Parameter(name) | Origin::Square(name) => name,
            other => panic!("{case}: {other:?}"),
        };
        assert_eq!(named, name, "{case}");
        assert!(loss.is_finite(), "{case}");
    }
}

#[test]
fn every_minimizer_under_every_policy_stays_finite() {
    for device in cpu_devices() {
        for dtype in [DType::F32, DType::F64] {
            for (name, minimizer) in minimizers() {
                for policy in policies() {
                    for kind in [Kind::Gradient, Kind::Update] {
                        let case = format!("{name} {dtype:?} {policy:?} {kind:?} {device:?}");
                        let trainer = Trainer::new(EPOCHS, RATE).on_non_finite(policy);
                        let net = Net::new(&device, dtype);
                        let mut ema = Ema::new(0.5);
                        let trained = trainer.fit(
                            net,
                            minimizer.clone(),
                            &data(kind),
                            loss,
                            &mut (&mut ema, Finite),
                        );
                        check(&case, policy, kind, name == "clipped", &trained);
                        let average = ema.average(&trained.model).expect("an average");
                        assert!(average.is_finite(), "{case}");
                    }
                }
            }
        }
    }
}

fn run(
    policy: OnNonFinite,
    every: usize,
    validate: bool,
    kind: Kind,
    evaluate: impl Evaluate<Net, Tensor<1>>,
    callbacks: &mut impl Callback<Net>,
) -> Trained<Net> {
    let trainer = Trainer::new(EPOCHS, RATE)
        .on_non_finite(policy)
        .read_loss_every(every);
    let (net, sgd) = (
        Net::new(&Device::default(), DType::F32),
        crate::common::sgd(),
    );
    match validate {
        false => trainer.fit_with(net, sgd, &data(kind), evaluate, callbacks),
        true => {
            let data = data(kind).validate(|_| vec![good(0.3)]);
            trainer.fit_with(net, sgd, &data, evaluate, callbacks)
        }
    }
}

#[test]
fn every_evaluation_with_and_without_validation_stays_finite() {
    let by_hand = |net: &Net, x: Tensor<1>, seed: u64| {
        let value = loss(net, x, seed);
        let grads = GradientsParams::from_grads(value.clone().backward(), net);
        (value.inner(), grads)
    };
    for policy in policies() {
        for kind in [Kind::Gradient, Kind::Update] {
            for every in [1, 2, 5] {
                for validate in [false, true] {
                    let case = format!("{policy:?} {kind:?} {every} {validate}");
                    let ours = &mut (Ema::new(0.9), Finite);
                    let check = |trained| check(&case, policy, kind, false, &trained);
                    check(run(policy, every, validate, kind, OneThread(loss), ours));
                    check(run(
                        policy,
                        every,
                        validate,
                        kind,
                        Workers::new(2, loss),
                        ours,
                    ));
                    check(run(
                        policy,
                        every,
                        validate,
                        kind,
                        Accumulate::new(2, loss),
                        ours,
                    ));
                    let given = WithGradients::new(loss, by_hand);
                    check(run(policy, every, validate, kind, given, ours));
                }
            }
        }
    }
}

fn load(file: &Path) -> Net {
    let record = ModuleRecord::load(file).expect("a record");
    let net = Net::new(&Device::default(), DType::F32);
    net.try_load_record(record).expect("of this model")
}

#[test]
fn files_are_finite_and_a_run_goes_on_from_them() {
    for policy in policies() {
        for kind in [Kind::Gradient, Kind::Update] {
            let folder = TempDir::new().expect("a folder");
            let at = |name: &str| folder.path().join(name);
            let fit = || {
                let trainer = Trainer::new(EPOCHS, RATE).on_non_finite(policy);
                let trainer = trainer.resume(at("run")).save_every(1);
                let measure = BestMetric::lowest("weight", |net: &Net| net.values()[0]);
                let norms = GradientNorms::new();
                let mut callbacks = (
                    BestCheckpoint::new(at("best.bpk")),
                    LastCheckpoint::new(at("last.bpk")),
                    measure.save(at("metric.bpk")),
                    Watch::new("largest", largest_weight::<Net>).stop_above(1e30),
                    Ema::new(0.9),
                    norms.clone(),
                );
                let net = Net::new(&Device::default(), DType::F32);
                let sgd = norms.of(crate::common::sgd());
                trainer.fit(net, sgd, &data(kind), loss, &mut callbacks)
            };
            let trained = fit();
            let case = format!("{policy:?} {kind:?}: {}", trained.outcome);
            for name in ["best.bpk", "last.bpk", "metric.bpk"] {
                if at(name).exists() {
                    assert!(load(&at(name)).is_finite(), "{case} {name}");
                }
            }
            let again = fit();
            assert!(again.model.is_finite(), "{case}");
            let ended = |trained: &Trained<Net>| trained.outcome.is_success();
            assert_eq!(
                ended(&again),
                ended(&trained),
                "{case}, then {}",
                again.outcome
            );
        }
    }
}
