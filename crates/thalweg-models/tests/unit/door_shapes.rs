//! Every model looks at shapes, labels and conditions first.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::common::levels;
use burn::tensor::{DType, Device, Int, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{FlowError, Noise, Reversible};
use thalweg_models::variational::{ElboLoss, KlForm};
use thalweg_models::vib::VibLoss;
use thalweg_models::{
    AutoregressiveFlowConfig, ConditionalGlowConfig, ConditionalVaeConfig, ContinuousFlowConfig,
    CouplingFlowConfig, FvaeConfig, GlowConfig, ImageSize, NiceConfig, VaeConfig, VibConfig,
};

fn size() -> ImageSize {
    ImageSize::new([1, 8, 8])
}

fn glow() -> GlowConfig {
    GlowConfig::openai(size())
        .with_scales(2)
        .with_depth(1)
        .with_hidden(4)
}

fn fvae() -> FvaeConfig {
    let mut config = FvaeConfig::fvae_small(size()).with_stages(vec![4, 8]);
    (config.flow.scales, config.flow.depth, config.flow.hidden) = (1, 1, 4);
    config
}

fn noise() -> Noise {
    Noise::seeded(0)
}

/// What a panic says.
fn panic_of<T>(run: impl FnOnce() -> T) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(run)) else {
        panic!("it did not panic");
    };
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| {
        payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
    })
    .unwrap()
}

/// A batch of levels with one bad value in the third row.
fn batch(bad: f64, device: &Device, dtype: DType) -> Tensor<2> {
    let good = levels([4, 64], 256, 1, device).cast(dtype);
    let mut values: Vec<f64> = good.to_data().iter::<f64>().collect();
    values[2 * 64 + 5] = bad;
    Tensor::from_data(
        burn::tensor::TensorData::new(values, [4, 64]),
        (device, dtype),
    )
}

/// Rows of pixels as images.
fn square(rows: Tensor<2>) -> Tensor<4> {
    let [batch, _] = rows.dims();
    rows.reshape([batch, 1, 8, 8])
}

#[test]
fn images_of_another_size_panic() {
    let device = Device::default();
    let large = || Tensor::<4>::zeros([2, 1, 16, 16], &device);
    let glow = glow().init(&device);
    let wanted = "glow: takes images of shape [batch, 1, 8, 8], got [2, 1, 16, 16]";
    let texts = [
        panic_of(|| glow.log_prob(large(), &mut noise())),
        panic_of(|| glow.loss(large(), &mut noise())),
        panic_of(|| glow.loss_and_gradients(large(), &mut noise(), &Reversible::new())),
        panic_of(|| glow.importance(large(), 2, &mut noise())),
        panic_of(|| glow.log_probs(&large(), 2, &mut noise())),
        panic_of(|| glow.encode(large())),
        panic_of(|| glow.clone().initialize(large(), &mut noise())),
    ];
    assert!(texts.iter().all(|text| text == wanted), "{texts:?}");
    let colour = Tensor::<4>::zeros([2, 3, 8, 8], &device);
    let text = panic_of(|| glow.log_prob(colour, &mut noise()));
    assert!(text.ends_with("got [2, 3, 8, 8]"), "{text}");

    let fvae = fvae().init(&device);
    let wanted = "f-vae: takes images of shape [batch, 1, 8, 8], got [2, 1, 16, 16]";
    let texts = [
        panic_of(|| fvae.bound(large(), &mut noise())),
        panic_of(|| fvae.encode(large())),
        panic_of(|| fvae.reconstruct(large())),
        panic_of(|| fvae.clone().initialize(large(), &mut noise())),
    ];
    assert!(texts.iter().all(|text| text == wanted), "{texts:?}");
}

#[test]
fn latents_of_another_size_panic() {
    let device = Device::default();
    let model = |size| GlowConfig::openai(ImageSize::new([1, size, size])).with_depth(1);
    let model = |size| model(size).with_scales(2).with_hidden(4).init(&device);
    let (small, large) = (model(8), model(16));
    let z = large.latents(2, &[1.0, 1.0], &mut noise());
    let text = panic_of(|| small.decode(z));
    let wanted = "a scale of MultiScaleNormal is made for [batch, 2, 4, 4] and got [2, 2, 8, 8]";
    assert_eq!(text, wanted);
}

#[test]
fn rows_of_another_width_panic() {
    let device = Device::default();
    let x = || Tensor::<2>::zeros([5, 4], &device);
    let flow = CouplingFlowConfig::realnvp(3)
        .with_hidden(vec![4])
        .init(&device);
    let wanted = "coupling flow: takes rows of shape [batch, 3], got [5, 4]";
    let texts = [
        panic_of(|| flow.log_prob(x())),
        panic_of(|| flow.loss(x())),
        panic_of(|| flow.encode(x())),
        panic_of(|| flow.loss_and_gradients(x(), &Reversible::new())),
        panic_of(|| flow.log_probs(&x(), 9)),
        panic_of(|| flow.clone().initialize(&x())),
    ];
    assert!(texts.iter().all(|text| text == wanted), "{texts:?}");
    let wanted = "coupling flow: takes latents of shape [batch, 3], got [5, 4]";
    assert_eq!(panic_of(|| flow.decode(x())), wanted);
    // One column, which would broadcast.
    let one = panic_of(|| flow.log_prob(Tensor::zeros([5, 1], &device)));
    assert!(one.ends_with("got [5, 1]"), "{one}");

    let flow = AutoregressiveFlowConfig::maf(3)
        .with_hidden(vec![4])
        .init(&device);
    let wanted = "autoregressive flow: takes rows of shape [batch, 3], got [5, 4]";
    assert_eq!(panic_of(|| flow.log_prob(x())), wanted);
    let flow = ContinuousFlowConfig::flow_matching(3)
        .with_hidden(vec![4])
        .init(&device);
    let wanted = "continuous flow: takes rows of shape [batch, 3], got [5, 4]";
    let texts = [
        panic_of(|| flow.log_prob(x())),
        panic_of(|| flow.loss(x(), &mut noise())),
        panic_of(|| flow.encode(x())),
        panic_of(|| flow.loss_and_gradients(x(), &Reversible::new())),
        panic_of(|| flow.log_probs(&x(), 9)),
        panic_of(|| flow.clone().initialize(&x())),
    ];
    assert!(texts.iter().all(|text| text == wanted), "{texts:?}");
    let wanted = "continuous flow: takes latents of shape [batch, 3], got [5, 4]";
    assert_eq!(panic_of(|| flow.decode(x())), wanted);

    let nice = NiceConfig::paper(6, 16).with_hidden(4).init(&device);
    let wanted = "nice: takes rows of shape [batch, 6], got [5, 4]";
    assert_eq!(panic_of(|| nice.loss(x(), &mut noise())), wanted);
    let vae = VaeConfig::bernoulli(size(), 2).init(&device);
    let wanted = "vae: takes images of shape [batch, 64], got [5, 4]";
    assert_eq!(panic_of(|| vae.observe(x(), &mut noise())), wanted);
    let wanted = "vae: takes latents of shape [batch, 2], got [5, 4]";
    assert_eq!(panic_of(|| vae.decode(x(), &())), wanted);
    let vib = VibConfig::new(3, 2).with_hidden(vec![4]).init(&device);
    let wanted = "vib: takes rows of shape [batch, 3], got [5, 4]";
    assert_eq!(panic_of(|| vib.rate(x())), wanted);
}

fn ints(labels: &[i32]) -> Tensor<1, Int> {
    Tensor::from_ints(labels, &Device::default())
}

fn not_a_label<T: Debug>(found: Result<T, FlowError>) {
    let text = found.unwrap_err().to_string();
    assert!(
        text.starts_with("row 1 has label 3; labels are 0..3, one for each of 3 classes"),
        "{text}"
    );
}

#[test]
fn labels_are_one_of_the_classes() {
    let device = Device::default();
    let x = || levels([2, 64], 256, 1, &device);
    let bad = ints(&[0, 3]);
    let glow = ConditionalGlowConfig::new(glow(), 3).init(&device);
    let given = glow.given(&bad);
    not_a_label(given.log_prob(square(x()), &mut noise()));
    not_a_label(given.loss(square(x()), &mut noise()));
    not_a_label(given.importance(square(x()), 2, &mut noise()));
    not_a_label(given.log_probs(&square(x()), 1, &mut noise()));
    not_a_label(
        glow.clone()
            .initialize_given(square(x()), &bad, &mut noise())
            .map(drop),
    );
    for negative in [-1, i32::MAX] {
        let labels = ints(&[negative, 0]);
        assert!(glow.given(&labels).loss(square(x()), &mut noise()).is_err());
    }
    let text = panic_of(|| given.sample(2, 1.0, &mut noise()));
    assert!(
        text.contains("row 1 has label 3; labels are 0..3"),
        "{text}"
    );

    let vae = ConditionalVaeConfig::new(VaeConfig::bernoulli(size(), 2), 3).init(&device);
    let loss = ElboLoss::default();
    not_a_label(vae.elbo(x(), &bad, KlForm::Analytic, &mut noise()));
    not_a_label(vae.loss(x(), &bad, &loss, &mut noise()));
    not_a_label(vae.importance(x(), &bad, 2, &mut noise()));
    not_a_label(vae.clone().initialize(x(), &bad, &mut noise()).map(drop));
    let text = panic_of(|| vae.sample(2, &bad, 1.0, &mut noise()));
    assert!(
        text.contains("row 1 has label 3; labels are 0..3"),
        "{text}"
    );

    let vib = VibConfig::new(64, 3).with_hidden(vec![4]).init(&device);
    not_a_label(vib.loss(x(), bad.clone(), &VibLoss::default(), &mut noise()));
    not_a_label(vib.plain_loss(x(), bad));
}

#[test]
fn another_number_of_labels_panics() {
    let device = Device::default();
    let x = || levels([4, 64], 256, 1, &device);
    let two = ints(&[0, 1]);
    let glow = ConditionalGlowConfig::new(glow(), 3).init(&device);
    let given = glow.given(&two);
    let wanted =
        "conditional glow: one of the condition for each of 4 samples, or one for all, got 2";
    let texts = [
        panic_of(|| given.log_prob(square(x()), &mut noise())),
        panic_of(|| given.loss(square(x()), &mut noise())),
        panic_of(|| given.sample(4, 1.0, &mut noise())),
        panic_of(|| given.encode(square(x()))),
        panic_of(|| given.loss_and_gradients(square(x()), &mut noise(), &Reversible::new())),
        panic_of(|| {
            glow.clone()
                .initialize_given(square(x()), &two, &mut noise())
        }),
    ];
    assert!(texts.iter().all(|text| text == wanted), "{texts:?}");

    let vae = ConditionalVaeConfig::new(VaeConfig::bernoulli(size(), 2), 3).init(&device);
    let text = panic_of(|| vae.sample(4, &two, 1.0, &mut noise()));
    assert!(
        text.contains("for each of 4 samples, or one for all, got 2"),
        "{text}"
    );
    let text = panic_of(|| vae.elbo(x(), &two, KlForm::Analytic, &mut noise()));
    assert!(
        text.contains("for each of 4 samples, or one for all, got 2"),
        "{text}"
    );

    let vib = VibConfig::new(64, 3).with_hidden(vec![4]).init(&device);
    for labels in [ints(&[0]), two] {
        let count = labels.dims()[0];
        let text = panic_of(|| vib.plain_loss(x(), labels.clone()));
        let wanted = format!("vib: one of the labels for each of 4 samples, got {count}");
        assert_eq!(text, wanted);
    }
}

#[test]
fn a_classifier_takes_finite_numbers() {
    for device in cpu_devices() {
        let vib = VibConfig::new(64, 3).with_hidden(vec![4]).init(&device);
        for bad in [f64::NAN, f64::NEG_INFINITY] {
            let x = || batch(bad, &device, DType::F32);
            let found = [
                vib.rate(x()).map(drop),
                vib.mean_logits(x()).map(drop),
                vib.forward(x(), &mut noise()).map(drop),
                vib.probabilities(x(), 2, &mut noise()).map(drop),
                vib.plain_loss(x(), ints(&[0, 1, 2, 0])).map(drop),
            ];
            for error in found.map(Result::unwrap_err) {
                let text = error.to_string();
                assert!(text.starts_with("row 2, feature 5 is "), "{text}");
            }
        }
    }
}
