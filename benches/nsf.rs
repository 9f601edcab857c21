//! Neural spline coupling flows as their configuration builds them, on 6 features (batch 512) and on 43 (batch
//! 1024): 8 couplings with networks of 2×128 and splines of 8 bins. The data are noise.

use std::error::Error;

use thalweg::device::from_env;
use thalweg::prelude::*;
use thalweg_benches::print;
use thalweg_benches::rows::{Methods, medians, normal};

fn main() -> Result<(), Box<dyn Error>> {
    let device = from_env()?.device;
    let mut found = vec![];
    for (name, features, batch) in [("nsf6", 6, 512), ("nsf43", 43, 1024)] {
        let config = CouplingFlowConfig::nsf(features)
            .with_couplings(8)
            .with_hidden(vec![128, 128]);
        let batch = normal(batch, features, &device);
        let flow = config.try_init(&device.clone().autodiff())?;
        let flow = flow.initialize(&batch)?;
        let methods = Methods {
            loss: CouplingFlow::loss,
            log_prob: CouplingFlow::log_prob,
            sample: CouplingFlow::sample,
            compile: CouplingFlow::compile,
        };
        found.extend(medians(name, flow, batch, methods)?);
    }
    print(found);
    Ok(())
}
