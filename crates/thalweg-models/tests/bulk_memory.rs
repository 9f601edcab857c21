//! The memory of many rows is that of input, output and chunks.
//!
//! One test, in a process of its own, since it reads the peak of the process.

#![cfg(target_os = "linux")] // where the process says what it holds

use std::fs;

use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::Noise;
use thalweg_models::CouplingFlowConfig;

/// Megabytes that the process says it holds, or held at most.
fn megabytes(name: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: f64 = number.and_then(|n| n.parse().ok()).expect("a number");
    kilobytes * 1024.0 / 1e6
}

/// The rise of the peak during `work`.
fn rise<T>(work: impl FnOnce() -> T) -> f64 {
    let before = megabytes("VmRSS:");
    fs::write("/proc/self/clear_refs", "5").expect("resets the peak");
    let result = work();
    let peak = megabytes("VmHWM:");
    drop(result);
    peak - before
}

#[test]
fn many_rows_take_the_memory_of_input_output_and_chunks() {
    const ROWS: usize = 400_000;
    let device = Device::default();
    let config = CouplingFlowConfig::nsf(2).with_couplings(2);
    let flow = config.with_hidden(vec![64]).init(&device);
    let x: Tensor<2> = Noise::seeded(0).normal([ROWS, 2], &device, DType::F32);
    let column = ROWS as f64 * 4.0 / 1e6;
    // The parameters of the splines, 23 columns, alone would take 37 MB, and their activations more.
    let chunks = 20.0;
    let density = rise(|| flow.log_prob(x.clone()));
    assert!(density < column + chunks, "{density} MB for a density");
    let samples = rise(|| flow.sample(ROWS, 1.0, &mut Noise::seeded(1)));
    // Latents and samples.
    assert!(samples < 4.0 * column + chunks, "{samples} MB for samples");
}
