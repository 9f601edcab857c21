//! Names to devices, and the errors for names that give none.

use thalweg_device::{DeviceError, compiled, cpu_devices, resolve};

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let error = resolve("abacus").unwrap_err();
    assert!(matches!(error, DeviceError::Unknown { .. }));
    let text = error.to_string();
    assert!(
        text.contains("'abacus'") && text.contains("flex") && text.contains("wgpu"),
        "{text}"
    );
}

#[test]
fn a_backend_that_is_not_compiled_in_names_its_feature() {
    for name in [
        "cuda", "metal", "rocm", "vulkan", "wgpu", "cpu", "flex", "ndarray",
    ] {
        if compiled().contains(&name) {
            continue;
        }
        let error = resolve(name).unwrap_err();
        assert!(
            matches!(error, DeviceError::NotCompiled { .. }),
            "{name}: {error}"
        );
        assert!(
            error.to_string().contains(&format!("--features {name}")),
            "{error}"
        );
    }
}

#[test]
fn every_cpu_backend_opens_by_its_name_in_any_case() {
    for name in ["flex", "ndarray"]
        .into_iter()
        .filter(|name| compiled().contains(name))
    {
        assert_eq!(resolve(&name.to_uppercase()).unwrap().name, name);
    }
    let hosts = compiled()
        .iter()
        .filter(|name| ["flex", "ndarray"].contains(name))
        .count();
    assert_eq!(cpu_devices().len(), hosts);
}
