//! What is saved comes back to the bit, wherever it was trained and wherever it is loaded.

use std::path::PathBuf;

use crate::common::{levels, parameters, trainable_numbers};
use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use safetensors::SafeTensors;
use tempfile::TempDir;
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_laws::{cast, scramble};
use thalweg_models::{Nice, NiceConfig};

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    (folder, path)
}

fn configs() -> [NiceConfig; 2] {
    [NiceConfig::paper(5, 16), NiceConfig::blog(4, 16)].map(|c| c.with_hidden(6).with_seed(7))
}

/// Fitted to data and moved away from that, as after training.
fn model(config: &NiceConfig, device: &Device) -> Nice {
    let data = levels(
        [30, config.features],
        config.levels,
        1,
        &device.clone().without_autodiff(),
    );
    let nice = config.init(device).initialize(data, &mut Noise::seeded(2));
    scramble(nice.unwrap(), 0.2)
}

#[track_caller]
fn assert_same(found: &Nice, wanted: &Nice) {
    assert_eq!(found.config(), wanted.config());
    assert_eq!(parameters(found), parameters(wanted));
}

/// `log p` of some data under some noise.
fn log_prob(nice: &Nice, device: &Device, dtype: DType) -> burn::tensor::TensorData {
    let config = nice.config();
    let data: Tensor<2> = levels([8, config.features], config.levels, 3, device).cast(dtype);
    nice.log_prob(data, &mut Noise::seeded(4))
        .unwrap()
        .into_data()
}

#[test]
fn a_loaded_model_is_the_saved_one_on_every_device() {
    for device in cpu_devices() {
        for config in configs() {
            let (_folder, path) = place();
            let nice = model(&config, &device);
            nice.save(&path).unwrap();
            let loaded = Nice::load(&path, &device).unwrap();
            assert_same(&loaded, &nice);
            let found = log_prob(&loaded, &device, DType::F32);
            assert_eq!(found, log_prob(&nice, &device, DType::F32));
        }
    }
}

#[test]
fn a_file_of_one_device_is_read_on_the_others() {
    for config in configs() {
        let (_folder, path) = place();
        let nice = model(&config, &Device::default());
        nice.save(&path).unwrap();
        for device in cpu_devices() {
            assert_same(&Nice::load(&path, &device).unwrap(), &nice);
        }
    }
}

#[test]
fn a_model_in_64_bits_stays_so() {
    for device in cpu_devices() {
        for config in configs() {
            let (_folder, path) = place();
            let nice = cast(model(&config, &device), DType::F64).unwrap();
            nice.save(&path).unwrap();
            let loaded = Nice::load(&path, &device).unwrap();
            assert_same(&loaded, &nice);
            let found = log_prob(&loaded, &device, DType::F64);
            assert_eq!(found.dtype(), DType::F64);
            assert_eq!(found, log_prob(&nice, &device, DType::F64));
        }
    }
}

#[test]
fn a_model_under_training_is_saved_and_goes_on_training() {
    for device in cpu_devices() {
        for config in configs() {
            let (_folder, path) = place();
            let training = device.clone().autodiff();
            let nice = model(&config, &training);
            nice.save(&path).unwrap();

            let loaded = Nice::load(&path, &training).unwrap();
            assert_same(&loaded, &nice);
            let data = levels([8, config.features], config.levels, 3, &device);
            let gradients = loaded.loss(data, &mut Noise::seeded(4)).unwrap().backward();
            let used = burn::optim::GradientsParams::from_grads(gradients, &loaded);
            let trainable = parameters(&loaded).values().filter(|p| p.trainable).count();
            assert_eq!(used.len(), trainable);

            // Loaded without autodiff, it still knows what does not train.
            let plain = Nice::load(&path, &device).unwrap();
            assert_eq!(trainable_numbers(&plain.train()), trainable_numbers(&nice));
        }
    }
}

#[test]
fn other_programs_can_read_the_file() {
    for config in configs() {
        let (_folder, path) = place();
        let nice = model(&config, &Device::default());
        nice.save(&path).unwrap();

        let bytes = std::fs::read(&path).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let metadata = header.metadata().clone().unwrap();
        assert_eq!(metadata["thalweg.version"], "1");
        assert_eq!(metadata["thalweg.model"], "nice");
        assert_eq!(metadata["thalweg.crc32"].len(), 8);
        let json: serde_json::Value = serde_json::from_str(&metadata["thalweg.config"]).unwrap();
        assert_eq!(json["features"], config.features);
        assert_eq!(json["levels"], 16);
        assert_eq!(json["seed"], 7);
        let ids = metadata["thalweg.ids"].split(' ').count();
        assert_eq!(ids, SafeTensors::deserialize(&bytes).unwrap().len());
        assert_eq!(metadata.len(), 5);

        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let wanted = parameters(&nice);
        assert_eq!(tensors.len(), wanted.len());
        for (name, parameter) in wanted {
            let view = tensors.tensor(&name).unwrap();
            assert_eq!(view.shape(), parameter.data.shape().as_slice(), "{name}");
            assert_eq!(view.data(), parameter.data.as_bytes(), "{name}");
        }
    }
}

/// The bytes of a model's file.
fn bytes(nice: &Nice) -> Vec<u8> {
    let (_folder, path) = place();
    nice.save(&path).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn equal_models_are_equal_files() {
    let (_folder, path) = place();
    for config in configs() {
        let nice = model(&config, &Device::default());
        let first = bytes(&nice);
        // The order of a hash map would differ in most of eight attempts.
        assert!((0..8).all(|_| bytes(&nice.clone()) == first));
        nice.save(&path).unwrap();
        let loaded = Nice::load(&path, &Device::default()).unwrap();
        assert_eq!(bytes(&loaded), first);
    }
}

/// Models that were made apart have ids of their own, and are else the same file.
#[test]
fn equal_models_that_were_made_apart_differ_in_their_ids_alone() {
    for config in configs() {
        let [one, other] = [(); 2].map(|()| bytes(&model(&config, &Device::default())));
        assert_ne!(one, other);
        let [one, other] = [&one, &other].map(|bytes| {
            let (_, header) = SafeTensors::read_metadata(bytes).unwrap();
            let mut metadata = header.metadata().clone().unwrap();
            for own in ["thalweg.ids", "thalweg.crc32"] {
                assert!(metadata.remove(own).is_some());
            }
            let end = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
            (metadata, bytes[end..].to_vec())
        });
        assert_eq!(one, other);
    }
}

#[test]
fn folders_on_the_way_are_made_and_an_old_file_is_replaced() {
    let (folder, _) = place();
    let path = folder
        .path()
        .join("runs")
        .join("today")
        .join("model.safetensors");
    let [first, second] = configs().map(|config| model(&config, &Device::default()));
    first.save(&path).unwrap();
    second.save(&path).unwrap();
    assert_same(&Nice::load(&path, &Device::default()).unwrap(), &second);
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
    assert_eq!(files, 1, "something was left beside the model");
}

#[cfg(unix)]
#[test]
fn a_model_has_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = place();
    let other = folder.path().join("other");
    std::fs::write(&other, "").unwrap();
    model(&configs()[0], &Device::default())
        .save(&path)
        .unwrap();
    let mode = |path: &PathBuf| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&other));
}
