//! Gradients without a tape are those of autodiff, for every model, and a model trains with them.

use crate::common::{host, levels};
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::precision::cast;
use thalweg_flow::{Integration, Noise, Reversible, Scheme};
use thalweg_laws::scramble;
use thalweg_models::{
    AutoregressiveFlowConfig, ConditionalGlowConfig, ContinuousFlowConfig, ContinuousObjective,
    CouplingFlow, CouplingFlowConfig, DiagonalGlowConfig, EdgeGlowConfig, Glow, GlowConfig,
    ImageSize, NiceConfig, RealNvpConfig,
};
use thalweg_optim::SingleGradient;
use thalweg_train::{
    Accumulate, Data, Evaluate, IntoLoss, OneThread, Trainer, WithGradients, Workers,
};

/// Where data are made, and of which type.
type Kind<'a> = (&'a Device, DType);

/// The largest difference of two gradients, relative to the larger of the largest numbers of the
/// parameter's gradient and a hundredth of that of all.
fn difference<M: Module>(model: &M, expected: GradientsParams, found: GradientsParams) -> f64 {
    struct Pairs(GradientsParams, GradientsParams, Vec<[Vec<f64>; 2]>);
    impl ModuleVisitor for Pairs {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let pair = [&self.0, &self.1].map(|side| side.get::<D>(param.id).map(host));
            if let [Some(expected), Some(found)] = pair {
                self.2.push([expected, found]);
            }
        }
    }
    assert_eq!(expected.len(), found.len(), "other parameters have one");
    let (count, mut pairs) = (expected.len(), Pairs(expected, found, vec![]));
    model.visit(&mut pairs);
    assert_eq!(pairs.2.len(), count);
    let most = |numbers: &[f64]| numbers.iter().fold(0.0, |m: f64, g| m.max(g.abs()));
    let all = pairs.2.iter().map(|[expected, _]| most(expected));
    let all = all.fold(0.0, f64::max);
    assert!(all > 0.0, "every gradient is zero");
    let relative = pairs.2.iter().map(|[expected, found]| {
        let errors: Vec<f64> = expected.iter().zip(found).map(|(e, f)| e - f).collect();
        assert!(errors.iter().all(|e| e.is_finite()));
        most(&errors) / most(expected).max(0.01 * all)
    });
    relative.fold(0.0, f64::max)
}

/// Compares the two ways on every device, in both dtypes, for scrambled parameters: `build` makes
/// the model, `plain` its loss and `without` its loss and gradients.
fn compare<M: Module>(
    name: &str,
    [in_f64, in_f32]: [f64; 2],
    build: impl Fn(&Device) -> M,
    plain: impl Fn(&M, Kind) -> Tensor<1>,
    without: impl Fn(&M, Kind, &Reversible) -> (Tensor<1>, GradientsParams),
) {
    for device in cpu_devices() {
        for (dtype, tolerance) in [(DType::F64, in_f64), (DType::F32, in_f32)] {
            let model = scramble(build(&device.clone().autodiff()), 0.1);
            let model = cast(model, dtype).unwrap();
            let kind = (&device, dtype);
            let loss = plain(&model, kind);
            let expected = || GradientsParams::from_grads(plain(&model, kind).backward(), &model);
            for how in [
                Reversible::new(),
                Reversible::every(3),
                Reversible::within(1 << 14),
                Reversible::every(1),
            ] {
                let (found_loss, found) = without(&model, kind, &how);
                let [expected_loss, found_loss] =
                    [loss.clone(), found_loss].map(|loss| loss.into_scalar::<f64>());
                assert!((expected_loss - found_loss).abs() <= 1e-6 * expected_loss.abs());
                let worst = difference(&model, expected(), found);
                let report = how.report();
                assert!(
                    worst < tolerance,
                    "{name} in {dtype:?} on {device:?}: {worst:.1e}, {report:?}"
                );
                assert_eq!(report.repeated, 0, "{name}: {report:?}");
            }
        }
    }
}

fn pixels(shape: [usize; 4], dtype: DType, device: &Device) -> Tensor<4> {
    let u: Tensor<4> = Noise::seeded(3).uniform(shape, device, dtype);
    u.mul_scalar(256.0).floor()
}

fn glow() -> GlowConfig {
    GlowConfig::openai(ImageSize::new([3, 8, 8]))
        .with_scales(2)
        .with_depth(3)
        .with_hidden(8)
}

#[test]
fn nice() {
    let noise = || Noise::seeded(5);
    let data = |(device, dtype): Kind| levels([6, 12], 256, 1, device).cast(dtype);
    for config in [NiceConfig::paper(12, 256), NiceConfig::blog(12, 256)] {
        let config = config.with_hidden(16).with_depth(2).with_couplings(6);
        compare(
            "NICE",
            [1e-12, 1e-5],
            |device| config.init(device),
            |nice, kind| nice.loss(data(kind), &mut noise()).unwrap(),
            |nice, kind, how| {
                nice.loss_and_gradients(data(kind), &mut noise(), how)
                    .unwrap()
            },
        );
    }
}

#[test]
fn coupling_flows() {
    for config in [CouplingFlowConfig::realnvp(5), CouplingFlowConfig::nsf(5)] {
        let config = config.with_couplings(6).with_hidden(vec![16, 16]);
        let x = |(device, dtype): Kind| Noise::seeded(2).normal([7, 5], device, dtype);
        compare(
            "coupling flow",
            [1e-12, 1e-5],
            |device| config.init(device),
            |flow, kind| flow.loss(x(kind)),
            |flow, kind, how| flow.loss_and_gradients(x(kind), how),
        );
    }
}

#[test]
fn autoregressive_flows() {
    for config in [
        AutoregressiveFlowConfig::nsf_ar(4),
        AutoregressiveFlowConfig::iaf(4),
    ] {
        let config = config.with_transforms(3).with_hidden(vec![16, 16]);
        let x = |(device, dtype): Kind| Noise::seeded(2).normal([7, 4], device, dtype);
        compare(
            "autoregressive flow",
            [1e-12, 1e-5],
            |device| config.init(device),
            |flow, kind| flow.loss(x(kind)),
            |flow, kind, how| flow.loss_and_gradients(x(kind), how),
        );
    }
}

#[test]
fn conditional_flows() {
    let config = CouplingFlowConfig::realnvp(5).with_couplings(6);
    let config = config.with_hidden(vec![16, 16]).with_context(2);
    let x = |(device, dtype): Kind| Noise::seeded(2).normal([7, 5], device, dtype);
    let context = |(device, dtype): Kind| Noise::seeded(3).normal([7, 2], device, dtype);
    compare(
        "conditional coupling flow",
        [1e-12, 1e-5],
        |device| config.init(device),
        |flow, kind| flow.given(&context(kind)).loss(x(kind)),
        |flow, kind, how| {
            let context = context(kind);
            flow.given(&context).loss_and_gradients(x(kind), how)
        },
    );
}

/// The likelihood of a continuous flow: each step of the integration is a layer.
#[test]
fn continuous_flows() {
    let (kinetic, jacobian) = (0.0, 0.0);
    let likelihood = ContinuousObjective::Likelihood { kinetic, jacobian };
    let config = ContinuousFlowConfig::new(3, likelihood)
        .with_hidden(vec![8])
        .with_integration(Integration::fixed(Scheme::Rk4, 5));
    let x = |(device, dtype): Kind| Noise::seeded(2).normal([7, 3], device, dtype);
    compare(
        "continuous flow",
        [1e-12, 1e-5],
        |device| config.init(device),
        |flow, kind| flow.loss(x(kind), &mut Noise::seeded(0)).unwrap(),
        |flow, kind, how| flow.loss_and_gradients(x(kind), how),
    );
}

#[test]
fn images() {
    let noise = || Noise::seeded(5);
    let data = |(device, dtype): Kind| pixels([3, 3, 8, 8], dtype, device);
    compare(
        "Glow",
        [1e-12, 1e-5],
        |device| glow().init(device),
        |model, kind| model.loss(data(kind), &mut noise()).unwrap(),
        |model, kind, how| {
            model
                .loss_and_gradients(data(kind), &mut noise(), how)
                .unwrap()
        },
    );
    let config = EdgeGlowConfig::new(ImageSize::new([3, 8, 8]), false);
    let config = config.with_scales(2).with_depth(2).with_hidden(6);
    compare(
        "edge Glow",
        [1e-12, 1e-5],
        |device| config.init(device),
        |model, kind| model.loss(data(kind), &mut noise()).unwrap(),
        |model, kind, how| {
            model
                .loss_and_gradients(data(kind), &mut noise(), how)
                .unwrap()
        },
    );
    let config = DiagonalGlowConfig::new(ImageSize::new([3, 8, 8]));
    let config = config.with_scales(2).with_depth(2).with_hidden(6);
    compare(
        "diagonal Glow",
        [1e-12, 1e-5],
        |device| config.init(device),
        |model, kind| model.loss(data(kind), &mut noise()).unwrap(),
        |model, kind, how| {
            model
                .loss_and_gradients(data(kind), &mut noise(), how)
                .unwrap()
        },
    );
    let config = RealNvpConfig::paper(ImageSize::new([3, 8, 8]));
    let config = config.with_scales(2).with_hidden(6).with_blocks(1);
    compare(
        "RealNVP",
        [1e-12, 1e-5],
        |device| config.init(device),
        |model, kind| model.loss(data(kind), &mut noise()).unwrap(),
        |model, kind, how| {
            model
                .loss_and_gradients(data(kind), &mut noise(), how)
                .unwrap()
        },
    );
}

/// The table of labels has a gradient, a sum over all layers that see it.
#[test]
fn labelled_images() {
    let noise = || Noise::seeded(5);
    let data = |(device, dtype): Kind| pixels([3, 3, 8, 8], dtype, device);
    let labels = |device: &Device| Tensor::<1, Int>::from_ints([2, 0, 2], device);
    let config = ConditionalGlowConfig::new(glow(), 3);
    compare(
        "conditional Glow",
        [1e-12, 1e-5],
        |device| config.init(device),
        |model, kind| {
            model
                .given(&labels(kind.0))
                .loss(data(kind), &mut noise())
                .unwrap()
        },
        |model, kind, how| {
            let labels = labels(kind.0);
            let given = model.given(&labels);
            given
                .loss_and_gradients(data(kind), &mut noise(), how)
                .unwrap()
        },
    );
}

/// Ten steps of the trainer end where those with a tape end.
#[test]
fn a_model_trains_without_a_tape() {
    let device = Device::default();
    let config = CouplingFlowConfig::realnvp(3).with_couplings(4);
    let batch: Tensor<2> = Noise::seeded(2).normal([64, 3], &device, DType::F32) * 2.0 + 1.0;
    let data = Data::train(|_| vec![batch.clone(); 10]);
    let adam = || SingleGradient::new(AdamConfig::new().init());
    let flow = || config.init(&device.clone().autodiff());
    let loss = |flow: &_, x: Tensor<2>, _| CouplingFlow::loss(flow, x);
    let trainer = Trainer::new(1, 1e-3);
    let with = trainer.fit(flow(), adam(), &data, loss, &mut ());

    let how = Reversible::new();
    let gradients = |flow: &CouplingFlow, x: Tensor<2>, _| flow.loss_and_gradients(x, &how);
    let evaluate = WithGradients::new(loss, gradients);
    let without = trainer.fit_with(flow(), adam(), &data, evaluate, &mut ());
    assert_eq!(how.report().passes, 10);
    let [with, without] = [with, without].map(|run| run.history.losses()[0]);
    assert!(
        (with - without).abs() < 1e-4 * with.abs(),
        "{with}, {without}"
    );
}

/// Parts of unequal size, on threads and one after the other, have the gradients that they have with a tape,
/// and no layer keeps its input.
#[test]
fn parts_of_a_batch_need_no_tape() {
    let device = Device::default();
    let flow = CouplingFlowConfig::nsf(5).with_couplings(6);
    let flow = flow.with_hidden(vec![16, 16]);
    let flow = scramble(flow.init(&device.clone().autodiff()), 0.1);
    let x: Tensor<2> = Noise::seeded(2).normal([7, 5], &device, DType::F32);
    let how = Reversible::new();
    in_parts(
        &flow,
        &x,
        |flow: &CouplingFlow, x, _| flow.loss(x),
        |flow: &CouplingFlow, x, _| flow.loss_and_gradients(x, &how),
    );
    let report = how.report();
    assert_eq!((report.kept, report.repeated), (0, 0), "{report:?}");
    // The whole, and twice two and three parts.
    assert_eq!(report.passes, 11);

    let how = Reversible::new();
    let glow = scramble(glow().init(&device.clone().autodiff()), 0.1);
    in_parts(
        &glow,
        &pixels([3, 3, 8, 8], DType::F32, &device),
        |glow: &Glow, x, seed| glow.loss(x, &mut Noise::seeded(seed)),
        |glow: &Glow, x, seed| glow.loss_and_gradients(x, &mut Noise::seeded(seed), &how),
    );
    assert_eq!(how.report().kept, 0);
}

/// Compares evaluations of a batch in parts without a tape with those with one.
fn in_parts<M, const D: usize, R, S>(
    model: &M,
    batch: &Tensor<D>,
    loss: impl Fn(&M, Tensor<D>, u64) -> R + Copy + Sync,
    gradients: impl Fn(&M, Tensor<D>, u64) -> S + Copy + Sync,
) where
    M: Module,
    R: IntoLoss,
    S: IntoLoss<(Tensor<1>, GradientsParams)>,
{
    let without = WithGradients::new(loss, gradients);
    let compare =
        |name, with: &dyn Evaluate<M, Tensor<D>>, without: &dyn Evaluate<M, Tensor<D>>| {
            let [mut with, mut without] =
                [with, without].map(|how| how.evaluate(model, batch, 4).unwrap());
            let [a, b] = [&mut with, &mut without].map(|found| found.loss.read().unwrap());
            assert!((a - b).abs() < 1e-5 * a.abs(), "{name}: {a}, {b}");
            let worst = difference(model, with.grads, without.grads);
            assert!(worst < 2e-5, "{name}: {worst:.1e}");
        };
    compare("one thread", &OneThread(loss), &without);
    for parts in [2, 3] {
        compare(
            "workers",
            &Workers::new(parts, loss),
            &Workers::new(parts, without),
        );
        compare(
            "parts",
            &Accumulate::new(parts, loss),
            &Accumulate::new(parts, without),
        );
    }
    let validated = |how: &dyn Evaluate<M, Tensor<D>>| {
        let loss = how.loss(model, batch.clone(), 0).unwrap();
        loss.into_scalar::<f64>()
    };
    let expected = validated(&OneThread(loss));
    assert_eq!(validated(&Workers::new(2, without)), expected);
    assert_eq!(validated(&Accumulate::new(2, without)), expected);
}
