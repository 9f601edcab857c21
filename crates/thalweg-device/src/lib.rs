//! Burn devices by name, with errors instead of panics.
//!
//! The only code of the workspace that names a backend. Programs choose what is compiled in by
//! Cargo features (`flex`, `ndarray`, `wgpu`, `vulkan`, `metal`, `cuda`, `rocm`, `cpu`) and pick
//! among that at run time:
//!
//! ```
//! # fn main() -> Result<(), thalweg_device::DeviceError> {
//! let default = thalweg_device::from_env()?; // BURN_DEVICE, or the first that is compiled in
//! println!("training on {}", default.name);
//!
//! let error = thalweg_device::resolve("abacus").unwrap_err();
//! assert!(error.to_string().contains("no backend is called 'abacus'"));
//! # Ok(())
//! # }
//! ```
//!
//! Burn's `Device::default()` makes the same choice but panics on a name that it does not know.

mod backends;
mod error;

pub use error::DeviceError;

use burn::tensor::{Device, Tensor};

use backends::BACKENDS;

/// The environment variable that names the device to use.
pub const VARIABLE: &str = "BURN_DEVICE";

/// A device and the name that selected it.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The backend's name, as in its Cargo feature.
    pub name: &'static str,
    /// The device.
    pub device: Device,
}

/// The device of this name (case does not matter).
///
/// # Errors
///
/// A name that no backend has, a backend that is not compiled in, or one that does not start on
/// this machine (a GPU backend without a driver).
pub fn resolve(name: &str) -> Result<Selected, DeviceError> {
    let wanted = name.to_lowercase();
    let backend = BACKENDS
        .iter()
        .find(|backend| backend.name == wanted)
        .ok_or_else(|| DeviceError::Unknown {
            name: name.to_owned(),
            known: known(),
        })?;
    let open = backend.open.ok_or_else(|| DeviceError::NotCompiled {
        name: backend.name,
        compiled: compiled(),
    })?;
    start(backend.name, open)
}

/// The device that [`BURN_DEVICE`](VARIABLE) names, or else the first that is compiled in, GPUs
/// before CPUs.
///
/// # Errors
///
/// As [`resolve`], and when no backend is compiled in.
pub fn from_env() -> Result<Selected, DeviceError> {
    match std::env::var(VARIABLE) {
        Ok(name) => resolve(&name),
        Err(_) => {
            let first = compiled()
                .into_iter()
                .next()
                .ok_or(DeviceError::NoBackend)?;
            resolve(first)
        }
    }
}

/// The backends that are compiled in, in order of preference.
pub fn compiled() -> Vec<&'static str> {
    BACKENDS
        .iter()
        .filter(|backend| backend.open.is_some())
        .map(|backend| backend.name)
        .collect()
}

/// Each CPU backend that is compiled in and needs no driver: what a test suite runs on.
pub fn cpu_devices() -> Vec<Device> {
    BACKENDS
        .iter()
        .filter(|backend| backend.host)
        .filter_map(|b| b.open)
        .map(|open| open())
        .collect()
}

fn known() -> Vec<&'static str> {
    BACKENDS.iter().map(|backend| backend.name).collect()
}

/// Opens a device and runs one addition on it: a GPU backend finds out that it has no driver at
/// its first operation, and then panics.
fn start(name: &'static str, open: fn() -> Device) -> Result<Selected, DeviceError> {
    let attempt = std::panic::catch_unwind(|| {
        let device = open();
        let two = Tensor::<1>::ones([1], &device).add_scalar(1.0);
        two.try_into_scalar::<f32>()
            .map(|_| device)
            .map_err(|error| format!("{error:?}"))
    });
    match attempt {
        Ok(Ok(device)) => Ok(Selected { name, device }),
        Ok(Err(reason)) => Err(DeviceError::DoesNotStart { name, reason }),
        Err(panic) => {
            let reason = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                .unwrap_or_else(|| "it panicked without a message".to_owned());
            Err(DeviceError::DoesNotStart { name, reason })
        }
    }
}
