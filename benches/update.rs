//! One update of a network with a million parameters by gradient descent, momentum and Adam, for given gradients.

use thalweg::burn::module::{ModuleVisitor, Param};
use thalweg::burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use thalweg::device::from_env;
use thalweg::flow::Mlp;
use thalweg::optim::Euler;
use thalweg::optim::field::{Adam, Gradient, Inertia};
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, print};

const WARM_UP: usize = 20;
const ROUNDS: usize = 200;

/// Gradients from a tensor operation, so that threads and caches are in the state of a backward pass.
fn gradients(model: &Mlp) -> GradientsParams {
    struct Fill(GradientsParams);
    impl ModuleVisitor for Fill {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            let gradient = param.val().inner().mul_scalar(0.1);
            self.0.register(param.id, gradient);
        }
    }
    let mut fill = Fill(GradientsParams::new());
    model.visit(&mut fill);
    fill.0
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let mut noise = Noise::seeded(0);
    let inertia = Inertia {
        decay: 0.9,
        ahead: false,
    };
    let methods: [(&'static str, ModuleOptimizer); 4] = [
        ("sgd", Euler::new(Gradient).init()),
        ("momentum", Euler::new(inertia).init()),
        ("adam", Euler::new(Adam::default()).init()),
        ("burn adam", AdamConfig::new().init()),
    ];
    let mut medians = vec![];
    for (name, mut optimizer) in methods {
        let net = MlpConfig::new(512, vec![1024], 512);
        let mut model = net.init(&mut noise, &device.clone().autodiff());
        let mut watch = Stopwatch::default();
        for _ in 0..WARM_UP + ROUNDS {
            let given = gradients(&model);
            device.sync()?;
            model = watch.time(name, || {
                let model = optimizer.step(1e-3, model, given);
                device.sync().map(|()| model)
            })?;
        }
        medians.extend(watch.medians(WARM_UP));
    }
    print(medians);
    Ok(())
}
