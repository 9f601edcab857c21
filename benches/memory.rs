//! The memory of a gradient of Glow in MB, without parameters and gradients, and its time in ms, with a tape and
//! without, at K = 4, 8, 16 and 32 steps a scale: 16 colour images of 32 × 32, 3 scales, 128 hidden channels.
//!
//! Each case runs in two processes. The allocator of the first returns freed memory at once, so that its peak is
//! the memory in use. The second one keeps freed memory and gives the time. This needs Linux with glibc; the
//! figures are from `/proc/self/status`.

use std::error::Error;
use std::fs;
use std::process::Command;
use std::time::Instant;

use thalweg::burn::optim::GradientsParams;
use thalweg::device::from_env;
use thalweg::flow::{FlowError, Reversible};
use thalweg::prelude::*;
use thalweg_benches::{levels, median};

const BATCH: usize = 16;
const DEPTHS: [usize; 4] = [4, 8, 16, 32];
const ROUNDS: usize = 5;

/// Settings of glibc's allocator that return freed memory at once, and that keep it.
const RETURN: &[(&str, &str)] = &[
    ("MALLOC_TRIM_THRESHOLD_", "0"),
    ("MALLOC_MMAP_THRESHOLD_", "65536"),
];
const KEEP: &[(&str, &str)] = &[
    ("MALLOC_TRIM_THRESHOLD_", "17179869184"),
    ("MALLOC_MMAP_THRESHOLD_", "4294967296"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

fn main() -> Result<(), Box<dyn Error>> {
    // As in `memory tape 4`, or Cargo's own arguments.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [way, depth] = arguments.as_slice()
        && let Ok(depth) = depth.parse()
    {
        return case(way, depth);
    }
    let mut fields = serde_json::Map::new();
    for way in ["tape", "reversible"] {
        let mut peaks = vec![];
        for depth in DEPTHS {
            let mut numbers = run(way, depth, RETURN)?;
            numbers[1] = run(way, depth, KEEP)?[1];
            println!(
                "{way} k{depth}: {:.1} MB, {:.0} ms, largest drift {:.0e}, {} inputs kept",
                numbers[0], numbers[1], numbers[2], numbers[3]
            );
            fields.insert(format!("{way} k{depth} MB"), numbers[0].into());
            fields.insert(format!("{way} k{depth} ms"), numbers[1].into());
            peaks.push(numbers[0]);
        }
        let growth = peaks[peaks.len() - 1] / peaks[0];
        println!("{way}: from K = 4 to K = 32 {growth:.2} times");
        fields.insert(format!("{way} growth"), growth.into());
    }
    println!("{}", serde_json::Value::Object(fields));
    Ok(())
}

/// The numbers that the process of one case prints.
fn run(way: &str, depth: usize, allocator: &[(&str, &str)]) -> Result<Vec<f64>, Box<dyn Error>> {
    let child = Command::new(std::env::current_exe()?)
        .args([way, &depth.to_string()])
        .envs(allocator.iter().copied())
        .output()?;
    let text = String::from_utf8(child.stdout)?;
    let line = text.lines().last().ok_or("a case printed nothing")?;
    Ok(serde_json::from_str(line)?)
}

/// Prints the peak of one case, the median time of a gradient, the largest drift of an input, and the number of
/// inputs kept.
fn case(way: &str, depth: usize) -> Result<(), Box<dyn Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let mut noise = Noise::seeded(1);
    let levels: Tensor<4> = levels([BATCH, 3, 32, 32], device);
    let mut config = GlowConfig::openai(ImageSize::new([3, 32, 32]));
    config.normalized_networks = false; // biases, as in the peer
    let config = config.with_depth(depth).with_hidden(128);
    let glow = config.init(&device.clone().autodiff());
    let glow = glow.initialize(levels.clone(), &mut noise)?;
    let numbers = glow.num_params();
    let how = Reversible::new();
    let gradient = |noise: &mut Noise| match way {
        "tape" => {
            let loss = glow.loss(levels.clone(), noise)?;
            Ok::<_, FlowError>(GradientsParams::from_grads(loss.backward(), &glow))
        }
        _ => Ok(glow.loss_and_gradients(levels.clone(), noise, &how)?.1),
    };

    let before = memory("VmRSS")?;
    fs::write("/proc/self/clear_refs", "5")?; // resets the peak
    let gradients = gradient(&mut noise)?;
    device.sync()?;
    let peak = memory("VmHWM")?;
    drop(gradients);

    let mut times = vec![];
    for _ in 0..ROUNDS {
        let started = Instant::now();
        drop(gradient(&mut noise)?);
        device.sync()?;
        times.push(started.elapsed().as_secs_f64() * 1e3);
    }
    let of_gradients = numbers as f64 * 4.0 / 1e6;
    let (beyond, time) = (peak - before - of_gradients, median(times));
    let report = how.report();
    println!("[{beyond}, {time}, {}, {}]", report.drift, report.kept);
    Ok(())
}

/// A figure of this process, in MB.
fn memory(name: &str) -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    let kilobytes: f64 = kilobytes.ok_or("no such figure")?.parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}
