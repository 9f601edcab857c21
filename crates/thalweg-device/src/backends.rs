//! The backends, by the names of their Cargo features.

use burn::tensor::Device;

/// A backend and how to open its default device, if it is compiled in.
pub(crate) struct Backend {
    pub(crate) name: &'static str,
    pub(crate) open: Option<fn() -> Device>,
    /// Runs on the processor, without a driver.
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

/// In order of preference, Burn's own: GPUs before CPUs.
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

/// Burn deprecates this backend in favour of flex; it stays supported here while users ask for it
/// by name.
#[cfg(feature = "ndarray")]
#[allow(deprecated)] // see above
fn ndarray() -> Device {
    Device::ndarray()
}
