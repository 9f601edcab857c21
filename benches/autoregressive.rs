//! Masked autoregressive flows as their configurations build them, affine (`maf`) and of splines of 8 bins
//! (`nsf`), on 6 and 43 features: 5 transforms with networks of 2×128, batch 512. The data are noise.

use std::error::Error;

use thalweg::device::from_env;
use thalweg::models::{AutoregressiveFlow, AutoregressiveFlowConfig};
use thalweg_benches::print;
use thalweg_benches::rows::{Methods, medians, normal};

const BATCH: usize = 512;

fn main() -> Result<(), Box<dyn Error>> {
    let device = from_env()?.device;
    let mut found = vec![];
    for (name, config) in [
        ("maf6", AutoregressiveFlowConfig::maf(6)),
        ("maf43", AutoregressiveFlowConfig::maf(43)),
        ("nsf6", AutoregressiveFlowConfig::nsf_ar(6)),
        ("nsf43", AutoregressiveFlowConfig::nsf_ar(43)),
    ] {
        let batch = normal(BATCH, config.features, &device);
        let flow = config.try_init(&device.clone().autodiff())?;
        let flow = flow.initialize(&batch)?;
        let methods = Methods {
            loss: AutoregressiveFlow::loss,
            log_prob: AutoregressiveFlow::log_prob,
            sample: AutoregressiveFlow::sample,
            compile: AutoregressiveFlow::compile,
        };
        found.extend(medians(name, flow, batch, methods)?);
    }
    print(found);
    Ok(())
}
