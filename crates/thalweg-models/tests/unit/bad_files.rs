//! Files that hold no usable model are refused with a reason, and nothing else happens.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use burn::module::{Module, Param, ParamId};
use burn::tensor::{Device, Int, Tensor};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use safetensors::tensor::{Dtype, TensorView};
use tempfile::TempDir;
use thalweg_laws::scramble;
use thalweg_models::file::{FileProblem, WeightProblem, load, save, write};
use thalweg_models::{ModelFileError, Nice, NiceConfig};

fn config() -> NiceConfig {
    NiceConfig::paper(4, 16)
        .with_hidden(3)
        .with_depth(1)
        .with_couplings(2)
}

fn folder_with(bytes: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model"), bytes).unwrap();
    folder
}

/// What loading these bytes says.
fn refusal(bytes: &[u8]) -> ModelFileError {
    let folder = folder_with(bytes);
    refused_at(&folder.path().join("model"))
}

fn refused_at(path: &Path) -> ModelFileError {
    match Nice::load(path, &Device::default()) {
        Ok(_) => panic!("it was loaded"),
        Err(error) => {
            let message = error.to_string();
            assert!(
                message.starts_with(&path.display().to_string()),
                "{message}"
            );
            error
        }
    }
}

/// What loading a file with this configuration and module says.
fn refusal_of(kind: &str, config: &impl serde::Serialize, module: &impl Module) -> ModelFileError {
    let folder = folder_with(b"");
    let path = folder.path().join("model");
    write(&path, kind, config, module).unwrap();
    refused_at(&path)
}

fn sound_bytes() -> Vec<u8> {
    static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let folder = folder_with(b"");
        let path = folder.path().join("model");
        let nice = scramble(config().init(&Device::default()), 0.2);
        nice.save(&path).unwrap();
        std::fs::read(&path).unwrap()
    });
    BYTES.clone()
}

/// Where the tensors begin.
fn header_end(bytes: &[u8]) -> usize {
    8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize
}

#[test]
fn a_missing_file_and_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("nothing"), folder.path().to_owned()] {
        assert!(matches!(refused_at(&path).problem, FileProblem::Io(_)));
    }
}

#[test]
fn a_truncated_file() {
    let bytes = sound_bytes();
    let lengths = (0..bytes.len())
        .step_by(97)
        .chain([7, 8, header_end(&bytes), bytes.len() - 1]);
    for length in lengths {
        let error = refusal(&bytes[..length]);
        assert!(
            matches!(error.problem, FileProblem::Malformed(_)),
            "{length}: {error}"
        );
    }
}

#[test]
fn a_file_with_something_behind_its_end() {
    let mut bytes = sound_bytes();
    bytes.push(0);
    assert!(matches!(refusal(&bytes).problem, FileProblem::Malformed(_)));
}

#[test]
fn one_bit_of_the_weights() {
    let bytes = sound_bytes();
    for (count, position) in (header_end(&bytes)..bytes.len()).step_by(13).enumerate() {
        let mut changed = bytes.clone();
        changed[position] ^= 1 << (count % 8);
        let error = refusal(&changed);
        assert!(
            matches!(error.problem, FileProblem::Altered),
            "{position}: {error}"
        );
    }
}

#[test]
fn one_bit_of_each_byte_of_the_header() {
    // The configuration stands there: a seed or a size changed by a bit would load without a word.
    let bytes = sound_bytes();
    for position in 0..header_end(&bytes) {
        let mut changed = bytes.clone();
        changed[position] ^= 1 << (position % 8);
        refusal(&changed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        rng_seed: RngSeed::Fixed(0),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_byte_replaced_by_another(at: prop::sample::Index, change in 1..=255u8) {
        let mut bytes = sound_bytes();
        let position = at.index(bytes.len());
        bytes[position] ^= change;
        let folder = folder_with(&bytes);
        // White space at the header's end may become other white space; nothing else may change.
        if let Ok(nice) = Nice::load(folder.path().join("model"), &Device::default()) {
            prop_assert!(bytes[position].is_ascii_whitespace(), "byte {position} is not covered");
            prop_assert_eq!(nice.config(), &config());
        }
    }

    #[test]
    fn bytes_that_were_never_a_model(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        refusal(&bytes);
    }
}

/// The bytes of a sound file with a text of its header replaced by another of the same length.
fn edited(from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = sound_bytes();
    let at = bytes
        .windows(from.len())
        .position(|w| w == from.as_bytes())
        .unwrap();
    bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    bytes
}

#[test]
fn a_later_version() {
    let error = refusal(&edited(
        r#"thalweg.version":"1""#,
        r#"thalweg.version":"2""#,
    ));
    assert!(matches!(
        error.problem,
        FileProblem::Newer {
            version: 2,
            newest: 1,
        }
    ));
    assert!(
        error
            .to_string()
            .ends_with("format version 2, but this program reads up to 1; update thalweg")
    );
    let error = refusal(&edited(
        r#"thalweg.version":"1""#,
        r#"thalweg.version":"x""#,
    ));
    assert!(matches!(error.problem, FileProblem::Malformed(_)));
}

#[test]
fn an_edited_configuration() {
    let error = refusal(&edited(r#"levels\":16"#, r#"levels\":17"#));
    assert!(matches!(error.problem, FileProblem::Altered), "{error}");
}

#[test]
fn weights_of_another_program() {
    let view = || TensorView::new(Dtype::F32, vec![1], &[0; 4]).unwrap();
    let other = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    for metadata in [None, Some(other)] {
        let bytes = safetensors::serialize([("weight", view())], metadata).unwrap();
        let error = refusal(&bytes);
        assert!(matches!(&error.problem, FileProblem::Foreign(key) if key == "thalweg.version"));
        assert!(error.to_string().contains("not written by thalweg"));
    }
}

#[test]
fn another_kind_of_model() {
    let error = refusal_of("glow", &config(), &config().init(&Device::default()));
    assert!(
        error.to_string().ends_with("holds a 'glow', not a 'nice'"),
        "{error}"
    );
}

#[test]
fn a_configuration_that_is_none() {
    let nice = config().init(&Device::default());
    for json in [
        serde_json::json!("a text"),
        serde_json::json!({"features": 4}),
        serde_json::json!({"features": -4, "levels": 2, "style": "Paper"}),
    ] {
        let error = refusal_of("nice", &json, &nice);
        assert!(
            error
                .to_string()
                .contains("its configuration does not read"),
            "{error}"
        );
    }
}

#[test]
fn a_configuration_out_of_its_bounds() {
    let nice = config().init(&Device::default());
    for (changed, message) in [
        (
            NiceConfig::paper(1, 16),
            "nice: features is 1, but must be at least 2",
        ),
        (
            config().with_couplings(0),
            "nice: couplings is 0, but must be at least 1",
        ),
    ] {
        let error = refusal_of("nice", &changed, &nice);
        assert!(matches!(error.problem, FileProblem::Config(_)));
        assert!(error.to_string().ends_with(message), "{error}");
    }
}

#[test]
fn a_configuration_larger_than_memory() {
    let nice = config().init(&Device::default());
    let large = 4_000_000_000;
    for changed in [
        config().with_hidden(large),
        config().with_depth(large),
        config().with_couplings(large),
        NiceConfig::paper(large, 16),
        NiceConfig::blog(large, 16)
            .with_hidden(large)
            .with_depth(large)
            .with_couplings(large),
    ] {
        let error = refusal_of("nice", &changed, &nice);
        assert!(matches!(error.problem, FileProblem::Weights(_)), "{error}");
        assert!(
            error.to_string().contains("numbers, the file holds"),
            "{error}"
        );
    }
}

#[test]
fn weights_that_do_not_fit_are_named() {
    let made = |config: &NiceConfig| config.init(&Device::default());
    let steps = "flow.bijection.steps";
    let layers = "coupling.conditioner.layers";

    let missing = refusal_of("nice", &config().with_couplings(3), &made(&config()));
    let text = format!("{steps}.2.{layers}.0.weight is missing");
    assert!(missing.to_string().contains(&text), "{missing}");

    let superfluous = refusal_of("nice", &config().with_couplings(1), &made(&config()));
    let text = format!("{steps}.1.{layers}.0.weight has no place in the model");
    assert!(superfluous.to_string().contains(&text), "{superfluous}");

    let wider = refusal_of("nice", &config(), &made(&config().with_hidden(5)));
    let text = format!("{steps}.0.{layers}.0.weight has shape [2, 5], the model needs [2, 3]");
    assert!(wider.to_string().contains(&text), "{wider}");
}

#[test]
fn tensors_that_do_not_fit_are_told_apart() {
    let made = config().with_couplings(1).init(&Device::default());
    let error = refusal_of("nice", &config().with_couplings(1).with_hidden(5), &made);
    let FileProblem::Weights(problems) = error.problem else {
        panic!("{error}");
    };
    let layers = "flow.bijection.steps.0.coupling.conditioner.layers";
    let shape = |layer: &str, found: &[usize], needed: &[usize]| WeightProblem::Shape {
        name: format!("{layers}.{layer}"),
        found: found.to_vec(),
        needed: needed.to_vec(),
    };
    let mut expected = vec![
        shape("0.bias", &[3], &[5]),
        shape("0.weight", &[2, 3], &[2, 5]),
        shape("1.weight", &[3, 2], &[5, 2]),
    ];
    for problem in problems {
        let at = expected.iter().position(|one| *one == problem);
        expected.remove(at.unwrap_or_else(|| panic!("{problem}")));
    }
    assert!(expected.is_empty(), "{expected:?}");
}

/// A module of a user, with a parameter of floats.
#[derive(Module, Debug)]
struct Floats {
    weight: Param<Tensor<1>>,
}

/// The same with whole numbers.
#[derive(Module, Debug)]
struct Ints {
    weight: Param<Tensor<1, Int>>,
}

#[test]
fn whole_numbers_are_no_floats() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let device = Device::default();
    let floats = || Floats {
        weight: Param::from_data([0.5, 1.5], &device),
    };
    let ints = |values: [i64; 2]| Ints {
        weight: Param::initialized(ParamId::new(), Tensor::from_data(values, &device)),
    };

    save(&ints([3, 4]), &path).unwrap();
    let error = load(floats(), &path).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the model needs F64, F32, F16 or BF16"),
        "{error}"
    );
    let loaded = load(ints([0, 0]), &path).unwrap();
    assert_eq!(
        loaded
            .weight
            .val()
            .into_data()
            .iter::<i64>()
            .collect::<Vec<_>>(),
        [3, 4]
    );

    save(&floats(), &path).unwrap();
    let error = load(ints([0, 0]), &path).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("weight is of type F32, the model needs I64 or I32"),
        "{error}"
    );
}

#[test]
fn a_path_that_cannot_be_written_changes_nothing() {
    let folder = folder_with(b"an older file");
    let nice = config().init(&Device::default());
    // Below a file, and in the place of a folder that is not empty.
    let below = folder.path().join("model").join("model");
    let taken = folder.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    std::fs::write(taken.join("something"), "else").unwrap();
    for path in [below, taken.clone()] {
        let error = nice.save(&path).unwrap_err();
        assert!(matches!(error.problem, FileProblem::Io(_)), "{error}");
    }
    assert_eq!(
        std::fs::read(folder.path().join("model")).unwrap(),
        b"an older file"
    );
    assert_eq!(std::fs::read(taken.join("something")).unwrap(), b"else");
    let left = |path: &Path| std::fs::read_dir(path).unwrap().count();
    assert_eq!(
        (left(folder.path()), left(&taken)),
        (2, 1),
        "a temporary file was left"
    );
}
