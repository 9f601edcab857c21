//! The cost of a step of several gradients, beyond the gradients: one gradient of a network with a million
//! parameters on 128 rows, and steps of 1, 2 and 4 stages.

use thalweg::device::from_env;
use thalweg::flow::Mlp;
use thalweg::ode::tableau;
use thalweg::optim::Descent;
use thalweg::optim::field::Gradient;
use thalweg::optim::{Evaluation, Minimizer};
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, print};

const WARM_UP: usize = 10;
const ROUNDS: usize = 60;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let mut noise = Noise::seeded(0);
    let x: Tensor<2> = noise.normal([128, 512], device, DType::F32);
    let y: Tensor<2> = noise.normal([128, 512], device, DType::F32);
    let net = MlpConfig::new(512, vec![1024], 512);
    let mut model = net.init(&mut noise, &device.clone().autodiff());
    let mut objective = |model: &Mlp| {
        let loss = (model.forward(x.clone()) - y.clone()).square().mean();
        Evaluation::new(loss, model)
    };
    let mut methods = [
        ("1 stage", Descent::new(Gradient, &tableau::EULER)),
        ("2 stages", Descent::new(Gradient, &tableau::HEUN)),
        ("4 stages", Descent::new(Gradient, &tableau::RK4)),
    ];
    let mut watch = Stopwatch::default();
    for _ in 0..WARM_UP + ROUNDS {
        let evaluated = watch.time("gradient", || {
            let evaluation = objective(&model)?;
            device
                .sync()
                .map(|()| evaluation)
                .map_err(|error| thalweg::optim::EvaluationError::Read(format!("{error:?}")))
        })?;
        drop(evaluated);
        for (name, method) in &mut methods {
            let (moved, loss) = watch.time(name, || method.step(1e-3, model, &mut objective));
            loss?;
            model = moved;
        }
    }
    print(watch.medians(WARM_UP));
    Ok(())
}
