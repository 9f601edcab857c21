#![doc = include_str!("../README.md")]

mod backends;

use burn::tensor::{Device, Tensor};

use backends::BACKENDS;

/// The environment variable with the name of the device.
///
/// See [`from_env`] for an example.
pub const VARIABLE: &str = "BURN_DEVICE";

/// A device and the name of its backend.
///
/// See [`from_env`] for an example.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The name of the backend, which is also that of its Cargo feature.
    pub name: &'static str,
    /// The device.
    pub device: Device,
}

/// Why a device cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// No backend has this name.
    #[error("no backend is called '{name}'; the names are {}", known.join(", "))]
    Unknown {
        /// The name requested.
        name: String,
        /// All names.
        known: Vec<&'static str>,
    },
    /// The backend exists, but this program was built without it.
    #[error(
        "the backend '{name}' is not compiled in (this program has: {}); build it with \
         `--features {name}`",
        if compiled.is_empty() { "none".to_owned() } else { compiled.join(", ") }
    )]
    NotCompiled {
        /// The backend requested.
        name: &'static str,
        /// The backends that are compiled in.
        compiled: Vec<&'static str>,
    },
    /// The program was built without any backend.
    #[error("no backend is compiled in; build with the feature of one, such as `--features flex`")]
    NoBackend,
    /// The backend is compiled in but does not run on this machine.
    #[error(
        "the backend '{name}' does not start on this machine: {reason}; check its driver (for \
         wgpu and vulkan without a GPU: Debian package mesa-vulkan-drivers) or choose another"
    )]
    DoesNotStart {
        /// The backend requested.
        name: &'static str,
        /// The backend's error.
        reason: String,
    },
}

/// The device with this name, in upper or lower case.
///
/// ```
/// assert_eq!(thalweg_device::resolve("flex")?.name, "flex"); // with the feature `flex`
/// # Ok::<(), thalweg_device::DeviceError>(())
/// ```
///
/// # Errors
///
/// [`DeviceError`] if no backend has this name, the backend is not compiled in, or it does not start
/// on this machine, such as a GPU backend without a driver.
pub fn resolve(name: &str) -> Result<Selected, DeviceError> {
    let wanted = name.to_lowercase();
    let backend = BACKENDS
        .iter()
        .find(|backend| backend.name == wanted)
        .ok_or_else(|| DeviceError::Unknown {
            name: name.to_owned(),
            known: BACKENDS.iter().map(|backend| backend.name).collect(),
        })?;
    let open = backend.open.ok_or_else(|| DeviceError::NotCompiled {
        name: backend.name,
        compiled: compiled(),
    })?;
    start(backend.name, open)
}

/// The device that [`BURN_DEVICE`](VARIABLE) names, or the first backend compiled in, GPUs before
/// CPUs.
///
/// ```
/// use burn::tensor::Tensor;
/// use thalweg_device::{Selected, VARIABLE, compiled, from_env};
///
/// let Selected { name, device } = from_env()?; // with the feature `flex`
/// let wanted = std::env::var(VARIABLE).unwrap_or_else(|_| compiled()[0].to_owned());
/// assert_eq!(name, wanted.to_lowercase());
/// assert_eq!(Tensor::<1>::ones([3], &device).sum().into_scalar::<f32>(), 3.0);
/// # Ok::<(), thalweg_device::DeviceError>(())
/// ```
///
/// # Errors
///
/// Those of [`resolve`], and [`DeviceError::NoBackend`].
pub fn from_env() -> Result<Selected, DeviceError> {
    match std::env::var(VARIABLE) {
        Ok(name) => resolve(&name),
        Err(_) => resolve(compiled().first().ok_or(DeviceError::NoBackend)?),
    }
}

/// The backends that are compiled in, in order of preference.
///
/// ```
/// assert!(thalweg_device::compiled().contains(&"flex")); // with the feature `flex`
/// ```
pub fn compiled() -> Vec<&'static str> {
    BACKENDS
        .iter()
        .filter(|backend| backend.open.is_some())
        .map(|backend| backend.name)
        .collect()
}

/// The devices of all CPU backends that are compiled in and need no driver, for tests.
///
/// ```
/// use thalweg_device::{compiled, cpu_devices};
///
/// let hosts = compiled().into_iter().filter(|name| ["flex", "ndarray"].contains(name));
/// assert_eq!(cpu_devices().len(), hosts.count());
/// ```
pub fn cpu_devices() -> Vec<Device> {
    BACKENDS
        .iter()
        .filter(|backend| backend.host)
        .filter_map(|backend| backend.open)
        .map(|open| open())
        .collect()
}

/// The devices that tests of backends run on: that of the variable [`BURN_DEVICE`](VARIABLE) if it is set, or else the
/// [CPU devices](cpu_devices). So the same tests run on a GPU backend that is compiled in.
///
/// ```
/// use burn::tensor::Tensor;
/// use thalweg_device::test_devices;
///
/// let sums = test_devices().into_iter().map(|device| Tensor::<1>::ones([3], &device).sum());
/// assert!(sums.map(|sum| sum.into_scalar::<f32>()).all(|sum| sum == 3.0));
/// ```
///
/// # Panics
///
/// When the variable names no device that can be opened: a test must not pass because it ran elsewhere.
pub fn test_devices() -> Vec<Device> {
    match std::env::var(VARIABLE) {
        Ok(name) => match resolve(&name) {
            Ok(selected) => vec![selected.device],
            Err(problem) => panic!("{VARIABLE}: {problem}"),
        },
        Err(_) => cpu_devices(),
    }
}

/// Opens a device and runs one addition on it: a GPU backend without a driver panics at its first
/// operation only.
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
