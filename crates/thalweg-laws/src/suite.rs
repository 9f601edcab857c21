//! The tests that `bijection_laws!` writes.

use burn::tensor::{DType, Device};
use thalweg_flow::precision::{cast, f64_is_sound};

use crate::check::Subject;
use crate::{Batched, Law, Options, Sample, Testable, scramble};

/// Checks one law on every device, in 64 and in 32 bits, with scrambled parameters; what
/// [`bijection_laws!`](crate::bijection_laws) calls in each of its tests.
///
/// 64 bits are skipped, with a line on the standard output, where a device computes them wrongly.
///
/// # Panics
///
/// Where the law is broken, and where there is no device.
pub fn run_law<C, B, S, K>(
    law: Law,
    devices: &[Device],
    build: impl Fn(&Device) -> B,
    data: S,
    context: K,
    options: &Options,
) where
    C: Batched,
    B: Testable<C>,
    S: Sample<Value = B::Data>,
    K: Sample<Value = C>,
{
    assert!(!devices.is_empty(), "without a device nothing is tested");
    if let Some(reason) = options.skipped(law) {
        println!("{law} is skipped: {reason}");
        return;
    }
    for (path, reason) in &options.without_gradient {
        println!("{path} needs no gradient: {reason}");
    }
    for device in devices {
        for dtype in [DType::F64, DType::F32] {
            if dtype == DType::F64 && !(device.supports_dtype(dtype) && f64_is_sound(device)) {
                println!("{law} is skipped in F64: {device:?} computes it wrongly");
                continue;
            }
            let build = |amplitude| match cast(scramble(build(device), amplitude), dtype) {
                Ok(bijection) => bijection,
                Err(error) => panic!("{error}"),
            };
            let subject = Subject {
                bijection: &build(options.amplitude),
                other: &|| build(0.5 * options.amplitude),
                data: &data.sample(device, dtype, 1),
                edges: &data.edges(device, dtype),
                context: &context.sample(device, dtype, 2),
            };
            if let Err(violation) = subject.check(law, options) {
                panic!("{violation}");
            }
        }
    }
}
