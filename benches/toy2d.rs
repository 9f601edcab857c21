//! RealNVP on two moons: 8 affine couplings with MLPs of 2×128, batch 512, Adam; then the density of
//! 10,000 points and 10,000 samples.

use thalweg::data::Toy;
use thalweg::device::from_env;
use thalweg_benches::print;
use thalweg_benches::realnvp::TWO_MOONS;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let selected = from_env()?;
    let device = &selected.device;
    let moons = |count| Toy::TwoMoons.to_tensor(count, 0, device);
    print(TWO_MOONS.medians(device, moons)?);
    Ok(())
}
