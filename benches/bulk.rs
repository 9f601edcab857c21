//! Densities and samples of a million rows: rows a second, the processors in use, and the rise of the memory's
//! peak in MB: the output, the latents of samples, and the chunks. Splines and RealNVP by couplings, a masked
//! autoregressive flow, flow matching, and images of Glow.
//!
//! Each case runs in two processes: the allocator of the first returns freed memory at once, so that its peak is
//! the memory in use; the second one keeps freed memory and gives the time. This needs Linux; the figures are from
//! `/proc/self`.
//!
//! `bulk CASE ROWS` runs one case, such as `bulk "nsf6 density" 10000`.

use std::error::Error;
use std::fs;
use std::process::Command;
use std::time::Instant;

use thalweg::device::from_env;
use thalweg::models::{
    AutoregressiveFlowConfig, ContinuousFlow, ContinuousFlowConfig, CouplingFlowConfig,
};
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, adam, levels};

/// Each case and its rows.
const CASES: [(&str, usize); 10] = [
    ("nsf6 density", 1_000_000),
    ("nsf6 samples", 1_000_000),
    ("realnvp43 density", 1_000_000),
    ("realnvp43 samples", 1_000_000),
    ("maf43 density", 1_000_000),
    ("maf43 samples", 1_000_000),
    ("fm6 density", 20_000),
    ("fm6 samples", 1_000_000),
    ("glow32 density", 2_000),
    ("glow32 samples", 2_000),
];

/// Steps of training that make the field of flow matching one to integrate.
const STEPS: usize = 100;

/// The environment of an allocator that returns freed memory at once, and of one that keeps it.
const RETURN: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "0");
const KEEP: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "-1");

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [case, rows] = arguments.as_slice()
        && let Ok(rows) = rows.parse()
    {
        return run(case, rows);
    }
    let mut fields = serde_json::Map::new();
    for (case, rows) in CASES {
        let [_, _, megabytes] = child(case, rows, RETURN)?;
        let [rate, processors, _] = child(case, rows, KEEP)?;
        println!("{case}: {rate:.0} rows/s, {processors:.2} processors, {megabytes:.0} MB");
        fields.insert(format!("{case} rows/s"), rate.into());
        fields.insert(format!("{case} MB"), megabytes.into());
    }
    println!("{}", serde_json::Value::Object(fields));
    Ok(())
}

/// The numbers that the process of one case prints.
fn child(case: &str, rows: usize, (name, value): (&str, &str)) -> Result<[f64; 3], Box<dyn Error>> {
    let child = Command::new(std::env::current_exe()?)
        .args([case, &rows.to_string()])
        .env(name, value)
        .output()?;
    let text = String::from_utf8(child.stdout)?;
    let line = text.lines().last().ok_or("a case printed nothing")?;
    Ok(serde_json::from_str(line)?)
}

/// Runs one case.
fn run(case: &str, rows: usize) -> Result<(), Box<dyn Error>> {
    let device = from_env()?.device;
    let mut noise = Noise::seeded(0);
    let (model, work) = case.split_once(' ').ok_or("no model and its work")?;
    let density = work == "density";
    let normal = |features| -> Tensor<2> {
        Noise::seeded(1).normal(
            [if density { rows } else { 64 }, features],
            &device,
            DType::F32,
        )
    };
    match model {
        "nsf6" | "realnvp43" => {
            let config = match model {
                "nsf6" => CouplingFlowConfig::nsf(6),
                _ => CouplingFlowConfig::realnvp(43),
            };
            let (flow, x) = (config.init(&device), normal(config.features));
            match density {
                true => measure(rows, || flow.log_prob(x.clone())),
                false => measure(rows, || flow.sample(rows, 1.0, &mut noise)),
            }
        }
        "maf43" => {
            let flow = AutoregressiveFlowConfig::maf(43).init(&device);
            let x = normal(43);
            match density {
                true => measure(rows, || flow.log_prob(x.clone())),
                false => measure(rows, || flow.sample(rows, 1.0, &mut noise)),
            }
        }
        "fm6" => {
            let x = normal(6);
            let config = ContinuousFlowConfig::flow_matching(6).with_hidden(vec![128; 3]);
            let mut flow = config.init(&device.clone().autodiff());
            let (mut adam, mut training) = (adam(), Stopwatch::default());
            for _ in 0..STEPS {
                let batch = x.clone().narrow(0, 0, 64) * 3.0 + 1.0;
                let loss = |flow: &ContinuousFlow| flow.loss(batch, &mut noise);
                flow = training.training_step(&device, flow, &mut adam, 1e-3, loss)?;
            }
            let flow = flow.valid();
            match density {
                true => measure(rows, || flow.log_prob(x.clone())),
                false => measure(rows, || flow.sample(rows, 1.0, &mut noise)),
            }
        }
        "glow32" => {
            let config = GlowConfig::openai(ImageSize::new([3, 32, 32]));
            let glow = config.with_depth(8).with_hidden(128).init(&device);
            let glow = glow.initialize(levels([16, 3, 32, 32], &device), &mut noise)?;
            match density {
                true => {
                    let x: Tensor<4> = levels([rows, 3, 32, 32], &device);
                    measure(rows, || glow.log_prob(x.clone(), &mut noise))
                }
                false => measure(rows, || glow.sample(rows, 1.0, &mut noise)),
            }
        }
        other => Err(format!("no case of {other}").into()),
    }
}

/// Prints rows a second, processors in use, and the rise of the peak of the memory in MB.
fn measure<T>(rows: usize, work: impl FnOnce() -> T) -> Result<(), Box<dyn Error>> {
    let before = memory("VmRSS")?;
    fs::write("/proc/self/clear_refs", "5")?; // resets the peak
    let (started, used) = (Instant::now(), processor_time()?);
    drop(work());
    let elapsed = started.elapsed().as_secs_f64();
    let processors = (processor_time()? - used) / elapsed;
    let rise = memory("VmHWM")? - before;
    println!("[{}, {processors}, {rise}]", rows as f64 / elapsed);
    Ok(())
}

/// Seconds of all threads.
fn processor_time() -> Result<f64, Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after = stat.rsplit(')').next().ok_or("no such figure")?;
    let ticks = after.split_whitespace().skip(11).take(2);
    let ticks: Result<Vec<f64>, _> = ticks.map(str::parse).collect();
    Ok(ticks?.iter().sum::<f64>() / 100.0)
}

/// A figure of this process, in MB.
fn memory(name: &str) -> Result<f64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    let kilobytes: f64 = kilobytes.ok_or("no such figure")?.parse()?;
    Ok(kilobytes * 1024.0 / 1e6)
}
