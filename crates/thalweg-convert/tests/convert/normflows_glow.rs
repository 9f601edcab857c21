//! Glow of images, from normflows.

use burn::tensor::{DType, Device};
use safetensors::{SafeTensors, serialize};
use thalweg_convert::{Converted, Options, Source, convert, convert_bytes, verify};
use thalweg_flow::compiled::Scratch;
use thalweg_flow::{Latents, Noise};
use thalweg_models::composed::ScaleConfig;
use thalweg_models::image::ImageConfig;
use thalweg_models::{DiagonalGlow, ImageSize};

use crate::glow::tensor;
use crate::vectors;

/// Names, and what the checkpoint does not tell.
const CASES: [(&str, &str); 4] = [
    ("normflows_glow", ""),
    (
        "normflows_glow_base",
        "image = [8, 12]\nscale = \"Exp\"\nactivation = { LeakySlope = 0.1 }",
    ),
    ("normflows_glow_class", "shift = -0.5\nclass = 2"),
    (
        "normflows_glow_base_class",
        "image = [8, 8]\nscale = { Sigmoid = { shift = 2.0 } }\nclass = 1",
    ),
];

fn converted((name, options): (&str, &str), dtype: DType, device: &Device) -> Converted {
    let options: Options = options.parse().unwrap();
    let converted = convert(vectors(name), Source::Normflows, &options, device, dtype);
    converted.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn glow(case: (&str, &str), dtype: DType, device: &Device) -> DiagonalGlow {
    converted(case, dtype, device)
        .model
        .diagonal_glow()
        .unwrap()
}

/// The message of a checkpoint that is no model.
fn refused((name, options): (&str, &str)) -> String {
    let (options, device) = (options.parse().unwrap(), Device::default());
    let found = convert(
        vectors(name),
        Source::Normflows,
        &options,
        &device,
        DType::F32,
    );
    found.unwrap_err().to_string()
}

#[test]
fn log_densities_are_those_of_the_library() {
    let device = Device::default();
    for case in CASES {
        let file = vectors(&format!("{}.vectors", case.0));
        for (dtype, tolerance) in [(DType::F64, 1e-9), (DType::F32, 1e-5)] {
            let model = converted(case, dtype, &device).model;
            let found = verify(&model, &file, (&device, dtype)).unwrap();
            assert_eq!(found.rows, 8);
            println!("{} {dtype:?}: {:.1e}", case.0, found.largest);
            let allowed = tolerance * (1.0 + found.at.abs());
            assert!(found.largest < allowed, "{}, {dtype:?}: {found:?}", case.0);
        }
    }
}

#[test]
fn images_of_latents_are_those_of_the_library() {
    let device = Device::default();
    for case in CASES {
        for (dtype, tolerance) in [(DType::F64, 1e-9), (DType::F32, 1e-4)] {
            let place = (&device, dtype);
            let model = glow(case, dtype, &device);
            let z = tensor::<2>(case.0, "z_in", place);
            let z = Latents::restore(z, &model.config().latent_shapes());
            let expected = tensor::<4>(case.0, "x_out", place);
            let size = expected.clone().abs().max().into_scalar::<f64>();
            let worst = (model.decode(z) - expected).abs().max();
            let worst = worst.into_scalar::<f64>();
            println!("{} {dtype:?}: {worst:.1e} of {size:.1e}", case.0);
            let allowed = tolerance * (1.0 + size);
            assert!(worst < allowed, "{}, {dtype:?}: {worst:e}", case.0);
        }
    }
}

#[test]
fn sizes_and_choices_are_those_of_the_names_and_shapes() {
    let device = Device::default();
    let of = |case| glow(case, DType::F32, &device).config().clone();
    let first = of(CASES[0]);
    assert_eq!(first.image, ImageSize::new([3, 8, 8]));
    assert_eq!((first.scales, first.depth, first.hidden), (2, 2, 8));
    assert!(!first.additive);
    assert_eq!(first.scale, ScaleConfig::InverseSigmoid { shift: 2.0 });
    assert_eq!(of(CASES[1]).image, ImageSize::new([1, 8, 12]));
    assert!(of(CASES[2]).additive);
    let buffers = converted(CASES[0], DType::F32, &device).buffers;
    assert_eq!(buffers.len(), 4);
    assert!(buffers.iter().all(|name| name.ends_with(".eye")));
}

#[test]
fn models_are_saved_loaded_and_compiled() {
    let (device, folder) = (Device::default(), tempfile::tempdir().unwrap());
    for case in CASES {
        let path = folder.path().join(case.0);
        converted(case, DType::F32, &device)
            .model
            .save(&path)
            .unwrap();
        let (model, loaded) = (
            glow(case, DType::F32, &device),
            DiagonalGlow::load(&path, &device).unwrap(),
        );
        let levels = model.quantize(tensor::<4>(case.0, "x", (&device, DType::F32)));
        let nats = |model: &DiagonalGlow| model.log_prob(levels.clone(), &mut Noise::seeded(3));
        let expected = nats(&model).unwrap().into_data();
        assert_eq!(nats(&loaded).unwrap().into_data(), expected, "{}", case.0);
        let numbers: Vec<f32> = levels.clone().into_data().try_to_vec().unwrap();
        let compiled = model.compile(2);
        let (noise, scratch) = (&mut Noise::seeded(3), &mut Scratch::default());
        let found = compiled.log_probs(&numbers, &(), noise, scratch).unwrap();
        for (found, expected) in found.iter().zip(expected.iter::<f32>()) {
            assert!(
                (found - expected).abs() < 1e-3 * (1.0 + expected.abs()),
                "{}: {found}, {expected}",
                case.0
            );
        }
    }
}

#[test]
fn what_a_checkpoint_does_not_tell_is_asked() {
    let cases = [
        (("normflows_glow_base", ""), "`image = [32, 32]`"),
        (("normflows_glow_base", "image = [6, 12]"), "halved 2 times"),
        (("normflows_glow", "image = [16, 16]"), "shape"),
        (("normflows_glow_class", ""), "`class = 0`"),
        (("normflows_glow_class", "class = 3"), "3 classes"),
        (
            ("normflows_glow_base_class", "image = [8, 8]"),
            "`class = 0`",
        ),
        (("normflows_glow", "class = 0"), "no classes"),
        (
            ("normflows_glow_base", "image = [8, 12]\nclass = 0"),
            "no classes",
        ),
    ];
    for (case, part) in cases {
        let found = refused(case);
        assert!(found.contains(part), "{case:?}: {found}");
    }
}

/// Tensors with other names or without some of them, as those of other flows and of damaged files.
#[test]
fn other_flows_of_images_are_refused() {
    let bytes = std::fs::read(vectors("normflows_glow")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let changed = |change: &dyn Fn(String) -> Option<String>| {
        let all = file.tensors().into_iter();
        let all = all.filter_map(|(name, view)| Some((change(name)?, view)));
        let bytes = serialize(all, None).unwrap();
        let (options, device) = (Options::default(), Device::default());
        let found = convert_bytes(&bytes, Source::Normflows, &options, &device, DType::F32);
        found.unwrap_err().to_string()
    };
    let other = changed(&|name| Some(name.replace(".flows.1.param_map", ".flows.1.other")));
    assert!(other.contains("`GlowBlock`s"), "{other}");
    let missing = changed(&|name| Some(name).filter(|name| !name.ends_with("0.flows.2.t")));
    assert!(missing.contains("lacks the tensor"), "{missing}");
    let more = changed(&|name| match name.as_str() {
        "flows.0.0.flows.1.eye" => Some("merges.0.weight".to_owned()),
        _ => Some(name),
    });
    assert!(more.contains("merges.0.weight"), "{more}");
}
