//! Samplers on densities whose moments are known.

mod gradients;
mod hmc;
mod importance;
mod kernels;
mod runs;
mod targets;

use thalweg_sbi::SbiError;
use thalweg_sbi::sampler::{Chains, Kernel, LogDensityGradient, Sampling};

/// Two correlated normal coordinates of deviations 1 and 10 with the correlation 0.8, around (1, −2).
pub(crate) struct Correlated;

const MEAN: [f64; 2] = [1.0, -2.0];
const DEVIATION: [f64; 2] = [1.0, 10.0];
const CORRELATION: f64 = 0.8;

impl thalweg_sbi::sampler::LogDensity for Correlated {
    fn dims(&self) -> usize {
        2
    }

    fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
        Ok(self.log_density_and_gradient(rows)?.0)
    }
}

impl LogDensityGradient for Correlated {
    fn log_density_and_gradient(&self, rows: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SbiError> {
        let (mut logs, mut gradient) = (vec![], vec![]);
        for row in rows.chunks_exact(2) {
            let [a, b] = [0, 1].map(|k| (row[k] - MEAN[k]) / DEVIATION[k]);
            let rest = 1.0 - CORRELATION * CORRELATION;
            logs.push(-0.5 * (a * a - 2.0 * CORRELATION * a * b + b * b) / rest);
            gradient.push(-(a - CORRELATION * b) / rest / DEVIATION[0]);
            gradient.push(-(b - CORRELATION * a) / rest / DEVIATION[1]);
        }
        Ok((logs, gradient))
    }
}

/// Mean and covariance lie within five standard errors, of the chains' own effective size.
#[track_caller]
pub(crate) fn assert_correlated(chains: &Chains) {
    let found = chains.diagnostics().unwrap();
    let (mean, covariance) = (chains.samples().mean(), chains.samples().covariance());
    let ess = found.least_ess();
    assert!(ess > 400.0 && found.largest_r_hat() < 1.02, "{found}");
    for k in 0..2 {
        let off = (mean[k] - MEAN[k]) / found.parameters[k].error;
        assert!(off.abs() < 5.0, "mean {k}: {off} standard errors\n{found}");
        let variance = covariance[3 * k] / DEVIATION[k].powi(2);
        let error = (2.0 / ess).sqrt();
        assert!(
            (variance - 1.0).abs() < 5.0 * error,
            "variance {k}: {variance}\n{found}"
        );
    }
    let correlation = covariance[1] / (covariance[0] * covariance[3]).sqrt();
    assert!(
        (correlation - CORRELATION).abs() < 5.0 * 0.36 / ess.sqrt(),
        "{correlation}"
    );
}

/// Chains of a kernel that begin at most two from 0.
pub(crate) fn run<K>(kernel: K, draws: usize) -> Chains
where
    K: Kernel<Correlated>,
{
    Sampling::new(kernel)
        .warm_up(500)
        .draws(draws)
        .run(&Correlated)
        .unwrap()
}
