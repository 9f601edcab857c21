//! The size of a step.

use super::ScaleLearner;
use super::dual_averaging::DualAveraging;
use crate::SbiError;

/// Learns the step and the scales of its coordinates together.
#[derive(Debug, Clone)]
pub(in super::super) struct StepLearner {
    scales: ScaleLearner,
    step: f64,
    /// `None` where the step is given.
    dual: Option<DualAveraging>,
    target: f64,
    left: usize,
}

impl StepLearner {
    /// Towards an acceptance; a step that is given stays as it is.
    pub(in super::super) fn new(
        dims: usize,
        warm_up: usize,
        target: f64,
        given: Option<f64>,
    ) -> Self {
        Self {
            scales: ScaleLearner::new(dims, warm_up),
            step: given.unwrap_or(1.0),
            dual: given.is_none().then(|| DualAveraging::new(target, 1.0)),
            target,
            left: warm_up,
        }
    }

    /// The size of the next step, in units of the scales.
    pub(in super::super) fn step(&self) -> f64 {
        self.step
    }

    pub(in super::super) fn scales(&self) -> &[f64] {
        self.scales.scales()
    }

    /// Learns from a step of all chains with a mean acceptance. Returns whether the scales are new, and with them a first step
    /// is to be [found](Self::find).
    pub(in super::super) fn learn(&mut self, acceptance: f64, rows: &[f64]) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let ended = self.left == 0;
        if let Some(dual) = &mut self.dual {
            dual.learn(acceptance);
            self.step = if ended { dual.average() } else { dual.step() };
        }
        self.scales.learn(rows) && !ended
    }

    /// Finds a first step by doubling or halving until its acceptance crosses the target.
    ///
    /// Hoffman, Gelman: *The No-U-Turn sampler*, 2014, algorithm 4.
    pub(in super::super) fn find(
        &mut self,
        mut acceptance: impl FnMut(&[f64], f64) -> Result<f64, SbiError>,
    ) -> Result<(), SbiError> {
        if self.dual.is_none() {
            return Ok(());
        }
        let mut step = self.step;
        let grows = acceptance(self.scales(), step)? > self.target;
        loop {
            let next = if grows { 2.0 * step } else { 0.5 * step };
            if !(1e-12..1e12).contains(&next) {
                let found = if grows {
                    "all accepted"
                } else {
                    "all rejected"
                };
                return Err(SbiError::StepSize { step, found });
            }
            step = next;
            if (acceptance(self.scales(), step)? > self.target) != grows {
                break;
            }
        }
        self.step = step;
        self.dual = Some(DualAveraging::new(self.target, step));
        Ok(())
    }
}

/// The mean of `min(1, e^r)`.
pub(in super::super) fn mean_acceptance(log_ratios: &[f64]) -> f64 {
    let each = log_ratios.iter().map(|ratio| match ratio.is_nan() {
        true => 0.0,
        false => ratio.min(0.0).exp(),
    });
    each.sum::<f64>() / log_ratios.len() as f64
}
