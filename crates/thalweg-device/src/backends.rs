//! The backends, by the names of their Cargo features.

use burn::tensor::Device;

/// A backend.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    /// Opens its default device; none if the backend is not compiled in.
    pub(crate) open: Option<fn() -> Device>,
    /// Whether it runs on the CPU and needs no driver.
    pub(crate) host: bool,
}

macro_rules! backend {
    ($name:literal, host: $host:literal, $open:expr) => {
        Backend {
            name: $name,
            open: {
                #[cfg(feature = $name)]
                let open: Option<fn() -> Device> = Some($open);
                #[cfg(not(feature = $name))]
                let open: Option<fn() -> Device> = None;
                open
            },
            host: $host,
        }
    };
}

/// All backends in Burn's order of preference: GPUs before CPUs.
pub(crate) const BACKENDS: [Backend; 8] = [
    backend!("cuda", host: false, || Device::cuda(0)),
    backend!("metal", host: false, || Device::metal(Default::default())),
    backend!("rocm", host: false, || Device::rocm(0)),
    backend!("vulkan", host: false, || Device::vulkan(Default::default())),
    backend!("wgpu", host: false, || Device::wgpu(Default::default())),
    backend!("cpu", host: false, Device::cpu),
    backend!("flex", host: true, Device::flex),
    backend!("ndarray", host: true, ndarray),
];

/// Burn has deprecated this backend in favour of flex. It stays a supported feature here.
#[cfg(feature = "ndarray")]
#[allow(deprecated)] // The comment above says why.
fn ndarray() -> Device {
    Device::ndarray()
}
