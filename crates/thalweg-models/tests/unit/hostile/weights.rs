//! Weights that are no weights.

use burn::module::{Module, Param};
use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{Noise, Permutation};
use thalweg_models::NiceConfig;
use thalweg_models::file::{FileProblem, WeightProblem, load, save};
use thalweg_mutate::ModelFile;

use super::{file, refusal, sound_file};

/// A sound file in which some bytes of a tensor are others.
fn with_bytes(file: &[u8], name: &str, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut model = ModelFile::of(file).unwrap();
    let begin = model.header[name]["data_offsets"][0].as_u64().unwrap() as usize;
    model.data[begin + at..][..bytes.len()].copy_from_slice(bytes);
    model.sealed()
}

#[test]
fn a_weight_that_is_no_number_is_named() {
    let name = "flow.bijection.steps.1.coupling.conditioner.layers.0.weight";
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let bytes = with_bytes(&sound_file("nice"), name, 8, &value.to_le_bytes());
        let problem = refusal("nice", &bytes);
        let FileProblem::NotFinite {
            name: found, place, ..
        } = &problem
        else {
            panic!("{problem}");
        };
        assert_eq!((found.as_str(), *place), (name, 2));
        let text = format!("number 2 of {name} is {value}; a training that fails");
        assert!(problem.to_string().starts_with(&text), "{problem}");
        let wide = f64::from(value).to_le_bytes();
        let problem = refusal(
            "nice",
            &with_bytes(&sound_file("nice-f64"), name, 16, &wide),
        );
        assert!(
            matches!(problem, FileProblem::NotFinite { place: 2, .. }),
            "{problem}"
        );
    }
}

/// A module of a user.
#[derive(Module, Debug)]
struct Weights {
    weight: Param<Tensor<1>>,
}

#[test]
fn neither_saved_nor_loaded_in_any_type() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let device = Device::default();
    let weights = |numbers: [f32; 3], dtype| Weights {
        weight: Param::from_tensor(Tensor::<1>::from_floats(numbers, &device).cast(dtype)),
    };
    for dtype in [DType::F64, DType::F32, DType::F16, DType::BF16] {
        let fine = weights([0.5, -0.0, 1024.0], dtype);
        save(&fine, &path).unwrap();
        let loaded = load(weights([0.0; 3], DType::F32), &path).unwrap();
        assert_eq!(
            loaded.weight.val().into_data(),
            fine.weight.val().into_data()
        );
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = save(&weights([1.0, value, 2.0], dtype), &path).unwrap_err();
            let FileProblem::NotFinite {
                name,
                place,
                value: found,
            } = error.problem
            else {
                panic!("{error}");
            };
            assert_eq!((name.as_str(), place), ("weight", 1));
            assert_eq!(found.to_string(), value.to_string(), "{dtype:?}");
        }
        // The earlier file is as it was.
        assert!(load(weights([0.0; 3], DType::F32), &path).is_ok());
    }
}

#[test]
fn an_order_that_is_none_is_named() {
    let name = "flow.bijection.steps.0.mix.form.order";
    let model = ModelFile::of(&sound_file("coupling-nsf")).unwrap();
    assert_eq!(model.header[name]["dtype"], "I32");
    for order in [
        [0, 1, 3],
        [0, 0, 1],
        [-1, 0, 1],
        [2, 1, i32::MAX],
        [i32::MIN, 1, 2],
    ] {
        let bytes: Vec<u8> = order.iter().flat_map(|index| index.to_le_bytes()).collect();
        let bytes = with_bytes(&sound_file("coupling-nsf"), name, 0, &bytes);
        let problem = refusal("coupling flow", &bytes);
        let FileProblem::Weights(problems) = &problem else {
            panic!("{problem}");
        };
        let expected = WeightProblem::Order {
            name: name.to_owned(),
            last: 2,
        };
        assert_eq!(problems[..], [expected]);
    }
}

#[test]
fn an_order_of_a_layer_by_hand() {
    let device = Device::default();
    let layer = || Permutation::<2>::shuffled(4, &mut Noise::seeded(0), &device);
    let (_folder, path) = file(b"");
    save(&layer(), &path).unwrap();
    assert!(load(layer(), &path).is_ok());
    let sound = std::fs::read(&path).unwrap();
    for name in ["indices", "inverse_indices"] {
        std::fs::write(&path, with_bytes(&sound, name, 0, &[9])).unwrap();
        let error = load(layer(), &path).unwrap_err().to_string();
        let expected = format!("{name} does not hold each of the whole numbers from 0 to 3 once");
        assert!(error.ends_with(&expected), "{error}");
    }
}

#[test]
fn a_training_that_failed_is_not_saved() {
    let device = Device::default();
    let nice = NiceConfig::paper(2, 4)
        .with_hidden(2)
        .with_depth(1)
        .init(&device);
    let nice = thalweg_laws::scramble(nice, f64::NAN);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nice");
    let error = nice.save(&path).unwrap_err();
    assert!(
        matches!(error.problem, FileProblem::NotFinite { .. }),
        "{error}"
    );
    assert!(!path.exists());
}
