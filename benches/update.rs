//! One update for given gradients: of a network with a million parameters by gradient descent, momentum and Adam,
//! and of many small tensors by Adam.

use thalweg::burn::module::{ModuleVisitor, Param};
use thalweg::burn::optim::{AdamConfig, GradientsParams, ModuleOptimizer};
use thalweg::device::from_env;
use thalweg::optim::Euler;
use thalweg::optim::field::{Adam, Gradient, Inertia};
use thalweg::prelude::*;
use thalweg_benches::{Stopwatch, adam, print};

const WARM_UP: usize = 20;
const ROUNDS: usize = 200;

/// The tensors of a spline flow's networks: the numbers of four, as often as this, 426,000 in all.
const SMALL: [usize; 4] = [128, 512, 16_384, 9_600];
const REPEATED: usize = 16;

/// Gradients from a tensor operation, so that threads and caches are in the state of a backward pass.
fn gradients(model: &impl Module) -> GradientsParams {
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

fn timed<M: Module>(
    watch: &mut Stopwatch,
    name: &'static str,
    device: &Device,
    mut model: M,
    mut optimizer: ModuleOptimizer,
) -> Result<(), Box<dyn std::error::Error>> {
    for _ in 0..WARM_UP + ROUNDS {
        let given = gradients(&model);
        device.sync()?;
        model = watch.time(name, || {
            let model = optimizer.step(1e-3, model, given);
            device.sync().map(|()| model)
        })?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let training = device.clone().autodiff();
    let mut noise = Noise::seeded(0);
    let mut watch = Stopwatch::default();
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
    for (name, optimizer) in methods {
        let net = MlpConfig::new(512, vec![1024], 512).init(&mut noise, &training);
        timed(&mut watch, name, device, net, optimizer)?;
    }
    let mut draw = |numbers: usize| {
        let tensor: Tensor<1> = noise.normal([numbers], device, DType::F32);
        Param::from_tensor(tensor.autodiff())
    };
    let small: Vec<_> = (0..REPEATED).flat_map(|_| SMALL).map(&mut draw).collect();
    timed(&mut watch, "small adam", device, small, adam())?;
    print(watch.medians(WARM_UP));
    Ok(())
}
