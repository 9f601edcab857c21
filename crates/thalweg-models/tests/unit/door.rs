//! Every model looks at its data first: values that it cannot take are errors.

use crate::common::levels;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::compiled::Scratch;
use thalweg_flow::precision::cast;
use thalweg_flow::{FlowError, Noise, Reversible};
use thalweg_models::variational::{Binarization, ElboLoss, KlForm, LikelihoodStyle};
use thalweg_models::{
    CouplingFlowConfig, FvaeConfig, GlowConfig, ImageSize, NiceConfig, RealNvpConfig, VaeConfig,
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
        refuses("encode", dtype, |x| nice.encode_levels(x, &mut noise()));
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
        compiled.log_probs(&numbers, &(), &mut noise(), &mut Scratch::default())
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
