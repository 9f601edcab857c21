//! One point at a time: RealNVP on two moons, 8 affine couplings with MLPs of 2×128. One log-density, one sample,
//! and the time from the start of a process to the first sample of a saved model. A separate line has the times
//! of the tensor form.

use std::error::Error;
use std::hint::black_box;
use std::process::Command;

use thalweg::device::from_env;
use thalweg::flow::WeightInit;
use thalweg::flow::compiled::Scratch;
use thalweg::prelude::*;
use thalweg_benches::realnvp::TWO_MOONS;
use thalweg_benches::{Stopwatch, print};

const CALLS: usize = 2000;
const WARM_UP: usize = 3;
const ROUNDS: usize = 25;
const STARTS: usize = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [command, path] = arguments.as_slice()
        && command == "first-sample"
    {
        let flow = CouplingFlow::load(path, device)?.compile();
        let mut x = [0.0; 2];
        flow.sample(1.0, &mut Noise::seeded(1), &mut x, &mut Scratch::default());
        println!("{x:?}");
        return Ok(());
    }

    let mut noise = Noise::seeded(0);
    let flow = TWO_MOONS.init(WeightInit::FanIn, &mut noise, device);
    let (compiled, mut scratch) = (flow.compile(), Scratch::default());
    let mut watch = Stopwatch::default();
    let mut x = [0.3f32, -0.7];
    for _ in 0..WARM_UP + ROUNDS {
        watch.time("log_prob", || {
            for _ in 0..CALLS {
                black_box(compiled.log_prob(black_box(&x), &mut scratch));
            }
        });
        watch.time("sample", || {
            for _ in 0..CALLS {
                compiled.sample(1.0, &mut noise, black_box(&mut x), &mut scratch);
            }
        });
    }
    let mut medians = watch.medians(WARM_UP);
    medians.iter_mut().for_each(|(_, ms)| *ms /= CALLS as f64);

    let mut tensors = Stopwatch::default();
    for _ in 0..CALLS {
        let x = Tensor::<2>::from_floats([[0.3, -0.7]], device);
        tensors.time("log_prob", || flow.log_prob(x).into_data());
        tensors.time("sample", || flow.sample(1, 1.0, &mut noise).into_data());
    }
    println!("by tensors: {:?}", tensors.medians(CALLS / 10));

    let folder = std::env::temp_dir().join(format!("thalweg-one-point-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("model.safetensors");
    let mut starts = Stopwatch::default();
    CouplingFlowConfig::realnvp(2).init(device).save(&path)?;
    for _ in 0..STARTS {
        let started = starts.time("first sample", || {
            let mut command = Command::new(std::env::current_exe()?);
            command.arg("first-sample").arg(&path).output()
        })?;
        assert!(started.status.success(), "{started:?}");
    }
    std::fs::remove_dir_all(&folder)?;
    print(medians.into_iter().chain(starts.medians(1)));
    Ok(())
}
