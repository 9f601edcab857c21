//! The information bottleneck: layer, losses, evaluation, files, training.

use std::sync::Mutex;

use crate::common::{assert_close, host, mean, parameters};
use burn::module::Module;
use burn::optim::AdamConfig;
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_data::{Batches, RowSplit, digits};
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_laws::scramble;
use thalweg_models::vib::{Bottleneck, Classification, DualAscent, Through, VibLoss};
use thalweg_models::{Vib, VibConfig};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Trainer};

fn config() -> VibConfig {
    VibConfig::new(64, 10).with_hidden(vec![32]).with_width(8)
}

fn rows(shape: [usize; 2], seed: u64, device: &Device) -> Tensor<2> {
    Noise::seeded(seed).normal(shape, device, DType::F32)
}

#[test]
fn rate_and_log_ratio_agree_in_expectation() {
    let (device, noise) = (Device::default(), &mut Noise::seeded(0));
    let layer = Bottleneck::new([3, 2], -1.0, noise, &device);
    let features = rows([1, 3], 1, &device).repeat_dim(0, 100_000);
    let Through {
        rate, log_ratio, ..
    } = layer.forward(features, noise);
    let rates = host(rate);
    let found = mean(&host(log_ratio));
    assert!(
        (found - rates[0]).abs() < 0.02,
        "{found} is not {}",
        rates[0]
    );
}

#[test]
fn a_threshold_is_free_up_to_itself() {
    let device = Device::default();
    let of = |rates: [f64; 3], ratios: [f64; 3]| Through {
        z: Tensor::zeros([3, 1], &device),
        rate: Tensor::from_floats(rates.map(|r| r as f32), &device),
        log_ratio: Tensor::from_floats(ratios.map(|r| r as f32), &device),
    };
    let through = of([1.0, 2.0, 6.0], [-4.0, 5.0, 11.0]);
    let mut price = VibLoss::new(0.5);
    assert_close(&host(price.of(&through)), &[0.5 * 3.0], 1e-6);
    price.threshold = Some(4.0);
    assert_close(
        &host(price.of(&through)),
        &[0.5 * (0.0 + 1.0 + 7.0) / 3.0],
        1e-6,
    );
    price.lambda = 0.0;
    assert_eq!(host(price.of(&through)), [0.0]);
}

#[test]
fn evaluation_is_without_noise_or_averaged() {
    for device in cpu_devices() {
        let vib = scramble(config().init(&device), 0.3);
        let x = rows([4, 64], 2, &device);
        let of = |samples, seed| {
            host(
                vib.probabilities(x.clone(), samples, &mut Noise::seeded(seed))
                    .unwrap(),
            )
        };
        // No noise: the seed does not matter.
        assert_eq!(of(0, 1), of(0, 2));
        assert_ne!(of(1, 1), of(1, 2));
        // The mean of three is the mean of the three.
        let noise = &mut Noise::seeded(3);
        let singly: Vec<Vec<f64>> = (0..3)
            .map(|_| host(vib.probabilities(x.clone(), 1, noise).unwrap()))
            .collect();
        let wanted: Vec<f64> = (0..40)
            .map(|i| singly.iter().map(|row| row[i]).sum::<f64>() / 3.0)
            .collect();
        assert_close(&of(3, 3), &wanted, 1e-6);
        for row in of(12, 4).chunks(10) {
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-5);
        }
    }
}

#[test]
fn calibration_is_what_it_is_called() {
    let mut found = Classification::default();
    // Ten times 80 % sure and right eight times; ten times certain and right five times.
    for i in 0..10 {
        found.add(&[0.8, 0.2], usize::from(i >= 8));
        found.add(&[0.0, 1.0], usize::from(i < 5));
    }
    assert!((found.accuracy() - 0.65).abs() < 1e-12);
    assert!((found.error() - 0.35).abs() < 1e-12);
    assert!((found.calibration_error() - 0.25).abs() < 1e-12);
    let [unsure, certain] = found.reliability(10)[..] else {
        panic!("two intervals of confidence: {:?}", found.reliability(10));
    };
    for ((confidence, accuracy), wanted) in [(unsure, (0.8, 0.8)), (certain, (1.0, 0.5))] {
        assert!((confidence - wanted.0).abs() < 1e-12);
        assert!((accuracy - wanted.1).abs() < 1e-12);
    }
    assert!(found.reliability(11).is_empty());
    let mut sure = Classification::default();
    sure.add(&[0.25, 0.75], 0);
    assert!((sure.cross_entropy() - 4f64.ln()).abs() < 1e-12);
}

#[test]
fn a_loaded_model_gives_the_same_logits_to_the_bit() {
    for device in cpu_devices() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let vib = scramble(config().init(&device), 0.1);
        vib.save(&path).unwrap();
        let loaded = Vib::load(&path, &device).unwrap();
        assert_eq!(loaded.config(), vib.config());
        assert_eq!(parameters(&loaded), parameters(&vib));
        let x = rows([3, 64], 5, &device);
        assert_eq!(
            host(loaded.mean_logits(x.clone()).unwrap()),
            host(vib.mean_logits(x).unwrap())
        );
    }
}

#[test]
fn bad_sizes_are_refused() {
    let message = |config: VibConfig| {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        error.to_string()
    };
    assert_eq!(
        message(config().with_hidden(vec![])),
        "vib: hidden layers is 0, but must be at least 1"
    );
    assert_eq!(
        message(VibConfig::new(64, 1)),
        "vib: classes is 1, but must be at least 2"
    );
    assert_eq!(
        message(config().with_log_variance(f64::NAN)),
        "vib: log_variance is NaN, but must be in -10..=10"
    );
}

type Labelled = (Tensor<2>, Tensor<1, Int>);

fn labelled(rows: &[usize]) -> Labelled {
    let (part, device) = (digits().select(rows), Device::default());
    let x = part.to_tensor(&device).mul_scalar(1.0 / 16.0);
    (x, part.label_tensor(&device).unwrap())
}

/// Trains on digits; `price` is asked at each step, and told the rate.
fn trained(epochs: usize, price: impl Fn(f64) -> f64) -> Vib {
    let batches = Batches::new(labelled(&RowSplit::modulo(digits().count()).train), 64, 0);
    let run = Trainer::new(epochs, 2e-3).fit(
        config().init(&Device::default().autodiff()),
        SingleGradient::new(AdamConfig::new().init()),
        &Data::train(|epoch| batches.epoch(epoch)),
        |vib: &Vib, (x, labels): Labelled, seed| {
            let rate = mean(&host(vib.valid().rate(x.clone()).unwrap()));
            let price = VibLoss::new(price(rate));
            vib.loss(x, labels, &price, &mut Noise::seeded(seed))
        },
        &mut (),
    );
    assert!(run.outcome.is_success(), "{}", run.outcome);
    run.model.valid()
}

#[test]
fn a_higher_price_lets_less_through() {
    let (x, labels) = labelled(&RowSplit::modulo(digits().count()).test);
    let [cheap, dear] = [1e-4, 1e-1].map(|lambda| trained(20, |_| lambda));
    let rate = |vib: &Vib| mean(&host(vib.rate(x.clone()).unwrap()));
    assert!(
        rate(&dear) < 0.5 * rate(&cheap),
        "{} {}",
        rate(&dear),
        rate(&cheap)
    );
    for vib in [cheap, dear] {
        let mut found = Classification::default();
        let noise = &mut Noise::seeded(1);
        vib.classify(x.clone(), labels.clone(), 12, noise, &mut found)
            .unwrap();
        assert!(found.accuracy() > 0.88, "{}", found.accuracy());
    }
}

#[test]
fn dual_ascent_reaches_its_target() {
    let ascent = Mutex::new(DualAscent::new(1e-3, 2e-4, 8.0));
    let vib = trained(40, |rate| ascent.lock().unwrap().update(rate));
    let (x, _) = labelled(&RowSplit::modulo(digits().count()).train);
    let rate = mean(&host(vib.rate(x).unwrap()));
    assert!((rate - 8.0).abs() < 1.5, "{rate} nats");
    assert!(ascent.lock().unwrap().lambda > 0.0);
}
