//! Every model looks at its data first: values that it cannot take are errors, shapes panic.
#![allow(clippy::unwrap_used)] // a helper of tests may panic as they do

mod common;

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use burn::tensor::{DType, Device, Int, Tensor};
use common::levels;
use thalweg_device::cpu_devices;
use thalweg_flow::precision::cast;
use thalweg_flow::{FlowError, Noise, Reversible};
use thalweg_models::variational::{Binarization, ElboLoss, KlForm, LikelihoodStyle};
use thalweg_models::vib::VibLoss;
use thalweg_models::{
    ConditionalGlowConfig, ConditionalVaeConfig, CouplingFlowConfig, FvaeConfig, GlowConfig,
    ImageSize, NiceConfig, RealNvpConfig, VaeConfig, VibConfig,
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

/// Values that are no levels, and what is to be done about them.
const BAD: [(f64, &str); 8] = [
    (0.5, "look scaled, make levels of them by (x * 255).round()"),
    (
        -0.25,
        "look scaled, make levels of them by ((x + 1) * 127.5).round()",
    ),
    (300.0, "give the model the 301 (or 65536 of 16 bits) levels"),
    (f64::NAN, "fill such values, or remove their rows"),
    (f64::INFINITY, "fill such values, or remove their rows"),
    (-1.0, "the lowest level is 0"),
    (12.5, "round it"),
    (1e9, "bring the data to fewer"),
];

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

/// Everywhere that a model takes levels, each bad value is an error that names its place and the way out.
fn refuses<T, F: Fn(Tensor<2>) -> Result<T, FlowError>>(what: &str, dtype: DType, run: F) {
    for device in cpu_devices() {
        for (bad, way) in BAD {
            for device in [device.clone(), device.clone().autodiff()] {
                let Err(error) = run(batch(bad, &device, dtype)) else {
                    panic!("{what} took {bad} in {dtype:?} on {device:?}");
                };
                let text = error.to_string();
                assert!(text.starts_with("row 2, feature 5 is "), "{what}: {text}");
                assert!(text.contains("0..=255 (256 levels)"), "{what}: {text}");
                assert!(text.contains(way), "{what}, {bad}: {text}");
                assert!(!text.contains("standardize"), "{text}");
            }
        }
    }
}

/// Rows of pixels as images.
fn square(rows: Tensor<2>) -> Tensor<4> {
    let [batch, _] = rows.dims();
    rows.reshape([batch, 1, 8, 8])
}

const BOTH: [DType; 2] = [DType::F32, DType::F64];

#[test]
fn nice_takes_levels() {
    let how = Reversible::new();
    for (config, dtype) in [NiceConfig::paper(64, 256), NiceConfig::blog(64, 256)]
        .into_iter()
        .flat_map(|config| BOTH.map(|dtype| (config.clone(), dtype)))
    {
        let nice = cast(
            config.with_hidden(4).with_depth(1).init(&Device::default()),
            dtype,
        );
        let nice = nice.unwrap();
        refuses("log_prob", dtype, |x| nice.log_prob(x, &mut noise()));
        refuses("loss", dtype, |x| nice.loss(x, &mut noise()));
        refuses("encode", dtype, |x| nice.encode(x, &mut noise()));
        refuses("initialize", dtype, |x| {
            nice.clone().initialize(x, &mut noise())
        });
        refuses("log_probs", dtype, |x| nice.log_probs(&x, 3, &mut noise()));
        refuses("gradients", dtype, |x| {
            nice.loss_and_gradients(x, &mut noise(), &how)
        });
    }
}

#[test]
fn image_flows_take_levels() {
    let how = Reversible::new();
    for dtype in BOTH {
        let glow = cast(glow().init(&Device::default()), dtype).unwrap();
        refuses("log_prob", dtype, |x| {
            glow.log_prob(square(x), &mut noise())
        });
        refuses("loss", dtype, |x| glow.loss(square(x), &mut noise()));
        refuses("importance", dtype, |x| {
            glow.importance(square(x), 2, &mut noise())
        });
        refuses("initialize", dtype, |x| {
            glow.clone().initialize(square(x), &mut noise())
        });
        refuses("log_probs", dtype, |x| {
            glow.log_probs(&square(x), 1, &mut noise())
        });
        refuses("gradients", dtype, |x| {
            glow.loss_and_gradients(square(x), &mut noise(), &how)
        });
        let config = RealNvpConfig::paper(size()).with_scales(2).with_hidden(4);
        let realnvp = cast(config.with_blocks(1).init(&Device::default()), dtype).unwrap();
        refuses("log_prob", dtype, |x| {
            realnvp.log_prob(square(x), &mut noise())
        });
    }
    let compiled = glow().init(&Device::default()).compile(2);
    refuses("compiled", DType::F32, |x| {
        let numbers: Vec<f32> = x.into_data().iter::<f32>().collect();
        compiled.log_prob(&numbers, &mut noise())
    });
}

#[test]
fn variational_models_take_levels() {
    let styles = [
        LikelihoodStyle::Bernoulli(Binarization::Dynamic),
        LikelihoodStyle::Bernoulli(Binarization::Static),
        LikelihoodStyle::Bernoulli(Binarization::Threshold),
        LikelihoodStyle::Gaussian,
        LikelihoodStyle::DiscretizedLogistic,
    ];
    for (style, dtype) in styles
        .into_iter()
        .flat_map(|s| BOTH.map(|dtype| (s, dtype)))
    {
        let vae = cast(
            VaeConfig::new(size(), style, 2).init(&Device::default()),
            dtype,
        )
        .unwrap();
        let loss = ElboLoss::default();
        refuses("elbo", dtype, |x| {
            vae.elbo(x, &(), KlForm::Analytic, &mut noise())
        });
        refuses("loss", dtype, |x| vae.loss(x, &(), &loss, &mut noise()));
        refuses("observe", dtype, |x| vae.observe(x, &mut noise()));
        refuses("importance", dtype, |x| {
            vae.importance(x, &(), 2, &mut noise())
        });
        refuses("log_probs", dtype, |x| {
            vae.log_probs(&x, &(), 3, &mut noise())
        });
        refuses("initialize", dtype, |x| {
            vae.clone().initialize(x, &(), &mut noise())
        });
    }
    for dtype in BOTH {
        let fvae = cast(fvae().init(&Device::default()), dtype).unwrap();
        refuses("bound", dtype, |x| fvae.bound(square(x), &mut noise()));
        refuses("elbo", dtype, |x| fvae.elbo(square(x), &mut noise()));
        refuses("loss", dtype, |x| fvae.loss(square(x), &mut noise()));
        refuses("importance", dtype, |x| {
            fvae.importance(square(x), 2, &mut noise())
        });
        refuses("initialize", dtype, |x| {
            fvae.clone().initialize(square(x), &mut noise())
        });
        for binarization in [
            Binarization::Dynamic,
            Binarization::Static,
            Binarization::Threshold,
        ] {
            refuses("prepare", dtype, |x| {
                binarization.prepare(x, 256, &mut noise())
            });
            refuses("apply", dtype, |x| binarization.apply(x, 256, &mut noise()));
        }
    }
}

#[test]
fn data_of_two_levels_say_so() {
    let nice = NiceConfig::paper(64, 2)
        .with_hidden(4)
        .init(&Device::default());
    let text = nice
        .loss(batch(255.0, &Device::default(), DType::F32), &mut noise())
        .unwrap_err()
        .to_string();
    assert!(text.contains("whole numbers in 0..=1 (2 levels)"), "{text}");
    assert!(text.contains("256 levels that such data have"), "{text}");
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

#[test]
fn levels_that_look_scaled_are_warned_of() {
    let device = Device::default();
    let binary = levels([8, 64], 2, 1, &device);
    let few = levels([8, 64], 17, 1, &device);
    let all = levels([8, 64], 256, 1, &device);
    let warnings = |x: Tensor<2>| {
        let config = NiceConfig::paper(64, 256).with_hidden(4);
        let nice = config
            .init(&device)
            .initialize(x.clone(), &mut noise())
            .unwrap();
        let glow = glow()
            .init(&device)
            .initialize(square(x.clone()), &mut noise())
            .unwrap();
        let vae = VaeConfig::bernoulli(size(), 2).init(&device);
        let vae = vae.initialize(x.clone(), &(), &mut noise()).unwrap();
        let fvae = fvae()
            .init(&device)
            .initialize(square(x), &mut noise())
            .unwrap();
        [
            nice.warnings(),
            glow.warnings(),
            vae.warnings(),
            fvae.warnings(),
        ]
        .map(|warnings| warnings.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    for found in warnings(binary) {
        assert!(
            found[0].starts_with("the largest of all values is 1, of 256 levels"),
            "{found:?}"
        );
    }
    for found in warnings(few) {
        assert!(found[0].contains("or have 17 levels"), "{found:?}");
    }
    assert!(warnings(all).iter().all(Vec::is_empty));
}

#[test]
fn a_constant_column_is_warned_of_and_the_warning_kept() {
    let x = Tensor::<2>::from_floats([[1.0, 7.5], [2.0, 7.5], [4.0, 7.5]], &Device::default());
    let flow = CouplingFlowConfig::realnvp(2).init(&Device::default());
    assert!(flow.warnings().is_empty());
    let flow = flow.initialize(&x).unwrap();
    let text = flow.warnings()[0].to_string();
    assert!(
        text.contains("feature number 1 is constant (7.5)"),
        "{text}"
    );
}
