//! Why there is no such device.

use thiserror::Error;

/// A device that cannot be had, and how to get one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// No backend has this name.
    #[error("no backend is called '{name}'; the names are {}", known.join(", "))]
    Unknown {
        /// The name asked for.
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
        /// The backend asked for.
        name: &'static str,
        /// What is compiled in.
        compiled: Vec<&'static str>,
    },
    /// The program was built without any backend.
    #[error("no backend is compiled in; build with a backend's feature, e.g. `--features flex`")]
    NoBackend,
    /// The backend is compiled in but does not run on this machine.
    #[error(
        "the backend '{name}' does not start on this machine: {reason}; check its driver (for \
         wgpu and vulkan without a GPU: Debian package mesa-vulkan-drivers) or choose another"
    )]
    DoesNotStart {
        /// The backend asked for.
        name: &'static str,
        /// What it said.
        reason: String,
    },
}
