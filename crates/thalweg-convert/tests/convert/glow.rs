//! Glow of images, from glow-pytorch.

use burn::tensor::{DType, Device, Tensor, TensorData};
use safetensors::{SafeTensors, serialize};
use thalweg_convert::{Converted, Model, Options, Source, convert, convert_bytes, verify};
use thalweg_flow::compiled::Scratch;
use thalweg_flow::{Latents, Noise};
use thalweg_models::image::ImageConfig;
use thalweg_models::{EdgeGlow, ImageSize};

use crate::vectors;

/// Names, height and width.
const CASES: [(&str, &str); 3] = [
    ("glow_pytorch_affine", "image = [8, 8]"),
    ("glow_pytorch_full", "image = [8, 12]"),
    ("glow_pytorch_additive", "image = [8, 8]\nlevels = 256"),
];

fn converted((name, options): (&str, &str), dtype: DType, device: &Device) -> Converted {
    let options: Options = options.parse().unwrap();
    let converted = convert(vectors(name), Source::GlowPytorch, &options, device, dtype);
    converted.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn glow(case: (&str, &str), dtype: DType, device: &Device) -> EdgeGlow {
    converted(case, dtype, device).model.images().unwrap()
}

pub(crate) fn tensor<const D: usize>(name: &str, key: &str, place: (&Device, DType)) -> Tensor<D> {
    let bytes = std::fs::read(vectors(&format!("{name}.vectors"))).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let view = file.tensor(key).unwrap();
    let data = TensorData::from_bytes_vec(view.data().to_vec(), view.shape().to_vec(), DType::F64);
    Tensor::from_data(data, place)
}

/// A density of nats of the unit cube is one of `[−½, ½]`: they differ by a shift.
#[test]
fn log_densities_are_those_of_the_repository() {
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
fn images_of_latents_are_those_of_the_repository() {
    let device = Device::default();
    for case in CASES {
        for (dtype, tolerance) in [(DType::F64, 1e-9), (DType::F32, 1e-4)] {
            let place = (&device, dtype);
            let model = glow(case, dtype, &device);
            let z = tensor::<2>(case.0, "z_in", place);
            let z = Latents::restore(z, &model.config().latent_shapes());
            let found = model.decode(z).sub_scalar(0.5);
            let expected = tensor::<4>(case.0, "x_out", place);
            let worst = (found - expected).abs().max().into_scalar::<f64>();
            println!("{} {dtype:?}: {worst:.1e}", case.0);
            assert!(worst < tolerance, "{}, {dtype:?}: {worst:e}", case.0);
        }
    }
}

#[test]
fn sizes_and_choices_are_those_of_the_names_and_shapes() {
    let device = Device::default();
    let of = |case| glow(case, DType::F32, &device).config().clone();
    let affine = of(CASES[0]);
    assert_eq!(affine.image, ImageSize::new([3, 8, 8]).with_levels(32));
    assert_eq!((affine.scales, affine.depth, affine.hidden), (2, 2, 8));
    assert!(!affine.additive);
    let additive = of(CASES[2]);
    assert_eq!(additive.image, ImageSize::new([1, 8, 8]));
    assert!(additive.additive);
}

#[test]
fn models_are_saved_loaded_and_compiled() {
    let (device, folder) = (Device::default(), tempfile::tempdir().unwrap());
    for case in CASES {
        let path = folder.path().join(case.0);
        let model = glow(case, DType::F32, &device);
        Model::Images(Box::new(model.clone())).save(&path).unwrap();
        let loaded = EdgeGlow::load(&path, &device).unwrap();
        let y = tensor::<4>(case.0, "x", (&device, DType::F32)).add_scalar(0.5);
        let levels = model.quantize(y);
        let nats = |model: &EdgeGlow| model.log_prob(levels.clone(), &mut Noise::seeded(3));
        let expected = nats(&model).unwrap().into_data();
        assert_eq!(nats(&loaded).unwrap().into_data(), expected, "{}", case.0);
        let numbers: Vec<f32> = levels.clone().into_data().try_to_vec().unwrap();
        let compiled = model.compile(2);
        let (noise, scratch) = (&mut Noise::seeded(3), &mut Scratch::default());
        let found = compiled.log_probs(&numbers, &(), noise, scratch).unwrap();
        for (found, expected) in found.iter().zip(expected.iter::<f32>()) {
            assert!(
                (found - expected).abs() < 1e-3,
                "{}: {found}, {expected}",
                case.0
            );
        }
    }
}

/// `DataParallel` puts `module.` in front of every name.
#[test]
fn names_of_a_parallel_model_are_read() {
    let device = Device::default();
    let bytes = std::fs::read(vectors("glow_pytorch_additive")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let all = file.tensors().into_iter();
    let all = all.map(|(name, view)| (format!("module.{name}"), view));
    let bytes = serialize(all, None).unwrap();
    let options: Options = "image = [8, 8]".parse().unwrap();
    let found = convert_bytes(&bytes, Source::GlowPytorch, &options, &device, DType::F64);
    let model = found.unwrap().model;
    let file = vectors("glow_pytorch_additive.vectors");
    let found = verify(&model, file, (&device, DType::F64)).unwrap();
    assert!(found.largest < 1e-9, "{found:?}");
}

#[test]
fn another_size_is_named() {
    let device = Device::default();
    let case = ("glow_pytorch_affine", "image = [16, 16]");
    let model = converted(case, DType::F32, &device).model;
    let file = vectors("glow_pytorch_affine.vectors");
    let found = verify(&model, file, (&device, DType::F32)).unwrap_err();
    assert!(found.to_string().contains("`image`"), "{found}");
    let options: Options = "image = [6, 6]".parse().unwrap();
    let found = convert(
        vectors(case.0),
        Source::GlowPytorch,
        &options,
        &device,
        DType::F32,
    );
    let found = found.unwrap_err();
    assert!(found.to_string().contains("halved 2 times"), "{found}");
}
