//! The precision and the place of the input are those of the output.

use burn::tensor::{DType, Device};

use crate::violation::Site;
use crate::{Batched, Flat, Law, Testable, Violation};

/// Latents, data and log-determinants have the dtype and the device of the input.
///
/// # Errors
///
/// Where one of them has another, e.g. because the layer computes in 32 bits whatever comes in.
pub fn dtype_and_device_kept<C: Batched, B: Testable<C>>(
    bijection: &B,
    data: &B::Data,
    context: &C,
) -> Result<(), Violation> {
    let site = Site::new(Law::DtypeAndDeviceKept, data);
    let (z, log_det) = bijection.forward(data.clone(), context);
    kept(&site, "latents", z.kinds())?;
    kept(&site, "log-determinant", log_det.kinds())?;
    let (x, log_det) = bijection.inverse(z, context);
    kept(&site, "data", x.kinds())?;
    kept(&site, "inverse log-determinant", log_det.kinds())
}

fn kept(site: &Site, what: &str, kinds: Vec<(DType, Device)>) -> Result<(), Violation> {
    for (dtype, device) in kinds {
        if (dtype, &device) != (site.dtype(), site.device()) {
            return Err(site.violated(
                format!("{what} in {:?} on {:?}", site.dtype(), site.device()),
                format!("{dtype:?} on {device:?}"),
            ));
        }
    }
    Ok(())
}
