//! RealNVP on 43 features: 10 affine couplings with MLPs of 2×100, batch 1024, Adam; then the density
//! of 10,000 points and 10,000 samples. The data are noise, since values do not change the time.

use thalweg::device::from_env;
use thalweg::prelude::{DType, Noise};
use thalweg_benches::print;
use thalweg_benches::realnvp::TABULAR;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let mut noise = Noise::seeded(1);
    let normal = |count| noise.normal([count, TABULAR.features], &selected.device, DType::F32);
    print(TABULAR.medians(&selected.device, normal)?);
    Ok(())
}
